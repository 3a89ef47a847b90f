//! Bodies: the exact bytes of resources, compressed in frames of up to four adjacent rows of one type,
//! frames packed into values of about 3.9 KB. A large frame lies in the chunk table, by its hash.

use super::chunks;
use super::codec::{Reader, put_bytes, put_varint};
use super::dictionary::{self, Dictionaries, Dictionary};
use super::rows::Row;
use super::tables::{BODIES, key32};
use super::txn::{ReadTables, WriteTables};
use crate::Error;
use crate::seal::sha256;

/// Rows compressed together: similar neighbours shrink each other, one row still reads in microseconds.
const FRAME_ROWS: usize = 4;
/// A value grows to about one page.
const VALUE_BYTES: usize = 3_900;
/// Compressed frames above this go to the chunk table.
const LARGE: usize = 60 << 10;
/// A body that alone exceeds this takes no neighbours.
const ALONE: usize = 64 << 10;

/// A body on its way in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Body<'a> {
    pub(crate) connection: u32,
    pub(crate) resource_type: &'a str,
    pub(crate) content: Content<'a>,
}

/// What of a body is at hand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content<'a> {
    /// Its plain bytes.
    Plain(&'a [u8]),
    /// It lies, or will lie, in the chunk table already.
    Apart(Apart),
}

impl<'a> Content<'a> {
    /// The bytes of a body that may share its frame with neighbours.
    fn short(self) -> Option<&'a [u8]> {
        match self {
            Content::Plain(bytes) if bytes.len() <= ALONE => Some(bytes),
            _ => None,
        }
    }

    /// The bytes, where they are at hand.
    pub(crate) fn plain(self) -> Option<&'a [u8]> {
        match self {
            Content::Plain(bytes) => Some(bytes),
            Content::Apart(_) => None,
        }
    }
}

/// A body compressed by itself, in the chunk table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Apart {
    /// SHA-256 of the compressed bytes, and their number.
    pub(crate) hash: [u8; 32],
    pub(crate) packed: u32,
    /// Bytes of the body.
    pub(crate) plain: u32,
    /// Number of the dictionary; 0 for none.
    pub(crate) dictionary: u32,
}

/// Where a frame's compressed bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Inline(Vec<u8>),
    /// SHA-256 of the compressed bytes, and their number.
    Large([u8; 32], u32),
}

/// Up to four adjacent rows, compressed as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    first: Row,
    /// Connection and length of each row; the connection is there for salvage.
    rows: Vec<(u32, u32)>,
    dictionary: u32,
    place: Place,
}

impl Frame {
    fn end(&self) -> Row {
        self.first.saturating_add(u32::try_from(self.rows.len()).unwrap_or(u32::MAX))
    }

    /// Where its body lies, if it is one that has a place of its own.
    pub(crate) fn apart(&self) -> Option<Apart> {
        match (&self.place, self.rows.as_slice()) {
            (&Place::Large(hash, packed), &[(_, plain)]) => {
                Some(Apart { hash, packed, plain, dictionary: self.dictionary })
            }
            _ => None,
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.rows.len() as u64);
        for (connection, length) in &self.rows {
            put_varint(out, u64::from(*connection));
            put_varint(out, u64::from(*length));
        }
        put_varint(out, u64::from(self.dictionary));
        match &self.place {
            Place::Inline(packed) => {
                out.push(0);
                put_bytes(out, packed);
            }
            Place::Large(hash, length) => {
                out.push(1);
                out.extend_from_slice(hash);
                put_varint(out, u64::from(*length));
            }
        }
    }

    fn decode(reader: &mut Reader<'_>, first: Row) -> Result<Self, Error> {
        let count = reader.count()?;
        let mut rows = Vec::with_capacity(count.min(FRAME_ROWS));
        for _ in 0..count {
            rows.push((reader.u32()?, reader.u32()?));
        }
        let dictionary = reader.u32()?;
        let place = match reader.byte()? {
            0 => Place::Inline(reader.bytes()?.to_vec()),
            1 => Place::Large(reader.array()?, reader.u32()?),
            _ => return Err(reader.fault()),
        };
        Ok(Self { first, rows, dictionary, place })
    }
}

