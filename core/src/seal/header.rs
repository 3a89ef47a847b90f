//! The vault header: 20,480 bytes in two copies. Kept as bytes, so that an older program carries
//! over what it does not know.

use super::cipher::{self, Suite};
use super::geometry::{Geometry, HEADER_LEN, PAGE_LEN};
use super::keys::{BLOCK_FORMAT, Keys};
use super::slot::{SLOT_LEN, Slot, SlotFault};

pub(crate) const MAGIC: [u8; 8] = *b"\x89CKV\r\n\x1A\n";
pub(crate) const MAJOR: u16 = 1;
pub(crate) const MINOR: u16 = 0;
pub(crate) const SLOTS: usize = 8;
const SLOTS_AT: usize = 256;
const MAC_AT: usize = 20_416;
const SUM_AT: usize = 20_448;

/// What one copy of the header is worth before any key is known.
#[derive(Debug)]
pub(crate) enum Copy {
    Good(Header),
    /// Not a header, torn or rotten.
    Damaged,
    /// Whole, but of a newer major version or with a feature that must be understood.
    Newer {
        major: u16,
        sequence: u64,
    },
    /// Whole, but a slot asks for key derivation outside the format's bounds.
    KdfOutOfBounds,
}

/// A header whose checksum and fields are good.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Header {
    bytes: Box<[u8]>,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Header").field("sequence", &self.sequence()).finish_non_exhaustive()
    }
}

pub(crate) fn has_magic(copy: &[u8]) -> bool {
    copy.starts_with(&MAGIC)
}

/// Reads one copy. Nothing is allocated by a stored number.
pub(crate) fn parse(copy: &[u8]) -> Copy {
    if copy.len() != HEADER_LEN
        || !has_magic(copy)
        || cipher::sha256(&copy[..SUM_AT])[..] != copy[SUM_AT..]
    {
        return Copy::Damaged;
    }
    let header = Header { bytes: copy.into() };
    let newer = Copy::Newer { major: header.u16_at(8), sequence: header.sequence() };
    if header.u16_at(8) > MAJOR {
        return newer;
    }
    if header.u16_at(8) != MAJOR || header.u32_at(12) as usize != HEADER_LEN {
        return Copy::Damaged;
    }
    let must_understand = header.u64_at(16);
    if must_understand != 0
        || Suite::from_number(header.u16_at(68)).is_none()
        || header.u16_at(70) != BLOCK_FORMAT
    {
        return newer;
    }
    if Geometry::new(header.u32_at(72)).is_none() || header.u32_at(76) as usize != PAGE_LEN {
        return Copy::Damaged;
    }
    for slot in header.slots() {
        match slot.check() {
            Ok(()) => {}
            Err(SlotFault::Shape) => return Copy::Damaged,
            Err(SlotFault::KdfOutOfBounds) => return Copy::KdfOutOfBounds,
        }
    }
    Copy::Good(header)
}

