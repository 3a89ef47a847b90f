//! Reads posting keys back. Every byte string is read without a fault; what no encoder of this
//! version wrote is `None`.

use std::borrow::Cow;

use super::{INTERVAL, POINT, tag};
use crate::fhir::Bound;

/// What a key says about its parameter. Text is as it was given to the encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'k> {
    /// Some value is there.
    Presence,
    /// A code; `code` only where its case matters and differs from the fold.
    Token { folded: Cow<'k, str>, system: Cow<'k, str>, code: Option<&'k str> },
    /// A text; `text` only where it differs from the fold.
    String { folded: Cow<'k, str>, text: Option<&'k str> },
    /// A closed interval, microseconds since 1970.
    Date { lo: i64, hi: i64 },
    /// A number or range, for [`bounds`] and [`split_bounds`].
    Number { bounds: &'k [u8] },
    /// A quantity as written.
    Quantity { code: Cow<'k, str>, system: Cow<'k, str>, unit: Cow<'k, str>, bounds: &'k [u8] },
    /// A quantity in canonical units.
    Canonical { unit: Cow<'k, str>, bounds: &'k [u8] },
    /// A reference inside its connection.
    Local { resource_type: Cow<'k, str>, id: Cow<'k, str>, connection: u32 },
    /// A reference to something else.
    Foreign(&'k str),
    /// A uri.
    Uri(&'k str),
    /// The components, each as its tag and payload.
    Composite(Parts<'k>),
}

/// The components of a composite key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts<'k>(&'k [u8]);

/// Parameter, tag and payload of a key.
pub(crate) fn head(key: &[u8]) -> Option<(u16, u8, &[u8])> {
    let (parameter, rest) = key.split_first_chunk::<2>()?;
    let (&tag, payload) = rest.split_first()?;
    Some((u16::from_be_bytes(*parameter), tag, payload))
}

/// The value in a payload with this tag.
pub(crate) fn decode(tag: u8, payload: &[u8]) -> Option<Value<'_>> {
    match tag {
        tag::PRESENCE => payload.is_empty().then_some(Value::Presence),
        tag::TOKEN => {
            let (folded, rest) = text(payload)?;
            let (system, code) = text(rest)?;
            Some(Value::Token { folded, system, code: written(code)? })
        }
        tag::STRING => {
            let (folded, verbatim) = text(payload)?;
            Some(Value::String { folded, text: written(verbatim)? })
        }
        tag::DATE => {
            let (lo, rest) = payload.split_first_chunk::<8>()?;
            let hi = <&[u8; 8]>::try_from(rest).ok()?;
            Some(Value::Date { lo: micros(*lo), hi: micros(*hi) })
        }
        tag::NUMBER => Some(Value::Number { bounds: payload }),
        tag::QUANTITY => {
            let (code, rest) = text(payload)?;
            let (system, rest) = text(rest)?;
            let (unit, bounds) = text(rest)?;
            Some(Value::Quantity { code, system, unit, bounds })
        }
        tag::CANONICAL => {
            let (unit, bounds) = text(payload)?;
            Some(Value::Canonical { unit, bounds })
        }
        tag::LOCAL => {
            let (resource_type, rest) = text(payload)?;
            let (id, rest) = text(rest)?;
            let connection = u32::from_be_bytes(rest.try_into().ok()?);
            Some(Value::Local { resource_type, id, connection })
        }
        tag::FOREIGN => Some(Value::Foreign(std::str::from_utf8(payload).ok()?)),
        tag::URI => Some(Value::Uri(std::str::from_utf8(payload).ok()?)),
        tag::COMPOSITE => Some(Value::Composite(Parts(payload))),
        _ => None,
    }
}

impl Parts<'_> {
    /// The tag of the next component; its payload is put in place of what `payload` held.
    pub(crate) fn next_into(&mut self, payload: &mut Vec<u8>) -> Option<u8> {
        payload.clear();
        let (&tag, mut rest) = self.0.split_first()?;
        loop {
            let zero = rest.iter().position(|&b| b == 0)?;
            let after = rest.get(zero + 2..);
            match rest.get(zero + 1)? {
                1 => payload.extend_from_slice(&rest[..zero]),
                0xFF => payload.extend_from_slice(&rest[..=zero]),
                _ => return None,
            }
            let is_last = rest[zero + 1] == 1;
            rest = after?;
            if is_last {
                self.0 = rest;
                return Some(tag);
            }
        }
    }
}

impl Iterator for Parts<'_> {
    /// Tag and payload.
    type Item = (u8, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut payload = Vec::new();
        let tag = self.next_into(&mut payload)?;
        Some((tag, payload))
    }
}

/// Both ends of a number or quantity.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn bounds(bytes: &[u8]) -> Option<(Bound, Bound)> {
    let (mut lo, mut hi) = split_bounds(bytes)?;
    Some((Bound::from_key(&mut lo)?, Bound::from_key(&mut hi)?))
}

/// The keys of both ends of a number or quantity, which compare as bytes.
pub(crate) fn split_bounds(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&kind, both) = bytes.split_first()?;
    if kind == POINT {
        return Some((both, both));
    }
    let mut rest = both;
    Bound::from_key(&mut rest)?;
    let ends = both.split_at(both.len() - rest.len());
    Bound::from_key(&mut rest)?;
    (kind == INTERVAL && rest.is_empty()).then_some(ends)
}

/// Terminated text, and what follows it.
fn text(bytes: &[u8]) -> Option<(Cow<'_, str>, &[u8])> {
    let end = bytes.iter().position(|&b| b == 0)?;
    let (raw, rest) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]);
    if !raw.contains('\u{1}') {
        return Some((Cow::Borrowed(raw), rest));
    }
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1}' => out.push(match chars.next()? {
                '\u{2}' => '\u{0}',
                '\u{3}' => '\u{1}',
                _ => return None,
            }),
            _ => out.push(c),
        }
    }
    Some((Cow::Owned(out), rest))
}

/// Text at the end of a key, `None` inside where there is none.
fn written(bytes: &[u8]) -> Option<Option<&str>> {
    if bytes.is_empty() { Some(None) } else { Some(Some(std::str::from_utf8(bytes).ok()?)) }
}

fn micros(end: [u8; 8]) -> i64 {
    i64::from_be_bytes(end) ^ i64::MIN
}
