//! Turns a batch into one durable commit, and the moment after it. Small commits go to the recent tier as
//! one value; large ones become a segment of the file at once.

use std::sync::Arc;

use super::batch::Batch;
use super::item::{ItemBody, Previous};
use super::recent::RecentCommit;
use super::state::{State, encode_rows};
use super::{Inner, texts};
use crate::Error;
use crate::index::key;
use crate::index::segment::{EncodedSegment, SegmentBuilder};
use crate::source::{self, ConnectionId, SourceChange};
use crate::storage::bodies::{self, Body, Packed};
use crate::storage::bundles::Alias;
use crate::storage::changes::{self, Change, ChangeKind};
use crate::storage::commits::{self, Commit};
use crate::storage::dictionary::Dictionary;
use crate::storage::rows::{self, Row, RowRecord};
use crate::storage::segments::{self, SegmentEntry};
use crate::storage::tables;
use crate::storage::txn::WriteTables;
use crate::storage::{bundles, meta, quarantine, seen};
use crate::text::TextSegment;

/// A commit of this many rows becomes a segment without a stay in the recent tier.
pub(super) const DIRECT_ROWS: usize = 512;

/// What a write stores beside rows, and of which connection.
pub(super) struct Beside {
    pub(super) connection: ConnectionId,
    pub(super) changes: Vec<SourceChange>,
}

/// Rows of a batch, numbered: of one type side by side, in order of arrival within a type.
struct Numbered {
    first: Row,
    /// Positions in the batch, in row order.
    order: Vec<usize>,
    /// Row of each position in the batch.
    rows: Vec<Row>,
}

impl Numbered {
    fn new(batch: &Batch, first: Row) -> Result<Self, Error> {
        let mut order: Vec<usize> = (0..batch.items.len()).collect();
        order.sort_by(|&a, &b| batch.items[a].resource_type.cmp(&batch.items[b].resource_type));
        let count = u32::try_from(order.len()).map_err(|_| Error::TooLarge)?;
        // The last number stands for "no row".
        first.checked_add(count).filter(|&end| end < rows::NO_ROW).ok_or(Error::TooLarge)?;
        let mut rows = vec![0; order.len()];
        for (row, &item) in (first..).zip(&order) {
            rows[item] = row;
        }
        Ok(Self { first, order, rows })
    }

    fn previous(&self, previous: Previous) -> Option<Row> {
        match previous {
            Previous::None => None,
            Previous::Row(row) => Some(row),
            Previous::Item(item) => self.rows.get(item).copied(),
        }
    }
}

/// Everything of the rows that is stored, ready.
struct Built {
    records: Vec<RowRecord>,
    packed: Packed,
    postings: EncodedSegment,
    changes: Vec<Change>,
    superseded: Vec<Row>,
    dictionary: Option<Arc<Dictionary>>,
}

/// The changes to rows that are there already.
fn changes_at_source(batch: &Batch) -> impl Iterator<Item = Change> {
    let change = |kind| move |&row: &Row| Change { kind, row };
    let gone = batch.gone.iter().map(change(ChangeKind::GoneAtSource));
    gone.chain(batch.back.iter().map(change(ChangeKind::Changed)))
}

fn build(state: &State, batch: &Batch, numbered: &Numbered) -> Result<Built, Error> {
    let mut records = Vec::with_capacity(numbered.order.len());
    let mut changes = Vec::with_capacity(numbered.order.len());
    let mut superseded = Vec::new();
    let mut bodies = Vec::with_capacity(numbered.order.len());
    let mut postings = SegmentBuilder::new();
    let mut system = Vec::new();
    for (row, &at) in (numbered.first..).zip(&numbered.order) {
        let item = &batch.items[at];
        let mut record = item.record;
        if let Some(previous) = numbered.previous(item.previous) {
            record.previous = previous;
            superseded.push(previous);
        }
        records.push(record);
        changes.push(Change { kind: item.kind, row });
        let connection = record.connection;
        let resource_type = &*item.resource_type;
        bodies.push(Body { connection, resource_type, content: item.body.content() });
        postings.add(&item.identity, row);
        key::of_every_row(&mut system, &item.resource_type, connection, |key| {
            postings.add(key, row)
        });
        item.keys(|key| postings.add(key, row))?;
    }
    let trained = state.dictionaries.first(bodies.iter().filter_map(|b| b.content.plain()));
    let dictionary = trained.as_ref().or(state.dictionaries.newest());
    let packed = bodies::pack(numbered.first, &bodies, dictionary.map(|d| &**d))?;
    let postings = postings.finish()?;
    changes.extend(changes_at_source(batch));
    superseded.sort_unstable();
    Ok(Built { records, packed, postings, changes, superseded, dictionary: trained })
}

