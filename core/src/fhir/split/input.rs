//! A window over the input that grows while a value is being followed to its end.

use std::io::{ErrorKind, Read};
use std::ops::Range;

use super::SplitError;
use crate::fhir::json::string_stop;

const CHUNK: usize = 128 << 10;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The window. Indices are positions in it and stay valid until [`release`](Self::release).
pub(super) struct Input<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The cursor.
    pub(super) at: usize,
    /// Offset of the window's first byte in the input.
    base: u64,
    ended: bool,
}

impl<R: Read> Input<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), at: 0, base: 0, ended: false }
    }

    /// Offset of the cursor in the input.
    pub(super) fn offset(&self) -> u64 {
        self.offset_of(self.at)
    }

    pub(super) fn offset_of(&self, index: usize) -> u64 {
        self.base + index as u64
    }

    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    pub(super) fn bytes_from(&self, start: usize) -> &[u8] {
        self.buffer.get(start..).unwrap_or_default()
    }

    /// Whether the cursor stands at the end of the whole input.
    pub(super) fn is_at_end(&self) -> bool {
        self.ended && self.at >= self.buffer.len()
    }

    /// Forgets what lies before the cursor; the first call skips a byte order mark.
    pub(super) fn release(&mut self) -> Result<(), SplitError> {
        if self.base == 0 && self.at == 0 {
            while self.buffer.len() < BYTE_ORDER_MARK.len() && self.fill()? {}
            if self.buffer.starts_with(BYTE_ORDER_MARK) {
                self.at = BYTE_ORDER_MARK.len();
            }
        }
        if self.at >= CHUNK.max(self.buffer.len() / 2) {
            self.buffer.drain(..self.at);
            self.base += self.at as u64;
            self.at = 0;
            if self.buffer.capacity() > 64 * CHUNK {
                self.buffer.shrink_to(2 * CHUNK.max(self.buffer.len()));
            }
        }
        Ok(())
    }

    /// Reads more; false at the end of the input.
    fn fill(&mut self) -> Result<bool, SplitError> {
        if self.ended {
            return Ok(false);
        }
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK, 0);
        let got = loop {
            match self.reader.read(&mut self.buffer[filled..]) {
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(filled + *got.as_ref().unwrap_or(&0));
        match got {
            Ok(0) => {
                self.ended = true;
                Ok(false)
            }
            Ok(_) => Ok(true),
            Err(e) => Err(SplitError {
                offset: self.offset_of(filled),
                reason: "reading failed",
                io: Some(e.kind()),
            }),
        }
    }

    /// Steps over white space; the byte there, not consumed, or `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, SplitError> {
        loop {
            while let Some(&byte) = self.buffer.get(self.at) {
                if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                    return Ok(Some(byte));
                }
                self.at += 1;
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// The extent of the value at the cursor, which moves behind it. `None`: no value begins
    /// here, or the input ends inside it (the cursor is then at the end). Refuses to hold more
    /// than `limit` bytes from `outer` on.
    pub(super) fn value(
        &mut self,
        outer: usize,
        limit: usize,
    ) -> Result<Option<Range<usize>>, SplitError> {
        let start = self.at;
        let mut scan = Scan { at: start, depth: 0, in_string: false };
        loop {
            if let Some(end) = scan.advance(&self.buffer) {
                self.at = end;
                return Ok((end > start).then_some(start..end));
            }
            if scan.at - outer > limit {
                return Err(SplitError {
                    offset: self.offset_of(outer),
                    reason: "a resource, or a Bundle whose type stands last, is too large",
                    io: None,
                });
            }
            if !self.fill()? {
                self.at = self.buffer.len();
                // A number or literal at the top may end with the input.
                let scalar = scan.depth == 0 && !scan.in_string && self.at > start;
                return Ok(scalar.then_some(start..self.at));
            }
        }
    }
}

/// Follows brackets and strings only; taken up again when more of the input is there.
struct Scan {
    at: usize,
    depth: usize,
    in_string: bool,
}

impl Scan {
    /// The end of the value, or `None` when the bytes do not reach so far.
    fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        loop {
            if self.in_string {
                self.string(bytes)?;
                if self.depth == 0 {
                    return Some(self.at);
                }
            }
            let mut at = self.at;
            let found = loop {
                let Some(&byte) = bytes.get(at) else { break None };
                match byte {
                    b'"' => {
                        self.in_string = true;
                        break None;
                    }
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' if self.depth <= 1 => {
                        break Some(at + self.depth);
                    }
                    b'}' | b']' => self.depth -= 1,
                    b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => {
                        break Some(at);
                    }
                    _ => {}
                }
                at += 1;
            };
            self.at = at;
            if found.is_some() {
                return found;
            }
            if !self.in_string {
                return None;
            }
            self.at += 1;
        }
    }

    /// To behind the closing quote.
    fn string(&mut self, bytes: &[u8]) -> Option<()> {
        loop {
            let stop = string_stop(bytes, self.at);
            self.at = stop;
            match bytes.get(stop)? {
                b'"' => {
                    self.at += 1;
                    self.in_string = false;
                    return Some(());
                }
                // The escaped byte may lie in the next chunk.
                b'\\' => {
                    bytes.get(stop + 1)?;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
    }
}
