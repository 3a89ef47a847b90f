//! Faults of the index as the vault's errors. The index is derived data: a fault that is not the
//! store's own means "rebuild it from the bodies".

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tantivy::TantivyError;
use tantivy::directory::error::OpenReadError;

use crate::error::Error;

/// The index does not fit together.
pub(super) const DAMAGED: Error = Error::Inconsistent("text index");

/// Runs what reads the index. Sealing authenticates its bytes, so the guard against panics of a
/// decoder is a second belt.
pub(super) fn guard<T>(run: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(DAMAGED))
}

/// An error of the store as one that can pass through tantivy.
pub(super) fn carry(error: Error) -> io::Error {
    io::Error::other(error)
}

/// The store's own error if it is one, else damage.
pub(super) fn unwrap_io(error: &io::Error) -> Error {
    let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    own.cloned().unwrap_or(DAMAGED)
}

/// For `map_err`.
#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
pub(super) fn tantivy(error: TantivyError) -> Error {
    match &error {
        TantivyError::IoError(error) => unwrap_io(error),
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => unwrap_io(io_error),
        _ => DAMAGED,
    }
}

/// For `map_err`.
#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
pub(super) fn io(error: io::Error) -> Error {
    unwrap_io(&error)
}
