//! What an entry keeps of its key beyond the bytes shared with the key before it. Most distinct keys
//! are ids: their end (connection, system) is often that of the block's own key, and is left out;
//! the hexadecimal digits of a UUID are put two to a byte.
//!
//! Length (varint): bit 0 = an end is left out, its length follows as a varint; bit 1 = packed; the
//! other bits are the number of bytes kept. Packed: number of characters, then the digits.

use std::cmp::Ordering;

use super::block::common_prefix;
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

    /// How many bytes it has in common with `other`, and how the two compare; no more of it is
    /// unpacked than that takes. `block_key` is the block's own key.
    #[inline]
    pub(super) fn compare(
        &self,
        block_key: &[u8],
        other: &[u8],
    ) -> Result<(usize, Ordering), Error> {
        let (length, common) = match self.packed {
            false => (self.kept.len(), common_prefix(self.kept, other)),
            true => {
                let (length, characters) = characters(self.kept).ok_or_else(damaged)?;
                (length, characters.zip(other).take_while(|(own, other)| own == *other).count())
            }
        };
        if common < length {
            let own = match self.packed {
                false => self.kept.get(common).copied(),
                true => characters(self.kept).and_then(|(_, mut all)| all.nth(common)),
            };
            return Ok((common, own.cmp(&other.get(common).copied())));
        }
        let tail = tail(block_key, self.tail)?;
        let more = common_prefix(tail, &other[common..]);
        Ok((common + more, tail.get(more).cmp(&other.get(common + more))))
    }

    /// Appends the bytes; `block_key` is the block's own key.
    #[inline]
    pub(super) fn append(&self, block_key: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if self.packed {
            out.extend(characters(self.kept).ok_or_else(damaged)?.1);
        } else {
            out.extend_from_slice(self.kept);
        }
        out.extend_from_slice(tail(block_key, self.tail)?);
        Ok(())
    }
}

/// The last `length` bytes of a block's own key.
fn tail(block_key: &[u8], length: usize) -> Result<&[u8], Error> {
    let start = block_key.len().checked_sub(length).ok_or_else(damaged)?;
    Ok(&block_key[start..])
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

/// How many characters are packed, and the characters.
#[inline]
fn characters(kept: &[u8]) -> Option<(usize, impl Iterator<Item = u8>)> {
    let (&length, packed) = kept.split_first()?;
    let length = usize::from(length);
    if length > UUID || packed.len() != digits(length).div_ceil(2) {
        return None;
    }
    let mut halves = packed.iter().flat_map(|b| [b >> 4, b & 15]);
    let characters = (1..=length).rev().map(move |from_end| match is_dash(from_end) {
        true => b'-',
        false => b"0123456789abcdef"[usize::from(halves.next().unwrap_or(0))],
    });
    Some((length, characters))
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
        for other in [suffix, &suffix[..suffix.len() / 2], b"0c3151be", b"", b"\xff", block_key] {
            let common = common_prefix(suffix, other);
            assert_eq!(read.compare(block_key, other).unwrap(), (common, suffix.cmp(other)));
        }
        let longer = [suffix, b"\0"].concat();
        let all = (suffix.len(), Ordering::Less);
        assert_eq!(read.compare(block_key, &longer).unwrap(), all);
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
                let _ = suffix.compare(b"key", b"keys");
            }
        }
    }
}
