//! The redb database of a vault above the seal: transactions, compaction, rewrite, close. Also what the
//! seal alone knows: ids, counters, which block was damaged.

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use redb::Database;

use super::fault;
use super::txn::{ReadTables, WriteTables, copy_all};
use crate::clock::Clock;
use crate::seal::{self, BlockReport, Event, Opened, SealHandle, SealOptions, Sealed};
use crate::seal::{Spool, Unlock};
use crate::{Error, OpenError};

/// An open database. After `close` every call answers `Locked`.
#[derive(Debug)]
pub(crate) struct Db {
    database: RwLock<Option<Database>>,
    handle: RwLock<SealHandle>,
    /// Open for reading only since the storage failed, not because the app asked for it.
    degraded: AtomicBool,
}

impl Db {
    fn new(sealed: Sealed) -> Self {
        Self {
            database: RwLock::new(Some(sealed.db)),
            handle: RwLock::new(sealed.handle),
            degraded: AtomicBool::new(false),
        }
    }

    /// Creates a vault file whose first commit has every table and what `fill` puts into them.
    pub(crate) fn create(
        path: Option<&Path>,
        unlock: &Unlock,
        options: &SealOptions,
        clock: &Clock,
        fill: impl FnOnce(&WriteTables) -> Result<(), Error>,
    ) -> Result<Self, OpenError> {
        let init = |database: &Database| first_commit(database, fill);
        let sealed = match path {
            Some(path) => seal::create(path, unlock, options, clock, init)?,
            None => seal::create_in_memory(unlock, options, clock, init)?,
        };
        Ok(Self::new(sealed))
    }

    pub(crate) fn open(
        path: &Path,
        unlock: &Unlock,
        options: &SealOptions,
        clock: &Clock,
    ) -> Result<Self, OpenError> {
        seal::open(path, unlock, options, clock).map(Self::new)
    }

    /// Opens or creates on a medium of the test suites.
    #[cfg(test)]
    pub(crate) fn on_medium(
        medium: std::sync::Arc<dyn seal::Medium>,
        create: bool,
        unlock: &Unlock,
        options: &SealOptions,
        clock: &Clock,
        fill: impl FnOnce(&WriteTables) -> Result<(), Error>,
    ) -> Result<Self, OpenError> {
        if !create {
            return seal::open_on(medium, unlock, options, clock).map(Self::new);
        }
        let init = |database: &Database| first_commit(database, fill);
        seal::create_on(medium, unlock, options, clock, init).map(Self::new)
    }

