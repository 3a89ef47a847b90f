//! Files on their way to a vault's name: siblings, publishing without replacing, leftovers.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;

use super::cipher;
use super::failure::open_io;
use super::lock::FileLock;
use crate::error::OpenError;

/// A new, locked file beside the vault's name; removed when dropped before it was published.
pub(crate) struct Sibling {
    pub(crate) file: Arc<File>,
    pub(crate) lock: Arc<FileLock>,
    path: PathBuf,
    published: bool,
}

impl Drop for Sibling {
    fn drop(&mut self) {
        if !self.published
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::debug!(kind = ?error.kind(), "unfinished file kept");
        }
    }
}

/// The folder and the name of a vault.
fn parts(path: &Path) -> Result<(PathBuf, OsString), OpenError> {
    let name = path.file_name().ok_or(OpenError::NotAFile)?.to_owned();
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    Ok((folder, name))
}

fn prefix(name: &OsString) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".new-");
    prefix
}

fn open_flags(extra: OFlags) -> i32 {
    i32::try_from((OFlags::NOFOLLOW | OFlags::CLOEXEC | extra).bits()).unwrap_or(0)
}

/// Opens an existing regular file without following a symbolic link.
pub(crate) fn open_regular(path: &Path, write: bool) -> Result<File, OpenError> {
    let result = OpenOptions::new()
        .read(true)
        .write(write)
        // Opening a named pipe must not wait for its other end.
        .custom_flags(open_flags(OFlags::NONBLOCK))
        .open(path);
    let file = result.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => OpenError::NotFound,
        io::ErrorKind::IsADirectory => OpenError::NotAFile,
        kind => match fs::symlink_metadata(path) {
            Ok(metadata) if !metadata.is_file() => OpenError::NotAFile,
            _ => OpenError::Io(kind),
        },
    })?;
    if file.metadata().map_err(open_io)?.is_file() { Ok(file) } else { Err(OpenError::NotAFile) }
}

/// Whether `path` still names the file that is open.
pub(crate) fn names(path: &Path, id: (u64, u64)) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| (found.dev(), found.ino()) == id)
}

impl Sibling {
    /// `.NAME.new-` and sixteen random hex digits, mode 0600.
    pub(crate) fn create(path: &Path) -> Result<Self, OpenError> {
        let (folder, name) = parts(path)?;
        remove_leftovers(&folder, &prefix(&name));
        let mut random = [0; 8];
        cipher::random(&mut random).map_err(|_| OpenError::NoRandomness)?;
        let mut sibling = prefix(&name);
        sibling.push(format!("{:016x}", u64::from_le_bytes(random)));
        let path = folder.join(sibling);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(open_flags(OFlags::empty()))
            .open(&path)
            .map_err(open_io)?;
        let file = Arc::new(file);
        let lock = match FileLock::take(&file, false) {
            Ok(lock) => Arc::new(lock),
            Err(error) => {
                // A file that was just made under a random name: nobody else's.
                fs::remove_file(&path).map_err(open_io)?;
                return Err(error);
            }
        };
        Ok(Self { file, lock, path, published: false })
    }

    /// Gives the file its name; never replaces anything.
    pub(crate) fn publish(mut self, path: &Path) -> Result<(), OpenError> {
        rename_no_replace(&self.path, path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenError::AlreadyExists,
            _ => open_io(error),
        })?;
        self.published = true;
        sync_folder(path)
    }

    /// Gives the file its name in place of the old vault, which the caller holds locked. The inner
    /// result tells whether the change of name is durable.
    pub(crate) fn replace(mut self, path: &Path) -> Result<Result<(), OpenError>, OpenError> {
        fs::rename(&self.path, path).map_err(open_io)?;
        self.published = true;
        Ok(sync_folder(path))
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_no_replace(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // The system or the file system does not know how.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            link_no_replace(from, to)
        }
        other => other.map_err(Into::into),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_no_replace(from: &Path, to: &Path) -> io::Result<()> {
    link_no_replace(from, to)
}

/// A hard link never replaces; file systems without them leave a check and a rename, between
/// which another program could put a file.
fn link_no_replace(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if fs::symlink_metadata(to).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

fn sync_folder(path: &Path) -> Result<(), OpenError> {
    let (folder, _) = parts(path)?;
    let folder = File::open(folder).map_err(open_io)?;
    match folder.sync_all() {
        // Some file systems cannot sync a folder; they have no weaker way to offer.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other.map_err(open_io),
    }
}

/// Files of creations and rewrites that never ended, if nobody holds them.
fn remove_leftovers(folder: &Path, prefix: &OsString) {
    let prefix = prefix.as_encoded_bytes();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_leftover = name
            .as_encoded_bytes()
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == 16 && rest.iter().all(u8::is_ascii_hexdigit));
        if !is_leftover {
            continue;
        }
        let Ok(file) = open_regular(&entry.path(), false).map(Arc::new) else { continue };
        if let Ok(lock) = FileLock::take(&file, false)
            && names(&entry.path(), lock.id())
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::debug!(kind = ?error.kind(), "leftover kept");
        }
    }
}
