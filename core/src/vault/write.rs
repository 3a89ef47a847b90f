//! Write transactions: resources, cursors, ledger and tokens of one exchange, in one commit.

use std::sync::Arc;

use super::batch::{Arrival, Batch, Intake};
use super::commit::Beside;
use super::item;
use super::report::ImportReport;
use super::state::State;
use super::{Inner, Vault};
use crate::Error;
use crate::fhir::Tape;
use crate::source::{ConnectionId, LedgerEntry, SourceChange, TokenKind, pending};
use crate::storage::quarantine::QuarantineReason;

/// What one write transaction gathers. Nothing is stored before the closure of [`Vault::write`] returns
/// `Ok`, and then all of it is.
pub struct WriteTxn<'v> {
    inner: &'v Inner,
    state: Arc<State>,
    connection: ConnectionId,
    bases: Vec<String>,
    batch: Batch,
    beside: Vec<SourceChange>,
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

    /// Keeps bytes apart that are no part of this person's record.
    ///
    /// # Errors
    /// Those of reading what is kept apart already.
    pub fn quarantine(&mut self, reason: QuarantineReason, bytes: &[u8]) -> Result<(), Error> {
        let intake = Intake {
            state: &self.state,
            extractor: &self.inner.extractor,
            connection: self.connection.0,
            bases: &self.bases,
            now: self.inner.clock.now_ms(),
        };
        self.batch.set_apart(&intake, reason, bytes)
    }

    /// Notes that a current resource is no longer at its source; it stays, and stays searchable. It is
    /// there again when [`WriteTxn::put`] brings it again. One that the vault does not have is left out.
    ///
    /// # Errors
    /// Damage.
    pub fn mark_gone(&mut self, resource_type: &str, id: &str) -> Result<(), Error> {
        if let Some(row) = self.state.current(self.connection.0, resource_type, id)?
            && !self.state.gone.contains(row)
        {
            self.batch.gone.insert(row);
        }
        Ok(())
    }

    /// Keeps the sync engine's own record of this connection: JSON, which the vault does not read.
    pub fn set_details(&mut self, json: &str) {
        self.beside.push(SourceChange::Details(json.to_owned()));
    }

    /// Notes a person whose data this connection brings, by Patient id.
    pub fn add_subject(&mut self, patient: &str) {
        self.beside.push(SourceChange::Subject(patient.to_owned()));
    }

    /// Sets the cursor of a stream of this connection.
    pub fn set_cursor(&mut self, stream: &str, cursor: &str) {
        self.beside.push(SourceChange::Cursor(stream.to_owned(), Some(cursor.to_owned())));
    }

    /// Forgets a stream of this connection.
    pub fn remove_cursor(&mut self, stream: &str) {
        self.beside.push(SourceChange::Cursor(stream.to_owned(), None));
    }

    /// Appends an entry to the ledger.
    pub fn ledger(&mut self, entry: LedgerEntry) {
        self.beside.push(SourceChange::Ledger(entry));
    }

    /// Keeps a token of this connection, sealed once more by itself.
    ///
    /// # Errors
    /// [`Error::NoRandomness`].
    pub fn set_token(&mut self, kind: TokenKind, token: &[u8]) -> Result<(), Error> {
        let sealed = self.inner.db.seal_token(self.connection.0, kind.number(), token)?;
        self.beside.push(SourceChange::Token(kind, Some(sealed)));
        Ok(())
    }

    /// Forgets a token of this connection.
    pub fn remove_token(&mut self, kind: TokenKind) {
        self.beside.push(SourceChange::Token(kind, None));
    }

    /// Keeps a log-in that waits for the person, to be found by its `state`; sealed once more by itself.
    ///
    /// # Errors
    /// [`Error::NoRandomness`].
    pub fn set_pending(&mut self, state: &str, request: &[u8]) -> Result<(), Error> {
        let sealed = self.inner.db.seal_token(self.connection.0, pending::SEALED_AS, request)?;
        self.beside.push(SourceChange::Pending(pending::key(state), Some(sealed)));
        Ok(())
    }

    /// Forgets a log-in that waited for the person.
    pub fn remove_pending(&mut self, state: &str) {
        self.beside.push(SourceChange::Pending(pending::key(state), None));
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
            beside: Vec::new(),
        };
        let value = work(&mut txn)?;
        let WriteTxn { state, mut batch, beside, .. } = txn;
        let beside = Beside { connection, changes: beside };
        let commit = || {
            batch.settle(&state)?;
            drop(state);
            inner.commit(&mut batch, Some(&beside))?;
            inner.maintain()
        };
        inner.written(commit())?;
        Ok(value)
    }
}
