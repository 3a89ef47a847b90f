//! The nonce table: the pins of all blocks, sealed behind the last one at a clean close.

use super::cipher::CipherFault;
use super::geometry::{Geometry, PAGE_LEN, table_records};
use super::keys::{Area, Keys};
use super::record;

/// Seals the pins of blocks 1, 2, ... as records `first..` of the table that the page-0 slot with
/// `counter` names.
pub(crate) fn seal(
    keys: &Keys,
    geometry: Geometry,
    counter: u64,
    first: u64,
    pins: &[u64],
) -> Result<Vec<u8>, CipherFault> {
    let groups = pins.chunks(PAGE_LEN / 8);
    let nonces = record::nonces(groups.len())?;
    let mut bytes = vec![0; groups.len() * geometry.record_len()];
    let records = bytes.chunks_exact_mut(geometry.record_len());
    for (((number, group), nonce), sealed) in (first..).zip(groups).zip(&nonces).zip(records) {
        let mut page = [0; PAGE_LEN];
        for (place, pin) in page.as_chunks_mut::<8>().0.iter_mut().zip(group) {
            *place = pin.to_le_bytes();
        }
        record::fill(sealed, &page, counter);
        record::seal(&keys.page, &keys.aad(Area::Table, number, counter), nonce, sealed)?;
    }
    Ok(bytes)
}

/// Opens a whole table; `None` if it is damaged or of another close.
pub(crate) fn open(
    keys: &Keys,
    geometry: Geometry,
    counter: u64,
    blocks: u64,
    mut bytes: Vec<u8>,
) -> Option<Vec<u64>> {
    if bytes.len() as u64 != table_records(blocks) * geometry.stride() {
        return None;
    }
    let mut pins = Vec::new();
    for (number, sealed) in (0..).zip(bytes.chunks_exact_mut(geometry.record_len())) {
        let aad = keys.aad(Area::Table, number, counter);
        let body = record::open(&keys.page, &aad, sealed).ok()?;
        pins.extend(body[..PAGE_LEN].as_chunks::<8>().0.iter().copied().map(u64::from_le_bytes));
    }
    pins.truncate(usize::try_from(blocks.saturating_sub(1)).ok()?);
    Some(pins)
}

/// How many records are written at once.
pub(crate) const RECORDS_PER_WRITE: u64 = 64;
/// The pins in them.
pub(crate) const PINS_PER_WRITE: usize = 64 * PAGE_LEN / 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::cipher::Suite;
    use crate::seal::keys::Vmk;

    #[test]
    fn a_table_opens_whole_or_not_at_all() {
        let keys = Keys::derive(Vmk::random().unwrap(), [1; 16], Suite::Xaes, 1).unwrap();
        let geometry = Geometry::new(4_608).unwrap();
        let pins: Vec<u64> = (0..1_300).collect();
        let bytes = seal(&keys, geometry, 9, 0, &pins).unwrap();
        assert_eq!(bytes.len(), 3 * 4_608);
        assert_eq!(open(&keys, geometry, 9, 1_301, bytes.clone()), Some(pins));
        assert_eq!(open(&keys, geometry, 8, 1_301, bytes.clone()), None);
        assert_eq!(open(&keys, geometry, 9, 1_301, bytes[..2 * 4_608].to_vec()), None);
        let mut swapped = bytes.clone();
        swapped.rotate_left(4_608);
        assert_eq!(open(&keys, geometry, 9, 1_301, swapped), None);
        let mut edited = bytes;
        edited[5_000] ^= 1;
        assert_eq!(open(&keys, geometry, 9, 1_301, edited), None);
    }
}
