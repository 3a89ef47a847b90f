//! Log-ins that the person has not come back from yet, found by their `state`. What is kept of one is
//! sealed once more, like a token.

use super::ConnectionId;
use crate::Error;
use crate::seal::sha256;
use crate::storage::tables::{PENDING, key32};
use crate::storage::txn::{ReadTables, WriteTables};

/// The kind that a pending log-in is sealed under; tokens count from 1.
pub(crate) const SEALED_AS: u8 = 0;

/// Under what a `state` is kept, so that the file does not tell it.
pub(crate) fn key(state: &str) -> [u8; 32] {
    sha256(state.as_bytes())
}

pub(crate) fn put(
    tables: &WriteTables,
    connection: ConnectionId,
    key: &[u8; 32],
    sealed: Option<&[u8]>,
) -> Result<(), Error> {
    match sealed {
        Some(sealed) => tables.put(PENDING, key, &[&key32(connection.0)[..], sealed].concat()),
        None => tables.remove(PENDING, key).map(|_| ()),
    }
}

/// The connection of a pending log-in, and what is kept of it.
pub(crate) fn get(
    tables: &ReadTables,
    key: &[u8; 32],
) -> Result<Option<(ConnectionId, Vec<u8>)>, Error> {
    let Some(stored) = tables.get(PENDING, key)? else { return Ok(None) };
    let content = stored.content()?.rest().to_vec();
    let (connection, sealed) =
        content.split_first_chunk::<4>().ok_or(Error::Inconsistent("pending"))?;
    Ok(Some((ConnectionId(u32::from_be_bytes(*connection)), sealed.to_vec())))
}
