//! How a vault is created and opened.

use std::path::Path;
use std::sync::Arc;

use super::{Inner, Vault};
use crate::clock::Clock;
use crate::fhir::Zone;
use crate::index::{INDEX_VERSION, Numbers};
use crate::seal::{self, SealOptions, Unlock};
use crate::storage::db::Db;
use crate::storage::meta;
use crate::storage::txn::WriteTables;
use crate::text::TEXT_VERSION;
use crate::{Error, OpenError};

/// Version of the table layout; a vault with a newer one is left alone.
pub(super) const SCHEMA: u32 = 1;

/// Whether a vault can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultState {
    /// For reading and writing.
    Open,
    /// For reading only: asked for, or the file could not be made durable.
    ReadOnly,
    /// The file is closed and its lock released until the app resumes it.
    Suspended,
    /// Locked: the file is closed and the keys are gone.
    Locked,
}

/// Options of creating and opening. Each default is the product's.
///
/// ```
/// use chartkeep::{Unlock, Vault};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("me.vault");
/// let vault = Vault::options().zone("+01:00")?.create(&path, Unlock::key([7; 32]))?;
/// assert_eq!(vault.info()?.zone, "+01:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct VaultOptions {
    seal: SealOptions,
    clock: Clock,
    zone: Zone,
}

impl Default for VaultOptions {
    fn default() -> Self {
        Self { seal: SealOptions::default(), clock: Clock::default(), zone: Zone::UTC }
    }
}

impl VaultOptions {
    /// Bytes of the page cache; 8 MiB by default.
    pub fn cache(mut self, bytes: usize) -> Self {
        self.seal.cache_bytes = bytes;
        self
    }

    /// Where the time comes from.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The commit counter that the app kept outside the file: an older file is refused.
    pub fn anchor(mut self, counter: u64) -> Self {
        self.seal.anchor = Some(counter);
        self
    }

    /// The vault id that the app kept, 32 hex digits: another vault under the path is refused.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn expect_vault(mut self, vault_id: &str) -> Result<Self, Error> {
        let expected = "32 hex digits";
        let wrong = Error::Invalid { argument: "vault_id", expected };
        let digits = vault_id.as_bytes();
        let mut id = [0; 16];
        if digits.len() != 32 || !vault_id.is_ascii() {
            return Err(wrong);
        }
        for (byte, at) in id.iter_mut().zip((0..32).step_by(2)) {
            *byte = u8::from_str_radix(&vault_id[at..at + 2], 16).map_err(|_| wrong.clone())?;
        }
        self.seal.expected_vault_id = Some(id);
        Ok(self)
    }

    /// Opens without writing a byte to the file.
    pub fn read_only(mut self) -> Self {
        self.seal.read_only = true;
        self
    }

    /// The zone in which zone-less times are read, `UTC` or like `+02:00`. A property of the vault: it counts
    /// at creation only.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn zone(mut self, zone: &str) -> Result<Self, Error> {
        let expected = "UTC, or an offset like +02:00";
        self.zone = Zone::parse(zone).ok_or(Error::Invalid { argument: "zone", expected })?;
        Ok(self)
    }

    /// The cheapest passphrase derivation that the format allows, for tests.
    #[cfg(any(test, feature = "testing"))]
    pub fn cheap_passphrase(mut self) -> Self {
        self.seal.kdf = seal::CHEAPEST_KDF;
        self
    }

    /// Opens the vault at `path`.
    ///
    /// # Errors
    /// See [`OpenError`]; the record stays as it was.
    pub fn open(self, path: impl AsRef<Path>, unlock: Unlock) -> Result<Vault, OpenError> {
        let db = Db::open(path.as_ref(), &unlock, &self.seal, &self.clock)?;
        self.start(db)
    }

    /// Creates a vault at `path`, where nothing may lie yet.
    ///
    /// # Errors
    /// See [`Vault::create`].
    pub fn create(self, path: impl AsRef<Path>, unlock: Unlock) -> Result<Vault, OpenError> {
        let path = Some(path.as_ref());
        let db = Db::create(path, &unlock, &self.seal, &self.clock, |t| self.fill(t))?;
        self.start(db)
    }

    /// Opens the vault at `path`, or creates one if nothing lies there.
    ///
    /// # Errors
    /// See [`Vault::open_or_create`].
    pub fn open_or_create(
        self,
        path: impl AsRef<Path>,
        unlock: Unlock,
    ) -> Result<Vault, OpenError> {
        let path = path.as_ref();
        match Db::open(path, &unlock, &self.seal, &self.clock) {
            Err(OpenError::NotFound) => self.create(path, unlock),
            Err(error) => Err(error),
            Ok(db) => self.start(db),
        }
    }

    /// A vault in memory, see [`Vault::in_memory`].
    ///
    /// # Errors
    /// [`OpenError::NoRandomness`].
    pub fn in_memory(self) -> Result<Vault, OpenError> {
        // Nobody else can reach the memory, so the key need not come from the app.
        let unlock = Unlock::key(seal::random_key()?);
        let db = Db::create(None, &unlock, &self.seal, &self.clock, |t| self.fill(t))?;
        self.start(db)
    }

    /// The suite of a new vault.
    #[cfg(test)]
    pub(crate) fn suite(mut self, suite: seal::Suite) -> Self {
        self.seal.suite = suite;
        self
    }

    /// Creates or opens a vault on a medium of the test suites.
    #[cfg(test)]
    pub(crate) fn on_medium(
        self,
        medium: Arc<dyn seal::Medium>,
        create: bool,
        unlock: &Unlock,
    ) -> Result<Vault, OpenError> {
        let db = Db::on_medium(medium, create, unlock, &self.seal, &self.clock, |t| self.fill(t))?;
        self.start(db)
    }

    fn fill(&self, tables: &WriteTables) -> Result<(), Error> {
        meta::put_number(tables, "schema", SCHEMA)?;
        meta::put_number(tables, "index", INDEX_VERSION)?;
        meta::put_number(tables, "text", TEXT_VERSION)?;
        meta::put(tables, "zone", self.zone.to_string().as_bytes())?;
        meta::put(tables, "parameters", &Numbers::built_in().encode()?)
    }

    fn start(self, db: Db) -> Result<Vault, OpenError> {
        let started = Inner::start(db, self.clock, SCHEMA).map_err(|e| match e {
            Error::Open(error) => error,
            other => seal::as_open_error(other),
        })?;
        Ok(Vault(Arc::new(started)))
    }
}
