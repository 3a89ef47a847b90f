//! The change log: by cursor, and as a feed that waits.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::resource::ResourceRow;
use super::snapshot::Snapshot;
use super::{Inner, Vault};
use crate::Error;
use crate::storage::changes;

pub use crate::storage::changes::ChangeKind;

/// One change of the record.
#[derive(Clone, PartialEq, Eq)]
pub struct ResourceChange {
    /// Its number in the log, from 1.
    pub number: u64,
    /// What happened.
    pub kind: ChangeKind,
    /// The resource after the change.
    pub row: ResourceRow,
}

impl fmt::Debug for ResourceChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceChange").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// One page of the change log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePage {
    /// Oldest first.
    pub changes: Vec<ResourceChange>,
    /// Where the next page begins; pass it to [`Vault::changes`] later, in any process.
    pub cursor: u64,
}

/// Changes that a feed reports: one commit, or several merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeSet {
    /// Cursor before the first of them.
    pub since: u64,
    /// Cursor after the last of them.
    pub cursor: u64,
}

impl Snapshot {
    /// At most `limit` changes after the cursor `since` (0 = from the beginning).
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn changes(&self, since: u64, limit: usize) -> Result<ChangePage, Error> {
        self.read_with(|state| {
            let mut page = Vec::new();
            for (number, change) in changes::after(&state.tables, since, limit)? {
                let row = state.listed(change.row)?.row.clone();
                page.push(ResourceChange { number, kind: change.kind, row });
            }
            let cursor = page.last().map_or(since, |c| c.number);
            Ok(ChangePage { changes: page, cursor })
        })
    }
}

/// Waits for changes. Each feed has its own place in the log and starts at the newest change.
pub struct ChangeFeed {
    inner: Arc<Inner>,
    cursor: u64,
}

impl fmt::Debug for ChangeFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeFeed").field("cursor", &self.cursor).finish_non_exhaustive()
    }
}

impl ChangeFeed {
    /// Waits at most `timeout` for changes; `None` when there were none.
    ///
    /// # Errors
    /// [`Error::Locked`] once the vault is locked, also while waiting. A suspended vault has no changes.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<ChangeSet>, Error> {
        let until = Instant::now() + timeout;
        let (newest, bell) = &self.inner.bell;
        let mut newest = newest.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let suspended = match self.inner.state() {
                Ok(_) => false,
                Err(Error::Suspended) => true,
                Err(error) => return Err(error),
            };
            if !suspended && *newest > self.cursor {
                let set = ChangeSet { since: self.cursor, cursor: *newest };
                self.cursor = *newest;
                return Ok(Some(set));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            newest = bell.wait_timeout(newest, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Vault {
    /// A feed that starts now, or where the vault was when it was suspended.
    pub(super) fn feed_while_suspended(&self) -> Result<ChangeFeed, Error> {
        match self.feed() {
            Err(Error::Suspended) => {
                let cursor = *self.0.bell.0.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(ChangeFeed { inner: Arc::clone(&self.0), cursor })
            }
            other => other,
        }
    }

    /// Waits until the vault is no longer suspended; says whether that came.
    pub(super) fn wait_for_resume(&self, timeout: Duration) -> Result<bool, Error> {
        let until = Instant::now() + timeout;
        let (newest, bell) = &self.0.bell;
        let mut newest = newest.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match self.0.state() {
                Ok(_) => return Ok(true),
                Err(Error::Suspended) => {}
                Err(error) => return Err(error),
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            newest = bell.wait_timeout(newest, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// At most `limit` changes after the cursor `since` (0 = from the beginning).
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn changes(&self, since: u64, limit: usize) -> Result<ChangePage, Error> {
        self.snapshot()?.changes(since, limit)
    }

    /// A feed that starts now.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn feed(&self) -> Result<ChangeFeed, Error> {
        let cursor = self.0.state()?.changes;
        Ok(ChangeFeed { inner: Arc::clone(&self.0), cursor })
    }
}
