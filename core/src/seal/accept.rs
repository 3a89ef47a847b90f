//! From two header copies and a secret to one accepted header: opening, steps 2 to 7 and 11.

use std::sync::Arc;

use super::event::{Event, Healed};
use super::failure::open_io;
use super::geometry::{
    BASE, BASE_LEN, HEADER_COPIES, HEADER_LEN, PAGE_ZERO_SLOT_LEN, PAGE_ZERO_SLOTS,
};
use super::header::{self, Copy, Header, MAJOR};
use super::keys::{Keys, Vmk};
use super::medium::Medium;
use super::open::KeySource;
use super::options::SealOptions;
use super::page_zero::PageZero;
use crate::error::OpenError;

/// A header that was opened and is accepted, with the newest page-0 slot.
pub(super) struct Accepted {
    pub(super) header: Header,
    pub(super) keys: Arc<Keys>,
    pub(super) slots: [Option<PageZero>; 2],
}

/// Header copies and page-0 slots.
pub(super) fn read_front(medium: &dyn Medium, len: u64) -> Result<Vec<u8>, OpenError> {
    let mut front = vec![0; usize::try_from(len).unwrap_or(BASE_LEN).min(BASE_LEN)];
    medium.read(0, &mut front).map_err(open_io)?;
    let second = front.get(HEADER_LEN..).unwrap_or_default();
    if !header::has_magic(&front) && !header::has_magic(second) {
        return Err(OpenError::NotAVault);
    }
    if len < BASE { Err(OpenError::Truncated) } else { Ok(front) }
}

pub(super) fn parse_copies(front: &[u8]) -> [Copy; 2] {
    HEADER_COPIES.map(|offset| header::parse(part(front, offset, HEADER_LEN)))
}

fn part(front: &[u8], offset: u64, len: usize) -> &[u8] {
    let at = usize::try_from(offset).unwrap_or(usize::MAX);
    front.get(at..at.saturating_add(len)).unwrap_or_default()
}

/// Tries the good copies, highest sequence first, until one opens, is genuine and is not older
/// than page 0 accepts.
pub(super) fn accept(
    copies: &[Copy; 2],
    front: &[u8],
    source: &KeySource<'_>,
    options: &SealOptions,
) -> Result<Accepted, OpenError> {
    let mut good: Vec<&Header> = copies
        .iter()
        .filter_map(|copy| if let Copy::Good(header) = copy { Some(header) } else { None })
        .collect();
    good.sort_by_key(|header| std::cmp::Reverse(header.sequence()));
    good.dedup();
    for copy in copies {
        if let Copy::Newer { major, sequence } = copy
            && good.iter().all(|header| header.sequence() < *sequence)
        {
            return Err(OpenError::NewerFormat { found: (*major).into(), known: MAJOR.into() });
        }
    }
    if good.is_empty() {
        let costly = copies.iter().any(|copy| matches!(copy, Copy::KdfOutOfBounds));
        return Err(if costly { OpenError::KdfOutOfBounds } else { OpenError::HeaderDamaged });
    }
    // The refusal of the copy that came furthest is the one that is told.
    let mut refusal = (0, OpenError::WrongKey);
    let mut refuse = |rank: u8, error: OpenError| {
        if rank > refusal.0 {
            refusal = (rank, error);
        }
    };
    for header in good {
        if options.expected_vault_id.is_some_and(|expected| expected != header.vault_id()) {
            refuse(1, OpenError::WrongVault);
            continue;
        }
        let keys = match keys_for(header, source, options) {
            Ok(Some(keys)) => keys,
            Ok(None) => continue,
            Err(error @ OpenError::KdfOutOfBounds) => {
                refuse(1, error);
                continue;
            }
            Err(error) => return Err(error),
        };
        if !header.is_genuine(&keys) {
            refuse(2, OpenError::HeaderDamaged);
            continue;
        }
        let slots = [0, 1].map(|index| {
            PageZero::open(&keys, index, part(front, PAGE_ZERO_SLOTS[index], PAGE_ZERO_SLOT_LEN))
        });
        match newest(&slots) {
            None => refuse(3, OpenError::PageZeroDamaged),
            Some((_, zero)) if header.sequence() < zero.lowest_header_sequence => {
                refuse(4, OpenError::HeaderRolledBack);
            }
            Some(_) => return Ok(Accepted { header: header.clone(), keys, slots }),
        }
    }
    Err(refusal.1)
}

fn keys_for(
    header: &Header,
    source: &KeySource<'_>,
    options: &SealOptions,
) -> Result<Option<Arc<Keys>>, OpenError> {
    let unlock = match source {
        KeySource::Created(keys) | KeySource::Known(keys) => return Ok(Some(Arc::clone(keys))),
        KeySource::Unlock(unlock) => unlock,
    };
    let mut found: Option<Vmk> = None;
    let mut costly = None;
    for slot in header.slots().filter(|slot| slot.fits(unlock)) {
        // Every slot that fits is tried, so that the time does not tell which one opened.
        match slot.open(unlock, header.suite(), &header.vault_id(), options.kdf_top_kib) {
            Ok(vmk) => found = found.or(vmk),
            Err(error @ OpenError::KdfOutOfBounds) => costly = Some(error),
            Err(error) => return Err(error),
        }
    }
    match (found, costly) {
        (Some(vmk), _) => Keys::derive(vmk, header.vault_id(), header.suite(), header.epoch())
            .map(|keys| Some(Arc::new(keys)))
            .map_err(|_| OpenError::Io(std::io::ErrorKind::Other)),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(None),
    }
}

pub(super) fn newest(slots: &[Option<PageZero>; 2]) -> Option<(usize, PageZero)> {
    let both = slots.iter().enumerate().filter_map(|(index, slot)| slot.map(|slot| (index, slot)));
    both.max_by_key(|(_, slot)| slot.counter)
}

/// Makes both header copies the newest genuine one, before anything else is written.
pub(super) fn settle_copies(
    medium: &dyn Medium,
    copies: &[Copy; 2],
    accepted: &Accepted,
    read_only: bool,
    events: &mut Vec<Event>,
) -> Result<Header, OpenError> {
    let mut best = &accepted.header;
    for copy in copies {
        if let Copy::Good(other) = copy
            && other.sequence() > best.sequence()
            && other.vault_id() == best.vault_id()
            && other.epoch() == best.epoch()
            && other.suite() == best.suite()
            && other.is_genuine(&accepted.keys)
        {
            best = other;
        }
    }
    for ((number, offset), copy) in (0..).zip(HEADER_COPIES).zip(copies) {
        let differs = match copy {
            Copy::Good(header) => header != best,
            // A newer format would have come with a higher sequence, and was refused then.
            Copy::Damaged | Copy::KdfOutOfBounds | Copy::Newer { .. } => true,
        };
        if differs {
            events.push(Event::Healed(Healed::HeaderCopy(number)));
            if !read_only {
                medium.write(offset, best.bytes()).map_err(open_io)?;
                medium.sync().map_err(open_io)?;
            }
        }
    }
    Ok(best.clone())
}
