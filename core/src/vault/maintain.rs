//! Maintenance of the log: flush (the recent tier becomes a segment) and merge (four neighbours become
//! one). Each is a transaction of its own; a kill between them costs nothing but time.

use std::ops::Range;
use std::sync::Arc;

use super::commit::next_segment;
use super::recent::RecentTier;
use super::state::{State, encode_rows};
use super::{Inner, texts};
use crate::Error;
use crate::fhir::Tape;
use crate::index::merge::merge;
use crate::index::segment::{MAX_ROWS, Segment};
use crate::storage::bodies::{self, Apart, Body, Content, Frame};
use crate::storage::rows::{self, Row, RowRecord};
use crate::storage::segments::{self, SegmentEntry};
use crate::storage::{commits, meta};
use crate::text::{TextDelta, TextIndex, TextSegment, Texts};

/// The recent tier is flushed at this many rows.
const RECENT_ROWS: usize = 1_500;
/// A query should meet no more segments than this.
const MOST_SEGMENTS: usize = 8;
/// Neighbours are of a like size when the largest is at most this many times the smallest.
const LIKE: u32 = 2;
/// Neighbours that are merged at a time.
const MERGE_WIDTH: usize = 4;

impl Inner {
    /// Flushes and merges where it is due. Called after a commit, by the writer.
    pub(super) fn maintain(&self) -> Result<Arc<State>, Error> {
        let mut state = self.state()?;
        if state.recent.len() >= RECENT_ROWS {
            state = self.flush(&state)?;
        }
        while let Some(range) = due(&state.segments) {
            state = self.merge(&state, range)?;
        }
        self.store_text(state, TextIndex::merge)
    }

    /// The recent tier becomes a segment of the file.
    pub(super) fn flush(&self, state: &State) -> Result<Arc<State>, Error> {
        let Some(first) = state.recent.commits.first().map(|c| c.commit.first) else {
            return self.state();
        };
        let rows = first..state.next_row();
        let loaded = rows.clone().map(|row| load(state, row)).collect::<Result<Vec<_>, _>>()?;
        let bodies: Vec<Body<'_>> = loaded
            .iter()
            .map(|l| Body {
                connection: l.record.connection,
                resource_type: &l.resource_type,
                content: match &l.body {
                    Kept::Apart(apart) => Content::Apart(*apart),
                    Kept::Plain(bytes) => Content::Plain(bytes),
                },
            })
            .collect();
        let trained = state.dictionaries.first(bodies.iter().filter_map(|b| b.content.plain()));
        let dictionary = trained.as_ref().or(state.dictionaries.newest());
        let packed = bodies::pack(rows.start, &bodies, dictionary.map(|d| &**d))?;
        let records: Vec<RowRecord> = loaded.iter().map(|l| l.record).collect();
        let parts = TextSegment::build((rows.start..).zip(loaded.iter().map(|l| &l.texts)))?;

        let tables = self.db.begin_write()?;
        if let Some(dictionary) = &trained {
            dictionary.store(&tables)?;
        }
        rows::put(&tables, rows.start, &records)?;
        bodies::put(&tables, &packed)?;
        let entry = SegmentEntry { id: next_segment(state), rows };
        segments::put(&tables, &entry)?;
        let recent: Vec<&Segment> = state.recent.segments.iter().map(|s| &**s).collect();
        tables.put_blocks(entry.id, |put| merge(&recent, |b| put(b.first_key(), b.entries())))?;
        texts::store(&tables, state, state.text.add(parts)?)?;
        meta::put(&tables, "hidden", &encode_rows(state.index.hidden())?)?;
        commits::remove_all(&tables)?;
        tables.commit()?;

        let dictionaries = match trained {
            Some(dictionary) => state.dictionaries.with(dictionary),
            None => state.dictionaries.clone(),
        };
        let next = State::assemble(
            self.db.begin_read()?,
            dictionaries,
            RecentTier::default(),
            Some(state.index.hidden().clone()),
            &self.numbers,
            Some(state),
        )?;
        Ok(self.publish(next))
    }

    /// Adjacent segments of the file become one.
    pub(super) fn merge(&self, state: &State, range: Range<usize>) -> Result<Arc<State>, Error> {
        let entries = &state.segments[range.clone()];
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return self.state();
        };
        let merged =
            SegmentEntry { id: next_segment(state), rows: first.rows.start..last.rows.end };
        let parts: Vec<&Segment> =
            state.index.segments()[range.clone()].iter().map(|s| &**s).collect();
        let tables = self.db.begin_write()?;
        tables.put_blocks(merged.id, |put| merge(&parts, |b| put(b.first_key(), b.entries())))?;
        for entry in entries {
            segments::remove(&tables, entry)?;
        }
        segments::put(&tables, &merged)?;
        tables.commit()?;
        self.reassemble(state, state.recent.clone())
    }

    /// As few segments as rows allow, and one part of text.
    pub(super) fn merge_all(&self, state: &State) -> Result<Arc<State>, Error> {
        let mut state = self.reassemble(state, state.recent.clone())?;
        let mut at = 0;
        while at < state.segments.len() {
            let count = fitting(&state.segments[at..]);
            if count > 1 {
                state = self.merge(&state, at..at + count)?;
            }
            at += 1;
        }
        self.store_text(state, TextIndex::merge_all)
    }

    fn store_text(
        &self,
        state: Arc<State>,
        merge: impl FnOnce(&TextIndex) -> Result<Option<TextDelta>, Error>,
    ) -> Result<Arc<State>, Error> {
        let Some(delta) = merge(&state.text)? else { return Ok(state) };
        let tables = self.db.begin_write()?;
        texts::store(&tables, &state, delta)?;
        tables.commit()?;
        self.reassemble(&state, state.recent.clone())
    }

    /// The moment after a commit that changed no row.
    pub(super) fn reassemble(
        &self,
        state: &State,
        recent: RecentTier,
    ) -> Result<Arc<State>, Error> {
        let next = State::assemble(
            self.db.begin_read()?,
            state.dictionaries.clone(),
            recent,
            Some(state.index.hidden().clone()),
            &self.numbers,
            Some(state),
        )?;
        Ok(self.publish(next))
    }
}

