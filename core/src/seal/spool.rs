//! Bytes set aside while something large is on its way in, so that it need not lie in memory: sealed under
//! a key that only this value has, in a file without a name beside the vault (in memory for a vault there).

use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::cipher::{self, AeadKey, CipherFault, NONCE_LEN, Suite, TAG_LEN};
use super::failure::Failure;
use crate::Error;

/// Parts in the order they came. The file goes with the value, and with the process.
pub(crate) struct Spool {
    key: AeadKey,
    place: Place,
    /// Where each part ends, tag included.
    ends: Vec<u64>,
}

enum Place {
    File(File),
    Memory(Vec<u8>),
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool").field("parts", &self.ends.len()).finish_non_exhaustive()
    }
}

impl Spool {
    /// An empty spool in a file in `folder`, or in memory.
    pub(super) fn new(folder: Option<&Path>) -> Result<Self, Error> {
        let place = match folder {
            Some(folder) => Place::File(tempfile::tempfile_in(folder).map_err(Failure::from)?),
            None => Place::Memory(Vec::new()),
        };
        let mut secret = zeroize::Zeroizing::new([0; cipher::KEY_LEN]);
        cipher::random(secret.as_mut()).map_err(|_| Error::NoRandomness)?;
        let key = AeadKey::new(Suite::XChaCha, &secret).map_err(unsealed)?;
        Ok(Self { key, place, ends: Vec::new() })
    }

    /// Number of parts.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds a part; `part` is sealed in place and its content lost.
    pub(crate) fn push(&mut self, part: &mut Vec<u8>) -> Result<(), Error> {
        let start = self.ends.last().copied().unwrap_or(0);
        let tag = self.key.seal(&nonce(self.ends.len()), &[], part).map_err(unsealed)?;
        part.extend_from_slice(&tag);
        match &mut self.place {
            Place::File(file) => file.write_all_at(part, start).map_err(Failure::from)?,
            Place::Memory(bytes) => bytes.extend_from_slice(part),
        }
        self.ends.push(start + part.len() as u64);
        Ok(())
    }

    /// Reads part `at` into `part`, in place of what is there.
    pub(crate) fn read(&self, at: usize, part: &mut Vec<u8>) -> Result<(), Error> {
        const LOST: Error = Error::Inconsistent("spool");
        let start = if at == 0 { 0 } else { *self.ends.get(at - 1).ok_or(LOST)? };
        let end = *self.ends.get(at).ok_or(LOST)?;
        let length = usize::try_from(end - start).map_err(|_| LOST)?;
        part.clear();
        match &self.place {
            Place::File(file) => {
                part.resize(length, 0);
                file.read_exact_at(part, start).map_err(Failure::from)?;
            }
            Place::Memory(bytes) => {
                let start = usize::try_from(start).map_err(|_| LOST)?;
                part.extend_from_slice(bytes.get(start..start + length).ok_or(LOST)?);
            }
        }
        let plain = length.checked_sub(TAG_LEN).ok_or(LOST)?;
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&part[plain..]);
        part.truncate(plain);
        self.key.open(&nonce(at), &[], part, &tag).map_err(|_| LOST)
    }
}

/// The key seals each part once, so its number is nonce enough.
fn nonce(part: usize) -> [u8; NONCE_LEN] {
    let mut nonce = [0; NONCE_LEN];
    nonce[..8].copy_from_slice(&(part as u64).to_le_bytes());
    nonce
}

fn unsealed(_: CipherFault) -> Error {
    Error::Io(std::io::ErrorKind::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_and_lie_sealed() {
        let folder = tempfile::tempdir().unwrap();
        for place in [Some(folder.path()), None] {
            let mut spool = Spool::new(place).unwrap();
            for fill in [0xA5_u8, 0x5A, 0] {
                spool.push(&mut vec![fill; 70_000 + usize::from(fill)]).unwrap();
            }
            spool.push(&mut Vec::new()).unwrap();
            assert_eq!(spool.len(), 4);
            let mut part = vec![1, 2, 3];
            for (at, fill) in [(2, 0_u8), (0, 0xA5), (1, 0x5A)] {
                spool.read(at, &mut part).unwrap();
                assert_eq!(part, vec![fill; 70_000 + usize::from(fill)]);
            }
            spool.read(3, &mut part).unwrap();
            assert!(part.is_empty());
            assert!(spool.read(4, &mut part).is_err());
            let stored = match &mut spool.place {
                Place::Memory(bytes) => bytes.clone(),
                Place::File(file) => {
                    let mut bytes = vec![0; usize::try_from(*spool.ends.last().unwrap()).unwrap()];
                    file.read_exact_at(&mut bytes, 0).unwrap();
                    file.write_all_at(&[bytes[9] ^ 1], 9).unwrap();
                    assert!(spool.read(0, &mut part).is_err());
                    bytes
                }
            };
            assert!(!stored.windows(16).any(|window| window == [0xA5; 16]));
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
