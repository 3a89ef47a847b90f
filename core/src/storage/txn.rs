//! Read and write transactions in the vault's own terms: tables, keys, contents behind their heads.
//! Every write transaction commits in two phases and is durable when `commit` returns.

use std::ops::Bound;
use std::sync::OnceLock;

use redb::{AccessGuard, Database, Durability, ReadOnlyTable, ReadTransaction, TableDefinition};
use redb::{ReadableDatabase, ReadableTable, ReadableTableMetadata, WriteTransaction};

use super::codec::Reader;
use super::fault;
use super::tables::{self, Table};
use crate::Error;

type Opened = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// All tables at one moment. Tables are opened at first use; each read sees the same commit.
pub(crate) struct ReadTables {
    txn: ReadTransaction,
    opened: [OnceLock<Opened>; tables::ALL.len() + 1],
}

/// A stored value; `content` is what lies behind its head.
pub(crate) struct Stored {
    table: Table,
    key: Vec<u8>,
    guard: AccessGuard<'static, &'static [u8]>,
}

impl Stored {
    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(crate) fn content(&self) -> Result<Reader<'_>, Error> {
        self.table.content(&self.key, self.guard.value())
    }
}

impl ReadTables {
    pub(crate) fn begin(db: &Database) -> Result<Self, Error> {
        let txn = db.begin_read().map_err(fault)?;
        Ok(Self { txn, opened: std::array::from_fn(|_| OnceLock::new()) })
    }

    fn table(&self, table: Table) -> Result<&Opened, Error> {
        let slot = &self.opened[usize::from(table.tag)];
        if let Some(opened) = slot.get() {
            return Ok(opened);
        }
        let opened = self.txn.open_table(table.definition()).map_err(fault)?;
        Ok(slot.get_or_init(|| opened))
    }

    pub(crate) fn get(&self, table: Table, key: &[u8]) -> Result<Option<Stored>, Error> {
        let found = self.table(table)?.get(key).map_err(fault)?;
        Ok(found.map(|guard| Stored { table, key: key.to_vec(), guard }))
    }

    /// The entry with the greatest key that is not above `key`.
    pub(crate) fn floor(&self, table: Table, key: &[u8]) -> Result<Option<Stored>, Error> {
        let mut range = self.table(table)?.range::<&[u8]>(..=key).map_err(fault)?;
        match range.next_back() {
            None => Ok(None),
            Some(entry) => {
                let (key, guard) = entry.map_err(fault)?;
                Ok(Some(Stored { table, key: key.value().to_vec(), guard }))
            }
        }
    }

    /// All entries from `first` on, in key order.
    pub(crate) fn from(
        &self,
        table: Table,
        first: &[u8],
    ) -> Result<impl DoubleEndedIterator<Item = Result<Stored, Error>> + use<>, Error> {
        let range = self.table(table)?.range::<&[u8]>(first..).map_err(fault)?;
        Ok(range.map(move |entry| {
            let (key, guard) = entry.map_err(fault)?;
            Ok(Stored { table, key: key.value().to_vec(), guard })
        }))
    }

    /// All entries whose key begins with `prefix`, in key order.
    pub(crate) fn prefix(
        &self,
        table: Table,
        prefix: &[u8],
    ) -> Result<impl Iterator<Item = Result<Stored, Error>> + use<>, Error> {
        let owned = prefix.to_vec();
        Ok(self.from(table, prefix)?.take_while(move |entry| match entry {
            Ok(stored) => stored.key.starts_with(&owned),
            Err(_) => true,
        }))
    }

    pub(crate) fn len(&self, table: Table) -> Result<u64, Error> {
        self.table(table)?.len().map_err(fault)
    }

    /// Reads every entry of every table; each value must lie under its own key.
    pub(crate) fn walk_all(&self) -> Result<(), Error> {
        for table in tables::ALL {
            for stored in self.from(table, &[])? {
                stored?.content()?;
            }
        }
        for handle in self.txn.list_tables().map_err(fault)? {
            let definition: TableDefinition<'_, &'static [u8], &'static [u8]> =
                TableDefinition::new(redb::TableHandle::name(&handle));
            for entry in self.txn.open_table(definition).map_err(fault)?.iter().map_err(fault)? {
                entry.map_err(fault)?;
            }
        }
        Ok(())
    }

    /// The blocks of one index segment.
    pub(crate) fn blocks(&self, segment: u32) -> Result<BlockTable, Error> {
        let name = block_table_name(segment);
        let definition: TableDefinition<'_, &'static [u8], &'static [u8]> =
            TableDefinition::new(&name);
        Ok(BlockTable(self.txn.open_table(definition).map_err(fault)?))
    }
}

fn block_table_name(segment: u32) -> String {
    format!("blocks_{segment:08x}")
}

/// Blocks of one index segment by their first key; derived data, so without heads.
pub(crate) struct BlockTable(Opened);

/// A block as it lies in the file: a page of it, held and not copied.
pub(crate) struct BlockEntry {
    first_key: AccessGuard<'static, &'static [u8]>,
    entries: AccessGuard<'static, &'static [u8]>,
}

impl BlockEntry {
    /// The key that it is stored under.
    pub(crate) fn first_key(&self) -> &[u8] {
        self.first_key.value()
    }

