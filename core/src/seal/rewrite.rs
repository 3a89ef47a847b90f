//! Rewriting a vault into a new file: no block that was ever deleted survives, and every block is
//! sealed under the page key of the next epoch.

use std::sync::Arc;

use super::cipher;
use super::create::fill;
use super::failure::{Failure, open_io};
use super::geometry::{HEADER_COPIES, HEADER_LEN, PAGE_ZERO_SLOT_LEN, PAGE_ZERO_SLOTS};
use super::keys::Keys;
use super::lock::FileLock;
use super::medium::{FileMedium, Medium, MemoryMedium};
use super::open::{KeySource, Place, open_place};
use super::publish::{Sibling, names};
use super::rule_w::PageZeroState;
use super::sealed::{SealHandle, Sealed};
use crate::clock::Clock;
use crate::error::{Error, OpenError};

/// Copies the live data of an open vault into a new file that takes the old one's name. Vault id,
/// master key, slots and counter go on; header sequence and epoch rise by one.
///
/// The caller keeps writers out until this returns: a commit in between is noticed and refuses
/// the rewrite (`Busy`). On an error the old vault is open as before, with one exception: when
/// the new file has its name but the folder could not be synced, the old handle is dead and the
/// vault must be opened by its name. On success the old database is dead; the caller drops it.
pub(crate) fn rewrite(
    old: &SealHandle,
    db: &redb::Database,
    clock: &Clock,
    copy: impl FnOnce(&redb::Database, &redb::Database) -> Result<(), Error>,
) -> Result<Sealed, Error> {
    if old.is_read_only() {
        return Err(Error::ReadOnly);
    }
    let counter = old.counter();
    let sibling = old.info.path.as_deref().map(Sibling::create).transpose()?;
    let (medium, lock): (Arc<dyn Medium>, _) = match &sibling {
        Some(sibling) => {
            (Arc::new(FileMedium(Arc::clone(&sibling.file))), Some(Arc::clone(&sibling.lock)))
        }
        None => (Arc::new(MemoryMedium::default()), None),
    };
    let keys = write_copy(old, db, &medium, lock.as_ref(), copy)?;
    if old.counter() != counter {
        return Err(Error::Busy);
    }
    if let (Some(sibling), Some(path)) = (sibling, &old.info.path) {
        // Another program put another file under the name: that one is not ours to replace.
        if old.backend.lock().is_none_or(|lock| !names(path, lock.id())) {
            return Err(OpenError::WrongVault.into());
        }
        let replaced = sibling.replace(path)?;
        old.backend.latch(Failure::Closed);
        replaced?;
    }
    old.backend.latch(Failure::Closed);
    wipe(&*old.backend.medium)?;
    let place = Place { medium, lock, path: old.info.path.clone() };
    Ok(open_place(place, KeySource::Created(keys), &old.info.options, clock)?)
}

/// Writes the whole new vault onto an empty medium and closes it cleanly. The old one is only read.
pub(super) fn write_copy(
    old: &SealHandle,
    db: &redb::Database,
    medium: &Arc<dyn Medium>,
    lock: Option<&Arc<FileLock>>,
    copy: impl FnOnce(&redb::Database, &redb::Database) -> Result<(), Error>,
) -> Result<Arc<Keys>, Error> {
    let old_keys = old.backend.keys()?;
    let mut header = old.info.header.clone();
    let epoch = header.epoch().checked_add(1).ok_or(Error::TooLarge)?;
    header.set_epoch(epoch);
    header.set_sequence(header.sequence() + 1);
    let keys = old_keys.with_epoch(epoch).map_err(|_| Error::Io(std::io::ErrorKind::Other))?;
    cipher::wipe_stack();
    header.seal(&keys);
    let keys = Arc::new(keys);

    let zero = PageZeroState::empty(header.sequence(), old.counter());
    let options = &old.info.options;
    fill(medium, lock, &header, &keys, zero, options, |new| {
        copy(db, new)?;
        // A fresh redb file has doubled as it grew.
        new.compact().map(|_| ()).map_err(|error| super::failure::from_redb(error.into()))
    })?;
    Ok(keys)
}

/// Overwrites header copies and page-0 slots: without them no secret opens what is left of a file.
fn wipe(medium: &dyn Medium) -> Result<(), OpenError> {
    for offset in HEADER_COPIES {
        medium.write(offset, &[0; HEADER_LEN]).map_err(open_io)?;
    }
    for offset in PAGE_ZERO_SLOTS {
        medium.write(offset, &[0; PAGE_ZERO_SLOT_LEN]).map_err(open_io)?;
    }
    medium.sync().map_err(open_io)
}