/// The bodies of one frame, unpacked.
#[derive(Debug)]
pub(crate) struct Unpacked {
    first: Row,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Unpacked {
    /// Bytes of all its bodies.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The body of `row` alone; no copy where there is no other.
    pub(crate) fn into_body(self, row: Row) -> Option<Vec<u8>> {
        match self.ends.len() {
            1 if row == self.first => Some(self.bytes),
            _ => self.get(row).map(<[u8]>::to_vec),
        }
    }

    pub(crate) fn get(&self, row: Row) -> Option<&[u8]> {
        let at = usize::try_from(row.checked_sub(self.first)?).ok()?;
        let end = *self.ends.get(at)?;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.bytes.get(start..end)
    }
}

/// Compressed frames of adjacent rows, and the large bodies they point to.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    pub(crate) frames: Vec<Frame>,
    pub(crate) large: Vec<([u8; 32], Vec<u8>)>,
}

/// Compresses bodies of adjacent rows from `first` on.
pub(crate) fn pack(
    first: Row,
    bodies: &[Body<'_>],
    dictionary: Option<&Dictionary>,
) -> Result<Packed, Error> {
    let mut packed = Packed::default();
    let mut row = first;
    let mut rest = bodies;
    let mut plain = Vec::new();
    while let Some(head) = rest.first() {
        let fits = |body: &&Body<'_>| {
            body.resource_type == head.resource_type && body.content.short().is_some()
        };
        let count = rest.iter().take(FRAME_ROWS).take_while(fits).count().max(1);
        let (group, after) = rest.split_at(count);
        let frame = match head.content {
            Content::Apart(Apart { hash, packed, plain, dictionary }) => {
                let rows = vec![(head.connection, plain)];
                Frame { first: row, rows, dictionary, place: Place::Large(hash, packed) }
            }
            Content::Plain(alone) => {
                plain.clear();
                let mut rows = Vec::with_capacity(count);
                for body in group {
                    let bytes = body.content.short().unwrap_or(alone);
                    plain.extend_from_slice(bytes);
                    let length = u32::try_from(bytes.len()).map_err(|_| Error::TooLarge)?;
                    rows.push((body.connection, length));
                }
                let bytes = dictionary::compress(dictionary, &plain)?;
                let place = if bytes.len() > LARGE || head.resource_type == "Binary" {
                    let hash = sha256(&bytes);
                    let length = u32::try_from(bytes.len()).map_err(|_| Error::TooLarge)?;
                    packed.large.push((hash, bytes));
                    Place::Large(hash, length)
                } else {
                    Place::Inline(bytes)
                };
                Frame { first: row, rows, dictionary: dictionary.map_or(0, |d| d.id), place }
            }
        };
        packed.frames.push(frame);
        row = row
            .checked_add(u32::try_from(count).map_err(|_| Error::TooLarge)?)
            .ok_or(Error::TooLarge)?;
        rest = after;
    }
    Ok(packed)
}

/// Stores frames of adjacent rows, as many to a value as fit a page.
pub(crate) fn put(tables: &WriteTables, packed: &Packed) -> Result<(), Error> {
    for (hash, bytes) in &packed.large {
        chunks::put(tables, hash, bytes)?;
    }
    let mut value = Vec::new();
    let mut first = None;
    for frame in &packed.frames {
        let before = value.len();
        frame.encode(&mut value);
        if let Some(start) = first.filter(|_| value.len() > VALUE_BYTES) {
            tables.put(BODIES, &key32(start), &value[..before])?;
            value.drain(..before);
            first = Some(frame.first);
        }
        first.get_or_insert(frame.first);
    }
    match first {
        Some(start) => tables.put(BODIES, &key32(start), &value),
        None => Ok(()),
    }
}

/// The frames as one run of bytes, for a commit of the recent tier.
pub(crate) fn encode(frames: &[Frame], out: &mut Vec<u8>) {
    put_varint(out, frames.len() as u64);
    for frame in frames {
        frame.encode(out);
    }
}

