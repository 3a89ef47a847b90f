//! The parser: one pass over the bytes, strict grammar, no recursion.
//! Its verdicts are those of `serde_json` except where [`JsonFault`] says otherwise.

use super::scan::string_stop;
use super::text::Escaped;
use super::{
    Entry, JsonError, JsonFault, Kind, MAX_DEPTH, MAX_ENTRIES, MAX_NUMBER_DIGITS, fingerprint,
};

/// Objects with more members than this are checked for duplicate names by sorting.
const PAIRWISE_MEMBERS: usize = 32;

/// Fills `entries` with the tape of `bytes`.
pub(super) fn parse<'a>(bytes: &'a [u8], entries: &mut Vec<Entry>) -> Result<&'a str, JsonError> {
    entries.clear();
    if u32::try_from(bytes.len()).is_err() {
        return Err(JsonError { offset: 0, kind: JsonFault::TooLarge });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            entries.reserve(bytes.len() / 12 + 4);
            let mut parser = Parser::new(text, entries);
            parser.run()?;
            Ok(text)
        }
        Err(error) => {
            // An earlier fault of the grammar is the one to report.
            let valid = error.valid_up_to();
            let prefix = std::str::from_utf8(&bytes[..valid]).unwrap_or_default();
            let earlier = Parser::new(prefix, entries).run();
            entries.clear();
            match (earlier, error.error_len()) {
                (Err(e), _) if e.offset < valid => Err(e),
                (Err(_), None) => Err(JsonError { offset: bytes.len(), kind: JsonFault::Syntax }),
                _ => Err(JsonError { offset: valid, kind: JsonFault::NotUtf8 }),
            }
        }
    }
}

/// An array or object that is still open.
#[derive(Clone, Copy, Default)]
struct Open {
    index: u32,
    members: u32,
    object: bool,
}

struct Parser<'a, 'e> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    entries: &'e mut Vec<Entry>,
    /// First fault that leaves the text valid JSON.
    minor: Option<JsonError>,
}

#[expect(clippy::cast_possible_truncation, reason = "parse() refuses texts beyond u32")]
fn small(n: usize) -> u32 {
    n as u32
}