    pub(crate) fn entries(&self) -> &[u8] {
        self.entries.value()
    }
}

impl BlockTable {
    /// The block with the greatest first key that is not above `key`.
    pub(crate) fn floor(&self, key: &[u8]) -> Result<Option<BlockEntry>, Error> {
        entry(self.0.range::<&[u8]>(..=key).map_err(fault)?.next_back())
    }

    /// The block that follows the one with this first key.
    pub(crate) fn after(&self, first_key: &[u8]) -> Result<Option<BlockEntry>, Error> {
        let bounds = (Bound::Excluded(first_key), Bound::Unbounded);
        entry(self.0.range::<&[u8]>(bounds).map_err(fault)?.next())
    }

    /// The block that precedes the one with this first key.
    pub(crate) fn before(&self, first_key: &[u8]) -> Result<Option<BlockEntry>, Error> {
        entry(self.0.range::<&[u8]>(..first_key).map_err(fault)?.next_back())
    }
}

type RangeItem = Result<
    (AccessGuard<'static, &'static [u8]>, AccessGuard<'static, &'static [u8]>),
    redb::StorageError,
>;

fn entry(item: Option<RangeItem>) -> Result<Option<BlockEntry>, Error> {
    match item {
        None => Ok(None),
        Some(item) => {
            let (first_key, entries) = item.map_err(fault)?;
            Ok(Some(BlockEntry { first_key, entries }))
        }
    }
}

/// A write transaction. Dropped without `commit`, it leaves nothing behind.
pub(crate) struct WriteTables(WriteTransaction);

impl WriteTables {
    pub(crate) fn begin(db: &Database) -> Result<Self, Error> {
        let mut txn = db.begin_write().map_err(fault)?;
        txn.set_two_phase_commit(true);
        txn.set_durability(Durability::Immediate).map_err(fault)?;
        Ok(Self(txn))
    }

    /// Makes every table, so that readers never meet a missing one.
    pub(crate) fn create_all(&self) -> Result<(), Error> {
        for table in tables::ALL {
            self.0.open_table(table.definition()).map_err(fault)?;
        }
        Ok(())
    }

    /// Stores `content` behind its head.
    pub(crate) fn put(&self, table: Table, key: &[u8], content: &[u8]) -> Result<(), Error> {
        let mut value = table.head(key);
        value.extend_from_slice(content);
        let mut opened = self.0.open_table(table.definition()).map_err(fault)?;
        opened.insert(key, value.as_slice()).map_err(fault)?;
        Ok(())
    }

    pub(crate) fn remove(&self, table: Table, key: &[u8]) -> Result<bool, Error> {
        let mut opened = self.0.open_table(table.definition()).map_err(fault)?;
        let removed = opened.remove(key).map_err(fault)?;
        Ok(removed.is_some())
    }

    /// Removes every entry whose key begins with `prefix`.
    pub(crate) fn remove_prefix(&self, table: Table, prefix: &[u8]) -> Result<(), Error> {
        let mut opened = self.0.open_table(table.definition()).map_err(fault)?;
        let mut keys = Vec::new();
        for entry in opened.range::<&[u8]>(prefix..).map_err(fault)? {
            let (key, _) = entry.map_err(fault)?;
            if !key.value().starts_with(prefix) {
                break;
            }
            keys.push(key.value().to_vec());
        }
        for key in keys {
            opened.remove(key.as_slice()).map_err(fault)?;
        }
        Ok(())
    }

    /// Opens a new block table and hands each block to `put` as it comes.
    pub(crate) fn put_blocks(
        &self,
        segment: u32,
        fill: impl FnOnce(&mut dyn FnMut(&[u8], &[u8]) -> Result<(), Error>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let name = block_table_name(segment);
        let definition: TableDefinition<'_, &'static [u8], &'static [u8]> =
            TableDefinition::new(&name);
        let mut opened = self.0.open_table(definition).map_err(fault)?;
        fill(&mut |first_key, bytes| {
            opened.insert(first_key, bytes).map_err(fault)?;
            Ok(())
        })
    }

    pub(crate) fn drop_blocks(&self, segment: u32) -> Result<(), Error> {
        let name = block_table_name(segment);
        let definition: TableDefinition<'_, &'static [u8], &'static [u8]> =
            TableDefinition::new(&name);
        self.0.delete_table(definition).map_err(fault)?;
        Ok(())
    }

    pub(crate) fn commit(self) -> Result<(), Error> {
        self.0.commit().map_err(fault)
    }
}

/// Copies every table of `old` into the empty database `new`, in key order.
pub(crate) fn copy_all(old: &Database, new: &Database) -> Result<(), Error> {
    let from = old.begin_read().map_err(fault)?;
    let to = WriteTables::begin(new)?;
    for handle in from.list_tables().map_err(fault)? {
        let name = redb::TableHandle::name(&handle).to_owned();
        let definition: TableDefinition<'_, &'static [u8], &'static [u8]> =
            TableDefinition::new(&name);
        let source = from.open_table(definition).map_err(fault)?;
        let mut target = to.0.open_table(definition).map_err(fault)?;
        for entry in source.iter().map_err(fault)? {
            let (key, value) = entry.map_err(fault)?;
            target.insert(key.value(), value.value()).map_err(fault)?;
        }
    }
    to.commit()
}
