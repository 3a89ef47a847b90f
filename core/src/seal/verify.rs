//! Checks the seal of every block, also of those that no tree refers to.

use super::backend::Backend;
use super::failure::Failure;
use super::keys::Area;
use super::record;
use crate::error::Error;

/// What `check` found in the blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BlockReport {
    /// Blocks the file has, without page 0.
    pub(crate) blocks: u64,
    /// Blocks whose seal is good and current.
    pub(crate) sealed: u64,
    /// Blocks that nothing in the vault refers to: never written, or cut off by a crash.
    pub(crate) unused: u64,
    /// Blocks in use with a wrong seal.
    pub(crate) damaged: Vec<u64>,
    /// Blocks in use that hold another, validly sealed copy.
    pub(crate) replaced: Vec<u64>,
}

impl Backend {
    /// Reads every block. `progress` gets (done, all) and answers whether to go on.
    pub(crate) fn verify_blocks(
        &self,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<BlockReport, Error> {
        let keys = self.keys().map_err(Error::from)?;
        let mut report = BlockReport::default();
        let mut sealed = vec![0; self.geometry.record_len()];
        let mut block = 1;
        // The writer may grow or shrink the vault meanwhile.
        while block < self.blocks() {
            let pin = self.pins.get(block);
            let read = self.read_medium(self.geometry.block_at(block), &mut sealed);
            let seen = record::pin_of(&sealed);
            let opens = read.is_ok()
                && record::open(&keys.page, &keys.aad(Area::Data, block, 0), &mut sealed).is_ok();
            if self.pins.get(block) != pin || block >= self.blocks() {
                continue;
            }
            if let Err(failure @ Failure::Io(_)) = read {
                return Err(failure.into());
            }
            match (pin, opens) {
                (0, _) => report.unused += 1,
                (_, false) => report.damaged.push(block),
                (pin, true) if pin == seen => report.sealed += 1,
                (_, true) => report.replaced.push(block),
            }
            report.blocks += 1;
            if block % 64 == 0 && !progress(block, self.blocks() - 1) {
                return Err(Error::Cancelled);
            }
            block += 1;
        }
        Ok(report)
    }
}
