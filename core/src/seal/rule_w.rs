//! Rule W: redb's page 0 is held in memory; a sync makes blocks and length durable first and only
//! then writes the one slot that does not hold the newest durable image. Between syncs no slot is
//! touched, so a slot never names pages that a power cut could still lose, whatever redb does.

use super::geometry::IMAGE_LEN;
use super::page_zero::PageZero;

const REDB_MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";
const GOD_BYTE: usize = 9;
const PRIMARY_BIT: u8 = 1;
const RECOVERY_REQUIRED: u8 = 2;
const REDB_FILE_FORMAT: u8 = 3;
const COMMIT_SLOTS: [usize; 2] = [64, 192];
const COMMIT_SLOT_LEN: usize = 128;

/// The state of page 0 between redb and the two slots.
#[derive(Debug)]
pub(crate) struct PageZeroState {
    /// What redb wrote last.
    pub(crate) image: [u8; IMAGE_LEN],
    /// What the newest slot holds; `None` while a vault is being created.
    pub(crate) durable: Option<[u8; IMAGE_LEN]>,
    /// The slot that holds the newest durable image.
    pub(crate) newest: Option<usize>,
    /// Counter of that slot.
    pub(crate) counter: u64,
    pub(crate) lowest_header_sequence: u64,
    pub(crate) walked_ms: u64,
    /// The newest slot says that the vault was closed cleanly.
    pub(crate) clean: bool,
}

impl PageZeroState {
    pub(crate) fn empty(lowest_header_sequence: u64, counter: u64) -> Self {
        Self {
            image: [0; IMAGE_LEN],
            durable: None,
            newest: None,
            counter,
            lowest_header_sequence,
            walked_ms: 0,
            clean: false,
        }
    }

    pub(crate) fn of(slot: &PageZero, index: usize) -> Self {
        Self {
            image: slot.image,
            durable: Some(slot.image),
            newest: Some(index),
            counter: slot.counter,
            lowest_header_sequence: slot.lowest_header_sequence,
            walked_ms: slot.walked_ms,
            clean: slot.clean,
        }
    }

    /// Whether a sync must write a slot.
    pub(crate) fn must_publish(&self) -> bool {
        self.durable
            .is_none_or(|durable| durable != self.image && !may_stay_held(&durable, &self.image))
    }

    pub(crate) fn holds_an_image(&self) -> bool {
        self.durable != Some(self.image)
    }

    /// Where the next slot goes, and its content.
    pub(crate) fn next_slot(&self, image: [u8; IMAGE_LEN]) -> (usize, PageZero) {
        let content = PageZero {
            image,
            counter: self.counter + 1,
            clean: false,
            blocks: 0,
            table_records: 0,
            lowest_header_sequence: self.lowest_header_sequence,
            walked_ms: self.walked_ms,
        };
        (self.newest.map_or(0, |newest| 1 - newest), content)
    }

    /// The slot was written and synced.
    pub(crate) fn published(&mut self, index: usize, slot: &PageZero) {
        self.durable = Some(slot.image);
        self.newest = Some(index);
        self.counter = slot.counter;
        self.clean = slot.clean;
    }
}

/// The first half of a two-phase commit changes only redb's secondary commit slot; nothing in the
/// file depends on it yet. Anything that is not of the shape of redb 4.6 is never held.
fn may_stay_held(durable: &[u8; IMAGE_LEN], image: &[u8; IMAGE_LEN]) -> bool {
    let primary = COMMIT_SLOTS[usize::from(image[GOD_BYTE] & PRIMARY_BIT)];
    let slot = primary..primary + COMMIT_SLOT_LEN;
    is_known_shape(image) && durable[..64] == image[..64] && durable[slot.clone()] == image[slot]
}

fn is_known_shape(image: &[u8; IMAGE_LEN]) -> bool {
    image.starts_with(REDB_MAGIC)
        && image[12..16] == 4_096u32.to_le_bytes()
        && COMMIT_SLOTS.iter().all(|&slot| image[slot] == REDB_FILE_FORMAT)
}

/// redb's own flag for a file that it did not close.
pub(crate) fn needs_recovery(image: &[u8; IMAGE_LEN]) -> bool {
    !is_known_shape(image) || image[GOD_BYTE] & RECOVERY_REQUIRED != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> [u8; IMAGE_LEN] {
        let mut image = [0; IMAGE_LEN];
        image[..9].copy_from_slice(REDB_MAGIC);
        image[12..16].copy_from_slice(&4_096u32.to_le_bytes());
        image[64] = 3;
        image[192] = 3;
        image
    }

    #[test]
    fn only_the_first_phase_of_a_commit_stays_held() {
        let durable = image();
        let hold = |at: usize, value: u8| {
            let mut new = durable;
            new[at] = value;
            may_stay_held(&durable, &new)
        };
        assert!(hold(200, 1), "the secondary slot");
        assert!(!hold(70, 1), "the primary slot");
        assert!(!hold(GOD_BYTE, 1), "the swap");
        assert!(!hold(GOD_BYTE, 2), "the recovery flag");
        assert!(!hold(24, 1), "the layout");
        assert!(!hold(192, 4), "an unknown file format");
        let mut other = durable;
        other[0] = b'R';
        assert!(!may_stay_held(&other, &other), "an unknown magic");
    }

    #[test]
    fn slots_alternate_and_count() {
        let mut state = PageZeroState::empty(1, 0);
        assert!(state.must_publish());
        let (first, slot) = state.next_slot(image());
        assert_eq!((first, slot.counter), (0, 1));
        state.published(first, &slot);
        state.image = image();
        assert!(!state.must_publish() && !state.holds_an_image());
        let (second, slot) = state.next_slot(image());
        assert_eq!((second, slot.counter), (1, 2));
    }
}
