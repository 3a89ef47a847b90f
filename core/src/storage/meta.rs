//! Small facts about the vault, by name.

use super::tables::META;
use super::txn::{ReadTables, WriteTables};
use crate::Error;

pub(crate) fn bytes(tables: &ReadTables, name: &str) -> Result<Option<Vec<u8>>, Error> {
    match tables.get(META, name.as_bytes())? {
        None => Ok(None),
        Some(stored) => Ok(Some(stored.content()?.rest().to_vec())),
    }
}

pub(crate) fn number(tables: &ReadTables, name: &str) -> Result<Option<u32>, Error> {
    match tables.get(META, name.as_bytes())? {
        None => Ok(None),
        Some(stored) => Ok(Some(u32::from_be_bytes(stored.content()?.array()?))),
    }
}

pub(crate) fn put(tables: &WriteTables, name: &str, content: &[u8]) -> Result<(), Error> {
    tables.put(META, name.as_bytes(), content)
}

pub(crate) fn put_number(tables: &WriteTables, name: &str, number: u32) -> Result<(), Error> {
    put(tables, name, &number.to_be_bytes())
}
