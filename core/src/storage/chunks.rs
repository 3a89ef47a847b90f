//! Large compressed bodies, by the SHA-256 of the whole, in parts that fill a redb page of 64 KiB.

use super::tables::{CHUNK_BYTES, CHUNKS};
use super::txn::{ReadTables, WriteTables};
use crate::Error;
use crate::seal::sha256;

fn key(hash: &[u8; 32], part: u32) -> Vec<u8> {
    [&hash[..], &part.to_be_bytes()].concat()
}

pub(crate) fn put(tables: &WriteTables, hash: &[u8; 32], bytes: &[u8]) -> Result<(), Error> {
    for (part, chunk) in (0u32..).zip(bytes.chunks(CHUNK_BYTES)) {
        tables.put(CHUNKS, &key(hash, part), chunk)?;
    }
    Ok(())
}

pub(crate) fn get(tables: &ReadTables, hash: &[u8; 32], length: usize) -> Result<Vec<u8>, Error> {
    let fault = Error::Inconsistent("large body");
    let mut bytes = Vec::new();
    let mut part = 0u32;
    while bytes.len() < length {
        let stored = tables.get(CHUNKS, &key(hash, part))?.ok_or_else(|| fault.clone())?;
        bytes.extend_from_slice(stored.content()?.rest());
        part += 1;
    }
    if sha256(&bytes) == *hash { Ok(bytes) } else { Err(fault) }
}
