//! Walks over a range of keys, both ways.

use std::ops::Range;

use super::block::{Block, BlockSource};
use super::posting::Posting;
use super::suffix::Suffix;
use super::varint::{Reader, damaged};
use crate::error::Error;
use crate::index::rows::Gather;

/// Keys from `lower` (included) to `upper` (left out; none = to the end).
#[derive(Clone, Default)]
pub(crate) struct KeyRange {
    pub(crate) lower: Vec<u8>,
    pub(crate) upper: Option<Vec<u8>>,
}

impl KeyRange {
    /// All keys that begin with `prefix`.
    pub(crate) fn prefix(prefix: &[u8]) -> Self {
        let mut upper = prefix.to_vec();
        while upper.last() == Some(&0xff) {
            upper.pop();
        }
        let upper = upper.last_mut().map(|last| *last += 1).map(|()| upper);
        Self { lower: prefix.to_vec(), upper }
    }

    pub(super) fn is_below_upper(&self, key: &[u8]) -> bool {
        self.upper.as_deref().is_none_or(|upper| key < upper)
    }
}

/// Walks upwards. `next` first, then `key` and `posting` until the next `next`.
pub(crate) struct Cursor<'s> {
    source: &'s dyn BlockSource,
    rows: Range<u32>,
    range: KeyRange,
    block: Option<Block>,
    /// Offset of the next entry, and of the present entry's posting.
    at: usize,
    posting: usize,
    key: Vec<u8>,
    started: bool,
}

impl<'s> Cursor<'s> {
    pub(super) fn new(source: &'s dyn BlockSource, rows: Range<u32>, range: KeyRange) -> Self {
        Self {
            source,
            rows,
            range,
            block: None,
            at: 0,
            posting: 0,
            key: Vec::new(),
            started: false,
        }
    }

    pub(crate) fn next(&mut self) -> Result<bool, Error> {
        let found = if self.started {
            self.step()?
        } else {
            self.started = true;
            self.seek()? || self.step()?
        };
        Ok(found && self.stay())
    }

    /// Ends the walk at the upper bound.
    fn stay(&mut self) -> bool {
        if self.range.is_below_upper(&self.key) {
            return true;
        }
        self.block = None;
        false
    }

    /// Enters the block where the range begins; says whether it stands on the first key already.
    fn seek(&mut self) -> Result<bool, Error> {
        let lower = std::mem::take(&mut self.range.lower);
        let Some(block) = self.source.floor(&lower)? else {
            let first = self.source.next(&lower)?;
            self.enter(first);
            return Ok(false);
        };
        let Some(sought) = block.seek(&lower)? else {
            let next = self.source.next(block.first_key())?;
            self.enter(next);
            return Ok(false);
        };
        self.key.extend_from_slice(&lower[..sought.shared]);
        sought.suffix.append(block.first_key(), &mut self.key)?;
        (self.posting, self.at) = (sought.posting_at, sought.next_at);
        self.block = Some(block);
        Ok(true)
    }

    fn enter(&mut self, block: Option<Block>) {
        self.at = 0;
        if let Some(block) = &block {
            self.key.clear();
            self.key.extend_from_slice(block.first_key());
        }
        self.block = block;
    }

    fn step(&mut self) -> Result<bool, Error> {
        loop {
            let Some(block) = &self.block else { return Ok(false) };
            if self.at < block.entries().len() {
                let mut reader = Reader::new(block.entries(), self.at);
                next_key(&mut reader, block.first_key(), &mut self.key)?;
                self.posting = reader.at();
                Posting::read(&mut reader)?;
                self.at = reader.at();
                return Ok(true);
            }
            let next = self.source.next(block.first_key())?;
            self.enter(next);
        }
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(crate) fn posting(&self) -> Result<Posting<'_>, Error> {
        let block = self.block.as_ref().ok_or_else(damaged)?;
        Posting::read(&mut Reader::new(block.entries(), self.posting))
    }

    pub(crate) fn gather(&self, gather: &mut Gather) -> Result<(), Error> {
        self.posting()?.gather(&self.rows, gather)
    }

    pub(crate) fn for_each(&self, each: impl FnMut(u32)) -> Result<(), Error> {
        self.posting()?.for_each(&self.rows, each)
    }
}

fn next_key(reader: &mut Reader<'_>, block_key: &[u8], key: &mut Vec<u8>) -> Result<(), Error> {
    let shared = reader.length()?;
    if shared > key.len() {
        return Err(damaged());
    }
    key.truncate(shared);
    Suffix::read(reader)?.append(block_key, key)
}

/// Walks downwards, with the same use as [`Cursor`]. A block is unpacked whole.
pub(crate) struct ReverseCursor<'s> {
    source: &'s dyn BlockSource,
    rows: Range<u32>,
    range: KeyRange,
    block: Option<Block>,
    keys: Vec<u8>,
    /// Where each key lies in `keys`, and its posting in the block; the last one is the next.
    entries: Vec<(Range<usize>, usize)>,
    present: (Range<usize>, usize),
    started: bool,
}

impl<'s> ReverseCursor<'s> {
    pub(super) fn new(source: &'s dyn BlockSource, rows: Range<u32>, range: KeyRange) -> Self {
        Self {
            source,
            rows,
            range,
            block: None,
            keys: Vec::new(),
            entries: Vec::new(),
            present: (0..0, 0),
            started: false,
        }
    }

    pub(crate) fn next(&mut self) -> Result<bool, Error> {
        if !self.started {
            self.started = true;
            let block = self.last_block()?;
            self.enter(block)?;
        }
        loop {
            if let Some(entry) = self.entries.pop() {
                self.present = entry;
                return Ok(true);
            }
            let Some(block) = &self.block else { return Ok(false) };
            let below = match block.first_key() > self.range.lower.as_slice() {
                true => self.source.prev(block.first_key())?,
                false => None,
            };
            self.enter(below)?;
        }
    }

    /// The last block that may hold a key of the range.
    fn last_block(&self) -> Result<Option<Block>, Error> {
        if let Some(upper) = &self.range.upper {
            return self.source.prev(upper);
        }
        let mut last = self.source.floor(&[0xff; 64])?;
        while let Some(next) = match &last {
            Some(block) => self.source.next(block.first_key())?,
            None => self.source.next(&[])?,
        } {
            last = Some(next);
        }
        Ok(last)
    }

    fn enter(&mut self, block: Option<Block>) -> Result<(), Error> {
        self.keys.clear();
        self.entries.clear();
        if let Some(block) = &block {
            let mut reader = Reader::new(block.entries(), 0);
            let mut key = block.first_key().to_vec();
            while !reader.is_at_end() {
                next_key(&mut reader, block.first_key(), &mut key)?;
                let posting = reader.at();
                Posting::read(&mut reader)?;
                if key.as_slice() >= self.range.lower.as_slice() && self.range.is_below_upper(&key)
                {
                    let start = self.keys.len();
                    self.keys.extend_from_slice(&key);
                    self.entries.push((start..self.keys.len(), posting));
                }
            }
        }
        self.block = block;
        Ok(())
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.keys[self.present.0.clone()]
    }

    pub(crate) fn posting(&self) -> Result<Posting<'_>, Error> {
        let block = self.block.as_ref().ok_or_else(damaged)?;
        Posting::read(&mut Reader::new(block.entries(), self.present.1))
    }

    pub(crate) fn for_each(&self, each: impl FnMut(u32)) -> Result<(), Error> {
        self.posting()?.for_each(&self.rows, each)
    }
}
