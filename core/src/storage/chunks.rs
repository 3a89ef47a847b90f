//! Large compressed bodies, by the SHA-256 of the whole, in parts that fill a redb page of 64 KiB.

use super::tables::{CHUNK_BYTES, CHUNKS};
use super::txn::{ReadTables, WriteTables};
use crate::Error;
use crate::seal::Sha256;

fn key(hash: &[u8; 32], part: u32) -> Vec<u8> {
    [&hash[..], &part.to_be_bytes()].concat()
}

pub(crate) fn put(tables: &WriteTables, hash: &[u8; 32], bytes: &[u8]) -> Result<(), Error> {
    let mut parts = bytes.chunks(CHUNK_BYTES).enumerate();
    parts.try_for_each(|(number, part)| put_part(tables, hash, number, part))
}

/// Stores one part of at most [`CHUNK_BYTES`]; all but the last are as long as that.
pub(crate) fn put_part(
    tables: &WriteTables,
    hash: &[u8; 32],
    number: usize,
    part: &[u8],
) -> Result<(), Error> {
    let number = u32::try_from(number).map_err(|_| Error::TooLarge)?;
    tables.put(CHUNKS, &key(hash, number), part)
}

/// Hands the parts to `each`, one after the other. Only after the last one is it known that they are
/// what was stored.
pub(crate) fn read(
    tables: &ReadTables,
    hash: &[u8; 32],
    length: usize,
    mut each: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let fault = Error::Inconsistent("large body");
    let (mut whole, mut left, mut number) = (Sha256::new(), length, 0u32);
    while left > 0 {
        let stored = tables.get(CHUNKS, &key(hash, number))?.ok_or_else(|| fault.clone())?;
        let part = stored.content()?.rest();
        left = left.checked_sub(part.len()).filter(|_| !part.is_empty()).ok_or(fault.clone())?;
        whole.update(part);
        each(part)?;
        number += 1;
    }
    if whole.finish() == *hash { Ok(()) } else { Err(fault) }
}