pub(crate) fn decode(reader: &mut Reader<'_>, first: Row) -> Result<Vec<Frame>, Error> {
    let count = reader.count()?;
    let mut frames = Vec::with_capacity(count);
    let mut row = first;
    for _ in 0..count {
        let frame = Frame::decode(reader, row)?;
        row = frame.end();
        frames.push(frame);
    }
    Ok(frames)
}

/// The frame of `row` among frames in memory.
pub(crate) fn find(frames: &[Frame], row: Row) -> Option<&Frame> {
    let at = frames.partition_point(|f| f.first <= row).checked_sub(1)?;
    frames.get(at).filter(|f| row < f.end())
}

/// The frame of `row` in the file.
pub(crate) fn load(tables: &ReadTables, row: Row) -> Result<Option<Frame>, Error> {
    let Some(stored) = tables.floor(BODIES, &key32(row))? else { return Ok(None) };
    let mut reader = stored.content()?;
    let mut first = stored.key().try_into().map(u32::from_be_bytes).map_err(|_| reader.fault())?;
    while !reader.is_empty() {
        let frame = Frame::decode(&mut reader, first)?;
        if row < frame.end() {
            return Ok(Some(frame));
        }
        first = frame.end();
    }
    Ok(None)
}

/// The bodies of a frame.
pub(crate) fn unpack(
    tables: &ReadTables,
    dictionaries: &Dictionaries,
    frame: &Frame,
) -> Result<Unpacked, Error> {
    let mut ends = Vec::with_capacity(frame.rows.len());
    let mut total = 0usize;
    for (_, length) in &frame.rows {
        total += *length as usize;
        ends.push(total);
    }
    let dictionary = dictionaries.get(frame.dictionary)?;
    let bytes = match &frame.place {
        Place::Inline(packed) => dictionary::decompress(dictionary, packed, total)?,
        Place::Large(hash, length) => dictionary::decompress_parts(dictionary, total, |each| {
            chunks::read(tables, hash, *length as usize, each)
        })?,
    };
    Ok(Unpacked { first: frame.first, bytes, ends })
}

/// Whether the frame was compressed with this dictionary (0 for none) or lies in the chunk table.
pub(crate) fn is_packed_with(frame: &Frame, dictionary: u32) -> bool {
    frame.dictionary == dictionary || matches!(frame.place, Place::Large(..))
}

/// Values of bodies from row `from` on: the first row of each with its frames.
pub(crate) fn values(
    tables: &ReadTables,
    from: Row,
) -> Result<impl Iterator<Item = Result<(Row, Vec<Frame>), Error>> + use<>, Error> {
    Ok(tables.from(BODIES, &key32(from))?.map(|stored| {
        let stored = stored?;
        let mut reader = stored.content()?;
        let first = stored.key().try_into().map(u32::from_be_bytes).map_err(|_| reader.fault())?;
        let mut frames: Vec<Frame> = Vec::new();
        while !reader.is_empty() {
            let next = frames.last().map_or(first, Frame::end);
            frames.push(Frame::decode(&mut reader, next)?);
        }
        Ok((first, frames))
    }))
}

/// The same frames, compressed with `dictionary` where they are not; large ones stay where they are.
pub(crate) fn repack(
    tables: &ReadTables,
    dictionaries: &Dictionaries,
    dictionary: &Dictionary,
    frames: &[Frame],
) -> Result<Packed, Error> {
    let mut packed = Packed::default();
    for frame in frames {
        if is_packed_with(frame, dictionary.id) {
            packed.frames.push(frame.clone());
            continue;
        }
        let plain = unpack(tables, dictionaries, frame)?.bytes;
        let bytes = dictionary::compress(Some(dictionary), &plain)?;
        packed.frames.push(Frame {
            dictionary: dictionary.id,
            place: Place::Inline(bytes),
            ..frame.clone()
        });
    }
    Ok(packed)
}

/// Removes one value of bodies.
pub(crate) fn remove(tables: &WriteTables, first: Row) -> Result<(), Error> {
    tables.remove(BODIES, &key32(first)).map(|_| ())
}
