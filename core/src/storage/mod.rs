//! The redb tables of a vault: the log of rows, their bodies, dictionaries, changes. Owns every key and
//! value layout; what a FHIR resource means is not known here.

pub(crate) mod bodies;
pub(crate) mod bundles;
pub(crate) mod changes;
pub(crate) mod chunks;
pub(crate) mod codec;
pub(crate) mod commits;
pub(crate) mod db;
pub(crate) mod dictionary;
pub(crate) mod files;
pub(crate) mod large;
pub(crate) mod meta;
pub(crate) mod quarantine;
pub(crate) mod rows;
pub(crate) mod seen;
pub(crate) mod segments;
pub(crate) mod tables;
pub(crate) mod txn;

use crate::Error;

/// redb's errors in the vault's words. Which block is damaged is known to the seal alone, which
/// refines the answer at the vault's border.
pub(crate) fn fault(error: impl Into<redb::Error>) -> Error {
    match error.into() {
        redb::Error::Io(e) => match e.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::NoSpace,
            kind => Error::Io(kind),
        },
        redb::Error::PreviousIo => Error::Io(std::io::ErrorKind::Other),
        redb::Error::ValueTooLarge(_) => Error::TooLarge,
        _ => Error::Inconsistent("tree"),
    }
}
