//! The drug formulary of the member's plan: which drugs, in which tier, with which limits, and what they
//! cost. One formulary serves all plans of the payer in a year. Costs come from the same benefit designs
//! that adjudicate the pharmacy claims.

mod fhir;
pub(crate) mod table;

use crate::Resource;
use crate::date::{Date, Moment, TODAY};
use crate::fhir::parts::period;
use crate::json::Obj;
use crate::life::Life;
use table::Entry;

/// The facts of a formulary.
struct Formulary {
    /// Year in force.
    year: i32,
    /// Entries.
    entries: Vec<Entry>,
}

impl Formulary {
    /// The year in force.
    fn period(&self) -> Obj {
        period(Date::of(self.year, 1, 1), Some(Date::of(self.year, 12, 31)))
    }

    /// Version of its resources: a new one every year.
    fn version(&self) -> u32 {
        (self.year - 2025).unsigned_abs()
    }

    /// When its resources came into the record: with the year.
    fn published(&self) -> Moment {
        Date::of(self.year, 1, 1).at(3, 0)
    }

    /// Identifier.
    fn code(&self) -> String {
        format!("DRUGS-{}", self.year)
    }
}

/// The formulary resources of the record as it stands on `life.today`: the member's drugs and as many
/// others as befits the years of the record. It does not depend on the day, so no drug comes and goes.
pub(crate) fn resources(life: &Life) -> Vec<Resource> {
    let years = usize::try_from(TODAY.year() - life.since.year()).unwrap_or(0);
    let formulary =
        Formulary { year: life.today.year(), entries: table::listed(life, 15 + 26 * years) };
    fhir::resources(life, &formulary)
}
