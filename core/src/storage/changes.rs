//! The change log: every change of the record in order, numbered from 1, one value per commit.

use super::codec::put_varint;
use super::rows::Row;
use super::tables::CHANGES;
use super::txn::{ReadTables, WriteTables};
use crate::Error;

/// What happened to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// Seen for the first time.
    New,
    /// Other content than before.
    Changed,
    /// Other content, marked by its source as a correction.
    Corrected,
    /// No longer at its source; kept here.
    GoneAtSource,
    /// Erased here.
    Erased,
}

impl ChangeKind {
    fn code(self) -> u8 {
        match self {
            Self::New => 0,
            Self::Changed => 1,
            Self::Corrected => 2,
            Self::GoneAtSource => 3,
            Self::Erased => 4,
        }
    }

    fn of(code: u8) -> Option<Self> {
        [Self::New, Self::Changed, Self::Corrected, Self::GoneAtSource, Self::Erased]
            .into_iter()
            .find(|k| k.code() == code)
    }
}

/// One change, with the row that holds the content after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) kind: ChangeKind,
    pub(crate) row: Row,
}

/// Stores the changes of one commit; `first` is the number of the first.
pub(crate) fn put(tables: &WriteTables, first: u64, changes: &[Change]) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut content = Vec::with_capacity(changes.len() * 3);
    put_varint(&mut content, changes.len() as u64);
    let mut last = 0;
    for change in changes {
        content.push(change.kind.code());
        put_varint(&mut content, u64::from(change.row.wrapping_sub(last)));
        last = change.row;
    }
    tables.put(CHANGES, &first.to_be_bytes(), &content)
}

/// The number of the newest change; 0 when there is none.
pub(crate) fn newest(tables: &ReadTables) -> Result<u64, Error> {
    let Some(stored) = tables.floor(CHANGES, &u64::MAX.to_be_bytes())? else { return Ok(0) };
    let mut reader = stored.content()?;
    let first = stored.key().try_into().map(u64::from_be_bytes).map_err(|_| reader.fault())?;
    Ok(first + reader.varint()? - 1)
}

/// At most `limit` changes after number `since`, each with its number.
pub(crate) fn after(
    tables: &ReadTables,
    since: u64,
    limit: usize,
) -> Result<Vec<(u64, Change)>, Error> {
    let mut found = Vec::new();
    let wanted = since.saturating_add(1);
    let start = match tables.floor(CHANGES, &wanted.to_be_bytes())? {
        Some(stored) => stored.key().to_vec(),
        None => wanted.to_be_bytes().to_vec(),
    };
    for stored in tables.from(CHANGES, &start)? {
        let stored = stored?;
        let mut reader = stored.content()?;
        let first = stored.key().try_into().map(u64::from_be_bytes).map_err(|_| reader.fault())?;
        let mut row = 0u32;
        for number in first..first.saturating_add(reader.varint()?) {
            let kind = ChangeKind::of(reader.byte()?).ok_or_else(|| reader.fault())?;
            row = row.wrapping_add(reader.u32()?);
            if number >= wanted {
                if found.len() == limit {
                    return Ok(found);
                }
                found.push((number, Change { kind, row }));
            }
        }
    }
    Ok(found)
}
