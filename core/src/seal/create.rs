//! Creating a vault: complete under a temporary name, then published without replacing anything.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::backend::{Backend, Start};
use super::cipher;
use super::failure::{Failure, as_open_error, from_redb};
use super::geometry::{BASE, Geometry, HEADER_COPIES};
use super::header::Header;
use super::keys::{Keys, Vmk};
use super::lock::FileLock;
use super::medium::{FileMedium, Medium, MemoryMedium};
use super::open::{KeySource, Place, open_place};
use super::options::SealOptions;
use super::pins::Pins;
use super::publish::Sibling;
use super::redb_storage;
use super::rule_w::PageZeroState;
use super::sealed::Sealed;
use super::slot;
use super::unlock::Unlock;
use crate::clock::Clock;
use crate::error::{Error, OpenError};

/// Creates a vault at `path`, where nothing may lie yet. `init` makes the first tables.
pub(crate) fn create(
    path: &Path,
    unlock: &Unlock,
    options: &SealOptions,
    clock: &Clock,
    init: impl FnOnce(&redb::Database) -> Result<(), Error>,
) -> Result<Sealed, OpenError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(OpenError::AlreadyExists);
    }
    let sibling = Sibling::create(path)?;
    let medium: Arc<dyn Medium> = Arc::new(FileMedium(Arc::clone(&sibling.file)));
    let lock = Arc::clone(&sibling.lock);
    let keys = build(&medium, Some(&lock), unlock, options, clock, init)?;
    sibling.publish(path)?;
    let place = Place { medium, lock: Some(lock), path: Some(path.to_owned()) };
    open_place(place, KeySource::Created(keys), options, clock)
}

/// Creates a vault that lives in memory only.
pub(crate) fn create_in_memory(
    unlock: &Unlock,
    options: &SealOptions,
    clock: &Clock,
    init: impl FnOnce(&redb::Database) -> Result<(), Error>,
) -> Result<Sealed, OpenError> {
    create_on(Arc::new(MemoryMedium::default()), unlock, options, clock, init)
}

/// Creates a vault on an empty medium.
pub(crate) fn create_on(
    medium: Arc<dyn Medium>,
    unlock: &Unlock,
    options: &SealOptions,
    clock: &Clock,
    init: impl FnOnce(&redb::Database) -> Result<(), Error>,
) -> Result<Sealed, OpenError> {
    let keys = build(&medium, None, unlock, options, clock, init)?;
    let place = Place { medium, lock: None, path: None };
    open_place(place, KeySource::Created(keys), options, clock)
}

/// Header, redb, first tables, clean close.
fn build(
    medium: &Arc<dyn Medium>,
    lock: Option<&Arc<FileLock>>,
    unlock: &Unlock,
    options: &SealOptions,
    clock: &Clock,
    init: impl FnOnce(&redb::Database) -> Result<(), Error>,
) -> Result<Arc<Keys>, OpenError> {
    let mut vault_id = [0; 16];
    cipher::random(&mut vault_id).map_err(|_| OpenError::NoRandomness)?;
    let vmk = Vmk::random().map_err(|_| OpenError::NoRandomness)?;
    let mut header = Header::new(vault_id, options.suite, options.stride);
    Geometry::new(options.stride).ok_or(OpenError::Io(std::io::ErrorKind::InvalidInput))?;
    slot::write_slot(
        header.slot_mut(0),
        unlock,
        &vmk,
        options.suite,
        &vault_id,
        options.kdf,
        clock,
    )?;
    let keys = Keys::derive(vmk, vault_id, options.suite, 1)
        .map_err(|_| OpenError::Io(std::io::ErrorKind::Other))?;
    cipher::wipe_stack();
    header.seal(&keys);
    let keys = Arc::new(keys);
    let zero = PageZeroState::empty(header.sequence(), 0);
    fill(medium, lock, &header, &keys, zero, options, |db| init(db)).map_err(as_open_error)?;
    Ok(keys)
}

/// Writes header copies and a new redb database onto an empty medium, and closes it cleanly.
pub(super) fn fill(
    medium: &Arc<dyn Medium>,
    lock: Option<&Arc<FileLock>>,
    header: &Header,
    keys: &Arc<Keys>,
    zero: PageZeroState,
    options: &SealOptions,
    init: impl FnOnce(&mut redb::Database) -> Result<(), Error>,
) -> Result<(), Error> {
    medium.set_len(BASE).map_err(Failure::from)?;
    for offset in HEADER_COPIES {
        medium.write(offset, header.bytes()).map_err(Failure::from)?;
    }
    let backend = Arc::new(Backend::new(Start {
        medium: Arc::clone(medium),
        geometry: header.geometry(),
        keys: Arc::clone(keys),
        lock: lock.cloned(),
        blocks: 0,
        zero,
        pins: Pins::new(Vec::new(), false),
        has_tail: false,
        read_only: false,
    }));
    let made = make(&backend, options, init);
    // What failed below is the reason of whatever the layers above made of it.
    if let Some(failure) = backend.failure() {
        return Err(failure.into());
    }
    made?;
    if !backend.closed_clean() {
        return Err(Error::Io(std::io::ErrorKind::Other));
    }
    medium.sync().map_err(Failure::from)?;
    Ok(())
}

fn make(
    backend: &Arc<Backend>,
    options: &SealOptions,
    init: impl FnOnce(&mut redb::Database) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut db =
        redb_storage::database(backend, options, false).map_err(|error| from_redb(error.into()))?;
    init(&mut db)?;
    db.close().map_err(|error| from_redb(error.into()))
}
