//! The first thing that went wrong below redb, kept typed: redb carries it as an `io::Error` and
//! answers everything later with `PreviousIo`, so the layer latches it and tells again.

use std::error;
use std::fmt;
use std::io;

use crate::error::{Error, OpenError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    BlockDamaged(u64),
    BlockReplaced(u64),
    TooLarge,
    NoRandomness,
    NoSpace,
    Closed,
    /// redb asked for something outside the shapes that are known to be safe.
    UnknownShape,
    Io(io::ErrorKind),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Error::from(*self), f)
    }
}

impl error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if let Some(known) = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            return *known;
        }
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            kind => Self::Io(kind),
        }
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        let kind = match failure {
            Failure::BlockDamaged(_) | Failure::BlockReplaced(_) => io::ErrorKind::InvalidData,
            Failure::NoSpace => io::ErrorKind::StorageFull,
            Failure::TooLarge => io::ErrorKind::FileTooLarge,
            Failure::UnknownShape => io::ErrorKind::InvalidInput,
            Failure::Io(kind) => kind,
            Failure::NoRandomness | Failure::Closed => io::ErrorKind::Other,
        };
        Self::new(kind, failure)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::BlockDamaged(block) => Self::BlockDamaged(block),
            Failure::BlockReplaced(block) => Self::BlockReplaced(block),
            Failure::TooLarge => Self::TooLarge,
            Failure::NoRandomness => Self::NoRandomness,
            Failure::NoSpace => Self::NoSpace,
            Failure::Closed => Self::Locked,
            Failure::UnknownShape => Self::Io(io::ErrorKind::InvalidInput),
            Failure::Io(kind) => Self::Io(kind),
        }
    }
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::BlockDamaged(block) => Self::BlockDamaged(block),
            Failure::BlockReplaced(block) => Self::BlockReplaced(block),
            Failure::TooLarge => Self::TooLarge,
            Failure::NoRandomness => Self::NoRandomness,
            Failure::NoSpace => Self::NoSpace,
            Failure::Closed | Failure::UnknownShape => Self::Io(io::ErrorKind::Other),
            Failure::Io(kind) => Self::Io(kind),
        }
    }
}

/// What an error of the file system means for opening.
pub(crate) fn open_io(error: io::Error) -> OpenError {
    Failure::from(error).into()
}

/// What an error of an open vault means when it happens while opening or creating.
pub(crate) fn as_open_error(error: Error) -> OpenError {
    match error {
        Error::Open(error) => error,
        Error::BlockDamaged(block) => OpenError::BlockDamaged(block),
        Error::BlockReplaced(block) => OpenError::BlockReplaced(block),
        Error::Inconsistent(_) => OpenError::Inconsistent,
        Error::NoSpace => OpenError::NoSpace,
        Error::TooLarge => OpenError::TooLarge,
        Error::NoRandomness => OpenError::NoRandomness,
        Error::Io(kind) | Error::Input(kind) => OpenError::Io(kind),
        _ => OpenError::Io(io::ErrorKind::Other),
    }
}

/// What an error of redb means, when the layer latched nothing.
pub(crate) fn from_redb(error: redb::Error) -> Error {
    match error {
        redb::Error::Io(error) => Failure::from(error).into(),
        redb::Error::Corrupted(_) | redb::Error::RepairAborted => Error::Inconsistent("trees"),
        redb::Error::DatabaseClosed => Error::Locked,
        redb::Error::ValueTooLarge(_) => Error::TooLarge,
        redb::Error::TransactionInProgress
        | redb::Error::ReadTransactionStillInUse(_)
        | redb::Error::DatabaseAlreadyOpen => Error::Busy,
        redb::Error::PreviousIo | redb::Error::LockPoisoned(_) => Error::Io(io::ErrorKind::Other),
        _ => Error::Inconsistent("tables"),
    }
}
