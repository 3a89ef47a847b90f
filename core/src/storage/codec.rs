//! Bytes in and out: varints and length-checked reads. Reading never panics and never allocates by a
//! stored number; what does not fit is `Inconsistent`.

use crate::Error;

/// Appends `value` as a little-endian base-128 varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7F) as u8);
}

/// Appends the length as a varint, then the bytes.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads what the `put_*` functions wrote; `what` names the structure in errors.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { bytes, what }
    }

    pub(crate) fn fault(&self) -> Error {
        Error::Inconsistent(self.what)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (head, rest) = self.bytes.split_at_checked(count).ok_or_else(|| self.fault())?;
        self.bytes = rest;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(|| self.fault())?;
        self.bytes = rest;
        Ok(*head)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.fault())
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        u32::try_from(self.varint()?).map_err(|_| self.fault())
    }

    /// A count or length: at most the bytes that are left, so that it bounds no allocation wrongly.
    pub(crate) fn count(&mut self) -> Result<usize, Error> {
        let value = usize::try_from(self.varint()?).map_err(|_| self.fault())?;
        if value > self.bytes.len() { Err(self.fault()) } else { Ok(value) }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let count = self.count()?;
        self.take(count)
    }

    /// Everything that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.bytes()?).map_err(|_| self.fault())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_is_read(values in proptest::collection::vec(any::<u64>(), 0..20), bytes: Vec<u8>) {
            let mut out = Vec::new();
            for value in &values {
                put_varint(&mut out, *value);
            }
            put_bytes(&mut out, &bytes);
            let mut reader = Reader::new(&out, "test");
            for value in &values {
                prop_assert_eq!(reader.varint().unwrap(), *value);
            }
            prop_assert_eq!(reader.bytes().unwrap(), &bytes[..]);
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn damaged_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes, "test");
            while !reader.is_empty() && reader.bytes().is_ok() && reader.varint().is_ok() {}
        }
    }
}
