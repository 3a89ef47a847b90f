//! Unlock slots: 2,512 bytes each that wrap the vault master key under one secret.

use zeroize::Zeroizing;

use super::cipher::{self, AeadKey, Hkdf, KEY_LEN, NONCE_LEN, Suite, TAG_LEN};
use super::keys::Vmk;
use super::options::KdfCost;
use super::unlock::{Secret, Unlock, normalized};
use crate::clock::Clock;
use crate::error::OpenError;

pub(crate) const SLOT_LEN: usize = 2_512;
const BODY_AT: usize = 168;
const BODY_LEN: u16 = 2_344;

const EMPTY: u8 = 0;
const RAW_KEY: u8 = 1;
const PASSPHRASE: u8 = 2;
const PASSPHRASE_AND_KEYSTORE: u8 = 3;
const AGE: u8 = 4;
/// Flag: tried only when the caller asks for recovery.
const RECOVERY_ONLY: u8 = 1;

const MIN_MEMORY_KIB: u32 = 19 * 1_024;
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MIN_PASSES: u32 = 2;
const MAX_PASSES: u32 = 10;
/// Memory times passes, in KiB: 2 GiB.
const MAX_WORK: u64 = 2 << 20;

const DEFAULT_MEMORY_KIB: u32 = 64 * 1_024;
const DEFAULT_PASSES: u32 = 3;
/// What one try of a new passphrase slot should take on the machine that makes it.
const TARGET_MS: i64 = 500;

/// Why a slot is not acceptable, found without any work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlotFault {
    Shape,
    KdfOutOfBounds,
}

/// Reads one slot in place.
#[derive(Clone, Copy)]
pub(crate) struct Slot<'a>(&'a [u8]);

impl<'a> Slot<'a> {
    /// `bytes` are the 2,512 bytes of a slot.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        debug_assert_eq!(bytes.len(), SLOT_LEN);
        Self(bytes)
    }

    fn kind(self) -> u8 {
        self.0[0]
    }

    fn u32_at(self, at: usize) -> u32 {
        u32::from_le_bytes([self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]])
    }

    fn memory_kib(self) -> u32 {
        self.u32_at(4)
    }

    fn passes(self) -> u32 {
        self.u32_at(8)
    }

    /// Checks what can be checked without a secret.
    pub(crate) fn check(self) -> Result<(), SlotFault> {
        let body = u16::from_le_bytes([self.0[2], self.0[3]]);
        let lanes = self.u32_at(12);
        if body > BODY_LEN {
            return Err(SlotFault::Shape);
        }
        match self.kind() {
            EMPTY if self.0.iter().all(|&byte| byte == 0) => Ok(()),
            RAW_KEY if body == 0 && self.memory_kib() == 0 && self.passes() == 0 && lanes == 0 => {
                Ok(())
            }
            AGE if self.memory_kib() == 0 && self.passes() == 0 && lanes == 0 => Ok(()),
            PASSPHRASE | PASSPHRASE_AND_KEYSTORE if body == 0 => {
                if lanes == 1 && within_bounds(self.memory_kib(), self.passes()) {
                    Ok(())
                } else {
                    Err(SlotFault::KdfOutOfBounds)
                }
            }
            _ => Err(SlotFault::Shape),
        }
    }

    /// Whether `unlock` may open this slot at all.
    pub(crate) fn fits(self, unlock: &Unlock) -> bool {
        let kind = match unlock.0 {
            Secret::Key(_) => RAW_KEY,
            Secret::Passphrase(_) => PASSPHRASE,
        };
        self.kind() == kind && self.0[1] & RECOVERY_ONLY == 0
    }

    /// The master key, or `None` if the secret is wrong or the slot's bytes were changed.
    pub(crate) fn open(
        self,
        unlock: &Unlock,
        suite: Suite,
        vault_id: &[u8; 16],
        kdf_top_kib: u32,
    ) -> Result<Option<Vmk>, OpenError> {
        if self.kind() == PASSPHRASE && self.memory_kib() > kdf_top_kib {
            return Err(OpenError::KdfOutOfBounds);
        }
        let input = slot_input(unlock, &self.0[32..64], self.memory_kib(), self.passes())?;
        let keys = slot_keys(&input, self.0, vault_id)?;
        if !cipher::equal(&keys.commitment, &self.0[64..96]) {
            return Ok(None);
        }
        let mut vmk = Vmk::empty();
        vmk.0.copy_from_slice(&self.0[120..152]);
        let (mut nonce, mut tag) = ([0; NONCE_LEN], [0; TAG_LEN]);
        nonce.copy_from_slice(&self.0[96..120]);
        tag.copy_from_slice(&self.0[152..168]);
        let key = AeadKey::new(suite, &keys.wrap).map_err(|_| crypto_fault())?;
        Ok(key.open(&nonce, b"", vmk.0.as_mut_slice(), &tag).ok().map(|()| vmk))
    }
}

