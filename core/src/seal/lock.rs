//! One owner per vault: a registry by (device, inode) inside the process, `flock` between
//! processes. Nothing here waits; waiting is the caller's.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::OpenError;

use super::failure::open_io;

type FileId = (u64, u64);

/// Owners in this process: -1 for the one that may write, else how many read.
static OWNERS: Mutex<Option<HashMap<FileId, i64>>> = Mutex::new(None);

/// Holds the vault until dropped.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: Arc<File>,
    id: FileId,
}

impl FileLock {
    /// Takes the lock or answers `InUse`.
    pub(crate) fn take(file: &Arc<File>, shared: bool) -> Result<Self, OpenError> {
        let id = file_id(file).map_err(open_io)?;
        {
            let mut owners = OWNERS.lock().unwrap_or_else(PoisonError::into_inner);
            let count = owners.get_or_insert_default().entry(id).or_default();
            match (*count, shared) {
                (0.., true) => *count += 1,
                (0, false) => *count = -1,
                _ => return Err(OpenError::InUse),
            }
        }
        // From here on dropping the lock takes the entry out again.
        let lock = Self { file: Arc::clone(file), id };
        flock(file, shared)?;
        Ok(lock)
    }

    pub(crate) fn id(&self) -> FileId {
        self.id
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        unlock(&self.file);
        let mut owners = OWNERS.lock().unwrap_or_else(PoisonError::into_inner);
        let owners = owners.get_or_insert_default();
        match owners.get_mut(&self.id) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                owners.remove(&self.id);
            }
        }
    }
}

pub(crate) fn file_id(file: &File) -> io::Result<FileId> {
    let metadata = file.metadata()?;
    Ok((metadata.dev(), metadata.ino()))
}

// A process that holds a file lock in an App Group container is killed when iOS suspends it.
#[cfg(target_os = "ios")]
fn flock(_file: &File, _shared: bool) -> Result<(), OpenError> {
    Ok(())
}

#[cfg(target_os = "ios")]
fn unlock(_file: &File) {}

// std's own file lock fails on Android before Rust 1.98.
#[cfg(not(target_os = "ios"))]
fn flock(file: &File, shared: bool) -> Result<(), OpenError> {
    use rustix::fs::FlockOperation::{NonBlockingLockExclusive, NonBlockingLockShared};
    let operation = if shared { NonBlockingLockShared } else { NonBlockingLockExclusive };
    match rustix::fs::flock(file, operation) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::InUse),
        Err(error) => Err(open_io(error.into())),
    }
}

#[cfg(not(target_os = "ios"))]
fn unlock(file: &File) {
    // Closing the file releases it as well; this only makes it happen now.
    if let Err(error) = rustix::fs::flock(file, rustix::fs::FlockOperation::Unlock) {
        tracing::debug!(kind = ?io::Error::from(error).kind(), "unlock failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writer_or_many_readers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"x").unwrap();
        let open = || Arc::new(File::open(&path).unwrap());
        let writer = FileLock::take(&open(), false).unwrap();
        assert_eq!(FileLock::take(&open(), false).unwrap_err(), OpenError::InUse);
        assert_eq!(FileLock::take(&open(), true).unwrap_err(), OpenError::InUse);
        drop(writer);
        let first = FileLock::take(&open(), true).unwrap();
        let second = FileLock::take(&open(), true).unwrap();
        assert_eq!(FileLock::take(&open(), false).unwrap_err(), OpenError::InUse);
        drop(first);
        assert_eq!(FileLock::take(&open(), false).unwrap_err(), OpenError::InUse);
        drop(second);
        assert!(FileLock::take(&open(), false).is_ok());
    }
}
