//! What an entry keeps of its key beyond the bytes shared with the key before it. Most distinct keys
//! are ids: their end (connection, system) is often that of the block's own key, and is left out;
//! the hexadecimal digits of a UUID are put two to a byte.
//!
//! Length (varint): bit 0 = an end is left out, its length follows as a varint; bit 1 = packed; the
//! other bits are the number of bytes kept. Packed: number of characters, then the digits.

use super::varint::{Reader, damaged, put};
use crate::error::Error;

/// Characters of a UUID.
const UUID: usize = 36;
/// Shorter ends of a UUID are not worth packing.
const PACKED_MIN: usize = 8;

/// The end of a key, as kept.
#[derive(Clone, Copy)]
pub(super) struct Suffix<'a> {
    kept: &'a [u8],
    packed: bool,
    /// Bytes at the end of the block's own key that follow.
    tail: usize,
}

impl<'a> Suffix<'a> {
    #[inline]
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let length = reader.length()?;
        let tail = if length & 1 == 1 { reader.length()? } else { 0 };
        Ok(Self { kept: reader.take(length >> 2)?, packed: length & 2 == 2, tail })
    }

    /// The bytes, where they are kept as they are.
    #[inline]
    pub(super) fn plain(&self) -> Option<&'a [u8]> {
        (!self.packed && self.tail == 0).then_some(self.kept)
    }

    /// Appends the bytes; `block_key` is the block's own key.
    #[inline]
    pub(super) fn append(&self, block_key: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if self.packed {
            unpack(self.kept, out).ok_or_else(damaged)?;
        } else {
            out.extend_from_slice(self.kept);
        }
        if self.tail > 0 {
            let start = block_key.len().checked_sub(self.tail).ok_or_else(damaged)?;
            out.extend_from_slice(&block_key[start..]);
        }
        Ok(())
    }
}

/// Writes the end of a key.
pub(super) fn write(suffix: &[u8], block_key: &[u8], out: &mut Vec<u8>) {
    let tail = common_tail(suffix, block_key);
    let kept = &suffix[..suffix.len() - tail];
    let flag = u64::from(tail > 0);
    let digits = packed_length(kept);
    let length = digits.unwrap_or(kept.len()) as u64;
    put(out, length << 2 | u64::from(digits.is_some()) << 1 | flag);
    if tail > 0 {
        put(out, tail as u64);
    }
    if digits.is_some() { pack(kept, out) } else { out.extend_from_slice(kept) }
}

/// Length of the end that both have, from its first zero byte on: text before it is an id of its
/// own, which must stay whole to be packed.
fn common_tail(suffix: &[u8], block_key: &[u8]) -> usize {
    let pairs = suffix.iter().rev().zip(block_key.iter().rev());
    let common = pairs.take_while(|(a, b)| a == b).count();
    let end = &suffix[suffix.len() - common..];
    let length = end.iter().position(|&b| b == 0).map_or(0, |zero| common - zero);
    if length > 1 { length } else { 0 }
}

/// Whether a UUID has a dash this far from its end (the last character is at 1).
fn is_dash(from_end: usize) -> bool {
    matches!(from_end, 13 | 18 | 23 | 28)
}

/// Bytes that the end of a UUID takes when packed; none when it is none, or not worth it.
fn packed_length(text: &[u8]) -> Option<usize> {
    if !(PACKED_MIN..=UUID).contains(&text.len()) {
        return None;
    }
    let fits = |(from_end, &c): (usize, &u8)| {
        if is_dash(from_end) { c == b'-' } else { matches!(c, b'0'..=b'9' | b'a'..=b'f') }
    };
    let whole = (1..).zip(text.iter().rev()).all(fits);
    whole.then(|| 1 + digits(text.len()).div_ceil(2))
}

fn digits(characters: usize) -> usize {
    characters - (1..=characters).filter(|&from_end| is_dash(from_end)).count()
}

fn pack(text: &[u8], out: &mut Vec<u8>) {
    put(out, text.len() as u64);
    let mut half = None;
    for &c in text.iter().filter(|&&c| c != b'-') {
        let digit = if c <= b'9' { c - b'0' } else { c - b'a' + 10 };
        match half.take() {
            None => half = Some(digit << 4),
            Some(high) => out.push(high | digit),
        }
    }
    out.extend(half);
}

fn unpack(kept: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (&characters, packed) = kept.split_first()?;
    let characters = usize::from(characters);
    if characters > UUID || packed.len() != digits(characters).div_ceil(2) {
        return None;
    }
    let mut halves = packed.iter().flat_map(|b| [b >> 4, b & 15]);
    for from_end in (1..=characters).rev() {
        out.push(match is_dash(from_end) {
            true => b'-',
            false => b"0123456789abcdef"[usize::from(halves.next()?)],
        });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &[u8] = b"0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";

    fn round_trip(suffix: &[u8], block_key: &[u8]) -> usize {
        let mut bytes = Vec::new();
        write(suffix, block_key, &mut bytes);
        let mut reader = Reader::new(&bytes, 0);
        let read = Suffix::read(&mut reader).unwrap();
        assert!(reader.is_at_end());
        let mut out = b"before".to_vec();
        read.append(block_key, &mut out).unwrap();
        assert_eq!(out, [b"before", suffix].concat());
        if let Some(plain) = read.plain() {
            assert_eq!(plain, suffix);
        }
        bytes.len()
    }

    #[test]
    fn ids_take_half_their_length() {
        let key = [b"Patient\0ffff\0".as_slice(), &[0, 0, 0, 1]].concat();
        for cut in 0..ID.len() {
            let suffix = [&ID[cut..], &[0, 0, 0, 0, 1]].concat();
            let length = round_trip(&suffix, &key);
            if cut < 20 {
                assert!(length <= (ID.len() - cut).div_ceil(2) + 3, "{cut}: {length}");
            }
            round_trip(&ID[cut..], b"");
        }
        let upper = ID.to_ascii_uppercase();
        round_trip(&upper, &key);
    }

    proptest! {
        #[test]
        fn every_suffix_comes_back(
            suffix in prop_oneof!["[0-9a-f-]{0,40}", "\\PC{0,30}"],
            end in prop::collection::vec(0u8..3, 0..6),
            block_key in prop::collection::vec(0u8..3, 0..9),
        ) {
            round_trip(&[suffix.as_bytes(), &end].concat(), &block_key);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            if let Ok(suffix) = Suffix::read(&mut Reader::new(&bytes, 0)) {
                let _ = suffix.append(b"key", &mut Vec::new());
            }
        }
    }
}
