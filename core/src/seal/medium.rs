//! The raw bytes below the seal: a file, or memory.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, PoisonError, RwLock};

/// A device of bytes. Reads and writes are whole or an error; `set_len` zeroes what it adds.
pub(crate) trait Medium: fmt::Debug + Send + Sync + 'static {
    fn len(&self) -> io::Result<u64>;
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()>;
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Everything written before is durable when this returns.
    fn sync(&self) -> io::Result<()>;
    /// Forgets cached pages where the system can: after a failed sync they may differ from the
    /// disk.
    fn drop_cache(&self) {}
}

/// A file that is already open, checked and locked.
#[derive(Debug)]
pub(crate) struct FileMedium(pub(crate) Arc<File>);

impl Medium for FileMedium {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(out, offset)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write_all_at(data, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    // On Apple systems std issues F_FULLFSYNC here, which plain fsync would not.
    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn drop_cache(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if let Err(error) = rustix::fs::fadvise(&*self.0, 0, None, rustix::fs::Advice::DontNeed) {
            tracing::debug!(kind = ?io::Error::from(error).kind(), "page cache kept");
        }
    }
}

/// A vault in memory: the same code above, nothing on disk.
#[derive(Default)]
pub(crate) struct MemoryMedium(RwLock<Vec<u8>>);

impl fmt::Debug for MemoryMedium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryMedium")
    }
}

#[cfg(any(test, feature = "testing"))]
impl MemoryMedium {
    #[cfg(test)]
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(RwLock::new(bytes))
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn range(offset: u64, len: usize) -> io::Result<std::ops::Range<usize>> {
    let start = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let end = start.checked_add(len).ok_or(io::ErrorKind::FileTooLarge)?;
    Ok(start..end)
}

impl Medium for MemoryMedium {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let source = bytes.get(range(offset, out.len())?).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(source);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let range = range(offset, data.len())?;
        let mut bytes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if bytes.len() < range.end {
            bytes.resize(range.end, 0);
        }
        bytes[range].copy_from_slice(data);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = range(0, usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?)?.end;
        self.0.write().unwrap_or_else(PoisonError::into_inner).resize(len, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
