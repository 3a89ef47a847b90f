//! Cuts an input into resources while it streams: single resources, Bundles, NDJSON, and JSON
//! values one after another. Holds the largest entry in memory, never a whole Bundle (except one
//! that names its `type` after its entries). Finds where values end; [`Piece::read`] checks them.

mod input;
mod piece;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

use input::Input;
pub(crate) use piece::{Piece, PieceFault, Quarantine};

use super::json::{JsonError, JsonFault, Tape};

/// Largest resource, or other single value, that is taken.
pub(crate) const MAX_PIECE: usize = 64 << 20;
/// Largest Bundle that is held while its kind is unknown because `type` stands after `entry`.
const MAX_UNDECIDED: usize = 256 << 20;

/// Where and why an input could not be cut further; what came before it was given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SplitError {
    /// Byte offset in the input.
    pub(crate) offset: u64,
    pub(crate) reason: &'static str,
    /// Set when reading failed, not the JSON.
    pub(crate) io: Option<io::ErrorKind>,
}

impl From<SplitError> for crate::Error {
    fn from(error: SplitError) -> Self {
        match error.io {
            Some(kind) => Self::Input(kind),
            None => Self::BrokenInput { offset: error.offset, reason: error.reason },
        }
    }
}

/// The reason that goes with a fault of the JSON.
fn reason(fault: JsonFault) -> &'static str {
    match fault {
        JsonFault::Syntax | JsonFault::Trailing => "not valid JSON",
        JsonFault::NotUtf8 => "not UTF-8",
        JsonFault::TooDeep => "nested too deep",
        JsonFault::DuplicateKey => "an object has two members of one name",
        JsonFault::NumberTooLong => "a number has too many digits",
        JsonFault::TooLarge => "too many values",
    }
}

/// What the splitter gives out.
pub(crate) enum Item {
    Piece(Piece),
    /// The envelope Bundle of this number is complete.
    BundleEnd(u32),
}

/// The envelope that is being read.
#[derive(Clone, Copy)]
struct Envelope {
    number: u32,
    searchset: bool,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Among the Bundle's members; `first` right after its brace.
    Members { first: bool },
    /// Inside the `entry` array; `first` right after its bracket.
    Entries { first: bool },
}

/// Cuts what `R` gives into pieces.
pub(crate) struct Splitter<R> {
    input: Input<R>,
    envelope: Option<Envelope>,
    bundles: u32,
    failed: Option<SplitError>,
}

