//! JSON as a tape: one flat list of byte ranges over the untouched source, no tree of values.
//! The grammar is checked in full (RFC 8259), so a `Tape` is always a whole, valid JSON text;
//! numbers stay text, strings are unescaped only when asked for.

mod node;
mod parse;
mod scan;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use node::{Kind, Node};
pub(crate) use scan::string_stop;
pub(crate) use text::{Escaped, Piece as TextPiece};

/// Deepest nesting of arrays and objects that is read.
pub(crate) const MAX_DEPTH: usize = 100;
/// Most digits of one number, exponent included.
pub(crate) const MAX_NUMBER_DIGITS: usize = 64;
/// Most values (members count twice) of one text; bounds the tape at 64 MiB.
const MAX_ENTRIES: usize = 1 << 22;

/// Why a text was refused, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// Byte offset of the fault in the text.
    pub(crate) offset: usize,
    pub(crate) kind: JsonFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonFault {
    /// Not JSON, or it breaks off.
    Syntax,
    /// A byte that is not UTF-8.
    NotUtf8,
    /// More than white space after the value.
    Trailing,
    /// Nested deeper than [`MAX_DEPTH`]; what follows was not looked at.
    TooDeep,
    /// Valid JSON, but an object has two members of one name.
    DuplicateKey,
    /// Valid JSON, but a number has more than [`MAX_NUMBER_DIGITS`] digits.
    NumberTooLong,
    /// More values than a tape may hold; what follows was not looked at.
    TooLarge,
}

impl JsonFault {
    /// Whether the text is not JSON at all (as against JSON that is not taken).
    pub(crate) fn is_broken(self) -> bool {
        matches!(self, Self::Syntax | Self::NotUtf8 | Self::Trailing)
    }
}

/// One value or member name: where it stands and where the next sibling's entry is.
#[derive(Clone, Copy)]
struct Entry {
    /// First byte; for strings the one after the opening quote.
    start: u32,
    /// One past the last byte; for strings the closing quote.
    end: u32,
    /// Index of the first entry that is not part of this value.
    next: u32,
    kind: Kind,
    /// The string holds at least one backslash.
    escaped: bool,
    /// Of names: a cheap fingerprint, see [`fingerprint`].
    print: u16,
}

/// Length, first and last byte mixed; equal names have equal prints.
fn fingerprint(name: &[u8]) -> u16 {
    let (first, last) = match name {
        [first, .., last] => (*first, *last),
        [one] => (*one, *one),
        [] => (0, 0),
    };
    let length = u16::from(u8::try_from(name.len() & 0x3f).unwrap_or(0));
    (length << 10) ^ (u16::from(first) << 5) ^ u16::from(last)
}

/// A parsed JSON text.
pub(crate) struct Tape<'a> {
    text: &'a str,
    entries: Vec<Entry>,
}

/// The memory of a tape, to be used again.
#[derive(Default)]
pub(crate) struct TapeBuffer(Vec<Entry>);

impl<'a> Tape<'a> {
    /// Checks and reads one JSON text.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Tape<'a>, JsonError> {
        Self::parse_into(bytes, &mut TapeBuffer::default())
    }

    /// Like [`parse`](Self::parse), in memory given by the caller; get it back with
    /// [`recycle`](Self::recycle).
    pub(crate) fn parse_into(
        bytes: &'a [u8],
        buffer: &mut TapeBuffer,
    ) -> Result<Tape<'a>, JsonError> {
        match parse::parse(bytes, &mut buffer.0) {
            Ok(text) => Ok(Tape { text, entries: std::mem::take(&mut buffer.0) }),
            Err(error) => Err(error),
        }
    }

    /// Gives the tape's memory back.
    pub(crate) fn recycle(self, buffer: &mut TapeBuffer) {
        buffer.0 = self.entries;
    }

    /// The whole value.
    pub(crate) fn root(&self) -> Node<'_> {
        Node::new(self, 0)
    }
}
