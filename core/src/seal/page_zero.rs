//! The two sealed slots of page 0: redb's super-header and what the layer keeps beside it.

use super::cipher::CipherFault;
use super::geometry::{IMAGE_LEN, PAGE_ZERO_SLOT_LEN};
use super::keys::{Area, Keys};
use super::record;

/// The content of one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageZero {
    /// redb's bytes 0..320.
    pub(crate) image: [u8; IMAGE_LEN],
    /// One more with every slot write.
    pub(crate) counter: u64,
    pub(crate) clean: bool,
    /// Blocks redb sees; valid when clean.
    pub(crate) blocks: u64,
    /// Records of the nonce table; 0 = none.
    pub(crate) table_records: u64,
    /// A header with a lower sequence is refused.
    pub(crate) lowest_header_sequence: u64,
    /// When every page in use was last read, in milliseconds since 1970; 0 = never.
    pub(crate) walked_ms: u64,
}

impl PageZero {
    /// Seals the content for slot `index`.
    pub(crate) fn seal(&self, keys: &Keys, index: usize) -> Result<Vec<u8>, CipherFault> {
        let mut slot = vec![0; PAGE_ZERO_SLOT_LEN];
        let body = record::body_mut(&mut slot);
        body[..IMAGE_LEN].copy_from_slice(&self.image);
        let fields = [
            self.counter,
            u64::from(self.clean),
            self.blocks,
            self.table_records,
            self.lowest_header_sequence,
            self.walked_ms,
        ];
        body[IMAGE_LEN..IMAGE_LEN + 48]
            .as_chunks_mut::<8>()
            .0
            .iter_mut()
            .zip(fields)
            .for_each(|(place, field)| *place = field.to_le_bytes());
        let aad = keys.aad(Area::PageZero, index as u64, 0);
        record::seal(&keys.page, &aad, &record::one_nonce()?, &mut slot)?;
        Ok(slot)
    }

    /// Opens slot `index`; `None` if it is damaged or was never written.
    pub(crate) fn open(keys: &Keys, index: usize, slot: &[u8]) -> Option<Self> {
        let mut slot = slot.to_vec();
        let aad = keys.aad(Area::PageZero, index as u64, 0);
        let body = record::open(&keys.page, &aad, &mut slot).ok()?;
        let field = |number: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&body[IMAGE_LEN + 8 * number..IMAGE_LEN + 8 * number + 8]);
            u64::from_le_bytes(bytes)
        };
        let mut image = [0; IMAGE_LEN];
        image.copy_from_slice(&body[..IMAGE_LEN]);
        Some(Self {
            image,
            counter: field(0),
            clean: field(1) & 0xFF != 0,
            blocks: field(2),
            table_records: field(3),
            lowest_header_sequence: field(4),
            walked_ms: field(5),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::cipher::Suite;
    use crate::seal::keys::Vmk;

    #[test]
    fn slots_keep_their_content_and_their_place() {
        let keys = Keys::derive(Vmk::random().unwrap(), [1; 16], Suite::Xaes, 1).unwrap();
        let content = PageZero {
            image: [7; IMAGE_LEN],
            counter: 2,
            clean: true,
            blocks: 3,
            table_records: 4,
            lowest_header_sequence: 5,
            walked_ms: 6,
        };
        let slot = content.seal(&keys, 1).unwrap();
        assert_eq!(PageZero::open(&keys, 1, &slot), Some(content));
        assert_eq!(PageZero::open(&keys, 0, &slot), None);
        for i in (0..PAGE_ZERO_SLOT_LEN).step_by(97) {
            let mut edited = slot.clone();
            edited[i] ^= 1;
            assert_eq!(PageZero::open(&keys, 1, &edited), None);
        }
    }
}
