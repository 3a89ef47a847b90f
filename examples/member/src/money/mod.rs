//! Coverage, claims and prior authorization of a life: the payer's side. Reads the facts of a life and
//! owns everything that costs money. No floats: amounts are whole cents.
//!
//! A claim comes from one visit or one fill and carries its reference, so a reader can go from care to
//! cost: `item.encounter` names the visit, `prescription` and the prescription number the fill.

mod adjudicate;
pub(crate) mod benefit;
pub(crate) mod book;
pub(crate) mod cents;
mod claim;
mod coverage;
mod denials;
mod draft;
mod fees;
mod fhir;
mod institutional;
mod oral;
mod pharmacy;
mod prior_auth;
mod professional;
mod story;
#[cfg(test)]
mod tests;

use crate::Resource;
use crate::life::Life;

/// The money resources of the record as it stands on `life.today`.
pub(crate) fn resources(life: &Life) -> Vec<Resource> {
    fhir::resources(life, &book::book(life))
}
