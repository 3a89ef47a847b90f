//! Opening a vault: `docs/format.md`, "Opening", step by step.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::accept::{Accepted, accept, newest, parse_copies, read_front, settle_copies};
use super::backend::{Backend, Start};
use super::cipher;
use super::event::{Event, Healed, Opened};
use super::failure::{as_open_error, from_redb, open_io};
use super::geometry::{Geometry, MAX_BLOCKS, table_records};
use super::keys::Keys;
use super::lock::FileLock;
use super::medium::{FileMedium, Medium};
use super::nonce_table;
use super::options::SealOptions;
use super::page_zero::PageZero;
use super::pins::Pins;
use super::publish::{names, open_regular};
use super::redb_storage;
use super::rule_w::PageZeroState;
use super::sealed::{Info, SealHandle, Sealed};
use super::unlock::Unlock;
use crate::clock::Clock;
use crate::error::OpenError;

/// A walk is due when the last one is older than a week.
const WALK_EVERY_MS: u64 = 7 * 24 * 3_600 * 1_000;

/// Opens the vault at `path`.
pub(crate) fn open(
    path: &Path,
    unlock: &Unlock,
    options: &SealOptions,
    clock: &Clock,
) -> Result<Sealed, OpenError> {
    let place = open_file(path, options.read_only)?;
    open_place(place, KeySource::Unlock(unlock), options, clock)
}

/// Opens a vault on a medium.
#[cfg(any(test, feature = "testing"))]
#[cfg(test)]
pub(crate) fn open_on(
    medium: Arc<dyn Medium>,
    unlock: &Unlock,
    options: &SealOptions,
    clock: &Clock,
) -> Result<Sealed, OpenError> {
    let place = Place { medium, lock: None, path: None };
    open_place(place, KeySource::Unlock(unlock), options, clock)
}

/// Where a vault lies.
pub(super) struct Place {
    pub(super) medium: Arc<dyn Medium>,
    pub(super) lock: Option<Arc<FileLock>>,
    pub(super) path: Option<PathBuf>,
}

/// Where the master key comes from.
pub(super) enum KeySource<'a> {
    Unlock(&'a Unlock),
    /// The vault was made or rewritten a moment ago.
    Created(Arc<Keys>),
    /// The vault was open in this process until its storage failed.
    Known(Arc<Keys>),
}

/// Opens and locks the file. A rewrite may put another file under the name between the two.
pub(super) fn open_file(path: &Path, read_only: bool) -> Result<Place, OpenError> {
    loop {
        let file = Arc::new(open_regular(path, !read_only)?);
        let lock = FileLock::take(&file, read_only)?;
        if names(path, lock.id()) {
            let medium = Arc::new(FileMedium(file));
            let path = Some(path.to_owned());
            return Ok(Place { medium, lock: Some(Arc::new(lock)), path });
        }
    }
}

