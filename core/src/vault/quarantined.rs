//! What was kept apart, for an app that wants to look at it.

use std::fmt;

use super::Vault;
use crate::Error;
use crate::source::ConnectionId;
use crate::storage::quarantine::{self, QuarantineReason};

/// One thing that arrived and is kept byte for byte, but is neither current nor searched.
#[derive(Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The connection it came from.
    pub connection: ConnectionId,
    /// Why it was kept apart.
    pub reason: QuarantineReason,
    /// When it was received, in Unix milliseconds.
    pub received: i64,
    /// The exact bytes.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Quarantined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quarantined")
            .field("reason", &self.reason)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// Everything that was kept apart, oldest first.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn quarantined(&self) -> Result<Vec<Quarantined>, Error> {
        self.snapshot()?.read_with(|state| {
            let all = quarantine::all(&state.tables)?.into_iter().map(|item| Quarantined {
                connection: ConnectionId(item.connection),
                reason: item.reason,
                received: item.received,
                bytes: item.bytes,
            });
            Ok(all.collect())
        })
    }
}
