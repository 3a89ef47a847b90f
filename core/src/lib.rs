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
pub mod testing;
mod text;
mod vault;

pub use clock::Clock;
pub use error::{Error, NeededAction, OpenError, QueryError, QueryErrorKind};
pub use seal::Unlock;
pub use source::{Connection, ConnectionId, LedgerEntry, TokenKind};
pub use vault::{
    CancelToken, ChangeFeed, ChangeKind, ChangePage, ChangeSet, CheckReport, CompactReport, Find,
    FindHit, FindPage, ImportError, ImportProgress, ImportReport, Opened, Problem, Progress,
    QuarantineReason, ResourceChange, ResourceId, ResourceRow, SearchPage, SnippetPart, Snapshot,
    StoredResource, Vault, VaultInfo, VaultOptions, VaultState, WriteTxn,
};
