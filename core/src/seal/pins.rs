//! Pins: for each block the first eight nonce bytes of what was last written, or first read while
//! walking. They catch a validly sealed older copy without any cost in the file.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// What a record's pin says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    Fresh,
    Replaced,
    NeverWritten,
}

/// Pins of blocks 1, 2, ... in that order; 0 = never written, not readable.
#[derive(Debug)]
pub(crate) struct Pins {
    values: RwLock<Vec<AtomicU64>>,
    learning: AtomicBool,
}

impl Pins {
    /// `learning`: while redb walks, what is first read is what counts.
    pub(crate) fn new(values: Vec<u64>, learning: bool) -> Self {
        Self {
            values: RwLock::new(values.into_iter().map(AtomicU64::new).collect()),
            learning: AtomicBool::new(learning),
        }
    }

    pub(crate) fn stop_learning(&self) {
        self.learning.store(false, Ordering::Release);
    }

    /// Follows redb's length: a block cut off and grown again was never written.
    pub(crate) fn resize(&self, blocks: u64) {
        let len = usize::try_from(blocks.saturating_sub(1)).unwrap_or(usize::MAX);
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        values.resize_with(len, AtomicU64::default);
    }

    pub(crate) fn set(&self, block: u64, pin: u64) {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = index(block).and_then(|at| values.get(at)) {
            value.store(pin, Ordering::Release);
        }
    }

    pub(crate) fn get(&self, block: u64) -> u64 {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        index(block).and_then(|at| values.get(at)).map_or(0, |pin| pin.load(Ordering::Acquire))
    }

    pub(crate) fn check(&self, block: u64, seen: u64) -> Freshness {
        match self.get(block) {
            0 if seen != 0 && self.learning.load(Ordering::Acquire) => {
                self.set(block, seen);
                Freshness::Fresh
            }
            0 => Freshness::NeverWritten,
            pin if pin == seen => Freshness::Fresh,
            _ => Freshness::Replaced,
        }
    }

    pub(crate) fn snapshot(&self) -> Vec<u64> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        values.iter().map(|pin| pin.load(Ordering::Acquire)).collect()
    }
}

fn index(block: u64) -> Option<usize> {
    usize::try_from(block.checked_sub(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_learned_once_and_then_hold() {
        let pins = Pins::new(vec![0, 5], true);
        assert_eq!(pins.check(1, 9), Freshness::Fresh);
        assert_eq!(pins.check(1, 8), Freshness::Replaced);
        assert_eq!(pins.check(2, 5), Freshness::Fresh);
        pins.resize(4);
        pins.stop_learning();
        assert_eq!(pins.check(3, 1), Freshness::NeverWritten);
        pins.set(3, 1);
        assert_eq!(pins.check(3, 1), Freshness::Fresh);
        pins.resize(2);
        pins.resize(4);
        assert_eq!(pins.check(2, 5), Freshness::NeverWritten);
        assert_eq!(pins.snapshot(), [9, 0, 0]);
    }
}
