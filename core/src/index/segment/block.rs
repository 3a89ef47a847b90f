//! Blocks: about 4 KB of entries in key order, stored under their first key, the block's own key. An
//! entry is the number of bytes its key shares with the key before it, the rest of the key, and the
//! posting; the first entry shares all of the block's own key.

use std::sync::Arc;

use super::posting::{self, Posting};
use super::suffix::{self, Suffix};
use super::varint::{Reader, put};
use crate::error::Error;

/// First key and entries of a block together fit one 4 KiB leaf page of the tree they are kept in.
/// A single entry that is larger has a block of its own.
const BLOCK_BYTES: usize = 4_000;

/// One block. Clones share the bytes.
#[derive(Clone)]
pub(crate) struct Block {
    data: Arc<[u8]>,
    key_len: usize,
}

impl Block {
    pub(crate) fn new(first_key: &[u8], entries: &[u8]) -> Self {
        let mut data = Vec::with_capacity(first_key.len() + entries.len());
        data.extend_from_slice(first_key);
        data.extend_from_slice(entries);
        Self { data: data.into(), key_len: first_key.len() }
    }

    /// The key it is stored under.
    pub(crate) fn first_key(&self) -> &[u8] {
        &self.data[..self.key_len]
    }

    /// The value it is stored as.
    pub(crate) fn entries(&self) -> &[u8] {
        &self.data[self.key_len..]
    }

    /// The posting of exactly `key`. No key is put together: while the walk is below `key`, the
    /// number of bytes in common with `key` says from the shared length alone on which side the
    /// next entry is.
    pub(super) fn find(&self, key: &[u8]) -> Result<Option<Posting<'_>>, Error> {
        let mut reader = Reader::new(self.entries(), 0);
        let mut common = common_prefix(self.first_key(), key);
        let mut whole = Vec::new();
        while !reader.is_at_end() {
            let shared = reader.length()?;
            let suffix = Suffix::read(&mut reader)?;
            let posting = Posting::read(&mut reader)?;
            if shared > common {
                continue;
            }
            if shared < common {
                return Ok(None);
            }
            let suffix = match suffix.plain() {
                Some(plain) => plain,
                None => {
                    whole.clear();
                    suffix.append(self.first_key(), &mut whole)?;
                    &whole
                }
            };
            let rest = &key[common..];
            let more = common_prefix(suffix, rest);
            if more == rest.len() {
                return Ok((more == suffix.len()).then_some(posting));
            }
            if more < suffix.len() && suffix[more] > rest[more] {
                return Ok(None);
            }
            common += more;
        }
        Ok(None)
    }
}

/// Where the blocks of one segment lie, in key order.
pub(crate) trait BlockSource: Send + Sync {
    /// The block with the greatest first key that is not above `key`.
    fn floor(&self, key: &[u8]) -> Result<Option<Block>, Error>;
    /// The block with the least first key above `first_key`.
    fn next(&self, first_key: &[u8]) -> Result<Option<Block>, Error>;
    /// The block with the greatest first key below `first_key`.
    fn prev(&self, first_key: &[u8]) -> Result<Option<Block>, Error>;
}

pub(crate) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let (whole_a, whole_b) = (a.chunks_exact(8), b.chunks_exact(8));
    let mut at = 0;
    for (x, y) in whole_a.zip(whole_b) {
        if x != y {
            break;
        }
        at += 8;
    }
    at + a[at..].iter().zip(&b[at..]).take_while(|(x, y)| x == y).count()
}

/// Packs keys, which come in ascending order, into blocks.
pub(crate) struct BlockWriter<S> {
    sink: S,
    first_key: Vec<u8>,
    last_key: Vec<u8>,
    entries: Vec<u8>,
    posting: Vec<u8>,
    scratch: Vec<u8>,
}

impl<S: FnMut(Block) -> Result<(), Error>> BlockWriter<S> {
    pub(crate) fn new(sink: S) -> Self {
        Self {
            sink,
            first_key: Vec::new(),
            last_key: Vec::new(),
            entries: Vec::new(),
            posting: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// `rows`: strictly ascending, at least one.
    pub(crate) fn rows(&mut self, key: &[u8], rows: &[u32]) -> Result<(), Error> {
        self.posting.clear();
        posting::encode(rows, &mut self.posting, &mut self.scratch);
        self.entry(key)
    }

    pub(crate) fn posting(&mut self, key: &[u8], posting: Posting<'_>) -> Result<(), Error> {
        self.posting.clear();
        posting.write(&mut self.posting);
        self.entry(key)
    }

    fn entry(&mut self, key: &[u8]) -> Result<(), Error> {
        let common = common_prefix(&self.last_key, key);
        let length = key.len() - common + self.posting.len() + 4;
        if !self.entries.is_empty()
            && self.first_key.len() + self.entries.len() + length > BLOCK_BYTES
        {
            self.flush()?;
        }
        let mut shared = common;
        if self.entries.is_empty() {
            self.first_key.clear();
            self.first_key.extend_from_slice(key);
            shared = key.len();
        }
        put(&mut self.entries, shared as u64);
        suffix::write(&key[shared..], &self.first_key, &mut self.entries);
        self.entries.extend_from_slice(&self.posting);
        self.last_key.truncate(common);
        self.last_key.extend_from_slice(&key[common..]);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        let block = Block::new(&self.first_key, &self.entries);
        self.entries.clear();
        (self.sink)(block)
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        if self.entries.is_empty() { Ok(()) } else { self.flush() }
    }
}
