//! Under which version, time and ETag the content of a row was last seen, for servers restamp data that
//! has not changed.

use super::codec::put_bytes;
use super::rows::Row;
use super::tables::{SEEN, key32};
use super::txn::{ReadTables, WriteTables};
use crate::Error;

/// The stamps of equal content that came later than the stored bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) version_id: String,
    pub(crate) last_updated: String,
    pub(crate) etag: String,
}

pub(crate) fn put(tables: &WriteTables, row: Row, seen: &Seen) -> Result<(), Error> {
    let mut content = Vec::new();
    for text in [&seen.version_id, &seen.last_updated, &seen.etag] {
        put_bytes(&mut content, text.as_bytes());
    }
    tables.put(SEEN, &key32(row), &content)
}

pub(crate) fn get(tables: &ReadTables, row: Row) -> Result<Option<Seen>, Error> {
    let Some(stored) = tables.get(SEEN, &key32(row))? else { return Ok(None) };
    let mut reader = stored.content()?;
    let mut text = || reader.text().map(str::to_owned);
    Ok(Some(Seen { version_id: text()?, last_updated: text()?, etag: text()? }))
}
