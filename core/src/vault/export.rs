//! Walks over all resources, for export.

use super::Vault;
use super::resource::StoredResource;
use super::snapshot::Snapshot;
use crate::Error;

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
