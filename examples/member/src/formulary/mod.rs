//! The drug formulary of the member's plan: which drugs, in which tier, with which limits, and what they
//! cost. One formulary serves all plans of the payer in a year. Costs come from the same benefit designs
//! that adjudicate the pharmacy claims.

mod fhir;
pub(crate) mod table;

use crate::Resource;
use crate::date::Date;
use crate::fhir::parts::period;
use crate::json::Obj;
use crate::life::Life;
use crate::money::{self, benefit::Plan};
use table::Entry;

/// The facts of a formulary.
struct Formulary {
    /// Year in force.
    year: i32,
    /// The member's plans of the year that use it.
    plans: Vec<(&'static Plan, (Date, Date))>,
    /// Entries.
    entries: Vec<Entry>,
}

impl Formulary {
    /// The year in force.
    fn period(&self) -> Obj {
        period(Date::of(self.year, 1, 1), Some(Date::of(self.year, 12, 31)))
    }

    /// Identifier.
    fn code(&self) -> String {
        format!("DRUGS-{}", self.year)
    }
}

/// The formulary resources of the record as it stands on `life.today`: the member's drugs and as many
/// others as befits the size of the record, fifteen at least.
pub(crate) fn resources(life: &Life) -> Vec<Resource> {
    let events = life.visits.len() + life.fills.len();
    let formulary = Formulary {
        year: life.today.year(),
        plans: money::plans_of(life, life.today.year()),
        entries: table::listed(life, (events / 3).max(15)),
    };
    fhir::resources(life, &formulary)
}
