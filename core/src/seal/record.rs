//! A sealed record: nonce 24, ciphertext, tag 16. Pages, nonce tables and page-0 slots are records.

use super::cipher::{self, AeadKey, CipherFault, NONCE_LEN, TAG_LEN};
use super::geometry::PAGE_LEN;
use super::keys::AAD_LEN;

/// The plaintext of a record: everything between nonce and tag.
pub(crate) fn body_mut(record: &mut [u8]) -> &mut [u8] {
    let end = record.len() - TAG_LEN;
    &mut record[NONCE_LEN..end]
}

/// Puts a page and the page-0 counter into a record that is zero elsewhere.
pub(crate) fn fill(record: &mut [u8], page: &[u8], counter: u64) {
    let body = body_mut(record);
    body[..PAGE_LEN].copy_from_slice(page);
    body[PAGE_LEN..PAGE_LEN + 8].copy_from_slice(&counter.to_le_bytes());
}

/// Seals the body in place under `nonce`, bound to a place in the file.
pub(crate) fn seal(
    key: &AeadKey,
    aad: &[u8; AAD_LEN],
    nonce: &[u8; NONCE_LEN],
    record: &mut [u8],
) -> Result<(), CipherFault> {
    seal_with(key, aad, nonce, record)
}

/// Seals the body in place under `nonce`, bound to any associated data.
pub(crate) fn seal_with(
    key: &AeadKey,
    aad: &[u8],
    nonce: &[u8; NONCE_LEN],
    record: &mut [u8],
) -> Result<(), CipherFault> {
    record[..NONCE_LEN].copy_from_slice(nonce);
    let tag = key.seal(nonce, aad, body_mut(record))?;
    let end = record.len() - TAG_LEN;
    record[end..].copy_from_slice(&tag);
    Ok(())
}

/// Opens the record of one place in the file, in place.
pub(crate) fn open<'a>(
    key: &AeadKey,
    aad: &[u8; AAD_LEN],
    record: &'a mut [u8],
) -> Result<&'a [u8], CipherFault> {
    open_with(key, aad, record)
}

/// Opens a record in place.
pub(crate) fn open_with<'a>(
    key: &AeadKey,
    aad: &[u8],
    record: &'a mut [u8],
) -> Result<&'a [u8], CipherFault> {
    let (mut nonce, mut tag) = ([0; NONCE_LEN], [0; TAG_LEN]);
    let end = record.len() - TAG_LEN;
    nonce.copy_from_slice(&record[..NONCE_LEN]);
    tag.copy_from_slice(&record[end..]);
    let body = &mut record[NONCE_LEN..end];
    key.open(&nonce, aad, body, &tag)?;
    Ok(body)
}

/// The part of a nonce that is pinned; 0 stands for a record that was never written.
pub(crate) fn pin_of(record: &[u8]) -> u64 {
    let mut pin = [0; 8];
    pin.copy_from_slice(&record[..8]);
    u64::from_le_bytes(pin)
}

/// Draws one nonce for each record of a write, with one call to the system's generator. None
/// begins with eight zero bytes.
pub(crate) fn nonces(count: usize) -> Result<Vec<[u8; NONCE_LEN]>, CipherFault> {
    let mut nonces = vec![[0; NONCE_LEN]; count];
    cipher::random(nonces.as_flattened_mut())?;
    for nonce in &mut nonces {
        while nonce[..8] == [0; 8] {
            cipher::random(nonce)?;
        }
    }
    Ok(nonces)
}

pub(crate) fn one_nonce() -> Result<[u8; NONCE_LEN], CipherFault> {
    nonces(1).map(|nonces| nonces[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::cipher::Suite;
    use crate::seal::keys::{Area, Keys, Vmk};

    #[test]
    fn a_record_opens_only_in_its_own_place() {
        let keys = Keys::derive(Vmk::random().unwrap(), [1; 16], Suite::Xaes, 1).unwrap();
        let aad = keys.aad(Area::Data, 5, 0);
        let mut sealed = vec![0; 4_608];
        fill(&mut sealed, &[0xA5; PAGE_LEN], 77);
        seal(&keys.page, &aad, &one_nonce().unwrap(), &mut sealed).unwrap();
        assert!(!sealed.windows(8).any(|window| window == [0xA5; 8]));

        let opened = open(&keys.page, &aad, &mut sealed.clone()).unwrap().to_vec();
        assert_eq!(opened[..PAGE_LEN], [0xA5; PAGE_LEN]);
        assert_eq!(opened[PAGE_LEN..PAGE_LEN + 8], 77u64.to_le_bytes());
        assert!(opened[PAGE_LEN + 8..].iter().all(|&byte| byte == 0));

        let next_epoch = keys.with_epoch(2).unwrap();
        for (key, aad) in [
            (&keys.page, keys.aad(Area::Data, 6, 0)),
            (&keys.page, keys.aad(Area::Table, 5, 0)),
            (&keys.page, keys.aad(Area::Data, 5, 1)),
            (&next_epoch.page, aad),
            (&next_epoch.page, next_epoch.aad(Area::Data, 5, 0)),
        ] {
            assert!(open(key, &aad, &mut sealed.clone()).is_err());
        }
    }
}