impl<R: Read> Splitter<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { input: Input::new(reader), envelope: None, bundles: 0, failed: None }
    }

    /// The next piece; `None` at the end of the input. An error repeats itself.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, SplitError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let result = self.step();
        if let Err(error) = result {
            self.failed = Some(error);
        }
        result
    }

    /// Bytes of the input that are cut already.
    pub(crate) fn position(&self) -> u64 {
        self.input.offset()
    }

    fn step(&mut self) -> Result<Option<Item>, SplitError> {
        loop {
            self.input.release()?;
            let item = match self.envelope {
                Some(envelope) => self.in_envelope(envelope)?,
                None => match self.input.peek()? {
                    None => return Ok(None),
                    Some(b'{') => self.top_object()?,
                    Some(_) => Some(self.whole(self.input.at)?),
                },
            };
            if item.is_some() {
                return Ok(item);
            }
        }
    }

    /// The value at `start`, however far the cursor got in it, as one piece.
    fn whole(&mut self, start: usize) -> Result<Item, SplitError> {
        self.input.at = start;
        let range = self.value(start, MAX_PIECE)?;
        Ok(Item::Piece(Piece::new(
            self.input.bytes(range.clone()),
            self.input.offset_of(range.start),
        )))
    }

    /// The extent of the value at the cursor, which lies inside the value at `outer`.
    fn value(&mut self, outer: usize, limit: usize) -> Result<std::ops::Range<usize>, SplitError> {
        match self.input.value(outer, limit)? {
            Some(range) => Ok(range),
            None => Err(self.broken(outer)),
        }
    }

    /// The error for a value that begins at `outer` and is broken at or before the cursor.
    fn broken(&self, outer: usize) -> SplitError {
        let input = &self.input;
        let at_cursor = SplitError {
            offset: input.offset(),
            reason: if input.is_at_end() { "the input breaks off" } else { "not valid JSON" },
            io: None,
        };
        match Tape::parse(input.bytes_from(outer)).err() {
            Some(JsonError { offset, kind: kind @ (JsonFault::Syntax | JsonFault::NotUtf8) })
                if input.offset_of(outer + offset) < input.offset() =>
            {
                SplitError {
                    offset: input.offset_of(outer + offset),
                    reason: reason(kind),
                    io: None,
                }
            }
            _ => at_cursor,
        }
    }

    /// Steps over white space to a byte; the end of the input or another byte is an error.
    fn expect(&mut self, outer: usize, byte: u8) -> Result<(), SplitError> {
        if self.input.peek()? != Some(byte) {
            return Err(self.broken(outer));
        }
        self.input.at += 1;
        Ok(())
    }

    /// A member's name and colon; the cursor is left on the value.
    fn name(&mut self, outer: usize) -> Result<String, SplitError> {
        if self.input.peek()? != Some(b'"') {
            return Err(self.broken(outer));
        }
        let range = self.value(outer, MAX_PIECE)?;
        let Some(name) = string(self.input.bytes(range)) else { return Err(self.broken(outer)) };
        self.expect(outer, b':')?;
        self.input.peek()?;
        Ok(name)
    }

    /// After a member or element: true to go on, false at the closing byte (which is consumed).
    fn goes_on(&mut self, outer: usize, first: bool, close: u8) -> Result<bool, SplitError> {
        match self.input.peek()? {
            Some(byte) if byte == close => {
                self.input.at += 1;
                Ok(false)
            }
            Some(b',') if !first => {
                self.input.at += 1;
                self.input.peek()?;
                Ok(true)
            }
            Some(_) if first => Ok(true),
            _ => Err(self.broken(outer)),
        }
    }

    /// An object at the top: one resource, or an envelope. The first `resourceType` and the first
    /// `type` decide.
    fn top_object(&mut self) -> Result<Option<Item>, SplitError> {
        let start = self.input.at;
        self.input.at += 1;
        let mut bundle = None;
        let mut kind: Option<String> = None;
        let mut first = true;
        while bundle != Some(false)
            && (bundle.is_none() || kind.is_none())
            && self.goes_on(start, first, b'}')?
        {
            first = false;
            let name = self.name(start)?;
            let range = self.value(start, MAX_UNDECIDED)?;
            if name == "resourceType" && bundle.is_none() {
                bundle = Some(string(self.input.bytes(range)).as_deref() == Some("Bundle"));
            } else if name == "type" && kind.is_none() {
                kind = Some(string(self.input.bytes(range)).unwrap_or_default());
            }
        }
        let kind = kind.unwrap_or_default();
        if bundle != Some(true) || kind == "document" || kind == "message" {
            return self.whole(start).map(Some);
        }
        // From its brace again, now as an envelope whose parts need not be held.
        self.input.at = start + 1;
        self.bundles += 1;
        self.envelope = Some(Envelope {
            number: self.bundles,
            searchset: kind == "searchset",
            place: Place::Members { first: true },
        });
        Ok(None)
    }

    fn in_envelope(&mut self, mut envelope: Envelope) -> Result<Option<Item>, SplitError> {
        let mut item = None;
        match envelope.place {
            Place::Members { first } => {
                let at = self.input.at;
                if !self.goes_on(at, first, b'}')? {
                    self.envelope = None;
                    return Ok(Some(Item::BundleEnd(envelope.number)));
                }
                envelope.place = Place::Members { first: false };
                let name = self.name(self.input.at)?;
                match self.input.peek()? {
                    Some(b'[') if name == "entry" => {
                        self.input.at += 1;
                        envelope.place = Place::Entries { first: true };
                    }
                    Some(b'{') if name == "entry" => item = self.entry(envelope)?,
                    _ => {
                        let range = self.value(self.input.at, MAX_PIECE)?;
                        self.check(range)?;
                    }
                }
            }
            Place::Entries { first } => {
                let at = self.input.at;
                if self.goes_on(at, first, b']')? {
                    envelope.place = Place::Entries { first: false };
                    item = self.entry(envelope)?;
                } else {
                    envelope.place = Place::Members { first: false };
                }
            }
        }
        self.envelope = Some(envelope);
        Ok(item)
    }

    /// Refuses a value that is no JSON.
    fn check(&self, range: std::ops::Range<usize>) -> Result<(), SplitError> {
        match Tape::parse(self.input.bytes(range.clone())).err() {
            Some(JsonError { offset, kind }) if kind.is_broken() => Err(SplitError {
                offset: self.input.offset_of(range.start + offset),
                reason: reason(kind),
                io: None,
            }),
            _ => Ok(()),
        }
    }

    /// One element of `entry`; `None` when it holds no resource.
    fn entry(&mut self, envelope: Envelope) -> Result<Option<Item>, SplitError> {
        let start = self.input.at;
        if self.input.peek()? != Some(b'{') {
            return self.whole(start).map(|item| Some(of_envelope(item, envelope)));
        }
        self.input.at += 1;
        let mut resource = None;
        let mut resources = 0;
        let mut full_url = None;
        let mut outcome = false;
        let mut first = true;
        while self.goes_on(start, first, b'}')? {
            first = false;
            let name = self.name(start)?;
            let range = self.value(start, MAX_PIECE)?;
            if name == "resource" {
                resources += 1;
                if self.input.bytes(range.clone()) == b"null" {
                    continue;
                }
                resource = Some(range);
                continue;
            }
            let value = match Tape::parse(self.input.bytes(range)) {
                Err(e) if e.kind.is_broken() => return Err(self.broken(start)),
                Err(_) => continue,
                Ok(value) => value,
            };
            match name.as_str() {
                "fullUrl" => full_url = value.root().str().map(|url| url.into_owned()),
                "search" => {
                    outcome = value.root().get("mode").is_some_and(|mode| mode.is_str("outcome"));
                }
                _ => {}
            }
        }
        let range = match resource {
            None => return Ok(None),
            // Two resources under one name: the entry is kept whole, to be set apart.
            Some(_) if resources > 1 => start..self.input.at,
            Some(range) => range,
        };
        let offset = self.input.offset_of(range.start);
        let mut piece = Piece::new(self.input.bytes(range), offset);
        piece.full_url = full_url;
        piece.search_mode_outcome = outcome;
        Ok(Some(of_envelope(Item::Piece(piece), envelope)))
    }
}

fn of_envelope(item: Item, envelope: Envelope) -> Item {
    match item {
        Item::Piece(mut piece) => {
            piece.bundle = envelope.number;
            piece.searchset = envelope.searchset;
            Item::Piece(piece)
        }
        end => end,
    }
}

/// The text of a JSON string; `None` for anything else.
fn string(bytes: &[u8]) -> Option<String> {
    // Nearly every name and short code is plain.
    if let [b'"', inside @ .., b'"'] = bytes
        && inside.iter().all(|b| (0x20..0x7f).contains(b) && *b != b'"' && *b != b'\\')
    {
        return std::str::from_utf8(inside).ok().map(str::to_owned);
    }
    Tape::parse(bytes).ok()?.root().str().map(|text| text.into_owned())
}
