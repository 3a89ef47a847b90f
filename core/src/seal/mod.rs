//! The sealed file below redb: keys, header, blocks, order of writes. `docs/format.md` has the bytes.
//!
//! redb sees an array of 4,096-byte pages. Page 0 lives in two sealed slots written by rule W
//! (`rule_w`), every other page in one sealed record. Callers set two-phase commit on every write
//! transaction, so that redb reports a lost commit instead of going back silently; safety against
//! power cuts does not depend on it.

mod accept;
mod backend;
mod cipher;
mod create;
mod event;
mod failure;
mod geometry;
mod header;
mod keys;
mod lock;
mod medium;
mod nonce_table;
mod open;
mod options;
mod overlay;
mod page_zero;
mod pins;
#[cfg(test)]
mod power_cut;
mod publish;
mod record;
#[cfg(test)]
mod recording;
mod redb_storage;
mod rewrite;
mod rule_w;
mod sealed;
mod slot;
mod spool;
mod unlock;
mod verify;

#[cfg(test)]
mod tests;

pub use event::{Event, Healed, Opened};
pub use unlock::Unlock;

pub(crate) use cipher::{Sha256, random_key, sha256};
pub(crate) use create::{create, create_in_memory};
pub(crate) use failure::as_open_error;
pub(crate) use open::open;
pub(crate) use options::SealOptions;
pub(crate) use rewrite::rewrite;
pub(crate) use sealed::{SealHandle, Sealed};
pub(crate) use spool::Spool;
pub(crate) use verify::BlockReport;

#[cfg(any(test, feature = "testing"))]
pub(crate) use options::CHEAPEST_KDF;
#[cfg(test)]
pub(crate) use {
    cipher::Suite,
    create::create_on,
    medium::{Medium, MemoryMedium},
    open::open_on,
    power_cut::{Dice, Disk, PowerCut},
    recording::{Change, Fault, RecordingMedium},
};
