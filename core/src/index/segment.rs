//! An immutable index over adjacent rows: sorted keys with their rows, in blocks. Segments of
//! adjacent row ranges answer one after another, so that results concatenate.

mod block;
mod builder;
mod cursor;
mod encoded;
mod posting;
mod suffix;
#[cfg(test)]
mod tests;
mod varint;

use std::ops::Range;
use std::sync::Arc;

pub(crate) use block::{Block, BlockSource};
pub(crate) use builder::{MAX_ROWS, SegmentBuilder};
pub(crate) use cursor::{Cursor, KeyRange, ReverseCursor};
pub(crate) use encoded::EncodedSegment;

pub(crate) use block::BlockWriter;
pub(crate) use varint::damaged;

use super::column::{Columns, DateColumn};
use super::rows::{Gather, RowSet};
use crate::error::Error;

/// One segment: its row range and where its blocks lie.
pub(crate) struct Segment {
    rows: Range<u32>,
    source: Arc<dyn BlockSource>,
    columns: Arc<Columns>,
}

impl Segment {
    pub(crate) fn new(rows: Range<u32>, source: Arc<dyn BlockSource>) -> Self {
        Self { rows, source, columns: Arc::default() }
    }

    /// The same segment read through another source, as another transaction sees it.
    pub(crate) fn with_source(&self, source: Arc<dyn BlockSource>) -> Self {
        Self { rows: self.rows.clone(), source, columns: Arc::clone(&self.columns) }
    }

    /// The dates of a parameter, by row.
    pub(crate) fn column(&self, parameter: u16) -> Result<Arc<DateColumn>, Error> {
        self.columns.get(self, parameter)
    }

    /// First row, and the one after the last.
    pub(crate) fn rows(&self) -> &Range<u32> {
        &self.rows
    }

    /// The rows of exactly `key`.
    pub(crate) fn get(&self, key: &[u8]) -> Result<RowSet, Error> {
        let mut gather = Gather::new();
        self.gather(key, &mut gather)?;
        Ok(gather.finish())
    }

    pub(crate) fn gather(&self, key: &[u8], gather: &mut Gather) -> Result<(), Error> {
        if let Some(block) = self.source.floor(key)?
            && let Some(posting) = block.find(key)?
        {
            posting.gather(&self.rows, gather)?;
        }
        Ok(())
    }

    /// The rows of every key in `range` that `test` accepts.
    pub(crate) fn gather_range(
        &self,
        range: &KeyRange,
        mut test: impl FnMut(&[u8]) -> bool,
        gather: &mut Gather,
    ) -> Result<(), Error> {
        let mut cursor = self.cursor(range.clone());
        while cursor.next()? {
            if test(cursor.key()) {
                cursor.gather(gather)?;
            }
        }
        Ok(())
    }

    pub(crate) fn cursor(&self, range: KeyRange) -> Cursor<'_> {
        Cursor::new(&*self.source, self.rows.clone(), range)
    }

    pub(crate) fn reverse(&self, range: KeyRange) -> ReverseCursor<'_> {
        ReverseCursor::new(&*self.source, self.rows.clone(), range)
    }
}
