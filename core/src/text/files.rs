//! What the full-text index wants of the store: files by name in one snapshot, and one change of
//! them per write. Files are never changed under their name, except the list of parts.

use crate::error::Error;

/// The index's files in one snapshot of the vault.
///
/// A part of a file that is read often is kept by the index in pieces of [`PIECE`] bytes, counted
/// from the file's start; a store that keeps chunks of the same size reads one chunk for each.
pub(crate) trait TextFiles: Send + Sync {
    /// Names and sizes of all files.
    fn list(&self) -> Result<Vec<(String, u64)>, Error>;

    /// The bytes of a range that lies inside the file.
    fn read(&self, name: &str, range: std::ops::Range<u64>) -> Result<Vec<u8>, Error>;
}

/// Size of the pieces in which files are read.
pub(crate) const PIECE: u64 = 65_280;

/// One change of the index's files. It belongs to the snapshot from which it was made: the vault
/// stores it in a write transaction on top of exactly that state, or drops it.
#[derive(Default)]
pub(crate) struct TextDelta {
    /// New files, and the list of parts (`meta.json`) that replaces the former one.
    pub(crate) written: Vec<(String, Vec<u8>)>,
    /// Files that no part needs any more.
    pub(crate) deleted: Vec<String>,
}

impl std::fmt::Debug for TextDelta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes: usize = self.written.iter().map(|(_, bytes)| bytes.len()).sum();
        f.debug_struct("TextDelta")
            .field("written", &self.written.len())
            .field("bytes", &bytes)
            .field("deleted", &self.deleted.len())
            .finish()
    }
}

/// A store in memory.
#[cfg(test)]
#[derive(Clone, Default)]
pub(crate) struct MemoryFiles(pub(crate) std::collections::BTreeMap<String, Vec<u8>>);

#[cfg(test)]
impl MemoryFiles {
    /// The state after a change.
    pub(crate) fn after(&self, delta: TextDelta) -> MemoryFiles {
        let mut files = self.clone();
        for name in delta.deleted {
            assert!(files.0.remove(&name).is_some(), "deleted file exists");
        }
        files.0.extend(delta.written);
        files
    }
}

#[cfg(test)]
impl TextFiles for MemoryFiles {
    fn list(&self) -> Result<Vec<(String, u64)>, Error> {
        Ok(self.0.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect())
    }

    fn read(&self, name: &str, range: std::ops::Range<u64>) -> Result<Vec<u8>, Error> {
        let bytes = self.0.get(name).ok_or(Error::Inconsistent("text file"))?;
        let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        bytes.get(range).map(<[u8]>::to_vec).ok_or(Error::Inconsistent("text file"))
    }
}
