//! Variable-length integers (seven bits a byte, low ones first) and a checked reader.

use crate::error::Error;

/// What every fault in the bytes of a segment is answered with: the index is derived data, so the
/// vault rebuilds it from the bodies.
pub(crate) fn damaged() -> Error {
    Error::Inconsistent("index")
}

pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

/// Reads front to back; never beyond the end, never a count it did not check.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, Error> {
        let first = *self.bytes.get(self.at).ok_or_else(damaged)?;
        self.at += 1;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        let mut value = u64::from(first & 0x7f);
        for shift in (7..63).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or_else(damaged)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(damaged())
    }

    /// A length or count that the caller checks against the bytes that are left.
    #[inline]
    pub(crate) fn length(&mut self) -> Result<usize, Error> {
        usize::try_from(self.varint()?).map_err(|_| damaged())
    }

    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(count).ok_or_else(damaged)?;
        let bytes = self.bytes.get(self.at..end).ok_or_else(damaged)?;
        self.at = end;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_every_cut_is_an_error() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX) << 1, (1 << 63) - 1] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert_eq!(Reader::new(&bytes, 0).varint(), Ok(value));
            for cut in 0..bytes.len() {
                assert_eq!(Reader::new(&bytes[..cut], 0).varint(), Err(damaged()));
            }
        }
    }

    #[test]
    fn endless_varint_is_refused() {
        assert_eq!(Reader::new(&[0xff; 20], 0).varint(), Err(damaged()));
    }
}
