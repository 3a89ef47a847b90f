//! A member who never was: one synthetic health-plan member's whole FHIR R4 record, made from a seed.
//!
//! The same seed and size give the same bytes on every machine, in every process and build. Nobody
//! real is meant; names and notes are invented, codes are real.
#![forbid(unsafe_code)]

pub mod date;
pub mod decimal;
pub mod fhir;
mod formulary;
pub mod json;
pub mod life;
mod member;
mod money;
pub mod rng;
#[cfg(test)]
mod tests;

pub use member::{Builder, Event, FEWEST, LAST_DAY, MOST, Member};

/// Version of the generator: raised whenever the bytes for a seed change.
pub const VERSION: u32 = 1;

/// One resource of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Resource type.
    pub kind: &'static str,
    /// Id, unique within the type.
    pub id: String,
    /// The JSON text, one line.
    pub json: String,
}

impl Resource {
    /// A resource of what was written.
    #[must_use]
    pub fn new(kind: &'static str, id: &str, written: json::Obj) -> Self {
        Self { kind, id: id.to_owned(), json: written.done() }
    }
}
