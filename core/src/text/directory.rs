//! tantivy's `Directory` over [`TextFiles`], for reading only: parts are built in memory and reach
//! the store by a [`super::TextDelta`]. No lock files, no watcher, no threads.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, Lock, OwnedBytes, WatchCallback, WatchHandle, WritePtr,
};

use super::fault::carry;
use super::files::{PIECE, TextFiles};

/// Name of the list of parts, the only file that is replaced.
pub(super) const LIST: &str = "meta.json";

/// Where the files of one part are read. A part's files are the same in every snapshot that has
/// them, so a newer snapshot may take the place of an older one, which is then let go.
pub(super) struct Place(RwLock<Arc<dyn TextFiles>>);

impl Place {
    pub(super) fn new(files: Arc<dyn TextFiles>) -> Self {
        Place(RwLock::new(files))
    }

    pub(super) fn set(&self, files: Arc<dyn TextFiles>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = files;
    }

    fn read(&self, name: &str, range: Range<u64>) -> io::Result<Vec<u8>> {
        let files = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let wanted = range.end - range.start;
        let bytes = files.read(name, range).map_err(carry)?;
        match bytes.len() as u64 == wanted {
            true => Ok(bytes),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Pieces of files that were read lately: two generations, the older one is dropped when the
/// younger one is full.
#[derive(Default)]
pub(super) struct Pieces {
    generations: Mutex<Generations>,
    next_file: AtomicU64,
}

type PieceKey = (u64, u64);

#[derive(Default)]
struct Generations {
    young: HashMap<PieceKey, Arc<[u8]>>,
    young_bytes: usize,
    old: HashMap<PieceKey, Arc<[u8]>>,
}

impl Pieces {
    /// Bytes of one generation; both together are the cache's bound.
    const GENERATION: usize = 2 << 20;

    fn get(
        &self,
        key: PieceKey,
        read: impl FnOnce() -> io::Result<Vec<u8>>,
    ) -> io::Result<Arc<[u8]>> {
        if let Some(piece) = self.lock().get(key) {
            return Ok(piece);
        }
        let piece: Arc<[u8]> = read()?.into();
        self.lock().put(key, &piece);
        Ok(piece)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn get(&mut self, key: PieceKey) -> Option<Arc<[u8]>> {
        if let Some(piece) = self.young.get(&key) {
            return Some(Arc::clone(piece));
        }
        let piece = self.old.remove(&key)?;
        self.put(key, &piece);
        Some(piece)
    }

    fn put(&mut self, key: PieceKey, piece: &Arc<[u8]>) {
        if self.young_bytes + piece.len() > Pieces::GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(key, Arc::clone(piece)).is_none() {
            self.young_bytes += piece.len();
        }
    }
}

/// One file of the index, open for reading.
#[derive(Clone)]
struct StoredFile {
    name: Arc<str>,
    number: u64,
    len: usize,
    place: Arc<Place>,
    pieces: Arc<Pieces>,
}

impl StoredFile {
    fn piece(&self, number: u64) -> io::Result<Arc<[u8]>> {
        self.pieces.get((self.number, number), || {
            let start = number * PIECE;
            self.place.read(&self.name, start..(start + PIECE).min(self.len as u64))
        })
    }
}

impl FileHandle for StoredFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if range.is_empty() {
            return Ok(OwnedBytes::empty());
        }
        let (start, end) = (range.start as u64, range.end as u64);
        let (first, last) = (start / PIECE, (end - 1) / PIECE);
        if last - first > 1 {
            // Read in one go, and not kept: whole dictionaries, merges.
            return Ok(OwnedBytes::new(self.place.read(&self.name, start..end)?));
        }
        let inside = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let from = inside(start - first * PIECE);
        if first == last {
            let piece = OwnedBytes::new(self.piece(first)?);
            return Ok(piece.slice(from..from + range.len()));
        }
        let mut bytes = Vec::with_capacity(range.len());
        bytes.extend_from_slice(&self.piece(first)?[from..]);
        bytes.extend_from_slice(&self.piece(last)?[..inside(end - last * PIECE)]);
        Ok(OwnedBytes::new(bytes))
    }
}

impl HasLen for StoredFile {
    fn len(&self) -> usize {
        self.len
    }
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile").field("len", &self.len).finish_non_exhaustive()
    }
}

/// The files of one snapshot. Places are held by the parts that use them, not by this: a part
/// outlives snapshots and must not keep alive the files of others.
#[derive(Clone)]
pub(super) struct ReadDirectory {
    list: Arc<[u8]>,
    files: Arc<HashMap<String, (usize, Weak<Place>)>>,
    pieces: Arc<Pieces>,
}

impl ReadDirectory {
    pub(super) fn new(
        list: Arc<[u8]>,
        files: Arc<HashMap<String, (usize, Weak<Place>)>>,
        pieces: Arc<Pieces>,
    ) -> Self {
        ReadDirectory { list, files, pieces }
    }

    fn known(&self, path: &Path) -> Option<(&str, usize, Arc<Place>)> {
        let (name, (len, place)) = self.files.get_key_value(path.to_str()?)?;
        Some((name, *len, place.upgrade()?))
    }
}

impl fmt::Debug for ReadDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadDirectory").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

fn read_only() -> io::Error {
    io::ErrorKind::ReadOnlyFilesystem.into()
}

impl Directory for ReadDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let Some((name, len, place)) = self.known(path) else {
            return Err(OpenReadError::FileDoesNotExist(path.to_owned()));
        };
        let number = self.pieces.next_file.fetch_add(1, Ordering::Relaxed);
        let pieces = Arc::clone(&self.pieces);
        Ok(Arc::new(StoredFile { name: name.into(), number, len, place, pieces }))
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(path.to_str() == Some(LIST) || self.known(path).is_some())
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        match path.to_str() == Some(LIST) {
            true => Ok(self.list.to_vec()),
            false => Err(OpenReadError::FileDoesNotExist(path.to_owned())),
        }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_owned() })
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_owned() })
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(read_only())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