impl Header {
    /// A new header without slots, at sequence 1 and epoch 1; not yet sealed.
    pub(crate) fn new(vault_id: [u8; 16], suite: Suite, stride: u32) -> Self {
        let mut bytes = vec![0; HEADER_LEN].into_boxed_slice();
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..10].copy_from_slice(&MAJOR.to_le_bytes());
        bytes[10..12].copy_from_slice(&MINOR.to_le_bytes());
        bytes[12..16].copy_from_slice(&20_480u32.to_le_bytes());
        bytes[40..56].copy_from_slice(&vault_id);
        bytes[68..70].copy_from_slice(&suite.number().to_le_bytes());
        bytes[70..72].copy_from_slice(&BLOCK_FORMAT.to_le_bytes());
        bytes[72..76].copy_from_slice(&stride.to_le_bytes());
        bytes[76..80].copy_from_slice(&4_096u32.to_le_bytes());
        let mut header = Self { bytes };
        header.set_sequence(1);
        header.set_epoch(1);
        header
    }

    fn u16_at(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])
    }

    fn u32_at(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array_at(at))
    }

    fn u64_at(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array_at(at))
    }

    fn array_at<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut out = [0; N];
        out.copy_from_slice(&self.bytes[at..at + N]);
        out
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn format(&self) -> (u16, u16) {
        (self.u16_at(8), self.u16_at(10))
    }

    /// Features this program does not know that forbid writing.
    pub(crate) fn read_only_features(&self) -> u64 {
        self.u64_at(24)
    }

    pub(crate) fn vault_id(&self) -> [u8; 16] {
        self.array_at(40)
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.u64_at(56)
    }

    pub(crate) fn set_sequence(&mut self, sequence: u64) {
        self.bytes[56..64].copy_from_slice(&sequence.to_le_bytes());
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.u32_at(64)
    }

    pub(crate) fn set_epoch(&mut self, epoch: u32) {
        self.bytes[64..68].copy_from_slice(&epoch.to_le_bytes());
    }

    /// Checked by [`parse`]; a header made here has a known suite.
    pub(crate) fn suite(&self) -> Suite {
        Suite::from_number(self.u16_at(68)).expect("the suite was checked when the header was read")
    }

    pub(crate) fn geometry(&self) -> Geometry {
        Geometry::new(self.u32_at(72)).expect("the stride was checked when the header was read")
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = Slot<'_>> {
        self.bytes[SLOTS_AT..SLOTS_AT + SLOTS * SLOT_LEN].chunks_exact(SLOT_LEN).map(Slot::new)
    }

    pub(crate) fn slot_mut(&mut self, index: usize) -> &mut [u8] {
        &mut self.bytes[SLOTS_AT + index * SLOT_LEN..SLOTS_AT + (index + 1) * SLOT_LEN]
    }

    /// Writes MAC and checksum, as the last step before the header goes to the file.
    pub(crate) fn seal(&mut self, keys: &Keys) {
        let mac = keys.header_mac(&self.bytes[..MAC_AT]);
        self.bytes[MAC_AT..SUM_AT].copy_from_slice(&mac);
        let sum = cipher::sha256(&self.bytes[..SUM_AT]);
        self.bytes[SUM_AT..].copy_from_slice(&sum);
    }

    pub(crate) fn is_genuine(&self, keys: &Keys) -> bool {
        cipher::equal(&keys.header_mac(&self.bytes[..MAC_AT]), &self.bytes[MAC_AT..SUM_AT])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::keys::Vmk;

    fn header() -> (Header, Keys) {
        let keys = Keys::derive(Vmk::random().unwrap(), [3; 16], Suite::Xaes, 1).unwrap();
        let mut header = Header::new([3; 16], Suite::Xaes, 4_608);
        header.seal(&keys);
        (header, keys)
    }

    /// Puts the checksum right again, as an attacker would.
    fn resummed(header: &Header) -> Copy {
        let mut bytes = header.bytes.clone();
        let sum = cipher::sha256(&bytes[..SUM_AT]);
        bytes[SUM_AT..].copy_from_slice(&sum);
        parse(&bytes)
    }

    #[test]
    fn every_single_byte_edit_is_refused() {
        let (header, keys) = header();
        assert!(matches!(parse(header.bytes()), Copy::Good(good) if good.is_genuine(&keys)));
        let mut edited = header.clone();
        for i in 0..HEADER_LEN {
            edited.bytes[i] ^= 0x40;
            assert!(matches!(parse(edited.bytes()), Copy::Damaged), "byte {i}");
            if i < SUM_AT {
                let refused = match resummed(&edited) {
                    Copy::Good(good) => !good.is_genuine(&keys),
                    _ => true,
                };
                assert!(refused, "byte {i} with the checksum made good");
            }
            edited.bytes[i] ^= 0x40;
        }
    }

    #[test]
    fn newer_formats_are_told_from_damage() {
        let (header, _) = header();
        let edit = |at: usize, value: u8| {
            let mut edited = header.clone();
            edited.bytes[at] = value;
            resummed(&edited)
        };
        assert!(matches!(edit(8, 2), Copy::Newer { major: 2, .. }));
        assert!(matches!(edit(8, 0), Copy::Damaged));
        assert!(matches!(edit(10, 9), Copy::Good(_)));
        assert!(matches!(edit(16, 1), Copy::Newer { .. }));
        assert!(matches!(edit(24, 1), Copy::Good(good) if good.read_only_features() == 1));
        assert!(matches!(edit(32, 1), Copy::Good(_)));
        assert!(matches!(edit(68, 9), Copy::Newer { .. }));
        assert!(matches!(edit(70, 2), Copy::Newer { .. }));
        assert!(matches!(edit(72, 1), Copy::Damaged));
        assert!(matches!(edit(77, 0x20), Copy::Damaged));
        assert!(matches!(edit(SLOTS_AT, 2), Copy::KdfOutOfBounds));
    }
}
