//! The ledger: what each run asked, got, was refused, and why. Append only.

use serde::{Deserialize, Serialize};

use super::{ConnectionId, from_json, to_json};
use crate::Error;
use crate::storage::tables::LEDGER;
use crate::storage::txn::{ReadTables, WriteTables};

/// One HTTP exchange or decision of a run.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LedgerEntry {
    /// Number of the run, chosen by the sync engine.
    pub run: u64,
    /// Unix milliseconds.
    pub at: i64,
    /// What was asked; may hold a URL, so it never enters a log.
    pub request: String,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Resources received.
    pub received: u32,
    /// Why something was refused or left out; a stable code.
    pub reason: Option<String>,
}

impl std::fmt::Debug for LedgerEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LedgerEntry")
            .field("run", &self.run)
            .field("status", &self.status)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Record {
    connection: u32,
    #[serde(flatten)]
    entry: LedgerEntry,
}

/// The number of the newest entry; 0 when there is none.
pub(crate) fn newest(tables: &ReadTables) -> Result<u64, Error> {
    match tables.floor(LEDGER, &u64::MAX.to_be_bytes())? {
        None => Ok(0),
        Some(stored) => number(stored.key()),
    }
}

fn number(key: &[u8]) -> Result<u64, Error> {
    key.try_into().map(u64::from_be_bytes).map_err(|_| Error::Inconsistent("ledger"))
}

pub(crate) fn append(
    tables: &WriteTables,
    number: u64,
    connection: ConnectionId,
    entry: &LedgerEntry,
) -> Result<(), Error> {
    let record = Record { connection: connection.0, entry: entry.clone() };
    tables.put(LEDGER, &number.to_be_bytes(), &to_json(&record)?)
}

/// Entries after number `since`, oldest first, at most `limit`, each with its number.
pub(crate) fn page(
    tables: &ReadTables,
    connection: ConnectionId,
    since: u64,
    limit: usize,
) -> Result<Vec<(u64, LedgerEntry)>, Error> {
    let mut entries = Vec::new();
    for stored in tables.from(LEDGER, &since.saturating_add(1).to_be_bytes())? {
        if entries.len() == limit {
            break;
        }
        let stored = stored?;
        let record: Record = from_json(&stored)?;
        if record.connection == connection.0 {
            entries.push((number(stored.key())?, record.entry));
        }
    }
    Ok(entries)
}
