//! What FHIR defines: JSON, dates, decimals, text folding, units. Knows no vault.

mod binary;
mod decimal;
mod fold;
mod hash;
mod instant;
mod json;
#[cfg(test)]
mod pack;
mod plain;
mod split;
mod summary;
mod ucum;

pub(crate) use binary::{BinaryWriter, stand_in};
pub(crate) use decimal::{Bound, Decimal};
pub(crate) use fold::fold;
pub(crate) use hash::content_hash;
pub(crate) use instant::{Interval, Zone};
pub(crate) use json::{JsonFault, Kind, Node, Tape, TapeBuffer};
pub(crate) use plain::{base64, plain_text, text_of};
pub(crate) use split::{Item, Piece, PieceFault, Quarantine, Splitter};
pub(crate) use summary::summary;
pub(crate) use ucum::canonical;
