//! What the suites share: cheap options, a small table, random numbers by seed.

use std::sync::Arc;

use redb::{ReadableDatabase, ReadableTable, TableDefinition};

use crate::clock::Clock;
use crate::error::{Error, OpenError};
use crate::seal::options::CHEAPEST_KDF;
use crate::seal::{MemoryMedium, SealOptions, Sealed, Unlock, create_on, open_on};

pub(crate) const TABLE: TableDefinition<u64, &[u8]> = TableDefinition::new("t");

pub(crate) fn options() -> SealOptions {
    SealOptions { kdf: CHEAPEST_KDF, ..SealOptions::default() }
}

pub(crate) fn clock() -> Clock {
    Clock::fixed(1_700_000_000_000)
}

pub(crate) fn key() -> Unlock {
    Unlock::key([7; 32])
}

/// Makes the table, empty.
pub(crate) fn init(db: &redb::Database) -> Result<(), Error> {
    put(db, &[]);
    Ok(())
}

/// One two-phase commit.
pub(crate) fn put(db: &redb::Database, rows: &[(u64, &[u8])]) {
    let mut transaction = db.begin_write().unwrap();
    transaction.set_two_phase_commit(true);
    {
        let mut table = transaction.open_table(TABLE).unwrap();
        for (key, value) in rows {
            table.insert(key, value).unwrap();
        }
    }
    transaction.commit().unwrap();
}

pub(crate) fn rows(db: &redb::Database) -> Result<Vec<(u64, Vec<u8>)>, redb::Error> {
    let transaction = db.begin_read()?;
    let table = transaction.open_table(TABLE)?;
    let mut rows = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        rows.push((key.value(), value.value().to_vec()));
    }
    Ok(rows)
}

pub(crate) fn create_memory() -> (Arc<MemoryMedium>, Sealed) {
    let medium = Arc::new(MemoryMedium::default());
    let sealed = create_on(Arc::clone(&medium) as _, &key(), &options(), &clock(), init).unwrap();
    (medium, sealed)
}

pub(crate) fn reopen(bytes: Vec<u8>) -> Result<Sealed, OpenError> {
    open_on(Arc::new(MemoryMedium::new(bytes)), &key(), &options(), &clock())
}
