//! Cursors of streams, and tokens. A token is sealed once more before it comes here, so that redb's page
//! cache, exports and salvage never hold one in clear.

use super::ConnectionId;
use crate::Error;
use crate::storage::tables::{CURSORS, TOKENS, key32_with};
use crate::storage::txn::{ReadTables, WriteTables};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// OAuth 2.0 access token.
    Access,
    /// OAuth 2.0 refresh token.
    Refresh,
    /// OpenID Connect id_token.
    Id,
    /// Secret of a confidential client.
    ClientSecret,
}

impl TokenKind {
    /// Its number in the file and in the associated data of its seal.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Access => 1,
            Self::Refresh => 2,
            Self::Id => 3,
            Self::ClientSecret => 4,
        }
    }
}

pub(crate) fn put_cursor(
    tables: &WriteTables,
    connection: ConnectionId,
    stream: &str,
    cursor: &str,
) -> Result<(), Error> {
    tables.put(CURSORS, &key32_with(connection.0, stream.as_bytes()), cursor.as_bytes())
}

pub(crate) fn cursor(
    tables: &ReadTables,
    connection: ConnectionId,
    stream: &str,
) -> Result<Option<String>, Error> {
    let Some(stored) = tables.get(CURSORS, &key32_with(connection.0, stream.as_bytes()))? else {
        return Ok(None);
    };
    let bytes = stored.content()?.rest().to_vec();
    String::from_utf8(bytes).map(Some).map_err(|_| Error::Inconsistent("cursors"))
}

pub(crate) fn put_token(
    tables: &WriteTables,
    connection: ConnectionId,
    kind: TokenKind,
    sealed: &[u8],
) -> Result<(), Error> {
    tables.put(TOKENS, &key32_with(connection.0, &[kind.number()]), sealed)
}

pub(crate) fn token(
    tables: &ReadTables,
    connection: ConnectionId,
    kind: TokenKind,
) -> Result<Option<Vec<u8>>, Error> {
    let Some(stored) = tables.get(TOKENS, &key32_with(connection.0, &[kind.number()]))? else {
        return Ok(None);
    };
    Ok(Some(stored.content()?.rest().to_vec()))
}
