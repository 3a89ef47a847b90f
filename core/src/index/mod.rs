//! Search parameters, the values they take from a resource, and the segments that hold them.

mod blocks;
pub(crate) mod column;
pub(crate) mod extract;
pub(crate) mod key;
mod lookup;
pub(crate) mod merge;
mod numbers;
pub(crate) mod params;
pub(crate) mod path;
pub(crate) mod rows;
pub(crate) mod segment;
pub(crate) mod view;
pub(crate) mod walk;

pub(crate) use blocks::stored_segment;
pub(crate) use extract::{Extractor, KeySink, References};
pub(crate) use numbers::Numbers;
pub(crate) use rows::RowSet;
pub(crate) use view::Index;

/// Version of the index: another one means that it is built again from the bodies.
pub(crate) const INDEX_VERSION: u32 = 1;
