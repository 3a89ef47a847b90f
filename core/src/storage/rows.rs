//! Records of rows: what is known of each version of a resource beside its body. Stored for up to 512
//! adjacent rows at a time, column by column, compressed.

use super::codec::{Reader, put_varint};
use super::dictionary;
use super::tables::{ROWS, key32};
use super::txn::{ReadTables, WriteTables};
use crate::Error;

/// Number of a row in the vault's log. Never reused.
pub(crate) type Row = u32;

/// No earlier version.
pub(crate) const NO_ROW: Row = u32::MAX;

/// Rows per stored chunk.
pub(crate) const CHUNK_ROWS: usize = 512;

/// The resource has no id of its own.
pub(crate) const WITHOUT_ID: u8 = 1;
/// The change counts as a correction, not as news.
pub(crate) const CORRECTED: u8 = 2;

/// What is known of one row beside its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowRecord {
    pub(crate) connection: u32,
    /// Content hash without what servers restamp; half of a SHA-256.
    pub(crate) hash: [u8; 16],
    /// Unix milliseconds.
    pub(crate) received: i64,
    /// The row of the version before, or `NO_ROW`.
    pub(crate) previous: Row,
    /// 1 for the first version the vault saw.
    pub(crate) version: u32,
    /// Bytes of the body.
    pub(crate) length: u32,
    /// The Bundle it came in, 0 for none.
    pub(crate) bundle: u32,
    pub(crate) flags: u8,
}

/// Columns one after another: equal values lie side by side and compress to nothing.
pub(crate) fn encode(records: &[RowRecord]) -> Vec<u8> {
    let mut out = Vec::with_capacity(records.len() * 32);
    put_varint(&mut out, records.len() as u64);
    let base = records.iter().map(|r| r.received).min().unwrap_or(0);
    out.extend_from_slice(&base.to_le_bytes());
    for r in records {
        out.extend_from_slice(&r.hash);
    }
    for r in records {
        out.push(r.flags);
    }
    for column in [
        |r: &RowRecord, _: i64| u64::from(r.connection),
        |r: &RowRecord, base: i64| r.received.abs_diff(base),
        |r: &RowRecord, _: i64| u64::from(r.previous.wrapping_add(1)),
        |r: &RowRecord, _: i64| u64::from(r.version),
        |r: &RowRecord, _: i64| u64::from(r.length),
        |r: &RowRecord, _: i64| u64::from(r.bundle),
    ] {
        for r in records {
            put_varint(&mut out, column(r, base));
        }
    }
    out
}

pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Vec<RowRecord>, Error> {
    let count = reader.count()?;
    let base = i64::from_le_bytes(reader.array()?);
    let mut records = Vec::with_capacity(count);
    for _ in 0..count {
        records.push(RowRecord {
            connection: 0,
            hash: reader.array()?,
            received: base,
            previous: NO_ROW,
            version: 0,
            length: 0,
            bundle: 0,
            flags: 0,
        });
    }
    for r in &mut records {
        r.flags = reader.byte()?;
    }
    for r in &mut records {
        r.connection = reader.u32()?;
    }
    for r in &mut records {
        r.received = base.checked_add_unsigned(reader.varint()?).ok_or_else(|| reader.fault())?;
    }
    for r in &mut records {
        r.previous = reader.u32()?.wrapping_sub(1);
    }
    for r in &mut records {
        r.version = reader.u32()?;
    }
    for r in &mut records {
        r.length = reader.u32()?;
    }
    for r in &mut records {
        r.bundle = reader.u32()?;
    }
    Ok(records)
}

/// Stores records of adjacent rows.
pub(crate) fn put(tables: &WriteTables, first: Row, records: &[RowRecord]) -> Result<(), Error> {
    let mut row = first;
    for chunk in records.chunks(CHUNK_ROWS) {
        let plain = encode(chunk);
        let packed = dictionary::compress(None, &plain)?;
        let mut content = Vec::with_capacity(packed.len() + 4);
        put_varint(&mut content, plain.len() as u64);
        content.extend_from_slice(&packed);
        tables.put(ROWS, &key32(row), &content)?;
        row += u32::try_from(chunk.len()).map_err(|_| Error::TooLarge)?;
    }
    Ok(())
}

/// A stored chunk: its first row and its records.
#[derive(Debug)]
pub(crate) struct RowChunk {
    pub(crate) first: Row,
    pub(crate) records: Vec<RowRecord>,
}

impl RowChunk {
    pub(crate) fn get(&self, row: Row) -> Option<&RowRecord> {
        self.records.get(usize::try_from(row.checked_sub(self.first)?).ok()?)
    }
}

/// The chunk that holds `row`.
pub(crate) fn chunk(tables: &ReadTables, row: Row) -> Result<Option<RowChunk>, Error> {
    let Some(stored) = tables.floor(ROWS, &key32(row))? else { return Ok(None) };
    parse(&stored).map(Some)
}

/// Every chunk, in row order.
pub(crate) fn chunks(
    tables: &ReadTables,
) -> Result<impl Iterator<Item = Result<RowChunk, Error>> + use<>, Error> {
    Ok(tables.from(ROWS, &[])?.map(|stored| parse(&stored?)))
}

fn parse(stored: &super::txn::Stored) -> Result<RowChunk, Error> {
    let mut reader = stored.content()?;
    let first = stored.key().try_into().map(u32::from_be_bytes).map_err(|_| reader.fault())?;
    let length = reader.u32()? as usize;
    // 512 records of at most 80 bytes each.
    if length > CHUNK_ROWS * 80 + 16 {
        return Err(reader.fault());
    }
    let rest = reader.rest();
    let plain = dictionary::decompress(None, rest, length)?;
    Ok(RowChunk { first, records: decode(&mut Reader::new(&plain, "rows"))? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_their_encoding() {
        let records: Vec<RowRecord> = (0..700u32)
            .map(|i| RowRecord {
                connection: i % 3,
                hash: [u8::try_from(i % 251).unwrap(); 16],
                received: 1_700_000_000_000 + i64::from(i % 7),
                previous: if i % 5 == 0 { i } else { NO_ROW },
                version: i % 4 + 1,
                length: i * 977,
                bundle: i / 100,
                flags: u8::try_from(i % 4).unwrap(),
            })
            .collect();
        let bytes = encode(&records);
        assert_eq!(decode(&mut Reader::new(&bytes, "rows")).unwrap(), records);
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            assert!(decode(&mut Reader::new(&bytes[..cut], "rows")).is_err());
        }
    }
}