/// Writes a slot that opens with `unlock`, with a new id, salt and nonce.
pub(crate) fn write_slot(
    slot: &mut [u8],
    unlock: &Unlock,
    vmk: &Vmk,
    suite: Suite,
    vault_id: &[u8; 16],
    cost: KdfCost,
    clock: &Clock,
) -> Result<(), OpenError> {
    debug_assert_eq!(slot.len(), SLOT_LEN);
    slot.fill(0);
    match &unlock.0 {
        Secret::Key(_) => slot[0] = RAW_KEY,
        Secret::Passphrase(passphrase) => {
            normalized(passphrase)?;
            let (memory_kib, passes) = cost_of(cost, clock)?;
            slot[0] = PASSPHRASE;
            slot[4..8].copy_from_slice(&memory_kib.to_le_bytes());
            slot[8..12].copy_from_slice(&passes.to_le_bytes());
            slot[12..16].copy_from_slice(&1u32.to_le_bytes());
        }
    }
    cipher::random(&mut slot[16..64]).map_err(|_| OpenError::NoRandomness)?;
    cipher::random(&mut slot[96..120]).map_err(|_| OpenError::NoRandomness)?;
    let view = Slot(slot);
    let input = slot_input(unlock, &slot[32..64], view.memory_kib(), view.passes())?;
    let keys = slot_keys(&input, slot, vault_id)?;
    slot[64..96].copy_from_slice(&keys.commitment);
    slot[120..152].copy_from_slice(vmk.0.as_slice());
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&slot[96..120]);
    let tag = AeadKey::new(suite, &keys.wrap)
        .and_then(|key| key.seal(&nonce, b"", &mut slot[120..152]))
        .map_err(|_| crypto_fault())?;
    slot[152..BODY_AT].copy_from_slice(&tag);
    Ok(())
}

struct SlotKeys {
    wrap: Zeroizing<[u8; KEY_LEN]>,
    commitment: [u8; 32],
}

/// Wrap key and commitment bind kind, KDF cost, id, salt (slot bytes 0..64) and vault.
fn slot_keys(
    input: &[u8; KEY_LEN],
    slot: &[u8],
    vault_id: &[u8; 16],
) -> Result<SlotKeys, OpenError> {
    let kek = Hkdf::extract(&slot[32..64], input);
    let mut out = Zeroizing::new([0; 64]);
    kek.expand(&[b"chartkeep/1/slot", &[0], &slot[..64], vault_id], out.as_mut_slice())
        .map_err(|_| crypto_fault())?;
    let mut keys = SlotKeys { wrap: Zeroizing::new([0; KEY_LEN]), commitment: [0; 32] };
    keys.wrap.copy_from_slice(&out[..32]);
    keys.commitment.copy_from_slice(&out[32..]);
    Ok(keys)
}

fn slot_input(
    unlock: &Unlock,
    salt: &[u8],
    memory_kib: u32,
    passes: u32,
) -> Result<Box<Zeroizing<[u8; KEY_LEN]>>, OpenError> {
    let mut input = Box::new(Zeroizing::new([0; KEY_LEN]));
    match &unlock.0 {
        Secret::Key(key) => input.copy_from_slice(key.as_slice()),
        Secret::Passphrase(passphrase) => {
            let text = normalized(passphrase)?;
            cipher::argon2id(text.as_bytes(), salt, memory_kib, passes, &mut input)
                .map_err(|_| crypto_fault())?;
        }
    }
    Ok(input)
}

fn within_bounds(memory_kib: u32, passes: u32) -> bool {
    (MIN_MEMORY_KIB..=MAX_MEMORY_KIB).contains(&memory_kib)
        && (MIN_PASSES..=MAX_PASSES).contains(&passes)
        && u64::from(memory_kib) * u64::from(passes) <= MAX_WORK
}

fn cost_of(cost: KdfCost, clock: &Clock) -> Result<(u32, u32), OpenError> {
    match cost {
        KdfCost::Fixed { memory_kib, passes } if within_bounds(memory_kib, passes) => {
            Ok((memory_kib, passes))
        }
        KdfCost::Fixed { .. } => Err(OpenError::KdfOutOfBounds),
        KdfCost::Calibrated => {
            let begin = clock.now_ms();
            let mut out = Zeroizing::new([0; KEY_LEN]);
            cipher::argon2id(&[0; 16], &[0; 32], DEFAULT_MEMORY_KIB, DEFAULT_PASSES, &mut out)
                .map_err(|_| crypto_fault())?;
            Ok((DEFAULT_MEMORY_KIB, passes_for(clock.now_ms() - begin)))
        }
    }
}

/// Passes that take half a second where three take `took_ms`. Memory never rises: the slot must
/// open on a smaller phone.
fn passes_for(took_ms: i64) -> u32 {
    if took_ms <= 0 {
        return DEFAULT_PASSES;
    }
    let passes = TARGET_MS.saturating_mul(i64::from(DEFAULT_PASSES)) / took_ms;
    u32::try_from(passes).unwrap_or(MAX_PASSES).clamp(DEFAULT_PASSES, MAX_PASSES)
}

fn crypto_fault() -> OpenError {
    OpenError::Io(std::io::ErrorKind::Other)
}

#[cfg(test)]
#[path = "slot_tests.rs"]
mod tests;
