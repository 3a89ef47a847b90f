//! Full verification: every block, every tree, every row's record against its body, every index against
//! what the bodies say.

use std::hash::{DefaultHasher, Hasher};

use roaring::RoaringBitmap;

use super::Vault;
use super::derive::Deriver;
use super::report::{CancelToken, CheckReport, Problem, Progress};
use super::state::State;
use crate::Error;
use crate::storage::rows::{NO_ROW, Row};
use crate::text::TextDigest;

/// Rows between two reports of progress.
const STEP: Row = 512;

/// A number over all (key, row) pairs that does not depend on their order.
#[derive(Default, PartialEq, Eq)]
struct Digest {
    pairs: u64,
    sum: u64,
}

impl Digest {
    fn add(&mut self, key: u64, row: Row) {
        let mut mixed = key ^ u64::from(row).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        self.sum = self.sum.wrapping_add(mixed ^ (mixed >> 32));
        self.pairs += 1;
    }
}

fn of_key(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(key);
    hasher.finish()
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn push(&mut self, code: &'static str, text: String) {
        self.0.push(Problem { code, text });
    }
}

impl Vault {
    /// Verifies everything: the seal of every block, also of those nothing refers to; every tree; each body
    /// against its record; both indexes against the bodies. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Cancelled`]; what is wrong with the vault is in the report.
    pub fn check(
        &self,
        cancel: &CancelToken,
        mut progress: impl FnMut(Progress),
    ) -> Result<CheckReport, Error> {
        let snapshot = self.snapshot()?;
        let mut problems = Problems::default();
        let blocks = self.0.db.verify_blocks(|done, total| {
            progress(Progress { done, total });
            !cancel.is_cancelled()
        })?;
        for block in &blocks.damaged {
            problems.push("vault.block_damaged", format!("block {block} is damaged"));
        }
        for block in &blocks.replaced {
            problems.push("vault.block_replaced", format!("block {block} is another copy"));
        }
        let mut resources = 0;
        let walked = snapshot.read_with(|state| {
            state.tables.walk_all()?;
            resources = check_rows(state, &self.0.extractor, cancel, &mut progress, &mut problems)?;
            Ok(())
        });
        match walked {
            Ok(()) => {}
            Err(error @ (Error::Cancelled | Error::Locked | Error::Suspended)) => {
                return Err(error);
            }
            Err(error) => problems.push(error.code(), error.to_string()),
        }
        Ok(CheckReport { blocks: blocks.blocks, resources, problems: problems.0 })
    }
}

/// Compares each row with its record, and the indexes with all rows. Answers the current ones.
fn check_rows(
    state: &State,
    extractor: &crate::index::Extractor,
    cancel: &CancelToken,
    progress: &mut impl FnMut(Progress),
    problems: &mut Problems,
) -> Result<u64, Error> {
    let end = state.next_row();
    let mut deriver = Deriver::new(state, extractor);
    let (mut wanted, mut wanted_text) = (Digest::default(), TextDigest::default());
    let mut hidden = RoaringBitmap::new();
    let mut keys: Vec<u64> = Vec::new();
    for row in 0..end {
        if row % STEP == 0 {
            cancel.check()?;
            progress(Progress { done: u64::from(row), total: u64::from(end) });
        }
        keys.clear();
        let derived = deriver.derive(row, |key| keys.push(of_key(key)))?;
        keys.sort_unstable();
        keys.dedup();
        keys.iter().for_each(|key| wanted.add(*key, row));
        wanted_text.add(row, &derived.texts);
        if derived.record.previous != NO_ROW {
            hidden.insert(derived.record.previous);
        }
        if derived.hash != derived.record.hash || derived.length != derived.record.length as usize {
            problems.push("vault.row", format!("row {row} does not hold what its record says"));
        }
    }
    if hidden != *state.index.hidden() {
        problems.push("index.current", "the list of current versions is wrong".to_owned());
    }
    let mut found = Digest::default();
    state.index.each_pair(|key, row| found.add(of_key(key), row))?;
    if found != wanted {
        problems
            .push("index.search", "the search index does not say what the bodies say".to_owned());
    }
    state.text.check_files()?;
    let mut found_text = state.text.digest()?;
    for recent in &state.recent.commits {
        for (row, texts) in recent.texts(|c| state.texts_of(c))?.iter() {
            found_text.add(row, texts);
        }
    }
    if found_text != wanted_text {
        problems.push("index.text", "the text index does not say what the bodies say".to_owned());
    }
    Ok(u64::from(end) - hidden.len())
}
