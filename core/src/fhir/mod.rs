//! What FHIR defines: JSON, dates, decimals, text folding, units. Knows no vault.

mod json;
mod split;

pub(crate) use json::{JsonError, JsonFault, Kind, Node, Tape, TapeBuffer};
pub(crate) use split::{Item, Piece, PieceFault, Quarantine, SplitError, Splitter};
