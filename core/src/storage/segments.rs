//! The list of index segments in the file: number and row range. Their blocks lie in tables of their own.

use std::ops::Range;

use super::codec::put_varint;
use super::rows::Row;
use super::tables::{SEGMENTS, key32};
use super::txn::{ReadTables, WriteTables};
use crate::Error;

/// A segment as listed. Numbers are never reused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentEntry {
    pub(crate) id: u32,
    pub(crate) rows: Range<Row>,
}

pub(crate) fn put(tables: &WriteTables, segment: &SegmentEntry) -> Result<(), Error> {
    let mut content = Vec::new();
    put_varint(&mut content, u64::from(segment.rows.start));
    put_varint(&mut content, u64::from(segment.rows.end));
    tables.put(SEGMENTS, &key32(segment.id), &content)
}

pub(crate) fn remove(tables: &WriteTables, segment: &SegmentEntry) -> Result<(), Error> {
    tables.remove(SEGMENTS, &key32(segment.id))?;
    tables.drop_blocks(segment.id)
}

/// All segments in row order; they must cover the rows from 0 on without a gap.
pub(crate) fn list(tables: &ReadTables) -> Result<Vec<SegmentEntry>, Error> {
    let mut all = Vec::new();
    for stored in tables.from(SEGMENTS, &[])? {
        let stored = stored?;
        let mut reader = stored.content()?;
        let id = stored.key().try_into().map(u32::from_be_bytes).map_err(|_| reader.fault())?;
        all.push(SegmentEntry { id, rows: reader.u32()?..reader.u32()? });
    }
    all.sort_by_key(|s| s.rows.start);
    let mut end = 0;
    for segment in &all {
        if segment.rows.start != end || segment.rows.end <= end {
            return Err(Error::Inconsistent("index"));
        }
        end = segment.rows.end;
    }
    Ok(all)
}
