//! Connections and what a sync keeps of them: details, subjects, cursors, ledger, tokens, pending log-ins.

use zeroize::Zeroizing;

use super::Vault;
use crate::Error;
use crate::source::{self, Connection, ConnectionId, LedgerEntry, TokenKind, pending};

/// A connection, and what was kept of its log-in.
type PendingLogin = (ConnectionId, Zeroizing<Vec<u8>>);

impl Vault {
    /// Every connection, in order of creation.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn connections(&self) -> Result<Vec<Connection>, Error> {
        Ok(self.0.state()?.connections.to_vec())
    }

    /// The connection of this name.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn connection(&self, name: &str) -> Result<Option<Connection>, Error> {
        Ok(source::by_name(&self.0.state()?.connections, name).cloned())
    }

    /// Finds or makes a local source, one without a network.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is empty, over 200 characters or has control characters.
    pub fn local_connection(&self, name: &str) -> Result<ConnectionId, Error> {
        let _writer = self.0.begin();
        if let Some(found) = source::by_name(&self.0.state()?.connections, name) {
            return Ok(found.id);
        }
        self.make_connection(name, None)
    }

    /// Makes a connection to the server at `base`, a FHIR base URL.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is taken, empty, over 200 characters or has control characters.
    pub fn create_connection(&self, name: &str, base: &str) -> Result<ConnectionId, Error> {
        let _writer = self.0.begin();
        if source::by_name(&self.0.state()?.connections, name).is_some() {
            let expected = "a name that no connection has";
            return Err(Error::Invalid { argument: "connection", expected });
        }
        self.make_connection(name, Some(base))
    }

    /// The caller is the writer and saw to it that the name is free.
    fn make_connection(&self, name: &str, base: Option<&str>) -> Result<ConnectionId, Error> {
        let make = || {
            let state = self.0.state()?;
            let tables = self.0.db.begin_write()?;
            let made = source::create(&tables, &state.connections, name, base)?;
            tables.commit()?;
            self.0.reassemble(&state, state.recent.clone())?;
            Ok(made.id)
        };
        self.0.written(make())
    }

    /// What the sync engine keeps of a connection: its own JSON.
    ///
    /// # Errors
    /// [`Error::UnknownConnection`], [`Error::Locked`], or damage.
    pub fn connection_details(&self, connection: ConnectionId) -> Result<Option<String>, Error> {
        let state = self.0.state()?;
        self.0.refine(source::details(&state.tables, connection))
    }

    /// The people whose data a connection brings, by Patient id.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn subjects(&self, connection: ConnectionId) -> Result<Vec<String>, Error> {
        let state = self.0.state()?;
        self.0.refine(source::subjects(&state.tables, connection))
    }

    /// A log-in that waits for the person: its connection, and what was kept of it.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn pending(&self, state: &str) -> Result<Option<PendingLogin>, Error> {
        let moment = self.0.state()?;
        let kept = self.0.refine(pending::get(&moment.tables, &pending::key(state)))?;
        let Some((connection, sealed)) = kept else { return Ok(None) };
        let request = self.0.db.unseal_token(connection.0, pending::SEALED_AS, &sealed)?;
        Ok(Some((connection, request)))
    }

    /// All streams of a connection with their cursors, in order of names.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn cursors(&self, connection: ConnectionId) -> Result<Vec<(String, String)>, Error> {
        let state = self.0.state()?;
        self.0.refine(source::cursors(&state.tables, connection))
    }

    /// The cursor of a stream.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn cursor(&self, connection: ConnectionId, stream: &str) -> Result<Option<String>, Error> {
        let state = self.0.state()?;
        self.0.refine(source::cursor(&state.tables, connection, stream))
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
        let sealed = self.0.refine(source::token(&state.tables, connection, kind))?;
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
        self.0.refine(source::ledger_page(&state.tables, connection, since, limit))
    }
}
