//! Segments whose blocks lie in a table of the file.

use std::sync::Arc;

use super::segment::{Block, BlockSource, Segment};
use crate::Error;
use crate::storage::segments::SegmentEntry;
use crate::storage::txn::BlockTable;

impl BlockSource for BlockTable {
    fn floor(&self, key: &[u8]) -> Result<Option<Block>, Error> {
        Ok(BlockTable::floor(self, key)?.map(Block::stored))
    }

    fn next(&self, first_key: &[u8]) -> Result<Option<Block>, Error> {
        Ok(self.after(first_key)?.map(Block::stored))
    }

    fn prev(&self, first_key: &[u8]) -> Result<Option<Block>, Error> {
        Ok(self.before(first_key)?.map(Block::stored))
    }
}

/// The segment of this entry, in the transaction of `blocks`. `before`: the same segment in an older one,
/// whose columns still hold.
pub(crate) fn stored_segment(
    entry: &SegmentEntry,
    blocks: BlockTable,
    before: Option<&Segment>,
) -> Segment {
    match before {
        Some(before) => before.with_source(Arc::new(blocks)),
        None => Segment::new(entry.rows.clone(), Arc::new(blocks)),
    }
}
