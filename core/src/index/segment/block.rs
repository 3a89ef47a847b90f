//! Blocks: about 4 KB of entries in key order, stored under their first key, the block's own key. An
//! entry is the number of bytes its key shares with the key before it, the rest of the key, and the
//! posting; the first entry shares all of the block's own key.

use std::sync::Arc;

use super::posting::{self, Posting};
use super::suffix::{self, Suffix};
use super::varint::{Reader, put};
use crate::error::Error;
use crate::storage::txn::BlockEntry;

/// First key and entries of a block together fit one 4 KiB leaf page of the tree they are kept in.
/// A single entry that is larger has a block of its own.
const BLOCK_BYTES: usize = 4_000;

/// One block. Clones share the bytes.
#[derive(Clone)]
pub(crate) struct Block(Bytes);

#[derive(Clone)]
enum Bytes {
    /// In memory: the first key, then the entries.
    Own {
        data: Arc<[u8]>,
        key_len: usize,
    },
    Stored(Arc<BlockEntry>),
}

/// Where a seek stopped: at the first entry whose key is not below the one that was sought.
pub(super) struct Sought<'b> {
    /// How many bytes of the sought key its key begins with; `suffix` follows them.
    pub(super) shared: usize,
    pub(super) suffix: Suffix<'b>,
    pub(super) posting: Posting<'b>,
    /// Its key is the sought one.
    exact: bool,
    /// Offsets of its posting, and of the entry after it.
    pub(super) posting_at: usize,
    pub(super) next_at: usize,
}

impl Block {
    pub(crate) fn new(first_key: &[u8], entries: &[u8]) -> Self {
        let mut data = Vec::with_capacity(first_key.len() + entries.len());
        data.extend_from_slice(first_key);
        data.extend_from_slice(entries);
        Self(Bytes::Own { data: data.into(), key_len: first_key.len() })
    }

    pub(crate) fn stored(entry: BlockEntry) -> Self {
        Self(Bytes::Stored(Arc::new(entry)))
    }

    /// The key it is stored under.
    pub(crate) fn first_key(&self) -> &[u8] {
        match &self.0 {
            Bytes::Own { data, key_len } => &data[..*key_len],
            Bytes::Stored(entry) => entry.first_key(),
        }
    }

    /// The value it is stored as.
    pub(crate) fn entries(&self) -> &[u8] {
        match &self.0 {
            Bytes::Own { data, key_len } => &data[*key_len..],
            Bytes::Stored(entry) => entry.entries(),
        }
    }

    /// The posting of exactly `key`, which is not below the block's own key.
    pub(super) fn find(&self, key: &[u8]) -> Result<Option<Posting<'_>>, Error> {
        Ok(self.seek(key)?.filter(|sought| sought.exact).map(|sought| sought.posting))
    }

    /// The first entry whose key is not below `key`, which is not below the block's own key. No key is
    /// put together: while the walk is below `key`, the number of bytes in common with `key` says from
    /// the shared length alone on which side the next entry is.
    pub(super) fn seek(&self, key: &[u8]) -> Result<Option<Sought<'_>>, Error> {
        let (first_key, mut reader) = (self.first_key(), Reader::new(self.entries(), 0));
        let mut common = common_prefix(first_key, key);
        while !reader.is_at_end() {
            let shared = reader.length()?;
            let suffix = Suffix::read(&mut reader)?;
            let posting_at = reader.at();
            let posting = Posting::read(&mut reader)?;
            if shared > common {
                continue;
            }
            let mut exact = false;
            if shared == common {
                let (more, order) = suffix.compare(first_key, &key[common..])?;
                if order.is_lt() {
                    common += more;
                    continue;
                }
                exact = order.is_eq();
            }
            let next_at = reader.at();
            return Ok(Some(Sought { shared, suffix, posting, exact, posting_at, next_at }));
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
