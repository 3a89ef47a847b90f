//! What arrives, and what a batch needs to know of the vault and the connection to take it.

use std::sync::Arc;

use super::Inner;
use super::state::State;
use crate::Error;
use crate::source::ConnectionId;
use crate::storage::large::LargeBody;

/// What a batch needs to know of the vault and the connection.
pub(super) struct Intake<'v> {
    pub(super) inner: &'v Inner,
    /// The moment that arrivals are compared with.
    pub(super) state: Arc<State>,
    pub(super) connection: ConnectionId,
    /// Base URLs under which an absolute reference is one to this connection.
    pub(super) bases: Vec<String>,
}

impl<'v> Intake<'v> {
    pub(super) fn new(
        inner: &'v Inner,
        state: Arc<State>,
        connection: ConnectionId,
    ) -> Result<Self, Error> {
        let bases = bases(&state, connection)?;
        Ok(Self { inner, state, connection, bases })
    }

    /// Unix milliseconds.
    pub(super) fn now(&self) -> i64 {
        self.inner.clock.now_ms()
    }
}

/// The bases under which an absolute reference counts as one to this connection.
pub(super) fn bases(state: &State, connection: ConnectionId) -> Result<Vec<String>, Error> {
    let found = state.connections.iter().find(|c| c.id == connection);
    Ok(found.ok_or(Error::UnknownConnection)?.base.iter().cloned().collect())
}

/// Finds the target of a `urn:` reference: type and id.
pub(super) type Resolve<'a> = dyn Fn(&str) -> Option<(&'a str, &'a str)> + 'a;

/// One thing that arrived.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) bytes: &'a [u8],
    /// The Bundle it came in; 0 for none.
    pub(super) bundle: u32,
    /// Its fullUrl there, if that is a urn.
    pub(super) urn: Option<&'a str>,
}

/// The body of a Binary that came raw; the arrival's bytes are its stand-in.
pub(super) struct Raw {
    pub(super) hash: [u8; 16],
    pub(super) body: LargeBody,
}
