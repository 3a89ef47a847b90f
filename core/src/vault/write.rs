//! Write transactions: resources, cursors, ledger and tokens of one exchange, in one commit.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::batch::{Arrival, Batch, Intake};
use super::commit::SourceChanges;
use super::item;
use super::report::ImportReport;
use super::state::State;
use super::{Inner, Vault};
use crate::Error;
use crate::fhir::Tape;
use crate::source::{ConnectionId, LedgerEntry, TokenKind};

/// What one write transaction gathers. Nothing is stored before the closure of [`Vault::write`] returns
/// `Ok`, and then all of it is.
pub struct WriteTxn<'v> {
    inner: &'v Inner,
    state: Arc<State>,
    connection: ConnectionId,
    bases: Vec<String>,
    batch: Batch,
    beside: SourceChanges,
}

impl std::fmt::Debug for WriteTxn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriteTxn").field("rows", &self.batch.items.len()).finish_non_exhaustive()
    }
}

impl WriteTxn<'_> {
    /// Takes the exact bytes of one resource. What is no resource is quarantined, and counted so.
    ///
    /// # Errors
    /// Those of reading what the vault has of it already.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let intake = Intake {
            state: &self.state,
            extractor: &self.inner.extractor,
            connection: self.connection.0,
            bases: &self.bases,
            now: self.inner.clock.now_ms(),
        };
        let tape = Tape::parse(bytes).map_err(|fault| item::reason(fault.kind));
        let arrival = Arrival { bytes, bundle: 0, urn: None };
        self.batch.put(&intake, arrival, tape.as_ref().map_err(|reason| *reason), &|_| None)
    }

    /// Sets the cursor of a stream of this connection.
    pub fn set_cursor(&mut self, stream: &str, cursor: &str) {
        self.beside.cursors.push((self.connection, stream.to_owned(), cursor.to_owned()));
    }

    /// Appends an entry to the ledger.
    pub fn ledger(&mut self, entry: LedgerEntry) {
        self.beside.ledger.push((self.connection, entry));
    }

    /// Keeps a token of this connection, sealed once more by itself.
    ///
    /// # Errors
    /// [`Error::NoRandomness`].
    pub fn set_token(&mut self, kind: TokenKind, token: &[u8]) -> Result<(), Error> {
        let sealed = self.inner.db.seal_token(self.connection.0, kind.number(), token)?;
        self.beside.tokens.push((self.connection, kind, sealed));
        Ok(())
    }

    /// What the transaction did so far.
    pub fn report(&self) -> ImportReport {
        self.batch.report
    }
}

/// The bases under which an absolute reference counts as one to this connection.
pub(super) fn bases(state: &State, connection: ConnectionId) -> Result<Vec<String>, Error> {
    let found = state.connections.iter().find(|c| c.id == connection);
    Ok(found.ok_or(Error::UnknownConnection)?.base.iter().cloned().collect())
}

impl Vault {
    /// Runs `work` and commits what it put, all or nothing; durable on return.
    ///
    /// # Errors
    /// The closure's own, after which nothing was stored; [`Error::UnknownConnection`]; [`Error::ReadOnly`];
    /// those of the file system.
    pub fn write<T, E: From<Error>>(
        &self,
        connection: ConnectionId,
        work: impl FnOnce(&mut WriteTxn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let inner = &*self.0;
        let _writer = inner.begin();
        let state = inner.state()?;
        let mut txn = WriteTxn {
            bases: bases(&state, connection)?,
            inner,
            state,
            connection,
            batch: Batch::default(),
            beside: SourceChanges::default(),
        };
        let value = work(&mut txn)?;
        let WriteTxn { state, mut batch, beside, .. } = txn;
        let commit = || {
            batch.settle(&state)?;
            drop(state);
            inner.commit(&mut batch, &beside)?;
            inner.maintain()
        };
        inner.written(commit())?;
        Ok(value)
    }

    /// The cursor of a stream.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn cursor(&self, connection: ConnectionId, stream: &str) -> Result<Option<String>, Error> {
        let state = self.0.state()?;
        self.0.refine(crate::source::cursor(&state.tables, connection, stream))
    }

    /// A token of a connection, as it was set.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn token(
        &self,
        connection: ConnectionId,
        kind: TokenKind,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let state = self.0.state()?;
        let sealed = self.0.refine(crate::source::token(&state.tables, connection, kind))?;
        sealed.map(|s| self.0.db.unseal_token(connection.0, kind.number(), &s)).transpose()
    }

    /// Entries of the ledger after number `since`, oldest first, at most `limit`, each with its number.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn ledger(
        &self,
        connection: ConnectionId,
        since: u64,
        limit: usize,
    ) -> Result<Vec<(u64, LedgerEntry)>, Error> {
        let state = self.0.state()?;
        self.0.refine(crate::source::ledger_page(&state.tables, connection, since, limit))
    }
}
