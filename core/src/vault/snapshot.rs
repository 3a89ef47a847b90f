//! Every read of the vault at one moment: what is committed later does not show.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::state::State;
use super::{Inner, Vault};
use crate::Error;

/// One moment of a vault. Cheap to clone; holds the pages of its moment, so drop it when done: an open
/// snapshot keeps [`Vault::compact`] from running. One from before a suspension answers [`Error::Suspended`].
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(super) inner: Arc<Inner>,
    pub(super) state: Arc<State>,
    /// Of the vault when it was taken.
    suspensions: u64,
}

impl Snapshot {
    /// Runs a read unless the vault was locked meanwhile, and says which block was damaged if one was.
    pub(super) fn read_with<T>(
        &self,
        read: impl FnOnce(&State) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.inner.state()?;
        if self.suspensions != self.inner.suspensions.load(Ordering::Acquire) {
            return Err(Error::Suspended);
        }
        self.inner.refine(read(&self.state))
    }
}

impl Vault {
    /// The vault as it is now.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        let suspensions = self.0.suspensions.load(Ordering::Acquire);
        Ok(Snapshot { inner: Arc::clone(&self.0), state: self.0.state()?, suspensions })
    }
}
