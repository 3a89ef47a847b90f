//! The one file that names ciphers: the two suites, key derivation, hashes, random bytes.
//!
//! XAES-256-GCM follows C2SP: two AES-256 blocks derive a fresh AES-256-GCM key and 96-bit nonce
//! from the key and the first half of a 192-bit nonce, so random nonces never run out.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::{constant_time, digest, hkdf, hmac};
use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize, Zeroizing};

use crate::error::OpenError;

pub(crate) const KEY_LEN: usize = 32;
pub(crate) const NONCE_LEN: usize = 24;
pub(crate) const TAG_LEN: usize = 16;

/// The cipher or the system's generator did not do its work, or a tag is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CipherFault;

/// Which AEAD seals the records and the key slots of a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    /// XAES-256-GCM, number 1.
    Xaes,
    /// XChaCha20-Poly1305, number 2, for processors without AES instructions.
    XChaCha,
    /// No seal at all, number 65,535: the positive control of the plaintext scans.
    #[cfg(any(test, feature = "testing"))]
    PassThrough,
}

impl Suite {
    pub(crate) fn number(self) -> u16 {
        match self {
            Self::Xaes => 1,
            Self::XChaCha => 2,
            #[cfg(any(test, feature = "testing"))]
            Self::PassThrough => u16::MAX,
        }
    }

    pub(crate) fn from_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Xaes),
            2 => Some(Self::XChaCha),
            #[cfg(any(test, feature = "testing"))]
            u16::MAX => Some(Self::PassThrough),
            _ => None,
        }
    }
}

/// An AEAD key of one suite, ready for use.
pub(crate) enum AeadKey {
    Xaes(Box<XaesKey>),
    XChaCha(Box<XChaCha20Poly1305>),
    #[cfg(any(test, feature = "testing"))]
    PassThrough,
}

impl AeadKey {
    pub(crate) fn new(suite: Suite, key: &[u8; KEY_LEN]) -> Result<Self, CipherFault> {
        Ok(match suite {
            Suite::Xaes => Self::Xaes(Box::new(XaesKey::new(key)?)),
            Suite::XChaCha => Self::XChaCha(Box::new(XChaCha20Poly1305::new(key.into()))),
            #[cfg(any(test, feature = "testing"))]
            Suite::PassThrough => Self::PassThrough,
        })
    }

    /// Seals `data` in place.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG_LEN], CipherFault> {
        match self {
            Self::Xaes(key) => key.seal(nonce, aad, data),
            Self::XChaCha(key) => key
                .encrypt_in_place_detached(XNonce::from_slice(nonce), aad, data)
                .map(Into::into)
                .map_err(|_| CipherFault),
            #[cfg(any(test, feature = "testing"))]
            Self::PassThrough => Ok(plain_tag(nonce, aad, data)),
        }
    }

    /// Opens `data` in place. On an error its content is unspecified.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), CipherFault> {
        match self {
            Self::Xaes(key) => key.open(nonce, aad, data, tag),
            Self::XChaCha(key) => key
                .decrypt_in_place_detached(XNonce::from_slice(nonce), aad, data, tag.into())
                .map_err(|_| CipherFault),
            #[cfg(any(test, feature = "testing"))]
            Self::PassThrough if plain_tag(nonce, aad, data) == *tag => Ok(()),
            #[cfg(any(test, feature = "testing"))]
            Self::PassThrough => Err(CipherFault),
        }
    }
}

#[cfg(any(test, feature = "testing"))]
fn plain_tag(nonce: &[u8], aad: &[u8], data: &[u8]) -> [u8; TAG_LEN] {
    let digest = sha256_parts(&[nonce, aad, data]);
    let mut tag = [0; TAG_LEN];
    tag.copy_from_slice(&digest[..TAG_LEN]);
    tag
}

/// XAES-256-GCM over aws-lc.
pub(crate) struct XaesKey {
    block: EncryptingKey,
    k1: Zeroizing<[u8; 16]>,
}

impl XaesKey {
    fn new(key: &[u8; KEY_LEN]) -> Result<Self, CipherFault> {
        let block = UnboundCipherKey::new(&AES_256, key)
            .and_then(EncryptingKey::ecb)
            .map_err(|_| CipherFault)?;
        let mut k1 = Zeroizing::new([0u8; 16]);
        encrypt_blocks(&block, k1.as_mut())?;
        let carry = k1[0] >> 7;
        for i in 0..15 {
            k1[i] = (k1[i] << 1) | (k1[i + 1] >> 7);
        }
        k1[15] = (k1[15] << 1) ^ (carry * 0x87);
        Ok(Self { block, k1 })
    }