impl<'a, 'e> Parser<'a, 'e> {
    fn new(text: &'a str, entries: &'e mut Vec<Entry>) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, entries, minor: None }
    }

    fn fault<T>(&self, kind: JsonFault) -> Result<T, JsonError> {
        Err(JsonError { offset: self.at, kind })
    }

    fn minor(&mut self, offset: usize, kind: JsonFault) {
        self.minor.get_or_insert(JsonError { offset, kind });
    }

    /// The next byte that is not white space; 0 (never valid outside a string) at the end.
    #[inline(always)]
    fn peek(&mut self) -> u8 {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
        0
    }

    #[inline(always)]
    fn push(&mut self, kind: Kind, start: usize, end: usize, escaped: bool) {
        let next = small(self.entries.len()) + 1;
        let (start, end) = (small(start), small(end));
        self.entries.push(Entry { start, end, next, kind, escaped, print: 0 });
    }

    fn run(&mut self) -> Result<(), JsonError> {
        let mut stack = [Open::default(); MAX_DEPTH];
        let mut depth = 0;
        'value: loop {
            if self.entries.len() >= MAX_ENTRIES {
                return self.fault(JsonFault::TooLarge);
            }
            match self.peek() {
                b'"' => {
                    let (start, end, escaped) = self.string()?;
                    self.push(Kind::String, start, end, escaped);
                }
                open @ (b'{' | b'[') => {
                    if depth == MAX_DEPTH {
                        return self.fault(JsonFault::TooDeep);
                    }
                    let object = open == b'{';
                    stack[depth] = Open { index: small(self.entries.len()), members: 0, object };
                    depth += 1;
                    let kind = if object { Kind::Object } else { Kind::Array };
                    self.push(kind, self.at, self.at, false);
                    self.at += 1;
                    match (self.peek(), object) {
                        (b'}', true) | (b']', false) => {}
                        (_, true) => {
                            self.name(&mut stack[depth - 1])?;
                            continue 'value;
                        }
                        (_, false) => continue 'value,
                    }
                }
                b'-' | b'0'..=b'9' => self.number()?,
                b't' => self.literal(b"true", Kind::Bool)?,
                b'f' => self.literal(b"false", Kind::Bool)?,
                b'n' => self.literal(b"null", Kind::Null)?,
                _ => return self.fault(JsonFault::Syntax),
            }
            // A value is complete: close what ends here, or go to the next sibling.
            loop {
                let Some(open) = depth.checked_sub(1).and_then(|d| stack.get_mut(d)) else {
                    break 'value;
                };
                match (self.peek(), open.object) {
                    (b',', true) => {
                        self.at += 1;
                        self.peek();
                        self.name(open)?;
                        continue 'value;
                    }
                    (b',', false) => {
                        self.at += 1;
                        continue 'value;
                    }
                    (b'}', true) | (b']', false) => {
                        self.at += 1;
                        let open = *open;
                        depth -= 1;
                        self.close(open);
                    }
                    _ => return self.fault(JsonFault::Syntax),
                }
            }
        }
        self.peek();
        if self.at < self.bytes.len() {
            return self.fault(JsonFault::Trailing);
        }
        self.minor.map_or(Ok(()), Err)
    }

    fn close(&mut self, open: Open) {
        let next = small(self.entries.len());
        let entry = &mut self.entries[open.index as usize];
        entry.end = small(self.at);
        entry.next = next;
        if open.members as usize > PAIRWISE_MEMBERS {
            self.sorted_duplicates(open.index);
        }
    }

    /// A member's name and its colon; `self.at` is on the name.
    #[inline(always)]
    fn name(&mut self, open: &mut Open) -> Result<(), JsonError> {
        if self.bytes.get(self.at) != Some(&b'"') {
            return self.fault(JsonFault::Syntax);
        }
        let (start, end, escaped) = self.string()?;
        if self.peek() != b':' {
            return self.fault(JsonFault::Syntax);
        }
        self.at += 1;
        open.members += 1;
        if open.members as usize <= PAIRWISE_MEMBERS {
            self.pairwise_duplicate(open.index, start, end, escaped);
        }
        self.push(Kind::String, start, end, escaped);
        if let Some(entry) = self.entries.last_mut() {
            entry.print = fingerprint(&self.bytes[start..end]);
        }
        Ok(())
    }

    #[inline(always)]
    fn pairwise_duplicate(&mut self, object: u32, start: usize, end: usize, escaped: bool) {
        let print = fingerprint(&self.bytes[start..end]);
        let mut at = object as usize + 1;
        while let Some([key, value]) = self.entries.get(at..).and_then(|e| e.first_chunk::<2>()) {
            at = value.next as usize;
            let (key_start, key_end) = (key.start as usize, key.end as usize);
            if escaped || key.escaped {
                if self.decoded(key_start, key_end) == self.decoded(start, end) {
                    self.minor(start - 1, JsonFault::DuplicateKey);
                    return;
                }
            } else if key.print == print && self.bytes[key_start..key_end] == self.bytes[start..end]
            {
                self.minor(start - 1, JsonFault::DuplicateKey);
                return;
            }
        }
    }

    fn decoded(&self, start: usize, end: usize) -> String {
        Escaped::decode(&self.text[start..end])
    }

    #[cold]
    fn sorted_duplicates(&mut self, object: u32) {
        let next = self.entries[object as usize].next as usize;
        let mut names = Vec::new();
        let mut at = object as usize + 1;
        while at < next {
            let key = &self.entries[at];
            let inside = &self.text[key.start as usize..key.end as usize];
            let name = if key.escaped {
                std::borrow::Cow::Owned(Escaped::decode(inside))
            } else {
                std::borrow::Cow::Borrowed(inside)
            };
            names.push((name, key.start as usize - 1));
            at = self.entries[at + 1].next as usize;
        }
        names.sort_unstable();
        let first = names.windows(2).filter(|w| w[0].0 == w[1].0).map(|w| w[1].1).min();
        if let Some(offset) = first {
            self.minor(offset, JsonFault::DuplicateKey);
        }
    }

    /// A string; `self.at` is on its opening quote. Start and end of its inside.
    #[inline(always)]
    fn string(&mut self) -> Result<(usize, usize, bool), JsonError> {
        let start = self.at + 1;
        let stop = string_stop(self.bytes, start);
        if self.bytes.get(stop) == Some(&b'"') {
            self.at = stop + 1;
            return Ok((start, stop, false));
        }
        self.at = stop;
        self.escaped_string(start)
    }

    #[cold]
    fn escaped_string(&mut self, start: usize) -> Result<(usize, usize, bool), JsonError> {
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let end = self.at;
                    self.at += 1;
                    return Ok((start, end, true));
                }
                Some(b'\\') => self.escape()?,
                _ => return self.fault(JsonFault::Syntax),
            }
            self.at = string_stop(self.bytes, self.at);
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        match self.bytes.get(self.at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
            Some(b'u') => {
                for _ in 0..4 {
                    self.at += 1;
                    if !self.bytes.get(self.at).is_some_and(u8::is_ascii_hexdigit) {
                        return self.fault(JsonFault::Syntax);
                    }
                }
            }
            _ => return self.fault(JsonFault::Syntax),
        }
        self.at += 1;
        Ok(())
    }

    #[inline(always)]
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let mut digits = 1;
        match self.bytes.get(self.at) {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => digits = self.digits(),
            _ => return self.fault(JsonFault::Syntax),
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            digits += self.some_digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            digits += self.some_digits()?;
        }
        if digits > MAX_NUMBER_DIGITS {
            self.minor(start, JsonFault::NumberTooLong);
        }
        self.push(Kind::Number, start, self.at, false);
        Ok(())
    }

    fn some_digits(&mut self) -> Result<usize, JsonError> {
        match self.digits() {
            0 => self.fault(JsonFault::Syntax),
            n => Ok(n),
        }
    }

    fn literal(&mut self, word: &[u8], kind: Kind) -> Result<(), JsonError> {
        let start = self.at;
        for &byte in word {
            if self.bytes.get(self.at) != Some(&byte) {
                return self.fault(JsonFault::Syntax);
            }
            self.at += 1;
        }
        self.push(kind, start, self.at, false);
        Ok(())
    }
}
