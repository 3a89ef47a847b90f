//! Errors of the vault. Every variant names what the app does next (`action`), has a stable dotted
//! `code`, and carries nothing that could be health data, a key, a token or a query value.

mod action;
mod query;

use std::io;

pub use action::NeededAction;
use action::{invalid, io_action};
pub use query::{QueryError, QueryErrorKind};

/// Why a vault could not be opened or created. Until the secret is accepted the file stays byte for byte as
/// it was; damage found after that changes nothing of the record, and at most the copy of page 0 that redb
/// marks as open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Nothing lies at the path.
    #[error("there is no vault at this path")]
    NotFound,
    /// Something lies at the path already (create only); symbolic links count.
    #[error("something already lies at this path")]
    AlreadyExists,
    /// A folder, device or symbolic link.
    #[error("the path is not a regular file")]
    NotAFile,
    /// Neither header copy begins with the magic bytes.
    #[error("the file is not a vault")]
    NotAVault,
    /// Shorter than its own records say.
    #[error("the file is cut short")]
    Truncated,
    /// Both header copies are damaged, or the header's MAC is wrong after the key opened it.
    #[error("the vault's header is damaged")]
    HeaderDamaged,
    /// Both page-0 slots are damaged.
    #[error("both copies of the vault's first page are damaged")]
    PageZeroDamaged,
    /// No slot opens with this secret.
    #[error("the key or passphrase does not open this vault")]
    WrongKey,
    /// A slot asks for more or less key derivation work than is allowed.
    #[error("a passphrase slot asks for key derivation outside the allowed bounds")]
    KdfOutOfBounds,
    /// The passphrase is not usable: empty, over 1,024 bytes, not UTF-8, or with control characters.
    #[error("the passphrase must be 1 to 1,024 bytes of UTF-8 without control characters")]
    InvalidPassphrase,
    /// A newer major version or an unknown must-understand feature.
    #[error("the vault has format {found}, this program knows {known}")]
    NewerFormat {
        /// Major version found.
        found: u32,
        /// Major version known.
        known: u32,
    },
    /// The header is older than the record says.
    #[error("the vault's header was put back to an older one")]
    HeaderRolledBack,
    /// The commit counter is below the anchor that the app kept.
    #[error("the vault was put back to an older state (counter {have}, expected at least {want})")]
    RolledBack {
        /// Counter in the file.
        have: u64,
        /// Counter of the anchor.
        want: u64,
    },
    /// The vault id is not the expected one.
    #[error("another vault lies at this path")]
    WrongVault,
    /// Another process or another handle of this process holds the vault.
    #[error("the vault is in use")]
    InUse,
    /// A block's tag is wrong, or the block was never written.
    #[error("block {0} of the vault is damaged")]
    BlockDamaged(u64),
    /// A block holds an older, validly sealed copy.
    #[error("block {0} of the vault was replaced by another copy")]
    BlockReplaced(u64),
    /// All blocks are genuine but the trees in them are not whole.
    #[error("the vault's trees do not fit together")]
    Inconsistent,
    /// The file is larger than the format allows.
    #[error("the vault is larger than the format allows")]
    TooLarge,
    /// The disk is full.
    #[error("the disk is full")]
    NoSpace,
    /// The system's generator of random numbers failed.
    #[error("the system gave no random numbers")]
    NoRandomness,
    /// Any other failure of the file system.
    #[error("the file system answered: {0}")]
    Io(io::ErrorKind),
}

