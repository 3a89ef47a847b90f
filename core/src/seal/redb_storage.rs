//! redb's end of the backend, and the one place that makes a database on it.

use std::io;
use std::ops::Bound;
use std::sync::Arc;

use super::backend::Backend;
use super::geometry::PAGE_LEN_U64;
use super::options::SealOptions;

/// Opens or, on a backend of length 0, makes redb's database. `walk` reads and checks every page
/// in use.
pub(super) fn database(
    backend: &Arc<Backend>,
    options: &SealOptions,
    walk: bool,
) -> Result<redb::Database, redb::DatabaseError> {
    let mut builder = redb::Builder::new();
    builder.set_cache_size(options.cache_bytes).set_check_integrity_on_open(walk);
    #[cfg(test)]
    if let Some(control) = options.control {
        let db = builder.create_with_backend(super::tests::Control::wrap(control, backend))?;
        backend.set_running();
        return Ok(db);
    }
    let db = builder.create_with_backend(RedbBackend(Arc::clone(backend)))?;
    backend.set_running();
    Ok(db)
}

/// redb's end of the backend.
#[derive(Debug)]
pub(crate) struct RedbBackend(pub(super) Arc<Backend>);

impl redb::StorageBackend for RedbBackend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.blocks() * PAGE_LEN_U64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.guarded(|| self.0.read_pages(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.guarded(|| self.0.resize(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.guarded(|| self.0.sync())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.guarded(|| self.0.write_pages(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        let result = self.0.guarded(|| self.0.close_clean());
        self.0.end();
        result
    }

    // The vault's own lock covers the whole file: redb's whole-storage lock is granted, ranges,
    // which only its shared modes ask for, are not supported.
    fn try_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, redb::BackendError> {
        whole_storage(start, end).map(|()| true)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, redb::BackendError> {
        whole_storage(start, end).map(|()| true)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), redb::BackendError> {
        whole_storage(start, end)
    }

    fn lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<(), redb::BackendError> {
        whole_storage(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), redb::BackendError> {
        whole_storage(start, end)
    }

    fn query_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, redb::BackendError> {
        whole_storage(start, end).map(|()| false)
    }
}

fn whole_storage(start: Bound<u64>, end: Bound<u64>) -> Result<(), redb::BackendError> {
    match (start, end) {
        (Bound::Unbounded | Bound::Included(0), Bound::Unbounded) => Ok(()),
        _ => Err(redb::BackendError::Unsupported),
    }
}
