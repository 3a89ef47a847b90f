//! Chartkeep for Swift, Kotlin and Python. Each export converts its arguments, calls one method of
//! the core and converts the answer; all are synchronous and may block. Everything that prints is
//! redacted to types and counts, and errors hold nothing that could not stand in a log.
//!
//! No `forbid(unsafe_code)` here: the scaffolding that uniffi generates needs it. Nothing written
//! by hand does.

mod cancel;
mod error;
mod handle;
mod records;
mod unlock;

pub use cancel::CancelToken;
pub use error::ChartkeepError;
pub use handle::VaultHandle;
pub use records::{
    FindHit, FindPage, ImportReport, ResourceId, ResourceRow, SearchPage, SnippetPart,
    StoredResource, VaultInfo,
};
pub use unlock::Unlock;

uniffi::setup_scaffolding!();
