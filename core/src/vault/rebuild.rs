//! Builds the indexes again from the bodies: after a change of the index's version or of a parameter's
//! definition, and when the index is damaged. One transaction, so that a kill leaves the old ones.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::derive::Deriver;
use super::state::{State, encode_rows};
use super::{Inner, Vault, texts};
use crate::Error;
use crate::index::INDEX_VERSION;
use crate::index::segment::SegmentBuilder;
use crate::storage::bodies::{self, Packed};
use crate::storage::rows::{self, NO_ROW, Row};
use crate::storage::segments::{self, SegmentEntry};
use crate::storage::{commits, meta};
use crate::text::{TEXT_VERSION, TextIndex, TextSegment, Texts};

/// Rows of a segment that is built at once.
const STEP: u32 = 8_192;

impl Inner {
    pub(super) fn rebuild(&self, state: &State) -> Result<Arc<State>, Error> {
        let end = state.next_row();
        let tables = self.db.begin_write()?;
        for entry in &state.segments {
            segments::remove(&tables, entry)?;
        }
        let mut id = super::commit::next_segment(state);
        let mut deriver = Deriver::new(state, &self.extractor);
        let mut hidden = RoaringBitmap::new();
        let mut parts = Vec::new();
        let mut first: Row = 0;
        while first < end {
            let rows = first..end.min(first + STEP);
            let mut builder = SegmentBuilder::new();
            let mut batch: Vec<(Row, Texts)> = Vec::new();
            for row in rows.clone() {
                let derived = deriver.derive(row, |key| builder.add(key, row))?;
                if derived.record.previous != NO_ROW {
                    hidden.insert(derived.record.previous);
                }
                batch.push((row, derived.texts));
            }
            parts.extend(TextSegment::build(batch.iter().map(|(row, texts)| (*row, texts)))?);
            let blocks = builder.finish()?;
            tables.put_blocks(id, |put| {
                blocks.blocks().iter().try_for_each(|b| put(b.first_key(), b.entries()))
            })?;
            segments::put(&tables, &SegmentEntry { id, rows: rows.clone() })?;
            id += 1;
            first = rows.end;
        }
        self.settle_recent(state, &tables)?;
        let mut delta = TextIndex::default().add(parts)?;
        let keep = |name: &String| delta.written.iter().any(|(n, _)| n == name);
        let old = state.files.iter().map(|f| f.name.clone()).filter(|name| !keep(name));
        delta.deleted = old.collect();
        texts::store(&tables, state, delta)?;
        meta::put(&tables, "hidden", &encode_rows(&hidden)?)?;
        meta::put(&tables, "parameters", &self.numbers.encode()?)?;
        meta::put_number(&tables, "index", INDEX_VERSION)?;
        meta::put_number(&tables, "text", TEXT_VERSION)?;
        tables.commit()?;
        let next = State::load(self.db.begin_read()?, &self.numbers, None)?;
        self.publish(next);
        self.maintain()
    }

    /// Records and bodies of the recent tier go where those of flushed rows are.
    fn settle_recent(
        &self,
        state: &State,
        tables: &crate::storage::txn::WriteTables,
    ) -> Result<(), Error> {
        for recent in &state.recent.commits {
            let commit = &recent.commit;
            rows::put(tables, commit.first, &commit.records)?;
            let packed = Packed { frames: commit.frames.clone(), large: Vec::new() };
            bodies::put(tables, &packed)?;
        }
        commits::remove_all(tables)
    }
}

impl Vault {
    /// Builds the search and text indexes again from the bodies. The vault does it by itself when they are of
    /// another version; nothing of the record depends on them.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::ReadOnly`], or damage of the bodies themselves.
    pub fn rebuild_index(&self) -> Result<(), Error> {
        let _writer = self.0.writer();
        let state = self.0.state()?;
        self.0.refine(self.0.rebuild(&state).map(|_| ()))
    }
}