    fn derive(&self, nonce: &[u8; NONCE_LEN]) -> Result<(LessSafeKey, Nonce), CipherFault> {
        let mut blocks = Zeroizing::new([0u8; 32]);
        for (counter, half) in (1u8..).zip(blocks.chunks_exact_mut(16)) {
            half[..4].copy_from_slice(&[0, counter, b'X', 0]);
            half[4..].copy_from_slice(&nonce[..12]);
            for (byte, mask) in half.iter_mut().zip(self.k1.iter()) {
                *byte ^= mask;
            }
        }
        encrypt_blocks(&self.block, blocks.as_mut())?;
        let key = UnboundKey::new(&AES_256_GCM, blocks.as_ref()).map_err(|_| CipherFault)?;
        let nonce = Nonce::try_assume_unique_for_key(&nonce[12..]).map_err(|_| CipherFault)?;
        Ok((LessSafeKey::new(key), nonce))
    }

    fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG_LEN], CipherFault> {
        let (key, nonce) = self.derive(nonce)?;
        let tag =
            key.seal_in_place_separate_tag(nonce, Aad::from(aad), data).map_err(|_| CipherFault)?;
        tag.as_ref().try_into().map_err(|_| CipherFault)
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), CipherFault> {
        let (key, nonce) = self.derive(nonce)?;
        key.open_in_place_separate_tag(nonce, Aad::from(aad), tag, data)
            .map(|_| ())
            .map_err(|_| CipherFault)
    }
}

fn encrypt_blocks(key: &EncryptingKey, blocks: &mut [u8]) -> Result<(), CipherFault> {
    key.less_safe_encrypt(blocks, EncryptionContext::None).map(|_| ()).map_err(|_| CipherFault)
}

/// A pseudorandom key of HKDF-SHA256.
pub(crate) struct Hkdf(hkdf::Prk);

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Hkdf {
    pub(crate) fn extract(salt: &[u8], input: &[u8]) -> Self {
        Self(hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(input))
    }

    pub(crate) fn expand(&self, info: &[&[u8]], out: &mut [u8]) -> Result<(), CipherFault> {
        self.0
            .expand(info, Length(out.len()))
            .and_then(|okm| okm.fill(out))
            .map_err(|_| CipherFault)
    }
}

pub(crate) fn hmac_sha256(key: &[u8; KEY_LEN], data: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data);
    let mut out = [0; 32];
    out.copy_from_slice(tag.as_ref());
    out
}

pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    sha256_parts(&[data])
}

fn sha256_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

/// SHA-256 of bytes that come in pieces.
pub(crate) struct Sha256(digest::Context);

impl Sha256 {
    pub(crate) fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.0.finish().as_ref());
        out
    }
}

/// Compares in constant time.
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Argon2id, version 0x13, one lane. The working memory is wiped and freed before this returns.
pub(crate) fn argon2id(
    passphrase: &[u8],
    salt: &[u8],
    memory_kib: u32,
    passes: u32,
    out: &mut [u8; KEY_LEN],
) -> Result<(), CipherFault> {
    let params = Params::new(memory_kib, passes, 1, Some(KEY_LEN)).map_err(|_| CipherFault)?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let result = argon2.hash_password_into_with_memory(passphrase, salt, out, &mut memory);
    memory.fill(Block::default());
    std::hint::black_box(&mut memory);
    result.map_err(|_| CipherFault)
}

/// A random key.
pub(crate) fn random_key() -> Result<[u8; KEY_LEN], OpenError> {
    let mut key = [0; KEY_LEN];
    random(&mut key).map_err(|_| OpenError::NoRandomness)?;
    Ok(key)
}

/// Fills `out` from the system's generator: no state is kept that a fork or a snapshot of a
/// virtual machine could copy.
pub(crate) fn random(out: &mut [u8]) -> Result<(), CipherFault> {
    #[cfg(test)]
    if tests::RANDOM_FAILS.get() {
        return Err(CipherFault);
    }
    getrandom::fill(out).map_err(|_| CipherFault)
}

/// Overwrites the part of the stack that key derivation has used.
#[inline(never)]
pub(crate) fn wipe_stack() {
    let mut used = [0u8; 65_536];
    used.zeroize();
    std::hint::black_box(&mut used);
}

#[cfg(test)]
#[path = "cipher_tests.rs"]
pub(super) mod tests;
