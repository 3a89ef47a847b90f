//! redb's writes to a vault that is open for reading only: kept in memory, so that redb's own repair
//! never touches the file.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use super::geometry::PAGE_LEN;

/// Pages by block number.
#[derive(Default)]
pub(crate) struct Overlay(RwLock<HashMap<u64, Box<[u8]>>>);

impl Overlay {
    /// Copies the page if it was written; else answers false.
    pub(crate) fn read(&self, block: u64, page: &mut [u8]) -> bool {
        let pages = self.0.read().unwrap_or_else(PoisonError::into_inner);
        pages.get(&block).map(|kept| page.copy_from_slice(kept)).is_some()
    }

    pub(crate) fn write(&self, blocks: Range<u64>, data: &[u8]) {
        let mut pages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        pages.extend(blocks.zip(data.chunks_exact(PAGE_LEN).map(Box::from)));
    }

    /// Forgets the blocks that redb has cut off.
    pub(crate) fn cut(&self, blocks: u64) {
        let mut pages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|&block, _| block < blocks);
    }
}