pub(super) fn open_place(
    place: Place,
    source: KeySource<'_>,
    options: &SealOptions,
    clock: &Clock,
) -> Result<Sealed, OpenError> {
    let medium = &place.medium;
    let len = medium.len().map_err(open_io)?;
    let front = read_front(&**medium, len)?;
    let copies = parse_copies(&front);
    let accepted = accept(&copies, &front, &source, options)?;
    cipher::wipe_stack();
    let (index, zero) = newest(&accepted.slots).ok_or(OpenError::PageZeroDamaged)?;
    if let Some(want) = options.anchor
        && zero.counter < want
    {
        return Err(OpenError::RolledBack { have: zero.counter, want });
    }
    let mut events = Vec::new();
    for (number, slot) in (0..).zip(&accepted.slots) {
        if slot.is_none() {
            events.push(Event::Healed(Healed::PageZeroSlot(number)));
        }
    }
    let extent = extent_of(&zero, accepted.header.geometry(), len)?;
    events.extend((extent.surplus > 0).then_some(Event::LengthCut { bytes: extent.surplus }));

    let mut read_only = options.read_only;
    if accepted.header.read_only_features() != 0 {
        read_only = true;
        events.push(Event::NewerReadOnly);
    }
    // What a killed process wrote may still be only in the page cache: nothing may be decided on
    // it before it is durable.
    if !read_only && medium.sync().is_err() {
        read_only = true;
        events.push(Event::SyncFailed);
    }
    if !zero.clean {
        medium.drop_cache();
        // After a failed sync the cache may have shown what the disk does not hold.
        if read_front(&**medium, len)? != front {
            return open_place(place, source, options, clock);
        }
    }
    let mut state = PageZeroState::of(&zero, index);
    let header = settle_copies(&**medium, &copies, &accepted, read_only, &mut events)?;
    if !read_only {
        state.lowest_header_sequence = header.sequence().max(state.lowest_header_sequence);
    }
    let pins = load_table(&**medium, &accepted, &zero, &extent)?;
    if zero.clean && pins.is_none() {
        events.push(Event::Healed(Healed::NonceTable));
    }
    let now = u64::try_from(clock.now_ms()).unwrap_or(0);
    let is_new = matches!(source, KeySource::Created(_));
    let due = now.checked_sub(zero.walked_ms).is_none_or(|since| since >= WALK_EVERY_MS);
    let walk = pins.is_none() || (!is_new && (options.walk || due));
    let learning = pins.is_none();
    let opened = match (is_new, walk) {
        (true, _) => Opened::Created,
        (false, true) => Opened::Walk,
        (false, false) => Opened::Table,
    };
    if walk || is_new {
        state.walked_ms = now;
    }
    let read = front.len() as u64 + if learning { 0 } else { extent.table_len };
    let backend = Arc::new(Backend::new(Start {
        medium: Arc::clone(medium),
        geometry: header.geometry(),
        keys: accepted.keys,
        lock: place.lock,
        blocks: extent.blocks,
        zero: state,
        pins: pins.map_or_else(
            || {
                let pins = Pins::new(Vec::new(), true);
                pins.resize(extent.blocks);
                pins
            },
            |pins| Pins::new(pins, false),
        ),
        has_tail: len != header.geometry().blocks_end(extent.blocks),
        read_only,
    }));
    backend.count_read(read);
    let db = redb_storage::database(&backend, options, walk).map_err(|error| {
        match backend.failure() {
            Some(failure) => failure.into(),
            None => as_open_error(from_redb(error.into())),
        }
    })?;
    let info =
        Info { header, opened, events: events.into(), path: place.path, options: options.clone() };
    Ok(Sealed { db, handle: SealHandle { backend, info: Arc::new(info) } })
}

/// How much of the file is blocks, nonce table, and neither.
struct Extent {
    blocks: u64,
    /// 0 when there is no whole table.
    table_len: u64,
    surplus: u64,
}

fn extent_of(zero: &PageZero, geometry: Geometry, len: u64) -> Result<Extent, OpenError> {
    if !zero.clean {
        let (blocks, surplus) = geometry.blocks_in(len);
        // A nonce table that was not cut off yet counts as blocks.
        return match blocks - table_records(MAX_BLOCKS).min(blocks) {
            _ if blocks < 2 => Err(OpenError::Truncated),
            0..=MAX_BLOCKS => Ok(Extent { blocks, table_len: 0, surplus }),
            _ => Err(OpenError::TooLarge),
        };
    }
    let blocks = zero.blocks;
    if !(2..=MAX_BLOCKS).contains(&blocks) {
        return Err(OpenError::TooLarge);
    }
    let blocks_end = geometry.blocks_end(blocks);
    if len < blocks_end {
        return Err(OpenError::Truncated);
    }
    let table_len = zero.table_records.saturating_mul(geometry.stride());
    let whole = zero.table_records == table_records(blocks) && len >= blocks_end + table_len;
    Ok(Extent {
        blocks,
        table_len: if whole { table_len } else { 0 },
        surplus: if whole { len - blocks_end - table_len } else { 0 },
    })
}

fn load_table(
    medium: &dyn Medium,
    accepted: &Accepted,
    zero: &PageZero,
    extent: &Extent,
) -> Result<Option<Vec<u64>>, OpenError> {
    if !zero.clean || extent.table_len == 0 {
        return Ok(None);
    }
    let geometry = accepted.header.geometry();
    let len = usize::try_from(extent.table_len).map_err(|_| OpenError::TooLarge)?;
    let mut table = vec![0; len];
    medium.read(geometry.blocks_end(extent.blocks), &mut table).map_err(open_io)?;
    Ok(nonce_table::open(&accepted.keys, geometry, zero.counter, extent.blocks, table))
}
