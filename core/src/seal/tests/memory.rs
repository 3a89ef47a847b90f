//! After a vault is closed its keys are nowhere in the process's memory; while it is open they
//! are found, or the scan would prove nothing.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::support::*;
use crate::seal::cipher::random;
use crate::seal::{MemoryMedium, SealOptions, Suite, Unlock, create_on, open_on};

const MASK: u8 = 0xA5;

/// A secret that this test keeps only in a form the scan does not match.
struct Masked([u8; 32]);

impl Masked {
    fn of(secret: &[u8]) -> Self {
        Self(std::array::from_fn(|i| secret[i] ^ MASK))
    }

    fn unmask(&self) -> [u8; 32] {
        self.0.map(|byte| byte ^ MASK)
    }
}

/// How often each secret lies in the writable memory of this process.
fn hits(secrets: &[&Masked]) -> Vec<usize> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut counts = vec![0; secrets.len()];
    let mut chunk = vec![0u8; 1 << 20];
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let from = u64::from_str_radix(from, 16).unwrap();
        let to = u64::from_str_radix(to, 16).unwrap();
        let mut at = from;
        while at < to {
            let len = usize::try_from(to - at).unwrap().min(chunk.len());
            // A mapping may go while it is read.
            let Ok(read) = memory.read_at(&mut chunk[..len], at) else { break };
            for window in chunk[..read].windows(32) {
                for (count, secret) in counts.iter_mut().zip(secrets) {
                    let found = window[0] == secret.0[0] ^ MASK
                        && window.iter().zip(&secret.0).all(|(byte, kept)| *byte == kept ^ MASK);
                    *count += usize::from(found);
                }
            }
            if read < 32 {
                break;
            }
            // Windows over the border of two chunks count as well.
            at +=
                if read == len && at + read as u64 != to { read as u64 - 31 } else { read as u64 };
        }
        chunk.fill(0);
    }
    counts
}

#[test]
fn no_key_is_left_after_closing() {
    for suite in [Suite::Xaes, Suite::XChaCha] {
        for with_passphrase in [false, true] {
            scan(suite, with_passphrase);
        }
    }
}

fn scan(suite: Suite, with_passphrase: bool) {
    let options = SealOptions { suite, ..options() };
    let mut bytes = [0; 32];
    random(&mut bytes).unwrap();
    // A passphrase of 32 letters.
    let secret = if with_passphrase {
        Masked::of(&bytes.map(|byte| b'a' + byte % 16))
    } else {
        Masked::of(&bytes)
    };
    bytes.fill(0);
    let unlock = || match with_passphrase {
        true => Unlock::passphrase(&secret.unmask()),
        false => Unlock::key(secret.unmask()),
    };
    let medium = Arc::new(MemoryMedium::default());
    drop(create_on(Arc::clone(&medium) as _, &unlock(), &options, &clock(), init).unwrap());
    let (vmk, open_hits) = {
        let unlock = unlock();
        let sealed = open_on(Arc::clone(&medium) as _, &unlock, &options, &clock()).unwrap();
        put(&sealed.db, &[(1, b"one")]);
        let vmk = Masked::of(sealed.handle.backend.keys().unwrap().master_key());
        let open_hits = hits(&[&secret, &vmk]);
        (vmk, open_hits)
    };
    assert!(open_hits.iter().all(|count| *count > 0), "the scan is blind: {open_hits:?}");
    crate::seal::cipher::wipe_stack();
    assert_eq!(hits(&[&secret, &vmk]), [0, 0], "{suite:?}, passphrase {with_passphrase}");
}