/// Why an operation on an open vault failed. The record is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The vault was locked.
    #[error("the vault is locked")]
    Locked,
    /// The vault is suspended, or the snapshot is from before it was.
    #[error("the vault is suspended; resume it")]
    Suspended,
    /// The vault was opened read-only, or is read-only because of damage.
    #[error("the vault is open for reading only")]
    ReadOnly,
    /// A block's tag is wrong, or the block was never written.
    #[error("block {0} of the vault is damaged")]
    BlockDamaged(u64),
    /// A block holds an older, validly sealed copy.
    #[error("block {0} of the vault was replaced by another copy")]
    BlockReplaced(u64),
    /// All blocks are genuine but what they hold does not fit together.
    #[error("the vault's contents do not fit together ({0})")]
    Inconsistent(&'static str),
    /// The disk is full.
    #[error("the disk is full")]
    NoSpace,
    /// The vault would grow beyond what the format allows.
    #[error("the vault is larger than the format allows")]
    TooLarge,
    /// The system's generator of random numbers failed.
    #[error("the system gave no random numbers")]
    NoRandomness,
    /// Any other failure of the file system.
    #[error("the file system answered: {0}")]
    Io(io::ErrorKind),
    /// Opening a file again failed, in maintenance.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No connection has this name or number.
    #[error("there is no such connection")]
    UnknownConnection,
    /// An argument is not what it must be.
    #[error("{argument}: expected {expected}")]
    Invalid {
        /// Name of the argument.
        argument: &'static str,
        /// What was expected; never the value itself.
        expected: &'static str,
    },
    /// The input is not valid JSON, or breaks off.
    #[error("the input is broken at byte {offset}: {reason}")]
    BrokenInput {
        /// Byte offset in the (decompressed) input.
        offset: u64,
        /// What is wrong, without content.
        reason: &'static str,
    },
    /// Reading the input failed.
    #[error("reading the input failed: {0}")]
    Input(io::ErrorKind),
    /// A search that is wrong or not supported yet.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A long operation needs the vault to itself, and a snapshot or another one is open.
    #[error("the vault is busy with another long operation or an open snapshot")]
    Busy,
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl OpenError {
    /// Stable, dotted, documented.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "vault.not_found",
            Self::AlreadyExists => "vault.exists",
            Self::NotAFile => "vault.not_a_file",
            Self::NotAVault => "vault.not_a_vault",
            Self::Truncated => "vault.truncated",
            Self::HeaderDamaged => "vault.header_damaged",
            Self::PageZeroDamaged => "vault.page_zero_damaged",
            Self::WrongKey => "vault.wrong_key",
            Self::KdfOutOfBounds => "vault.kdf_out_of_bounds",
            Self::InvalidPassphrase => "unlock.invalid_passphrase",
            Self::NewerFormat { .. } => "vault.newer_format",
            Self::HeaderRolledBack => "vault.header_rolled_back",
            Self::RolledBack { .. } => "vault.rolled_back",
            Self::WrongVault => "vault.wrong_vault",
            Self::InUse => "vault.in_use",
            Self::BlockDamaged(_) => "vault.block_damaged",
            Self::BlockReplaced(_) => "vault.block_replaced",
            Self::Inconsistent => "vault.inconsistent",
            Self::TooLarge => "vault.too_large",
            Self::NoSpace => "io.no_space",
            Self::NoRandomness => "io.no_randomness",
            Self::Io(_) => "io.failed",
        }
    }

    /// What the app does about it.
    pub fn action(&self) -> NeededAction {
        match self {
            Self::WrongKey => NeededAction::NeedsUnlock,
            Self::NewerFormat { found, known } => {
                NeededAction::NeedsUpdate { found: *found, known: *known }
            }
            Self::InUse => NeededAction::TryLater { after_ms: 1_000 },
            Self::NoSpace => NeededAction::NeedsSpace { bytes: 0 },
            Self::NotFound => invalid("path", "the path of a vault; create one first"),
            Self::AlreadyExists => invalid("path", "a path where nothing lies yet"),
            Self::NotAFile => invalid("path", "a regular file"),
            Self::InvalidPassphrase => {
                invalid("passphrase", "1 to 1,024 bytes of UTF-8 without control characters")
            }
            Self::TooLarge | Self::NoRandomness => {
                NeededAction::NeedsSupport { reference: self.code() }
            }
            Self::Io(kind) => io_action(*kind, self.code()),
            Self::NotAVault
            | Self::Truncated
            | Self::HeaderDamaged
            | Self::PageZeroDamaged
            | Self::KdfOutOfBounds
            | Self::HeaderRolledBack
            | Self::RolledBack { .. }
            | Self::WrongVault
            | Self::BlockDamaged(_)
            | Self::BlockReplaced(_)
            | Self::Inconsistent => NeededAction::NeedsRestore,
        }
    }
}

impl Error {
    /// Stable, dotted, documented.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked => "vault.locked",
            Self::Suspended => "vault.suspended",
            Self::ReadOnly => "vault.read_only",
            Self::BlockDamaged(_) => "vault.block_damaged",
            Self::BlockReplaced(_) => "vault.block_replaced",
            Self::Inconsistent(_) => "vault.inconsistent",
            Self::NoSpace => "io.no_space",
            Self::TooLarge => "vault.too_large",
            Self::NoRandomness => "io.no_randomness",
            Self::Io(_) => "io.failed",
            Self::Open(e) => e.code(),
            Self::UnknownConnection => "connection.unknown",
            Self::Invalid { .. } => "call.invalid",
            Self::BrokenInput { .. } => "input.broken",
            Self::Input(_) => "input.unreadable",
            Self::Query(e) => e.code(),
            Self::Busy => "vault.busy",
            Self::Cancelled => "call.cancelled",
        }
    }

    /// What the app does about it.
    pub fn action(&self) -> NeededAction {
        match self {
            Self::Locked => NeededAction::NeedsUnlock,
            Self::Suspended => NeededAction::TryLater { after_ms: 1_000 },
            Self::BlockDamaged(_) | Self::BlockReplaced(_) | Self::Inconsistent(_) => {
                NeededAction::NeedsRestore
            }
            Self::NoSpace => NeededAction::NeedsSpace { bytes: 0 },
            Self::TooLarge | Self::NoRandomness => {
                NeededAction::NeedsSupport { reference: self.code() }
            }
            Self::Io(kind) => io_action(*kind, self.code()),
            Self::Open(e) => e.action(),
            Self::ReadOnly => invalid("vault", "a vault that is open for writing"),
            Self::UnknownConnection => invalid("connection", "a connection of this vault"),
            Self::Invalid { argument, expected } => invalid(argument, expected),
            Self::BrokenInput { offset, .. } => NeededAction::InvalidCall {
                argument: "input".to_owned(),
                position: Some(*offset),
                expected: "FHIR JSON: a resource, a Bundle or NDJSON".to_owned(),
            },
            Self::Input(_) => invalid("input", "a readable file"),
            Self::Query(e) => NeededAction::InvalidCall {
                argument: e.parameter.clone(),
                position: e.position,
                expected: e.expected.clone(),
            },
            Self::Busy => NeededAction::TryLater { after_ms: 1_000 },
            Self::Cancelled => NeededAction::Cancelled,
        }
    }
}
