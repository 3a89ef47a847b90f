//! Compaction: free space goes back to the file system; the deep kind copies the live data into a new file
//! under a new page key.

use std::sync::PoisonError;

use super::report::{CancelToken, CompactReport, Progress};
use super::state::State;
use super::{Inner, Vault};
use crate::Error;

impl Inner {
    /// Runs redb's compaction. Every transaction must be closed for it, so the newest moment is put away
    /// meanwhile; readers that come then wait. `Busy` when somebody holds a snapshot.
    pub(super) fn compact_in_place(&self) -> Result<(), Error> {
        self.without_readers(|| self.db.compact())
    }

    /// Runs `work` while no moment is held, then loads the newest one.
    pub(super) fn without_readers(
        &self,
        work: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut slot = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let state = slot.take().ok_or_else(|| self.closed())?;
        let state = match std::sync::Arc::try_unwrap(state) {
            Ok(state) => state,
            Err(shared) => {
                *slot = Some(shared);
                return Err(Error::Busy);
            }
        };
        drop(state);
        let worked = work();
        // Whatever came of it, the vault is there again, unless the file itself no longer answers.
        let next = State::load(self.db.begin_read()?, &self.numbers, None)?;
        *slot = Some(std::sync::Arc::new(next));
        worked
    }
}

impl Vault {
    /// Compresses older bodies with the vault's own dictionary and gives free space back to the file system.
    ///
    /// # Errors
    /// [`Error::Busy`] while a snapshot is held; [`Error::Cancelled`]; [`Error::NoSpace`], for the file first
    /// grows. Whatever happens, the record is whole.
    pub fn compact(
        &self,
        cancel: &CancelToken,
        progress: impl FnMut(Progress),
    ) -> Result<CompactReport, Error> {
        self.compact_with(cancel, progress, || self.0.compact_in_place())
    }

    /// Like [`Vault::compact`], but copies the live data into a new file under a new page key and puts it in
    /// the old one's place, so that no sealed remnant of deleted data stays.
    ///
    /// # Errors
    /// Those of [`Vault::compact`].
    pub fn compact_deep(
        &self,
        cancel: &CancelToken,
        progress: impl FnMut(Progress),
    ) -> Result<CompactReport, Error> {
        self.compact_with(cancel, progress, || {
            self.0.without_readers(|| self.0.db.rewrite(&self.0.clock))
        })
    }

    fn compact_with(
        &self,
        cancel: &CancelToken,
        mut progress: impl FnMut(Progress),
        shrink: impl FnOnce() -> Result<(), Error>,
    ) -> Result<CompactReport, Error> {
        let inner = &*self.0;
        let _writer = inner.begin();
        let work = || {
            let bytes_before = inner.db.file_len()?;
            inner.repack(cancel, &mut progress)?;
            shrink()?;
            Ok(CompactReport { bytes_before, bytes_after: inner.db.file_len()? })
        };
        inner.written(work())
    }
}
