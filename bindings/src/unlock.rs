//! The secret that opens a vault. An object, so that no generated code can print it.

use std::sync::Arc;

use chartkeep::Error;
use zeroize::Zeroizing;

use crate::ChartkeepError;

/// What opens a vault; may be used again. Wiped from memory when the last reference goes.
#[derive(uniffi::Object)]
pub struct Unlock(Secret);

enum Secret {
    Key(Zeroizing<[u8; 32]>),
    Passphrase(Zeroizing<Vec<u8>>),
}

#[uniffi::export]
impl Unlock {
    /// A raw key of 32 bytes, from the platform's keystore.
    #[uniffi::constructor]
    pub fn key(key: &[u8]) -> Result<Arc<Self>, ChartkeepError> {
        let wrong = Error::Invalid { argument: "key", expected: "32 bytes" };
        let key: [u8; 32] = key.try_into().map_err(|_| wrong)?;
        Ok(Arc::new(Self(Secret::Key(Zeroizing::new(key)))))
    }

    /// A passphrase, as UTF-8.
    #[uniffi::constructor]
    pub fn passphrase(passphrase: &[u8]) -> Result<Arc<Self>, ChartkeepError> {
        Ok(Arc::new(Self(Secret::Passphrase(Zeroizing::new(passphrase.to_vec())))))
    }
}

impl Unlock {
    pub(crate) fn to_core(&self) -> chartkeep::Unlock {
        match &self.0 {
            Secret::Key(key) => chartkeep::Unlock::key(**key),
            Secret::Passphrase(passphrase) => chartkeep::Unlock::passphrase(passphrase),
        }
    }
}

impl std::fmt::Debug for Unlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unlock")
    }
}
