//! Images of what a disk may hold after a power cut: whatever was issued before the last finished
//! sync, and of every later write each sector or not, in any order, at any length.

use super::recording::Change;

/// Small, seeded, reproducible random numbers for the suites.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub(crate) fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap_or(0)
    }

    /// True `percent` times in a hundred.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// What the disk does to sectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Disk {
    /// 512 or 4,096.
    pub(crate) sector: usize,
    /// A sector that was being written may end as garbage, its untouched bytes included.
    pub(crate) garbage: bool,
}

/// Follows the changes and makes images for rising cut positions.
#[derive(Debug)]
pub(crate) struct PowerCut<'a> {
    changes: &'a [Change],
    /// Everything before `synced` is on the disk for certain.
    durable: Vec<u8>,
    synced: usize,
}

impl<'a> PowerCut<'a> {
    /// `before`: what was durable before the first change.
    pub(crate) fn new(before: Vec<u8>, changes: &'a [Change]) -> Self {
        Self { changes, durable: before, synced: 0 }
    }

    /// The power goes after `cut` changes were issued. Positions must not fall.
    pub(crate) fn image(&mut self, cut: usize, disk: Disk, dice: &mut Dice) -> Vec<u8> {
        let synced = self.changes[..cut]
            .iter()
            .rposition(|change| matches!(change, Change::Sync))
            .map_or(0, |at| at + 1);
        for change in &self.changes[self.synced.min(synced)..synced] {
            match change {
                Change::Write { offset, data } => put(&mut self.durable, *offset, data),
                Change::SetLen(len) => self.durable.resize(to_index(*len), 0),
                Change::Sync => {}
            }
        }
        self.synced = synced;
        let keep = [0, 10, 50, 50, 90, 100][dice.index(6)];
        let mut image = self.durable.clone();
        let mut lens = vec![image.len()];
        for change in &self.changes[synced..cut] {
            match change {
                Change::Write { offset, data } => {
                    torn(&mut image, to_index(*offset), data, keep, disk, dice);
                }
                Change::SetLen(len) if dice.chance(keep) => image.resize(to_index(*len), 0),
                Change::SetLen(_) | Change::Sync => {}
            }
            lens.push(image.len());
        }
        if dice.chance(30) {
            let one = lens[dice.index(lens.len())];
            let other = lens[dice.index(lens.len())];
            let (low, high) = (one.min(other), one.max(other));
            let between = low + dice.index((high - low) / disk.sector + 1) * disk.sector;
            image.resize(between, 0);
        }
        image
    }
}

fn to_index(offset: u64) -> usize {
    usize::try_from(offset).expect("images are small")
}

fn put(image: &mut Vec<u8>, offset: u64, data: &[u8]) {
    let at = to_index(offset);
    if image.len() < at + data.len() {
        image.resize(at + data.len(), 0);
    }
    image[at..at + data.len()].copy_from_slice(data);
}

fn torn(image: &mut Vec<u8>, at: usize, data: &[u8], keep: u64, disk: Disk, dice: &mut Dice) {
    let (mut from, end) = (at, at + data.len());
    while from < end {
        let sector_end = (from / disk.sector + 1) * disk.sector;
        let to = sector_end.min(end);
        if dice.chance(keep) {
            put(image, from as u64, &data[from - at..to - at]);
        } else if disk.garbage && dice.chance(30) {
            let begin = sector_end - disk.sector;
            if image.len() < sector_end {
                image.resize(sector_end, 0);
            }
            for byte in &mut image[begin..sector_end] {
                *byte = dice.next().to_le_bytes()[0];
            }
        }
        from = to;
    }
}
