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
use crate::fhir::parts::{coding, typed_identifier};
use crate::json::Obj;
use crate::life::Life;

/// The money resources of the record as it stands on `life.today`.
pub(crate) fn resources(life: &Life) -> Vec<Resource> {
    fhir::resources(life, &book::book(life))
}

/// System of the member number on the card.
pub(crate) const MEMBER_NUMBER: &str = "https://payer.example.com/fhir/member-number";

/// The identifiers that the payer gives the member (C4BB Patient): the member number on the card (`MB`)
/// and the number that stays the same over all contracts (`um`).
pub(crate) fn member_identifiers(life: &Life) -> Vec<Obj> {
    let unique = life.rng("unique member").draw() % 10_000_000_000;
    let kind = coding(
        "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType",
        "um",
        "Unique Member ID",
    );
    vec![
        typed_identifier(("MB", "Member Number"), MEMBER_NUMBER, &life.member.member_number),
        Obj::new()
            .put("type", Obj::new().one("coding", kind))
            .put("system", "https://payer.example.com/fhir/unique-member")
            .put("value", format!("UM{unique:010}")),
    ]
}
