//! The tables of a vault, and the head that every stored value begins with: the table's tag and the
//! value's own key, so that a page found in a damaged file tells what it holds.

use redb::TableDefinition;

use super::codec::{Reader, put_bytes};
use crate::Error;

/// Every table maps bytes to bytes.
pub(crate) type Definition = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// A table by name and tag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) tag: u8,
}

impl Table {
    const fn new(name: &'static str, tag: u8) -> Self {
        Self { name, tag }
    }

    pub(crate) fn definition(self) -> Definition {
        TableDefinition::new(self.name)
    }

    /// A value's head: tag, key. The content follows.
    pub(crate) fn head(self, key: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(key.len() + 64);
        out.push(self.tag);
        put_bytes(&mut out, key);
        out
    }

    /// The content behind the head; a value under a foreign key is refused.
    pub(crate) fn content<'a>(self, key: &[u8], value: &'a [u8]) -> Result<Reader<'a>, Error> {
        let mut reader = Reader::new(value, self.name);
        if reader.byte()? != self.tag || reader.bytes()? != key {
            return Err(reader.fault());
        }
        Ok(reader)
    }
}

/// Small facts about the vault, by name.
pub(crate) const META: Table = Table::new("meta", 1);
/// The recent tier: commit number (u64) → one commit's rows, bodies and postings.
pub(crate) const COMMITS: Table = Table::new("commits", 2);
/// First row (u32) → records of up to 512 adjacent rows.
pub(crate) const ROWS: Table = Table::new("rows", 3);
/// First row (u32) → compressed bodies of adjacent rows.
pub(crate) const BODIES: Table = Table::new("bodies", 4);
/// SHA-256 of the whole, part (u32) → at most 65,280 bytes of a large compressed body.
pub(crate) const CHUNKS: Table = Table::new("chunks", 5);
/// Dictionary id (u32), part (u32) → 3,072 bytes of a compression dictionary; three copies.
pub(crate) const DICTIONARIES: [Table; 3] = [
    Table::new("dictionaries_a", 6),
    Table::new("dictionaries_b", 7),
    Table::new("dictionaries_c", 8),
];
/// Segment id (u32) → its row range; its blocks lie in a table of their own.
pub(crate) const SEGMENTS: Table = Table::new("segments", 9);
/// Name of a text index file → its id and length.
pub(crate) const TEXT_FILES: Table = Table::new("text_files", 10);
/// File id (u32), part (u32) → at most 65,280 bytes of a text index file.
pub(crate) const TEXT_CHUNKS: Table = Table::new("text_chunks", 11);
/// First change number (u64) → the changes of one commit.
pub(crate) const CHANGES: Table = Table::new("changes", 12);
/// Number (u64) → what was kept apart, with the reason.
pub(crate) const QUARANTINE: Table = Table::new("quarantine", 13);
/// Row (u32) → version, time and ETag under which equal content was last seen.
pub(crate) const SEEN: Table = Table::new("seen", 14);
/// Bundle (u32), commit (u64) → which row each `urn:` fullUrl of a Bundle stands for.
pub(crate) const BUNDLES: Table = Table::new("bundles", 15);
/// Connection (u32) → name and base.
pub(crate) const CONNECTIONS: Table = Table::new("connections", 16);
/// Connection (u32), Patient id → a subject.
pub(crate) const SUBJECTS: Table = Table::new("subjects", 17);
/// Connection (u32), stream → cursor.
pub(crate) const CURSORS: Table = Table::new("cursors", 18);
/// Number (u64) → entry of the ledger.
pub(crate) const LEDGER: Table = Table::new("ledger", 19);
/// Connection (u32), kind → sealed token.
pub(crate) const TOKENS: Table = Table::new("tokens", 20);
/// SHA-256 of `state` → sealed pending log-in.
pub(crate) const PENDING: Table = Table::new("pending", 21);

/// Tables that exist from a vault's creation on.
pub(crate) const ALL: [Table; 21] = [
    META,
    COMMITS,
    ROWS,
    BODIES,
    CHUNKS,
    DICTIONARIES[0],
    DICTIONARIES[1],
    DICTIONARIES[2],
    SEGMENTS,
    TEXT_FILES,
    TEXT_CHUNKS,
    CHANGES,
    QUARANTINE,
    SEEN,
    BUNDLES,
    CONNECTIONS,
    SUBJECTS,
    CURSORS,
    LEDGER,
    TOKENS,
    PENDING,
];

/// Largest payload of one chunk: with its head just under 64 KiB, a redb page of one size.
pub(crate) const CHUNK_BYTES: usize = 65_280;

/// A key of one big-endian u32.
pub(crate) fn key32(number: u32) -> [u8; 4] {
    number.to_be_bytes()
}

/// A key of a big-endian u32 and what follows it.
pub(crate) fn key32_with(number: u32, rest: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes()[..], rest].concat()
}
