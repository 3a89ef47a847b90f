//! Write transactions: resources, cursors, ledger and tokens of one exchange, in one commit.

use super::Vault;
use super::batch::Batch;
use super::commit::Beside;
use super::intake::{Arrival, Intake, Raw};
use super::item;
use super::report::ImportReport;
use crate::Error;
use crate::fhir::Tape;
use crate::source::{ConnectionId, LedgerEntry, SourceChange, TokenKind, pending};
use crate::storage::quarantine::QuarantineReason;

/// What one write transaction gathers. Nothing is stored before the closure of [`Vault::write`] returns
/// `Ok`, and then all of it is.
pub struct WriteTxn<'v> {
    intake: Intake<'v>,
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
        let tape = Tape::parse(bytes).map_err(|fault| item::reason(fault.kind));
        let arrival = Arrival { bytes, bundle: 0, urn: None };
        self.batch.put(&self.intake, arrival, tape.as_ref().map_err(|reason| *reason), &|_| None)
    }

    pub(super) fn put_raw(&mut self, stand_in: &str, raw: Raw) -> Result<(), Error> {
        self.batch.put_raw(&self.intake, stand_in, raw)
    }

    /// Keeps bytes apart that are no part of this person's record.
    ///
    /// # Errors
    /// Those of reading what is kept apart already.
    pub fn quarantine(&mut self, reason: QuarantineReason, bytes: &[u8]) -> Result<(), Error> {
        self.batch.set_apart(&self.intake, reason, bytes)
    }

    /// Notes that a current resource is no longer at its source; it stays, and stays searchable. It is
    /// there again when [`WriteTxn::put`] brings it again. One that the vault does not have is left out.
    ///
    /// # Errors
    /// Damage.
    pub fn mark_gone(&mut self, resource_type: &str, id: &str) -> Result<(), Error> {
        let Intake { state, connection, .. } = &self.intake;
        if let Some(row) = state.current(connection.0, resource_type, id)?
            && !state.gone.contains(row)
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
        let sealed = self.seal(kind.number(), token)?;
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
        let sealed = self.seal(pending::SEALED_AS, request)?;
        self.beside.push(SourceChange::Pending(pending::key(state), Some(sealed)));
        Ok(())
    }

    /// Forgets a log-in that waited for the person.
    pub fn remove_pending(&mut self, state: &str) {
        self.beside.push(SourceChange::Pending(pending::key(state), None));
    }

    fn seal(&self, kind: u8, secret: &[u8]) -> Result<Vec<u8>, Error> {
        self.intake.inner.db.seal_token(self.intake.connection.0, kind, secret)
    }

    /// What the transaction did so far.
    pub fn report(&self) -> ImportReport {
        self.batch.report
    }
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
        let mut txn = WriteTxn {
            intake: Intake::new(inner, inner.state()?, connection)?,
            batch: Batch::default(),
            beside: Vec::new(),
        };
        let value = work(&mut txn)?;
        let WriteTxn { intake: Intake { state, .. }, mut batch, beside } = txn;
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
