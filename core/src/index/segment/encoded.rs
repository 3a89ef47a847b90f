//! A segment in memory: what a commit writes as one value, and the recent tier's block source.

use super::block::{Block, BlockSource};
use super::varint::{Reader, damaged, put};
use crate::error::Error;

/// Blocks in key order.
#[derive(Clone, Default)]
pub(crate) struct EncodedSegment {
    blocks: Vec<Block>,
}

impl EncodedSegment {
    /// `blocks` must be in ascending order of first keys.
    pub(crate) fn new(blocks: Vec<Block>) -> Self {
        Self { blocks }
    }

    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Number of blocks, then per block both lengths, first key and entries.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let bytes = |block: &Block| block.first_key().len() + block.entries().len() + 6;
        let mut out = Vec::with_capacity(8 + self.blocks.iter().map(bytes).sum::<usize>());
        put(&mut out, self.blocks.len() as u64);
        for block in &self.blocks {
            put(&mut out, block.first_key().len() as u64);
            put(&mut out, block.entries().len() as u64);
            out.extend_from_slice(block.first_key());
            out.extend_from_slice(block.entries());
        }
        out
    }

    /// Checks the frame: lengths, order, no byte left over. Entries are checked when they are read.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes, 0);
        let count = reader.length()?;
        let mut blocks: Vec<Block> = Vec::new();
        for _ in 0..count {
            let (key, entries) = (reader.length()?, reader.length()?);
            let block = Block::new(reader.take(key)?, reader.take(entries)?);
            if blocks.last().is_some_and(|last| last.first_key() >= block.first_key()) {
                return Err(damaged());
            }
            blocks.push(block);
        }
        if reader.is_at_end() { Ok(Self { blocks }) } else { Err(damaged()) }
    }
}

impl BlockSource for EncodedSegment {
    fn floor(&self, key: &[u8]) -> Result<Option<Block>, Error> {
        let above = self.blocks.partition_point(|block| block.first_key() <= key);
        Ok(above.checked_sub(1).map(|at| self.blocks[at].clone()))
    }

    fn next(&self, first_key: &[u8]) -> Result<Option<Block>, Error> {
        let above = self.blocks.partition_point(|block| block.first_key() <= first_key);
        Ok(self.blocks.get(above).cloned())
    }

    fn prev(&self, first_key: &[u8]) -> Result<Option<Block>, Error> {
        let at = self.blocks.partition_point(|block| block.first_key() < first_key);
        Ok(at.checked_sub(1).map(|at| self.blocks[at].clone()))
    }
}
