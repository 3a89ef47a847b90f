//! Walks over all resources, for export.

use super::Vault;
use super::resource::StoredResource;
use super::snapshot::Snapshot;
use super::state::State;
use crate::Error;
use crate::source::ConnectionId;

impl Snapshot {
    /// Calls `each` with every current resource commit after commit, ordered by type within
    /// one; with every version when asked.
    ///
    /// # Errors
    /// Those of `each`, which end the walk; [`Error::Locked`]; damage.
    pub fn export(
        &self,
        all_versions: bool,
        mut each: impl FnMut(&StoredResource) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for row in 0..self.state.next_row() {
            if !all_versions && !self.state.is_current(row) {
                continue;
            }
            let resource = self.read_with(|state| state.resource(row))?;
            each(&resource)?;
        }
        Ok(())
    }

    /// Calls `each` with every current resource of one connection.
    ///
    /// # Errors
    /// Those of `each`, which end the walk; [`Error::Locked`]; damage.
    pub fn each_of(
        &self,
        connection: ConnectionId,
        mut each: impl FnMut(&StoredResource) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for row in (0..self.state.next_row()).filter(|&row| self.state.is_current(row)) {
            let read = |state: &State| {
                let ours = state.record(row)?.connection == connection.0;
                ours.then(|| state.resource(row)).transpose()
            };
            if let Some(resource) = self.read_with(read)? {
                each(&resource)?;
            }
        }
        Ok(())
    }
}

impl Vault {
    /// Calls `each` with every current resource commit after commit, ordered by type within
    /// one; with every version when asked.
    ///
    /// # Errors
    /// Those of `each`, which end the walk; [`Error::Locked`]; damage.
    pub fn export(
        &self,
        all_versions: bool,
        each: impl FnMut(&StoredResource) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.snapshot()?.export(all_versions, each)
    }
}
