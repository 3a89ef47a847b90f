//! Cursors of streams, and tokens. A token is sealed once more before it comes here, so that redb's page
//! cache, exports and salvage never hold one in clear.

use super::ConnectionId;
use crate::Error;
use crate::storage::tables::{CURSORS, TOKENS, key32, key32_with};
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
    /// Key that the payer's gateway wants in a header of every request.
    ApiKey,
}

impl TokenKind {
    /// Its number in the file and in the associated data of its seal.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Access => 1,
            Self::Refresh => 2,
            Self::Id => 3,
            Self::ClientSecret => 4,
            Self::ApiKey => 5,
        }
    }
}

pub(crate) fn put_cursor(
    tables: &WriteTables,
    connection: ConnectionId,
    stream: &str,
    cursor: Option<&str>,
) -> Result<(), Error> {
    let key = key32_with(connection.0, stream.as_bytes());
    match cursor {
        Some(cursor) => tables.put(CURSORS, &key, cursor.as_bytes()),
        None => tables.remove(CURSORS, &key).map(|_| ()),
    }
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

/// All streams of a connection, each with its cursor, in order of names.
pub(crate) fn cursors(
    tables: &ReadTables,
    connection: ConnectionId,
) -> Result<Vec<(String, String)>, Error> {
    let prefix = key32(connection.0);
    let text = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).map(str::to_owned);
        text.map_err(|_| Error::Inconsistent("cursors"))
    };
    let mut all = Vec::new();
    for stored in tables.from(CURSORS, &prefix)? {
        let stored = stored?;
        let Some(stream) = stored.key().strip_prefix(&prefix) else { break };
        all.push((text(stream)?, text(stored.content()?.rest())?));
    }
    Ok(all)
}

pub(crate) fn put_token(
    tables: &WriteTables,
    connection: ConnectionId,
    kind: TokenKind,
    sealed: Option<&[u8]>,
) -> Result<(), Error> {
    let key = key32_with(connection.0, &[kind.number()]);
    match sealed {
        Some(sealed) => tables.put(TOKENS, &key, sealed),
        None => tables.remove(TOKENS, &key).map(|_| ()),
    }
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
