//! An open vault: redb's database and a handle to what lies below it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::backend::Backend;
use super::cipher::{NONCE_LEN, TAG_LEN};
use super::event::{Event, Opened};
use super::failure::Failure;
#[cfg(test)]
use super::failure::from_redb;
use super::header::Header;
use super::open::{KeySource, Place, open_file, open_place};
use super::options::SealOptions;
use super::record;
use super::spool::Spool;
use super::unlock::Unlock;
use super::verify::BlockReport;
use crate::clock::Clock;
use crate::error::{Error, OpenError};

/// An open vault. Dropping the database, once no write transaction is live, closes it: nonce
/// table and clean page 0, then the keys are wiped and the lock is released. redb's
/// `Database::close` does the same and tells whether it worked.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) db: redb::Database,
    pub(crate) handle: SealHandle,
}

/// What the layers above ask of the seal; cheap to clone, outlives the database.
#[derive(Clone)]
pub(crate) struct SealHandle {
    pub(super) backend: Arc<Backend>,
    pub(super) info: Arc<Info>,
}

pub(super) struct Info {
    pub(super) header: Header,
    pub(super) opened: Opened,
    pub(super) events: Mutex<Vec<Event>>,
    pub(super) path: Option<PathBuf>,
    pub(super) options: SealOptions,
}

impl fmt::Debug for SealHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealHandle").field("opened", &self.info.opened).finish_non_exhaustive()
    }
}

impl SealHandle {
    pub(crate) fn vault_id(&self) -> [u8; 16] {
        self.info.header.vault_id()
    }

    /// The page-0 counter: what the app keeps, with the vault id, as its anchor.
    pub(crate) fn counter(&self) -> u64 {
        self.backend.zero().counter
    }

    /// Format version, (major, minor).
    pub(crate) fn format(&self) -> (u16, u16) {
        self.info.header.format()
    }

    /// Rises with each rewrite of the file.
    #[cfg(test)]
    pub(crate) fn epoch(&self) -> u32 {
        self.info.header.epoch()
    }

    pub(crate) fn opened(&self) -> Opened {
        self.info.opened
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.info.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn file_len(&self) -> Result<u64, Error> {
        self.backend.medium.len().map_err(|error| Failure::from(error).into())
    }

    /// Ends as a killed process does: nothing more reaches the medium.
    #[cfg(test)]
    pub(crate) fn die(&self) {
        self.backend.latch(Failure::Closed);
    }

    /// The first failure below redb, told again until the vault is opened anew.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.backend.failure().map(Error::from)
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.backend.is_read_only()
    }

    /// Bytes read from the file since it was opened, header included.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn bytes_read(&self) -> u64 {
        self.backend.bytes_read()
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn bytes_written(&self) -> u64 {
        self.backend.bytes_written()
    }

    /// How often the disk was made to keep what was written, since it was opened.
    #[cfg(feature = "testing")]
    pub(crate) fn syncs(&self) -> u64 {
        self.backend.syncs()
    }

    /// What an error of redb means. After the first failure redb answers everything with
    /// `PreviousIo`; the failure itself is told again, until the vault is opened anew.
    #[cfg(test)]
    pub(crate) fn classify(&self, error: impl Into<redb::Error>) -> Error {
        match self.backend.failure() {
            Some(failure) => failure.into(),
            None => from_redb(error.into()),
        }
    }

    /// Opens the vault anew after its storage failed (a full disk, a failed sync), without asking
    /// for the secret, or for reading only while the storage still fails, or for writing again after
    /// that. The lock is kept, so nobody comes between; the old database is dead and is dropped by
    /// the caller.
    pub(crate) fn reopen(&self, clock: &Clock, read_only: bool) -> Result<Sealed, OpenError> {
        if self.backend.failure().is_none() && !self.backend.is_read_only() {
            return Err(OpenError::InUse);
        }
        let keys = self.backend.keys().map_err(OpenError::from)?;
        let place = Place {
            medium: Arc::clone(&self.backend.medium),
            lock: self.backend.lock(),
            path: self.info.path.clone(),
        };
        let options = SealOptions { anchor: None, read_only, ..self.info.options.clone() };
        open_place(place, KeySource::Known(keys), &options, clock)
    }

    /// An empty spool beside the file.
    pub(crate) fn spool(&self) -> Result<Spool, Error> {
        let folder = self.info.path.as_ref().map(|path| match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        });
        Spool::new(folder)
    }

    pub(crate) fn has_file(&self) -> bool {
        self.info.path.is_some()
    }

    /// Opens the vault anew after it was closed: the same one, and no older.
    pub(crate) fn resume(&self, unlock: &Unlock, clock: &Clock) -> Result<Sealed, OpenError> {
        let options = SealOptions {
            anchor: Some(self.counter()),
            expected_vault_id: Some(self.vault_id()),
            ..self.info.options.clone()
        };
        let path = self.info.path.as_ref().ok_or(OpenError::NotFound)?;
        let place = open_file(path, options.read_only)?;
        open_place(place, KeySource::Unlock(unlock), &options, clock)
    }

    /// Checks the seal of every block; `progress` gets (done, all) and answers whether to go on.
    pub(crate) fn verify_blocks(
        &self,
        mut progress: impl FnMut(u64, u64) -> bool,
    ) -> Result<BlockReport, Error> {
        self.backend.verify_blocks(&mut progress)
    }

    /// Seals a token once more, by value, so that a locked vault leaves none in redb's cache and
    /// nothing that copies tables can leak one. 40 bytes longer than the token.
    pub(crate) fn seal_token(
        &self,
        connection: u32,
        kind: u8,
        token: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let keys = self.backend.keys()?;
        let nonce = record::one_nonce().map_err(|_| Error::NoRandomness)?;
        let mut sealed = vec![0; NONCE_LEN + token.len() + TAG_LEN];
        sealed[NONCE_LEN..NONCE_LEN + token.len()].copy_from_slice(token);
        record::seal_with(&keys.token, &token_aad(connection, kind), &nonce, &mut sealed)
            .map_err(|_| Error::Io(std::io::ErrorKind::Other))?;
        Ok(sealed)
    }

    /// Opens what [`Self::seal_token`] made for the same connection and kind.
    pub(crate) fn open_token(
        &self,
        connection: u32,
        kind: u8,
        sealed: &[u8],
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        const DAMAGED: Error = Error::Inconsistent("tokens");
        let keys = self.backend.keys()?;
        if sealed.len() < NONCE_LEN + TAG_LEN {
            return Err(DAMAGED);
        }
        let mut copy = zeroize::Zeroizing::new(sealed.to_vec());
        let token = record::open_with(&keys.token, &token_aad(connection, kind), &mut copy)
            .map_err(|_| DAMAGED)?;
        Ok(zeroize::Zeroizing::new(token.to_vec()))
    }
}

fn token_aad(connection: u32, kind: u8) -> [u8; 5] {
    let mut aad = [0; 5];
    aad[..4].copy_from_slice(&connection.to_le_bytes());
    aad[4] = kind;
    aad
}
