//! Postings: the rows of one key. One row is part of the head; few rows are deltas; many are a
//! roaring bitmap. All in absolute rows, so that merging neighbours shifts nothing.
//!
//! Head (varint): bit 0 set = one row, in the other bits; else bit 1 tells deltas (0) from roaring
//! (1) and the other bits are the length of the body. Deltas: the first row, then each distance
//! less one.

use std::ops::Range;

use roaring::RoaringBitmap;

use super::varint::{Reader, damaged, put};
use crate::error::Error;
use crate::index::rows::Gather;

/// Up to this many rows are always deltas; above, whichever is smaller.
const DELTAS_MAX: usize = 256;

/// The encoded rows of one key.
#[derive(Clone, Copy)]
pub(crate) enum Posting<'a> {
    One(u32),
    Deltas(&'a [u8]),
    Roaring(&'a [u8]),
}

impl<'a> Posting<'a> {
    /// Reads head and body; the rows themselves are checked when they are used.
    #[inline]
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let head = reader.varint()?;
        if head & 1 == 1 {
            return Ok(Self::One(u32::try_from(head >> 1).map_err(|_| damaged())?));
        }
        let length = usize::try_from(head >> 2).map_err(|_| damaged())?;
        let body = reader.take(length)?;
        Ok(if head & 2 == 0 { Self::Deltas(body) } else { Self::Roaring(body) })
    }

    /// Calls `each` for every row, ascending; a row outside `rows` is damage.
    pub(crate) fn for_each(
        &self,
        rows: &Range<u32>,
        mut each: impl FnMut(u32),
    ) -> Result<(), Error> {
        match *self {
            Self::One(row) if rows.contains(&row) => each(row),
            Self::One(_) => return Err(damaged()),
            Self::Deltas(body) => {
                let mut reader = Reader::new(body, 0);
                let mut next = 0u64;
                while !reader.is_at_end() {
                    let row = reader.varint()?.checked_add(next).ok_or_else(damaged)?;
                    let row32 = u32::try_from(row).map_err(|_| damaged())?;
                    if !rows.contains(&row32) {
                        return Err(damaged());
                    }
                    each(row32);
                    next = row + 1;
                }
            }
            Self::Roaring(body) => bitmap(body, rows)?.iter().for_each(each),
        }
        Ok(())
    }

    /// Adds all rows to `gather`; a row outside `rows` is damage.
    pub(crate) fn gather(&self, rows: &Range<u32>, gather: &mut Gather) -> Result<(), Error> {
        match *self {
            Self::Roaring(body) => {
                gather.bitmap(bitmap(body, rows)?);
                Ok(())
            }
            _ => self.for_each(rows, |row| gather.push(row)),
        }
    }

    /// Writes the posting as it was read.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match *self {
            Self::One(row) => put(out, u64::from(row) << 1 | 1),
            Self::Deltas(body) => body_of(out, body, 0),
            Self::Roaring(body) => body_of(out, body, 2),
        }
    }
}

fn body_of(out: &mut Vec<u8>, body: &[u8], kind: u64) {
    put(out, (body.len() as u64) << 2 | kind);
    out.extend_from_slice(body);
}

/// Encodes `rows` (strictly ascending, at least one). `scratch` is only there to be used again.
pub(super) fn encode(rows: &[u32], out: &mut Vec<u8>, scratch: &mut Vec<u8>) {
    if let [row] = rows {
        put(out, u64::from(*row) << 1 | 1);
        return;
    }
    scratch.clear();
    let mut next = 0u64;
    for &row in rows {
        put(scratch, u64::from(row) - next);
        next = u64::from(row) + 1;
    }
    if rows.len() > DELTAS_MAX
        && let Ok(mut bitmap) = RoaringBitmap::from_sorted_iter(rows.iter().copied())
    {
        bitmap.optimize();
        if bitmap.serialized_size() < scratch.len() {
            scratch.clear();
            bitmap.serialize_into(&mut *scratch).expect("writing to memory does not fail");
            body_of(out, scratch, 2);
            return;
        }
    }
    body_of(out, scratch, 0);
}

/// Containers claimed by the head of a serialized bitmap: the library allocates by that number.
fn containers(body: &[u8]) -> Option<usize> {
    let cookie = u32::from_le_bytes(body.get(..4)?.try_into().ok()?);
    match cookie & 0xffff {
        12_346 => usize::try_from(u32::from_le_bytes(body.get(4..8)?.try_into().ok()?)).ok(),
        12_347 => usize::try_from((cookie >> 16) + 1).ok(),
        _ => None,
    }
}

fn bitmap(mut body: &[u8], rows: &Range<u32>) -> Result<RoaringBitmap, Error> {
    // Every container has at least four bytes of description.
    if containers(body).is_none_or(|count| count > body.len() / 4) {
        return Err(damaged());
    }
    let bitmap = RoaringBitmap::deserialize_from(&mut body).map_err(|_| damaged())?;
    let within = match (bitmap.min(), bitmap.max()) {
        (Some(first), Some(last)) => rows.contains(&first) && rows.contains(&last),
        _ => false,
    };
    if within && body.is_empty() { Ok(bitmap) } else { Err(damaged()) }
}
