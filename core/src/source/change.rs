//! One thing that a write stores beside rows.

use super::connection::{self, ConnectionId};
use super::ledger::{self, LedgerEntry};
use super::stream::{self, TokenKind};
use super::{pending, subject};
use crate::Error;
use crate::storage::txn::{ReadTables, WriteTables};

/// What is set, and for a removal `None` in its place.
pub(crate) enum SourceChange {
    /// The sync engine's own record of the connection, as JSON.
    Details(String),
    /// A person whose data the connection brings, by Patient id.
    Subject(String),
    /// Stream, cursor.
    Cursor(String, Option<String>),
    /// The token sealed once more.
    Token(TokenKind, Option<Vec<u8>>),
    /// SHA-256 of `state`, and the pending log-in sealed once more.
    Pending([u8; 32], Option<Vec<u8>>),
    Ledger(LedgerEntry),
}

/// Stores all of `changes`. `before`: the tables as they were.
pub(crate) fn store(
    tables: &WriteTables,
    before: &ReadTables,
    connection: ConnectionId,
    changes: &[SourceChange],
) -> Result<(), Error> {
    let mut number = ledger::newest(before)?;
    for change in changes {
        match change {
            SourceChange::Details(json) => {
                connection::put_details(tables, before, connection, json)?
            }
            SourceChange::Subject(patient) => subject::put(tables, connection, patient)?,
            SourceChange::Cursor(name, cursor) => {
                stream::put_cursor(tables, connection, name, cursor.as_deref())?;
            }
            SourceChange::Token(kind, sealed) => {
                stream::put_token(tables, connection, *kind, sealed.as_deref())?;
            }
            SourceChange::Pending(state, sealed) => {
                pending::put(tables, connection, state, sealed.as_deref())?;
            }
            SourceChange::Ledger(entry) => {
                number += 1;
                ledger::append(tables, number, connection, entry)?;
            }
        }
    }
    Ok(())
}
