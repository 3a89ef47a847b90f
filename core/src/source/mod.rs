//! What a sync commits beside rows: connections, subjects, cursors, the ledger, tokens, pending log-ins.
//! Kept as JSON behind the storage's heads, so that fields can be added; nothing here knows HTTP.

mod change;
mod connection;
mod ledger;
pub(crate) mod pending;
mod stream;
mod subject;

pub(crate) use change::{SourceChange, store};
pub use connection::{Connection, ConnectionId};
pub(crate) use connection::{by_name, create, details, list};
pub use ledger::LedgerEntry;
pub(crate) use ledger::page as ledger_page;
pub use stream::TokenKind;
pub(crate) use stream::{cursor, cursors, token};
pub(crate) use subject::list as subjects;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::storage::txn::Stored;

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|_| Error::Inconsistent("source"))
}

fn from_json<T: DeserializeOwned>(stored: &Stored) -> Result<T, Error> {
    serde_json::from_slice(stored.content()?.rest()).map_err(|_| Error::Inconsistent("source"))
}
