#![doc = include_str!("../../README.md")]
#![forbid(unsafe_code)]

mod clock;
mod error;
mod fhir;
mod index;
mod seal;
mod search;
mod source;
mod storage;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod testing;
mod text;
mod vault;

pub use clock::Clock;
pub use error::{Error, NeededAction, OpenError, QueryError, QueryErrorKind};
pub use seal::{Event, Healed, Opened, Unlock};
pub use source::{Connection, ConnectionId, LedgerEntry, TokenKind};
pub use vault::{
    BinaryContent, CancelToken, ChangeFeed, ChangeKind, ChangePage, ChangeSet, CheckReport,
    CompactReport, Find, FindHit, FindPage, ImportError, ImportProgress, ImportReport, Live,
    Problem, Progress, QuarantineReason, Quarantined, ResourceChange, ResourceId, ResourceRow,
    SearchPage, Snapshot, SnippetPart, StoredResource, Vault, VaultInfo, VaultOptions, VaultState,
    WriteTxn,
};
