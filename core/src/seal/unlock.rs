//! The secret that opens a vault, as the app gives it.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::error::OpenError;

/// The longest passphrase, in bytes of UTF-8 after normalisation.
const MAX_PASSPHRASE: usize = 1_024;

/// The secret that opens a vault. Wiped from memory when dropped; never printed.
///
/// ```
/// let unlock = chartkeep::Unlock::passphrase(b"correct horse battery staple");
/// assert_eq!(format!("{unlock:?}"), "Unlock(passphrase)");
/// ```
pub struct Unlock(pub(crate) Secret);

pub(crate) enum Secret {
    Key(Box<Zeroizing<[u8; 32]>>),
    Passphrase(Zeroizing<Vec<u8>>),
}

impl Unlock {
    /// A raw 32-byte key, such as a platform keystore holds. One key per vault.
    pub fn key(key: [u8; 32]) -> Self {
        let key = Zeroizing::new(key);
        Self(Secret::Key(Box::new(key)))
    }

    /// A passphrase: 1 to 1,024 bytes of UTF-8 without control characters, not trimmed. It is
    /// brought to Unicode's composed form (NFC), so the same word typed on two devices is one key.
    /// An unusable passphrase is reported when it is used.
    pub fn passphrase(passphrase: &[u8]) -> Self {
        Self(Secret::Passphrase(Zeroizing::new(passphrase.to_vec())))
    }
}

impl fmt::Debug for Unlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Secret::Key(_) => "Unlock(key)",
            Secret::Passphrase(_) => "Unlock(passphrase)",
        })
    }
}

/// The passphrase in the form that enters key derivation.
pub(crate) fn normalized(passphrase: &[u8]) -> Result<Zeroizing<String>, OpenError> {
    let text = std::str::from_utf8(passphrase).map_err(|_| OpenError::InvalidPassphrase)?;
    if text.is_empty() || text.len() > 4 * MAX_PASSPHRASE || text.chars().any(char::is_control) {
        return Err(OpenError::InvalidPassphrase);
    }
    // Composition at most triples the length: with this room nothing is left behind by growing.
    let mut composed = Zeroizing::new(String::with_capacity(3 * text.len()));
    composed.extend(text.nfc());
    if composed.len() > MAX_PASSPHRASE {
        return Err(OpenError::InvalidPassphrase);
    }
    Ok(composed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_typed_on_two_phones_is_one_key() {
        let composed = normalized("Caf\u{e9}".as_bytes()).unwrap();
        let decomposed = normalized("Cafe\u{301}".as_bytes()).unwrap();
        assert_eq!(*composed, *decomposed);
        assert_eq!(*normalized(b" not trimmed ").unwrap(), " not trimmed ");
    }

    #[test]
    fn unusable_passphrases_are_refused() {
        let long = "a".repeat(1_025);
        for bad in [&b""[..], b"\xff", b"tab\there", "c1\u{85}".as_bytes(), long.as_bytes()] {
            assert_eq!(normalized(bad), Err(OpenError::InvalidPassphrase));
        }
        assert!(normalized("a".repeat(1_024).as_bytes()).is_ok());
    }

    #[test]
    fn nothing_of_a_secret_is_printed() {
        assert_eq!(format!("{:?}", Unlock::key([0x41; 32])), "Unlock(key)");
        assert_eq!(format!("{:?}", Unlock::passphrase(b"canary")), "Unlock(passphrase)");
    }
}