struct Loaded {
    record: RowRecord,
    resource_type: String,
    body: Kept,
    texts: Texts,
}

/// A body of the recent tier: what lies in the chunk table stays there as it is.
enum Kept {
    Plain(Vec<u8>),
    Apart(Apart),
}

fn load(state: &State, row: Row) -> Result<Loaded, Error> {
    let bytes = state.body(row)?;
    let tape = Tape::parse(&bytes).map_err(|_| Error::Inconsistent("bodies"))?;
    let resource_type = tape.root().get("resourceType").and_then(|t| t.str());
    let resource_type = resource_type.ok_or(Error::Inconsistent("bodies"))?.into_owned();
    let texts = Texts::of(tape.root());
    drop(tape);
    let frame = state.recent.commit_of(row).and_then(|r| bodies::find(&r.commit.frames, row));
    let body = match frame.and_then(Frame::apart) {
        Some(apart) => Kept::Apart(apart),
        None => Kept::Plain(bytes),
    };
    Ok(Loaded { record: state.record(row)?, resource_type, body, texts })
}

#[cfg(feature = "testing")]
impl super::Vault {
    /// See [`crate::testing::flush`].
    pub(crate) fn flush(&self) -> Result<(), Error> {
        let _writer = self.0.writer();
        let state = self.0.state()?;
        self.0.written(self.0.flush(&state).map(|_| ()))
    }

    /// See [`crate::testing::merge`].
    pub(crate) fn merge(&self, at: usize, width: usize) -> Result<bool, Error> {
        let _writer = self.0.writer();
        let state = self.0.state()?;
        let Some(first) = at.checked_rem(state.segments.len()) else { return Ok(false) };
        let count = fitting(&state.segments[first..]).min(width);
        if count < 2 {
            return Ok(false);
        }
        self.0.written(self.0.merge(&state, first..first + count).map(|_| true))
    }

    /// See [`crate::testing::disk_syncs`].
    pub(crate) fn disk_syncs(&self) -> u64 {
        self.0.db.syncs()
    }

    /// See [`crate::testing::traffic`].
    pub(crate) fn traffic(&self) -> (u64, u64) {
        self.0.db.traffic()
    }
}

/// How many of the segments, from the first on, can be one.
fn fitting(segments: &[SegmentEntry]) -> usize {
    let start = segments.first().map_or(0, |s| s.rows.start);
    segments.iter().take_while(|s| s.rows.end - start <= MAX_ROWS).count()
}

/// Which neighbours to merge: four of a like size, or the four smallest when there are too many.
fn due(segments: &[SegmentEntry]) -> Option<Range<usize>> {
    let length = |s: &SegmentEntry| s.rows.end - s.rows.start;
    let mut smallest: Option<(u32, usize)> = None;
    for (at, window) in segments.windows(MERGE_WIDTH).enumerate() {
        let total: u32 = window.iter().map(length).sum();
        let most = window.iter().map(length).max().unwrap_or(0);
        let least = window.iter().map(length).min().unwrap_or(0);
        let alike = most <= least.saturating_mul(LIKE);
        if total <= MAX_ROWS
            && (alike || segments.len() > MOST_SEGMENTS)
            && smallest.is_none_or(|(t, _)| total < t)
        {
            smallest = Some((total, at));
        }
    }
    smallest.map(|(_, at)| at..at + MERGE_WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(lengths: &[u32]) -> Vec<SegmentEntry> {
        let mut start = 0;
        (1..)
            .zip(lengths)
            .map(|(id, length)| {
                let rows = start..start + length;
                start += length;
                SegmentEntry { id, rows }
            })
            .collect()
    }

    #[test]
    fn four_of_a_like_size_are_merged_and_few_are_left_alone() {
        assert_eq!(due(&entries(&[2_000, 2_000, 2_000])), None);
        assert_eq!(due(&entries(&[2_000, 2_000, 2_000, 2_000])), Some(0..4));
        assert_eq!(due(&entries(&[8_000, 2_000, 1_000, 100])), None);
    }

    #[test]
    fn any_sequence_of_commits_leaves_few_segments() {
        for step in [600, 1_500, 2_000, 5_000] {
            let mut lengths: Vec<u32> = Vec::new();
            for _ in 0..(250_000 / step) {
                lengths.push(step);
                while let Some(range) = due(&entries(&lengths)) {
                    let total = lengths[range.clone()].iter().sum();
                    lengths.splice(range, [total]);
                }
                assert!(lengths.len() <= 2 * MOST_SEGMENTS, "{lengths:?}");
            }
        }
    }
}
