//! What the suites and the bench need beyond the public API. Not part of it.

mod values;

pub use values::{IndexValue, IndexValues, index_values};

use crate::{Error, Vault};

/// Bytes read from and written to the file since it was opened.
pub fn traffic(vault: &Vault) -> (u64, u64) {
    vault.traffic()
}

/// How often the disk was synced since the file was opened.
pub fn disk_syncs(vault: &Vault) -> u64 {
    vault.disk_syncs()
}

/// Makes the recent tier a segment of the file now.
///
/// # Errors
/// Those of a write.
pub fn flush(vault: &Vault) -> Result<(), Error> {
    vault.flush()
}

/// Makes up to `width` neighbouring segments one, the first being number `at` modulo their count. Says
/// whether there was anything to merge.
///
/// # Errors
/// Those of a write.
pub fn merge(vault: &Vault, at: usize, width: usize) -> Result<bool, Error> {
    vault.merge(at, width)
}
