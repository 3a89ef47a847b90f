//! Commits of the recent tier: one value with everything a small commit adds (records, bodies, postings,
//! the rows it supersedes), so that ten resources cost a handful of pages.

use super::bodies::{self, Frame};
use super::codec::{Reader, put_bytes, put_varint};
use super::rows::{self, Row, RowRecord};
use super::tables::COMMITS;
use super::txn::{ReadTables, WriteTables};
use crate::Error;

/// One commit of the recent tier.
#[derive(Debug)]
pub(crate) struct Commit {
    /// Its key among the commits.
    pub(crate) number: u64,
    pub(crate) first: Row,
    pub(crate) records: Vec<RowRecord>,
    pub(crate) frames: Vec<Frame>,
    /// The postings, as the index encodes them.
    pub(crate) postings: Vec<u8>,
    /// Rows that are no longer current since this commit.
    pub(crate) superseded: Vec<Row>,
}

impl Commit {
    pub(crate) fn end(&self) -> Row {
        self.first.saturating_add(u32::try_from(self.records.len()).unwrap_or(u32::MAX))
    }

    pub(crate) fn record(&self, row: Row) -> Option<&RowRecord> {
        self.records.get(usize::try_from(row.checked_sub(self.first)?).ok()?)
    }
}

pub(crate) fn put(tables: &WriteTables, commit: &Commit) -> Result<(), Error> {
    let mut content = Vec::new();
    put_varint(&mut content, u64::from(commit.first));
    put_bytes(&mut content, &rows::encode(&commit.records));
    bodies::encode(&commit.frames, &mut content);
    put_bytes(&mut content, &commit.postings);
    put_varint(&mut content, commit.superseded.len() as u64);
    for row in &commit.superseded {
        put_varint(&mut content, u64::from(*row));
    }
    tables.put(COMMITS, &commit.number.to_be_bytes(), &content)
}

/// All commits of the recent tier, oldest first.
pub(crate) fn load(tables: &ReadTables) -> Result<Vec<Commit>, Error> {
    let mut commits = Vec::new();
    for stored in tables.from(COMMITS, &[])? {
        let stored = stored?;
        let mut reader = stored.content()?;
        let number = stored.key().try_into().map(u64::from_be_bytes).map_err(|_| reader.fault())?;
        let first = reader.u32()?;
        let records = rows::decode(&mut Reader::new(reader.bytes()?, "commits"))?;
        let frames = bodies::decode(&mut reader, first)?;
        let postings = reader.bytes()?.to_vec();
        let count = reader.count()?;
        let mut superseded = Vec::with_capacity(count);
        for _ in 0..count {
            superseded.push(reader.u32()?);
        }
        commits.push(Commit { number, first, records, frames, postings, superseded });
    }
    Ok(commits)
}

pub(crate) fn remove_all(tables: &WriteTables) -> Result<(), Error> {
    tables.remove_prefix(COMMITS, &[])
}