impl Inner {
    /// Commits a batch with what goes beside it, durable on return. Nothing to do is no commit.
    pub(super) fn commit(
        &self,
        batch: &mut Batch,
        beside: Option<&Beside>,
    ) -> Result<Arc<State>, Error> {
        let mut state = self.state()?;
        let beside = beside.filter(|beside| !beside.changes.is_empty());
        if batch.is_empty() && beside.is_none() {
            return Ok(state);
        }
        let direct = batch.items.len() >= DIRECT_ROWS;
        if direct && !state.recent.commits.is_empty() {
            state = self.flush(&state)?;
        }
        let numbered = Numbered::new(batch, state.next_row())?;
        let (built, parts) = if direct {
            // The two halves share nothing, and each is about as much work as the other.
            std::thread::scope(|scope| {
                let texts = scope.spawn(|| build_texts(batch, &numbered));
                let built = build(&state, batch, &numbered);
                let parts = texts.join().unwrap_or(Err(Error::Inconsistent("text index")));
                Ok::<_, Error>((built?, parts?))
            })?
        } else {
            (build(&state, batch, &numbered)?, Vec::new())
        };

        let mut hidden = state.index.hidden().clone();
        hidden.extend(built.superseded.iter().copied());
        let tables = self.db.begin_write()?;
        if let Some(Beside { connection, changes }) = beside {
            source::store(&tables, &state.tables, *connection, changes)?;
        }
        store_beside_rows(&tables, &state, batch, &numbered, &built)?;
        for item in &batch.items {
            if let ItemBody::Large(body) = &item.body {
                body.put(&tables)?;
            }
        }
        let mut recent = state.recent.clone();
        if direct {
            store_segment(&tables, &state, &numbered, &built, parts)?;
            if !built.superseded.is_empty() {
                meta::put(&tables, "hidden", &encode_rows(&hidden)?)?;
            }
        } else if !batch.items.is_empty() {
            for (hash, bytes) in &built.packed.large {
                crate::storage::chunks::put(&tables, hash, bytes)?;
            }
            let commit = Commit {
                number: recent.commits.last().map_or(1, |c| c.commit.number + 1),
                first: numbered.first,
                records: built.records,
                frames: built.packed.frames,
                postings: built.postings.to_bytes(),
                superseded: built.superseded,
            };
            commits::put(&tables, &commit)?;
            let texts = numbered.order.iter().map(|&at| std::mem::take(&mut batch.items[at].texts));
            let texts = (numbered.first..).zip(texts).collect();
            recent = recent.with(RecentCommit::new(commit, Some(texts)))?;
        }
        tables.commit()?;
        batch.committed(&numbered.rows);

        let dictionaries = match built.dictionary {
            Some(dictionary) => state.dictionaries.with(dictionary),
            None => state.dictionaries.clone(),
        };
        let tables = self.db.begin_read()?;
        let next = State::assemble(
            tables,
            dictionaries,
            recent,
            Some(hidden),
            &self.numbers,
            Some(&state),
        )?;
        Ok(self.publish(next))
    }
}

fn store_beside_rows(
    tables: &WriteTables,
    state: &State,
    batch: &Batch,
    numbered: &Numbered,
    built: &Built,
) -> Result<(), Error> {
    if let Some(dictionary) = &built.dictionary {
        dictionary.store(tables)?;
    }
    changes::put(tables, state.changes + 1, &built.changes)?;
    let kept = state.tables.len(tables::QUARANTINE)?;
    for (number, item) in (kept + 1..).zip(&batch.quarantined) {
        quarantine::put(tables, number, item)?;
    }
    for (row, stamps) in &batch.seen {
        seen::put(tables, *row, stamps)?;
    }
    if !batch.gone.is_empty() || !batch.back.is_empty() {
        let mut gone = state.gone.clone();
        gone.extend(&batch.gone);
        batch.back.iter().for_each(|row| {
            gone.remove(*row);
        });
        meta::put(tables, "gone", &encode_rows(&gone)?)?;
    }
    for bundle in &batch.filled {
        let of_bundle = batch.aliases.iter().filter(|a| a.bundle == *bundle);
        let aliases: Vec<Alias> = of_bundle
            .filter_map(|alias| {
                let row = numbered.previous(alias.target)?;
                Some(Alias { row, full_url: alias.full_url.clone() })
            })
            .collect();
        bundles::put(tables, *bundle, batch.part, &aliases)?;
    }
    Ok(())
}

fn store_segment(
    tables: &WriteTables,
    state: &State,
    numbered: &Numbered,
    built: &Built,
    parts: Vec<TextSegment>,
) -> Result<(), Error> {
    rows::put(tables, numbered.first, &built.records)?;
    bodies::put(tables, &built.packed)?;
    let end = numbered.first + u32::try_from(built.records.len()).map_err(|_| Error::TooLarge)?;
    let entry = SegmentEntry { id: next_segment(state), rows: numbered.first..end };
    segments::put(tables, &entry)?;
    tables.put_blocks(entry.id, |put| {
        built.postings.blocks().iter().try_for_each(|b| put(b.first_key(), b.entries()))
    })?;
    texts::store(tables, state, state.text.add(parts)?)
}

/// The texts of all rows, as parts of the text index.
fn build_texts(batch: &Batch, numbered: &Numbered) -> Result<Vec<TextSegment>, Error> {
    let texts = numbered.order.iter().map(|&at| &batch.items[at].texts);
    TextSegment::build((numbered.first..).zip(texts))
}

/// The number that the next segment takes.
pub(super) fn next_segment(state: &State) -> u32 {
    state.segments.iter().map(|s| s.id).max().map_or(1, |id| id + 1)
}
