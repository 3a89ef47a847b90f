//! Collects (key, row) pairs in any order and makes a segment of them: keys are interned once, the
//! pairs are eight bytes each, and only the distinct keys are sorted.

use std::hash::{BuildHasher, RandomState};

use super::block::BlockWriter;
use super::encoded::EncodedSegment;
use crate::error::Error;

/// Most rows that one segment may span: its largest posting then stays under 60 KiB.
pub(crate) const MAX_ROWS: u32 = 1 << 18;

const EMPTY: u32 = u32::MAX;

/// A segment in the making.
pub(crate) struct SegmentBuilder {
    seed: u64,
    /// Every distinct key, one after another.
    arena: Vec<u8>,
    /// Where each key begins, and in the end where the last one ends.
    starts: Vec<usize>,
    hashes: Vec<u32>,
    /// Open addressing; a power of two, at most half full.
    slots: Vec<u32>,
    pairs: Vec<(u32, u32)>,
}

impl SegmentBuilder {
    pub(crate) fn new() -> Self {
        Self {
            // Keys come from foreign data: a fixed hash would let it choose collisions.
            seed: RandomState::new().hash_one(0u8) | 1,
            arena: Vec::new(),
            starts: vec![0],
            hashes: Vec::new(),
            slots: vec![EMPTY; 1 << 10],
            pairs: Vec::new(),
        }
    }

    /// The same pair twice counts once.
    pub(crate) fn add(&mut self, key: &[u8], row: u32) {
        let id = self.intern(key);
        self.pairs.push((id, row));
    }

    fn key(&self, id: u32) -> &[u8] {
        let id = id as usize;
        &self.arena[self.starts[id]..self.starts[id + 1]]
    }

    fn intern(&mut self, key: &[u8]) -> u32 {
        let hash = self.hash(key);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let id = self.slots[slot];
            if id == EMPTY {
                break;
            }
            if self.hashes[id as usize] == hash && self.key(id) == key {
                return id;
            }
            slot = (slot + 1) & mask;
        }
        let id = u32::try_from(self.hashes.len()).expect("fewer keys than bytes of memory");
        self.arena.extend_from_slice(key);
        self.starts.push(self.arena.len());
        self.hashes.push(hash);
        self.slots[slot] = id;
        if self.hashes.len() * 2 > self.slots.len() {
            self.grow();
        }
        id
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots.clear();
        self.slots.resize(mask + 1, EMPTY);
        for (id, &hash) in (0u32..).zip(&self.hashes) {
            let mut slot = hash as usize & mask;
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = id;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a hash is folded on purpose")]
    fn hash(&self, key: &[u8]) -> u32 {
        let mut state = self.seed ^ key.len() as u64;
        let mut words = key.chunks_exact(8);
        for word in &mut words {
            state = fold(state, u64::from_le_bytes(word.try_into().expect("eight bytes")));
        }
        let mut last = [0; 8];
        last[..words.remainder().len()].copy_from_slice(words.remainder());
        state = fold(state, u64::from_le_bytes(last));
        (fold(state, self.seed) >> 16) as u32
    }

    /// The segment, in key order. Fails only when the rows span more than [`MAX_ROWS`].
    pub(crate) fn finish(self) -> Result<EncodedSegment, Error> {
        let rows = self.pairs.iter().map(|&(_, row)| row);
        if let (Some(first), Some(last)) = (rows.clone().min(), rows.max())
            && last - first >= MAX_ROWS
        {
            return Err(Error::TooLarge);
        }
        let keys = self.hashes.len();
        let mut order: Vec<(u128, u32)> =
            (0u32..).take(keys).map(|id| (head(self.key(id)), id)).collect();
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.key(a.1).cmp(self.key(b.1))));

        // Counting sort by key id: `ends[id]` grows from the start of the key's rows to their end.
        let mut ends = vec![0usize; keys + 1];
        for &(id, _) in &self.pairs {
            ends[id as usize + 1] += 1;
        }
        for id in 0..keys {
            ends[id + 1] += ends[id];
        }
        let starts = ends.clone();
        let mut rows = vec![0u32; self.pairs.len()];
        for &(id, row) in &self.pairs {
            rows[ends[id as usize]] = row;
            ends[id as usize] += 1;
        }

        let mut blocks = Vec::new();
        let mut writer = BlockWriter::new(|block| {
            blocks.push(block);
            Ok(())
        });
        let mut unique = Vec::new();
        for &(_, id) in &order {
            let range = starts[id as usize]..ends[id as usize];
            let rows = &mut rows[range];
            if rows.is_sorted_by(|a, b| a < b) {
                writer.rows(self.key(id), rows)?;
            } else {
                rows.sort_unstable();
                unique.clear();
                unique.extend_from_slice(rows);
                unique.dedup();
                writer.rows(self.key(id), &unique)?;
            }
        }
        writer.finish()?;
        Ok(EncodedSegment::new(blocks))
    }
}

/// The first 16 bytes as a number of the same order.
fn head(key: &[u8]) -> u128 {
    let mut bytes = [0; 16];
    let length = key.len().min(16);
    bytes[..length].copy_from_slice(&key[..length]);
    u128::from_be_bytes(bytes)
}

#[expect(clippy::cast_possible_truncation, reason = "both halves of the product are used")]
fn fold(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ word) * 0x9E37_79B9_7F4A_7C15;
    (product as u64) ^ (product >> 64) as u64
}
