//! The vault master key and the keys derived from it.

use std::fmt;

use zeroize::Zeroizing;

use super::cipher::{self, AeadKey, CipherFault, Hkdf, KEY_LEN, Suite};

/// The vault master key, made in the box it stays in.
#[derive(Clone)]
pub(crate) struct Vmk(pub(super) Box<Zeroizing<[u8; KEY_LEN]>>);

impl Vmk {
    pub(crate) fn random() -> Result<Self, CipherFault> {
        let mut key = Self::empty();
        cipher::random(key.0.as_mut_slice())?;
        Ok(key)
    }

    pub(crate) fn empty() -> Self {
        Self(Box::new(Zeroizing::new([0; KEY_LEN])))
    }
}

/// Which part of the file a record belongs to: the first field of its place in the AAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    PageZero = 1,
    Data = 2,
    Table = 3,
}

pub(crate) const AAD_LEN: usize = 48;
pub(crate) const BLOCK_FORMAT: u16 = 1;

/// Everything derived from the master key of one vault at one epoch.
pub(crate) struct Keys {
    pub(crate) vault_id: [u8; 16],
    pub(crate) suite: Suite,
    pub(crate) epoch: u32,
    pub(crate) page: AeadKey,
    pub(crate) token: AeadKey,
    header: Box<Zeroizing<[u8; KEY_LEN]>>,
    vmk: Vmk,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    pub(crate) fn derive(
        vmk: Vmk,
        vault_id: [u8; 16],
        suite: Suite,
        epoch: u32,
    ) -> Result<Self, CipherFault> {
        let prk = Hkdf::extract(&vault_id, vmk.0.as_slice());
        let key = |name: &str, epoch: u32| {
            let mut key = Box::new(Zeroizing::new([0; KEY_LEN]));
            let info: [&[u8]; 5] = [
                b"chartkeep/1/",
                name.as_bytes(),
                &[0],
                &suite.number().to_le_bytes(),
                &epoch.to_le_bytes(),
            ];
            prk.expand(&info, key.as_mut_slice()).map(|()| key)
        };
        let page = AeadKey::new(suite, &*key("page", epoch)?)?;
        let token = AeadKey::new(suite, &*key("token", 0)?)?;
        let header = key("header", 0)?;
        Ok(Self { vault_id, suite, epoch, page, token, header, vmk })
    }

    /// The same vault at another epoch: only the page key differs.
    pub(crate) fn with_epoch(&self, epoch: u32) -> Result<Self, CipherFault> {
        Self::derive(self.vmk.clone(), self.vault_id, self.suite, epoch)
    }

    #[cfg(test)]
    pub(crate) fn master_key(&self) -> &[u8] {
        self.vmk.0.as_slice()
    }

    pub(crate) fn header_mac(&self, bytes: &[u8]) -> [u8; 32] {
        cipher::hmac_sha256(&self.header, bytes)
    }

    /// The associated data of the record at one place.
    pub(crate) fn aad(&self, area: Area, number: u64, counter: u64) -> [u8; AAD_LEN] {
        let mut aad = [0; AAD_LEN];
        aad[0..2].copy_from_slice(&BLOCK_FORMAT.to_le_bytes());
        aad[2..4].copy_from_slice(&self.suite.number().to_le_bytes());
        aad[4..8].copy_from_slice(&self.epoch.to_le_bytes());
        aad[8..24].copy_from_slice(&self.vault_id);
        aad[24] = area as u8;
        aad[32..40].copy_from_slice(&number.to_le_bytes());
        aad[40..48].copy_from_slice(&counter.to_le_bytes());
        aad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_vault_suite_and_epoch() {
        let derive = |vault: u8, suite, epoch| {
            Keys::derive(Vmk(Box::new(Zeroizing::new([1; 32]))), [vault; 16], suite, epoch).unwrap()
        };
        let base = derive(1, Suite::Xaes, 1);
        let seal = |keys: &Keys| keys.page.seal(&[2; 24], b"", &mut [0; 32]).unwrap();
        assert_eq!(seal(&base), seal(&derive(1, Suite::Xaes, 1)));
        assert_ne!(seal(&base), seal(&derive(2, Suite::Xaes, 1)));
        assert_ne!(seal(&base), seal(&derive(1, Suite::XChaCha, 1)));
        assert_ne!(seal(&base), seal(&base.with_epoch(2).unwrap()));
        assert_eq!(base.header_mac(b"x"), base.with_epoch(2).unwrap().header_mac(b"x"));
        assert_ne!(base.header_mac(b"x"), derive(1, Suite::XChaCha, 1).header_mac(b"x"));
    }

    #[test]
    fn associated_data_places_every_field() {
        let keys = Keys::derive(Vmk::empty(), [0xAB; 16], Suite::Xaes, 7).unwrap();
        let aad = keys.aad(Area::Table, 0x0102, 0x0304);
        assert_eq!(aad[..8], [1, 0, 1, 0, 7, 0, 0, 0]);
        assert_eq!(aad[8..24], [0xAB; 16]);
        assert_eq!(aad[24..32], [3, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(aad[32..40], [2, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(aad[40..48], [4, 3, 0, 0, 0, 0, 0, 0]);
    }
}
