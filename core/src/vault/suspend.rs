//! Suspension: the file is closed and its lock released while the app is not in front, and opened again
//! under the same handle. Who holds the vault keeps it; what waits for changes goes on waiting.

use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Inner, Vault};
use crate::Error;
use crate::seal::Unlock;

/// How often a suspension looks whether the writer has stopped.
const LOOK: Duration = Duration::from_millis(2);

impl Inner {
    /// Whether a long operation may go on; asked at its safe points.
    pub(super) fn may_go_on(&self) -> Result<(), Error> {
        match self.stopping.load(Ordering::Acquire) {
            true => Err(Error::Suspended),
            false => Ok(()),
        }
    }

    /// The writer's lock, once what is being written has come to a safe point.
    fn stop_writer(&self, within: Duration) -> Result<MutexGuard<'_, ()>, Error> {
        let until = Instant::now() + within;
        loop {
            match self.writer.try_lock() {
                Ok(writer) => return Ok(writer),
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                    return Err(Error::Busy);
                }
                Err(TryLockError::WouldBlock) => thread::sleep(LOOK),
            }
        }
    }
}

impl Vault {
    /// Closes the file, forgets the keys and releases the lock of the file, for an app that goes to the
    /// background: a phone ends apps that hold locks there. Imports and syncs on their way stop at their
    /// next safe point, and keep what they have committed. Until [`Vault::resume`] every call of every clone
    /// answers [`Error::Suspended`]; feeds and [`Live`](crate::Live) values wait silently. Snapshots taken
    /// before do not come back. A suspended vault stays so when it is suspended again.
    ///
    /// ```
    /// use std::time::Duration;
    /// use chartkeep::{Error, Unlock, Vault};
    /// let folder = tempfile::tempdir()?;
    /// let vault = Vault::create(folder.path().join("me.vault"), Unlock::key([7; 32]))?;
    /// vault.suspend(Duration::from_millis(500))?;
    /// assert_eq!(vault.search("Patient").unwrap_err(), Error::Suspended);
    /// vault.resume(Unlock::key([7; 32]))?;
    /// assert_eq!(vault.search("Patient")?.total, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Busy`] when a write does not come to a safe point within `within`: the vault stays open.
    /// [`Error::Locked`].
    pub fn suspend(&self, within: Duration) -> Result<(), Error> {
        let inner = &*self.0;
        inner.stopping.store(true, Ordering::Release);
        let writer = inner.stop_writer(within);
        inner.stopping.store(false, Ordering::Release);
        let _writer = writer?;
        let mut state = inner.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.take().is_none() {
            return if inner.is_suspended() { Ok(()) } else { Err(Error::Locked) };
        }
        inner.suspended.store(true, Ordering::Release);
        drop(state);
        if inner.db.has_file() {
            inner.db.close();
        }
        inner.bell.1.notify_all();
        Ok(())
    }

    /// Opens the file again after [`Vault::suspend`]. What other processes wrote meanwhile counts as changes.
    /// An open vault stays as it is; one in memory comes back with any secret.
    ///
    /// # Errors
    /// [`Error::Open`], after which the vault is still suspended: the secret is wrong, another process holds
    /// the file, it was put back to an older state. [`Error::Locked`].
    pub fn resume(&self, unlock: Unlock) -> Result<(), Error> {
        let inner = &*self.0;
        let _writer = inner.writer();
        if !inner.is_suspended() {
            return inner.state().map(|_| ());
        }
        // The key of a vault in memory never left it.
        if inner.db.has_file() {
            inner.db.resume(&unlock, &inner.clock)?;
        }
        let opened = inner.load_again();
        if opened.is_err() {
            let mut state = inner.state.write().unwrap_or_else(PoisonError::into_inner);
            *state = None;
            inner.suspended.store(true, Ordering::Release);
            if inner.db.has_file() {
                inner.db.close();
            }
        }
        opened
    }
}
