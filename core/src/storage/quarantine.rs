//! What arrived and is kept byte for byte with the reason, but is neither current nor indexed.

use super::codec::put_varint;
use super::dictionary;
use super::tables::QUARANTINE;
use super::txn::{ReadTables, WriteTables};
use crate::Error;

/// Why something was kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuarantineReason {
    /// Valid JSON, but not a FHIR resource.
    NotAResource,
    /// An object has the same member twice.
    DuplicateKey,
    /// Nested deeper than 100 levels.
    TooDeep,
    /// Not JSON, not UTF-8, or a number of more digits than are read.
    NotJson,
    /// Another person's data.
    OtherSubject,
    /// Larger than 64 MiB.
    TooLarge,
}

impl QuarantineReason {
    fn code(self) -> u8 {
        match self {
            Self::NotAResource => 0,
            Self::DuplicateKey => 1,
            Self::TooDeep => 2,
            Self::NotJson => 3,
            Self::OtherSubject => 4,
            Self::TooLarge => 5,
        }
    }

    fn of(code: u8) -> Option<Self> {
        [
            Self::NotAResource,
            Self::DuplicateKey,
            Self::TooDeep,
            Self::NotJson,
            Self::OtherSubject,
            Self::TooLarge,
        ]
        .into_iter()
        .find(|r| r.code() == code)
    }
}

/// One thing kept apart.
#[derive(Clone)]
pub(crate) struct Quarantined {
    pub(crate) connection: u32,
    pub(crate) reason: QuarantineReason,
    /// Unix milliseconds.
    pub(crate) received: i64,
    /// SHA-256 of the bytes: the same thing is kept once.
    pub(crate) hash: [u8; 32],
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn put(tables: &WriteTables, number: u64, item: &Quarantined) -> Result<(), Error> {
    let mut content = Vec::new();
    put_varint(&mut content, u64::from(item.connection));
    content.push(item.reason.code());
    content.extend_from_slice(&item.received.to_le_bytes());
    content.extend_from_slice(&item.hash);
    put_varint(&mut content, item.bytes.len() as u64);
    content.extend_from_slice(&dictionary::compress(None, &item.bytes)?);
    tables.put(QUARANTINE, &number.to_be_bytes(), &content)
}

/// Connection and hash of everything kept apart: what arrives again is not kept twice.
pub(crate) fn known(tables: &ReadTables) -> Result<Vec<(u32, [u8; 32])>, Error> {
    let mut all = Vec::new();
    for stored in tables.from(QUARANTINE, &[])? {
        let stored = stored?;
        let mut reader = stored.content()?;
        let connection = reader.u32()?;
        reader.take(9)?;
        all.push((connection, reader.array()?));
    }
    Ok(all)
}

/// Everything kept apart, oldest first.
pub(crate) fn all(tables: &ReadTables) -> Result<Vec<Quarantined>, Error> {
    let mut all = Vec::new();
    for stored in tables.from(QUARANTINE, &[])? {
        let stored = stored?;
        let mut reader = stored.content()?;
        let connection = reader.u32()?;
        let reason = QuarantineReason::of(reader.byte()?).ok_or_else(|| reader.fault())?;
        let received = i64::from_le_bytes(reader.array()?);
        let hash = reader.array()?;
        let length = usize::try_from(reader.varint()?).map_err(|_| reader.fault())?;
        let bytes = dictionary::decompress(None, reader.rest(), length)?;
        all.push(Quarantined { connection, reason, received, hash, bytes });
    }
    Ok(all)
}