    fn with<T>(&self, use_it: impl FnOnce(&Database) -> Result<T, Error>) -> Result<T, Error> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        use_it(database.as_ref().ok_or(Error::Locked)?)
    }

    fn handle(&self) -> SealHandle {
        self.handle.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn begin_read(&self) -> Result<ReadTables, Error> {
        self.with(ReadTables::begin)
    }

    pub(crate) fn begin_write(&self) -> Result<WriteTables, Error> {
        if self.is_read_only() {
            return Err(Error::ReadOnly);
        }
        self.with(WriteTables::begin)
    }

    /// Gives free space back to the file system. No transaction may be open.
    pub(crate) fn compact(&self) -> Result<(), Error> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_mut().ok_or(Error::Locked)?;
        loop {
            match database.compact() {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(redb::CompactionError::TransactionInProgress) => return Err(Error::Busy),
                Err(e) => return Err(fault(e)),
            }
        }
    }

    /// Copies everything into a new file under a new page key, which takes this one's place.
    pub(crate) fn rewrite(&self, clock: &Clock) -> Result<(), Error> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        let mut handle = self.handle.write().unwrap_or_else(PoisonError::into_inner);
        let old = database.as_ref().ok_or(Error::Locked)?;
        let sealed = seal::rewrite(&handle, old, clock, copy_all)?;
        *database = Some(sealed.db);
        *handle = sealed.handle;
        Ok(())
    }

    /// Opens the file anew after its storage failed, without asking for the secret; for reading only
    /// while it cannot be written.
    pub(crate) fn reopen(&self, clock: &Clock) -> Result<(), Error> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        let mut handle = self.handle.write().unwrap_or_else(PoisonError::into_inner);
        if database.is_none() {
            return Err(Error::Locked);
        }
        // The old database is dropped last: its end wipes the keys that the new one needs.
        let (sealed, degraded) = match handle.reopen(clock, false) {
            Ok(sealed) => {
                let degraded = sealed.handle.is_read_only();
                (sealed, degraded)
            }
            Err(_) => (handle.reopen(clock, true)?, true),
        };
        self.degraded.store(degraded, Ordering::Relaxed);
        *database = Some(sealed.db);
        *handle = sealed.handle;
        Ok(())
    }

    /// Whether the vault lies in a file, not in memory.
    pub(crate) fn has_file(&self) -> bool {
        self.handle().has_file()
    }

    /// Opens the file again after `close`, as the same vault and no older than it was.
    pub(crate) fn resume(&self, unlock: &Unlock, clock: &Clock) -> Result<(), OpenError> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        let mut handle = self.handle.write().unwrap_or_else(PoisonError::into_inner);
        let sealed = handle.resume(unlock, clock)?;
        self.degraded.store(false, Ordering::Relaxed);
        *database = Some(sealed.db);
        *handle = sealed.handle;
        Ok(())
    }

    /// Whether a write should first try to open the file for writing again.
    pub(crate) fn is_degraded(&self) -> bool {
        self.degraded.load(Ordering::Relaxed)
    }

    /// Ends as a killed process does: nothing more reaches the medium.
    #[cfg(test)]
    pub(crate) fn die(&self) {
        self.handle().die();
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Closes the file, wipes the keys, releases the lock.
    pub(crate) fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Says of an error what the seal knows better.
    pub(crate) fn refine(&self, error: Error) -> Error {
        match error {
            Error::Io(_) | Error::Inconsistent(_) => self.handle().failure().unwrap_or(error),
            other => other,
        }
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.handle().is_read_only()
    }

    /// 32 hex digits.
    pub(crate) fn vault_id(&self) -> String {
        self.handle().vault_id().iter().fold(String::with_capacity(32), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a String cannot fail");
            text
        })
    }

    pub(crate) fn format(&self) -> String {
        let (major, minor) = self.handle().format();
        format!("{major}.{minor}")
    }

    pub(crate) fn counter(&self) -> u64 {
        self.handle().counter()
    }

    pub(crate) fn opened(&self) -> Opened {
        self.handle().opened()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.handle().events()
    }

    pub(crate) fn file_len(&self) -> Result<u64, Error> {
        self.handle().file_len()
    }

    /// Bytes read from and written to the file since it was opened.
    #[cfg(feature = "testing")]
    pub(crate) fn traffic(&self) -> (u64, u64) {
        let handle = self.handle();
        (handle.bytes_read(), handle.bytes_written())
    }

    /// How often the disk was synced since the file was opened.
    #[cfg(feature = "testing")]
    pub(crate) fn syncs(&self) -> u64 {
        self.handle().syncs()
    }

    pub(crate) fn verify_blocks(
        &self,
        progress: impl FnMut(u64, u64) -> bool,
    ) -> Result<BlockReport, Error> {
        self.handle().verify_blocks(progress)
    }

    pub(crate) fn spool(&self) -> Result<Spool, Error> {
        self.handle().spool()
    }

    pub(crate) fn seal_token(
        &self,
        connection: u32,
        kind: u8,
        token: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.handle().seal_token(connection, kind, token)
    }

    pub(crate) fn unseal_token(
        &self,
        connection: u32,
        kind: u8,
        sealed: &[u8],
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        self.handle().open_token(connection, kind, sealed)
    }
}

/// Every table, and what `fill` puts into them.
fn first_commit(
    database: &Database,
    fill: impl FnOnce(&WriteTables) -> Result<(), Error>,
) -> Result<(), Error> {
    let tables = WriteTables::begin(database)?;
    tables.create_all()?;
    fill(&tables)?;
    tables.commit()
}
