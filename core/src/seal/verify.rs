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

enum Verdict {
    Sealed,
    Unused,
    Damaged,
    Replaced,
}

impl Backend {
    /// Reads every block. `progress` gets (done, all) and answers whether to go on.
    pub(crate) fn verify_blocks(
        &self,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<BlockReport, Error> {
        let mut report = BlockReport::default();
        let mut sealed = vec![0; self.geometry.record_len()];
        let mut block = 1;
        // The writer may grow or shrink the vault meanwhile.
        while block < self.blocks() {
            let mut verdict = self.verify_block(block, &mut sealed)?;
            if matches!(verdict, Verdict::Damaged | Verdict::Replaced) {
                // Perhaps it was just being written: look again while nobody writes.
                let _still = self.hold_changes();
                if block >= self.blocks() {
                    break;
                }
                verdict = self.verify_block(block, &mut sealed)?;
            }
            match verdict {
                Verdict::Sealed => report.sealed += 1,
                Verdict::Unused => report.unused += 1,
                Verdict::Damaged => report.damaged.push(block),
                Verdict::Replaced => report.replaced.push(block),
            }
            report.blocks += 1;
            if block % 64 == 0 && !progress(block, self.blocks() - 1) {
                return Err(Error::Cancelled);
            }
            block += 1;
        }
        Ok(report)
    }

    fn verify_block(&self, block: u64, sealed: &mut [u8]) -> Result<Verdict, Error> {
        let keys = self.keys()?;
        let pin = self.pins.get(block);
        if pin == 0 {
            return Ok(Verdict::Unused);
        }
        match self.read_medium(self.geometry.block_at(block), sealed) {
            Ok(()) => {}
            Err(Failure::Io(std::io::ErrorKind::UnexpectedEof)) => return Ok(Verdict::Damaged),
            Err(failure) => return Err(failure.into()),
        }
        let seen = record::pin_of(sealed);
        let opened = record::open(&keys.page, &keys.aad(Area::Data, block, 0), sealed);
        Ok(match opened {
            Err(_) => Verdict::Damaged,
            Ok(_) if seen == pin => Verdict::Sealed,
            Ok(_) => Verdict::Replaced,
        })
    }
}
