//! Wrong orders of writes. The power-cut suite must catch each, or it proves nothing.

use std::io;
use std::ops::Bound;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

use crate::seal::backend::Backend;
use crate::seal::page_zero::PageZero;
use crate::seal::redb_storage::RedbBackend;

/// Page 0 is written through as redb writes it, instead of by rule W.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    /// Always into slot 0.
    OneSlot,
    /// Into the slot that does not hold the newest synced image.
    TwoSlots,
}

impl Control {
    pub(crate) fn wrap(self, backend: &Arc<Backend>) -> impl StorageBackend + use<> {
        WriteThrough {
            control: self,
            backend: Arc::clone(backend),
            redb: RedbBackend(Arc::clone(backend)),
            written: Mutex::new(None),
        }
    }
}

#[derive(Debug)]
struct WriteThrough {
    control: Control,
    backend: Arc<Backend>,
    redb: RedbBackend,
    written: Mutex<Option<(usize, PageZero)>>,
}

impl StorageBackend for WriteThrough {
    fn len(&self) -> io::Result<u64> {
        self.redb.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.redb.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.redb.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.backend.medium.sync()?;
        if let Some((index, slot)) = self.written.lock().unwrap().take() {
            self.backend.zero().published(index, &slot);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.redb.write(offset, data)?;
        if offset == 0 {
            let (mut index, slot) = {
                let zero = self.backend.zero();
                zero.next_slot(zero.image)
            };
            if self.control == Control::OneSlot {
                index = 0;
            }
            self.backend.write_slot(index, &slot)?;
            *self.written.lock().unwrap() = Some((index, slot));
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.redb.close()
    }

    fn try_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, redb::BackendError> {
        self.redb.try_lock_range(start, end)
    }
}
