//! Chartkeep: an embedded, offline-first, encrypted store for a person's health record.
#![forbid(unsafe_code)]

mod clock;
mod error;
mod fhir;
mod index;
mod seal;
mod search;
mod source;
mod storage;
mod text;
mod vault;

pub use clock::Clock;
pub use error::{Error, NeededAction, OpenError, QueryError, QueryErrorKind};
