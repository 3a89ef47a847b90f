//! The one error of the border. Each variant is the app's next action; fields are log-safe, since
//! Swift and Python print all of them.

use chartkeep::NeededAction;

/// What went wrong, named by what the app does about it. `code` is stable and documented, for
/// translation; `advice` is one English sentence; the other fields are those of the core's
/// `NeededAction`.
#[expect(missing_docs, reason = "the fields are the same in most variants and told above")]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ChartkeepError {
    /// Wrong key or passphrase, or the vault is locked: ask again, never wipe.
    #[error("{code}: {advice}")]
    NeedsUnlock { code: String, advice: String },
    /// The grant at a connection ended: show "log in again"; data stays readable.
    #[error("{code}: {advice}")]
    NeedsAuthorization { code: String, advice: String, connection: u32 },
    /// The disk is full: ask for space; reads go on.
    #[error("{code}: {advice}")]
    NeedsSpace { code: String, advice: String, bytes: i64 },
    /// Damaged, rolled back or not a vault: restore or salvage; the original is untouched.
    #[error("{code}: {advice}")]
    NeedsRestore { code: String, advice: String },
    /// Written by a newer version: send the person to the store.
    #[error("{code}: {advice}")]
    NeedsUpdate { code: String, advice: String, found: u32, known: u32 },
    /// Neutral text for the person; the reference goes to support.
    #[error("{code}: {advice}")]
    NeedsSupport { code: String, advice: String, reference: String },
    /// Wait, then try again.
    #[error("{code}: {advice}")]
    TryLater { code: String, advice: String, after_ms: u32 },
    /// A mistake of the calling program.
    #[error("{code}: {advice}")]
    InvalidCall {
        code: String,
        advice: String,
        argument: String,
        position: Option<i64>,
        expected: String,
    },
    /// The caller cancelled.
    #[error("{code}: {advice}")]
    Cancelled { code: String, advice: String },
}

impl ChartkeepError {
    fn new(code: &'static str, action: NeededAction) -> Self {
        let (code, advice) = (code.to_owned(), advice(&action).to_owned());
        match action {
            NeededAction::NeedsUnlock => Self::NeedsUnlock { code, advice },
            NeededAction::NeedsAuthorization { connection } => {
                Self::NeedsAuthorization { code, advice, connection }
            }
            NeededAction::NeedsSpace { bytes } => {
                Self::NeedsSpace { code, advice, bytes: size(bytes) }
            }
            NeededAction::NeedsRestore => Self::NeedsRestore { code, advice },
            NeededAction::NeedsUpdate { found, known } => {
                Self::NeedsUpdate { code, advice, found, known }
            }
            NeededAction::TryLater { after_ms } => {
                Self::TryLater { code, advice, after_ms: count(after_ms) }
            }
            NeededAction::InvalidCall { argument, position, expected } => {
                Self::InvalidCall { code, advice, argument, position: position.map(size), expected }
            }
            NeededAction::Cancelled => Self::Cancelled { code, advice },
            NeededAction::NeedsSupport { reference } => {
                Self::NeedsSupport { code, advice, reference: reference.to_owned() }
            }
            // An action that a later core adds.
            _ => Self::NeedsSupport { reference: code.clone(), code, advice },
        }
    }
}

fn advice(action: &NeededAction) -> &'static str {
    match action {
        NeededAction::NeedsUnlock => "Ask for the key or passphrase again; nothing was changed.",
        NeededAction::NeedsAuthorization { .. } => {
            "Ask the person to log in again; the record stays readable."
        }
        NeededAction::NeedsSpace { .. } => "Ask for space on the disk; reading goes on.",
        NeededAction::NeedsRestore => "Restore an earlier copy; the file was left as it is.",
        NeededAction::NeedsUpdate { .. } => "Update the app; a newer one wrote this vault.",
        NeededAction::TryLater { .. } => "Wait, then try again.",
        NeededAction::InvalidCall { .. } => "Correct the named argument.",
        NeededAction::Cancelled => "The call was cancelled; what it finished is kept.",
        _ => "Give the code to support; it holds nothing of the record.",
    }
}

impl From<chartkeep::Error> for ChartkeepError {
    fn from(error: chartkeep::Error) -> Self {
        Self::new(error.code(), error.action())
    }
}

impl From<chartkeep::OpenError> for ChartkeepError {
    fn from(error: chartkeep::OpenError) -> Self {
        Self::new(error.code(), error.action())
    }
}

impl From<chartkeep::ImportError> for ChartkeepError {
    fn from(stopped: chartkeep::ImportError) -> Self {
        stopped.error.into()
    }
}

/// A count for the border, where numbers above the type's end do not occur in one record.
pub(crate) fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A size for the border.
pub(crate) fn size(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
