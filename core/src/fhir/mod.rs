//! What FHIR defines: JSON, dates, decimals, text folding, units. Knows no vault.

mod json;

pub(crate) use json::{JsonError, JsonFault, Kind, Node, Tape, TapeBuffer};
