//! What an app does about an error.

use std::io;

/// What the app does about an error; the same nine names in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NeededAction {
    /// Wrong key or passphrase, or the vault is locked: ask again, never wipe.
    NeedsUnlock,
    /// The grant at a connection ended: show "log in again"; data stays readable.
    NeedsAuthorization {
        /// Number of the connection.
        connection: u32,
    },
    /// The disk is full: ask for space; reads go on.
    NeedsSpace {
        /// Bytes known to be missing; 0 when the system did not say.
        bytes: u64,
    },
    /// The file is damaged, rolled back or not a vault: restore or salvage, the original is untouched.
    NeedsRestore,
    /// The file was written by a newer version.
    NeedsUpdate {
        /// Format version found in the file.
        found: u32,
        /// Newest format version this build knows.
        known: u32,
    },
    /// Neutral text for the person; the reference goes to support.
    NeedsSupport {
        /// The error's code.
        reference: &'static str,
    },
    /// Try again later.
    TryLater {
        /// Milliseconds to wait before trying again.
        after_ms: u64,
    },
    /// A mistake of the calling program.
    InvalidCall {
        /// Name of the argument or search parameter.
        argument: String,
        /// Byte position inside it, where known.
        position: Option<u64>,
        /// What was expected.
        expected: String,
    },
    /// The caller cancelled.
    Cancelled,
}

impl NeededAction {
    /// The action's name, as used in every language and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NeedsUnlock => "NeedsUnlock",
            Self::NeedsAuthorization { .. } => "NeedsAuthorization",
            Self::NeedsSpace { .. } => "NeedsSpace",
            Self::NeedsRestore => "NeedsRestore",
            Self::NeedsUpdate { .. } => "NeedsUpdate",
            Self::NeedsSupport { .. } => "NeedsSupport",
            Self::TryLater { .. } => "TryLater",
            Self::InvalidCall { .. } => "InvalidCall",
            Self::Cancelled => "Cancelled",
        }
    }
}

pub(super) fn invalid(argument: &str, expected: &str) -> NeededAction {
    NeededAction::InvalidCall {
        argument: argument.to_owned(),
        position: None,
        expected: expected.to_owned(),
    }
}

pub(super) fn io_action(kind: io::ErrorKind, code: &'static str) -> NeededAction {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            NeededAction::NeedsSpace { bytes: 0 }
        }
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => {
            invalid("path", "a path this program may read and write")
        }
        _ => NeededAction::NeedsSupport { reference: code },
    }
}
