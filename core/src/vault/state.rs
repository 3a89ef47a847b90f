//! One moment of the vault: tables of one commit, the segments over them, the recent tier. Immutable, so
//! readers share it and never wait for the writer.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use roaring::RoaringBitmap;

use super::read::Listed;
use super::recent::{RecentCommit, RecentTier};
use crate::Error;
use crate::fhir::{Tape, Zone};
use crate::index::segment::Segment;
use crate::index::{Index, Numbers, key, stored_segment};
use crate::source::{self, Connection};
use crate::storage::bodies::{self, Unpacked};
use crate::storage::commits::Commit;
use crate::storage::dictionary::Dictionaries;
use crate::storage::files::{self, FileEntry};
use crate::storage::rows::{self, Row, RowChunk, RowRecord};
use crate::storage::segments::{self, SegmentEntry};
use crate::storage::txn::ReadTables;
use crate::storage::{bundles, changes, commits, meta};
use crate::text::{TextFiles, TextIndex, Texts};

/// Chunks of row records kept unpacked.
const KEPT_CHUNKS: usize = 64;
/// Longer frames are not kept.
const KEPT_BYTES: usize = 32 << 10;
/// Frames of bodies kept unpacked: a page of results asked again, or rows side by side.
const KEPT_FRAMES: usize = 64;

/// One moment of the vault.
pub(super) struct State {
    pub(super) tables: Arc<ReadTables>,
    pub(super) dictionaries: Dictionaries,
    pub(super) segments: Vec<SegmentEntry>,
    pub(super) recent: RecentTier,
    pub(super) index: Index,
    pub(super) text: TextIndex,
    pub(super) files: Arc<Vec<FileEntry>>,
    pub(super) connections: Arc<Vec<Connection>>,
    pub(super) zone: Zone,
    /// Current rows that are no longer at their source.
    pub(super) gone: RoaringBitmap,
    /// Number of the newest change.
    pub(super) changes: u64,
    /// Number of the newest Bundle.
    pub(super) bundles: u32,
    /// Rows ready for lists, see `read.rs`.
    pub(super) listed: Mutex<HashMap<Row, Arc<Listed>>>,
    chunks: Mutex<VecDeque<Arc<RowChunk>>>,
    unpacked: Mutex<VecDeque<Arc<Unpacked>>>,
}

/// Both indexes of a moment, with what they lie in.
struct Indexes {
    segments: Vec<SegmentEntry>,
    index: Index,
    files: Arc<Vec<FileEntry>>,
    text: TextIndex,
}

/// The text index's files in this moment.
struct StoredFiles {
    tables: Arc<ReadTables>,
    files: Arc<Vec<FileEntry>>,
}

impl TextFiles for StoredFiles {
    fn list(&self) -> Result<Vec<(String, u64)>, Error> {
        Ok(self.files.iter().map(|f| (f.name.clone(), f.length)).collect())
    }

    fn read(&self, name: &str, range: std::ops::Range<u64>) -> Result<Vec<u8>, Error> {
        let file = self.files.iter().find(|f| f.name == name);
        files::read(&self.tables, file.ok_or(Error::Inconsistent("text index"))?, range)
    }
}

impl State {
    /// Reads the newest commit. What `previous` holds in memory is taken over where it still holds.
    pub(super) fn load(
        tables: ReadTables,
        numbers: &Arc<Numbers>,
        previous: Option<&Self>,
    ) -> Result<Self, Error> {
        let mut recent = RecentTier::default();
        for commit in commits::load(&tables)? {
            recent = recent.with(RecentCommit::new(commit, None))?;
        }
        let dictionaries = Dictionaries::load(&tables)?;
        Self::assemble(tables, dictionaries, recent, None, numbers, previous)
    }

    /// Reads the newest commit without its indexes, to build them again. Nothing is found in it but by row.
    pub(super) fn load_without_indexes(
        tables: ReadTables,
        numbers: &Arc<Numbers>,
    ) -> Result<Self, Error> {
        let mut recent = RecentTier::default();
        for commit in commits::load(&tables)? {
            recent.commits.push(Arc::new(RecentCommit::new(commit, None)));
        }
        let dictionaries = Dictionaries::load(&tables)?;
        let index = Index::new(Vec::new(), Arc::default(), Arc::clone(numbers.by_place()))?;
        let (segments, files) = (segments::list(&tables)?, Arc::new(files::list(&tables)?));
        let indexes = Indexes { segments, index, files, text: TextIndex::default() };
        Self::with_indexes(Arc::new(tables), dictionaries, recent, indexes)
    }

    /// The moment after a commit that the caller made itself. `hidden`: where the caller knows it.
    pub(super) fn assemble(
        tables: ReadTables,
        dictionaries: Dictionaries,
        recent: RecentTier,
        hidden: Option<RoaringBitmap>,
        numbers: &Arc<Numbers>,
        previous: Option<&Self>,
    ) -> Result<Self, Error> {
        let tables = Arc::new(tables);
        let segments = segments::list(&tables)?;
        let hidden = match hidden {
            Some(hidden) => hidden,
            None => {
                let mut hidden = stored_rows(&tables, "hidden")?;
                for commit in &recent.commits {
                    hidden.extend(commit.commit.superseded.iter().copied());
                }
                hidden
            }
        };
        let mut parts = Vec::with_capacity(segments.len() + recent.segments.len());
        for entry in &segments {
            let blocks = tables.blocks(entry.id)?;
            let before = previous.and_then(|p| p.segment(entry.id));
            parts.push(Arc::new(stored_segment(entry, blocks, before)));
        }
        parts.extend(recent.segments.iter().cloned());
        let index = Index::new(parts, Arc::new(hidden), Arc::clone(numbers.by_place()))?;
        let files = Arc::new(files::list(&tables)?);
        let stored = StoredFiles { tables: Arc::clone(&tables), files: Arc::clone(&files) };
        let text =
            TextIndex::open(&(Arc::new(stored) as Arc<dyn TextFiles>), previous.map(|p| &p.text))?;
        let indexes = Indexes { segments, index, files, text };
        Self::with_indexes(tables, dictionaries, recent, indexes)
    }

    fn with_indexes(
        tables: Arc<ReadTables>,
        dictionaries: Dictionaries,
        recent: RecentTier,
        indexes: Indexes,
    ) -> Result<Self, Error> {
        let Indexes { segments, index, files, text } = indexes;
        let zone = meta::bytes(&tables, "zone")?
            .and_then(|z| Zone::parse(std::str::from_utf8(&z).ok()?))
            .ok_or(Error::Inconsistent("meta"))?;
        Ok(Self {
            dictionaries,
            segments,
            recent,
            index,
            text,
            files,
            connections: Arc::new(source::list(&tables)?),
            zone,
            gone: stored_rows(&tables, "gone")?,
            changes: changes::newest(&tables)?,
            bundles: bundles::newest(&tables)?,
            listed: Mutex::default(),
            chunks: Mutex::default(),
            unpacked: Mutex::default(),
            tables,
        })
    }

    /// The segment of the file with this number.
    fn segment(&self, id: u32) -> Option<&Segment> {
        let at = self.segments.iter().position(|s| s.id == id)?;
        self.index.segments().get(at).map(|s| &**s)
    }

    /// The row that the next new version takes.
    pub(super) fn next_row(&self) -> Row {
        let stored = self.segments.last().map_or(0, |s| s.rows.end);
        self.recent.commits.last().map_or(stored, |c| c.commit.end())
    }

    /// The base of every connection that has one.
    pub(super) fn bases(&self) -> Vec<(u32, String)> {
        let based = self.connections.iter().filter_map(|c| Some((c.id.0, c.base.clone()?)));
        based.collect()
    }

    pub(super) fn is_current(&self, row: Row) -> bool {
        !self.index.hidden().contains(row)
    }

    /// The current row of an identity.
    pub(super) fn current(
        &self,
        connection: u32,
        resource_type: &str,
        id: &str,
    ) -> Result<Option<Row>, Error> {
        let mut wanted = Vec::with_capacity(64);
        key::identity(&mut wanted, resource_type, id, connection);
        self.index.newest(&wanted)
    }

    pub(super) fn record(&self, row: Row) -> Result<RowRecord, Error> {
        let lost = Error::Inconsistent("rows");
        if let Some(recent) = self.recent.commit_of(row) {
            return recent.commit.record(row).copied().ok_or(lost);
        }
        let mut kept = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(record) = kept.iter().find_map(|c| c.get(row)) {
            return Ok(*record);
        }
        let chunk = rows::chunk(&self.tables, row)?.ok_or_else(|| lost.clone())?;
        let record = chunk.get(row).copied().ok_or(lost)?;
        kept.truncate(KEPT_CHUNKS - 1);
        kept.push_front(Arc::new(chunk));
        Ok(record)
    }

    /// The exact bytes of a row.
    pub(super) fn body(&self, row: Row) -> Result<Vec<u8>, Error> {
        let lost = Error::Inconsistent("bodies");
        let kept = || self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(body) = kept().iter().find_map(|u| u.get(row)) {
            return Ok(body.to_vec());
        }
        let unpacked = match self.recent.commit_of(row) {
            Some(recent) => {
                let frame = bodies::find(&recent.commit.frames, row).ok_or_else(|| lost.clone())?;
                bodies::unpack(&self.tables, &self.dictionaries, frame)?
            }
            None => {
                let frame = bodies::load(&self.tables, row)?.ok_or_else(|| lost.clone())?;
                bodies::unpack(&self.tables, &self.dictionaries, &frame)?
            }
        };
        // A large body would push out everything else, and is seldom asked twice.
        if unpacked.len() > KEPT_BYTES {
            return unpacked.into_body(row).ok_or(lost);
        }
        let body = unpacked.get(row).ok_or(lost)?.to_vec();
        let mut kept = kept();
        kept.truncate(KEPT_FRAMES - 1);
        kept.push_front(Arc::new(unpacked));
        Ok(body)
    }

    /// The texts of a row.
    pub(super) fn texts(&self, row: Row) -> Result<Texts, Error> {
        let body = self.body(row)?;
        let tape = Tape::parse(&body).map_err(|_| Error::Inconsistent("bodies"))?;
        Ok(Texts::of(tape.root()))
    }

    /// The texts of a commit of the recent tier.
    pub(super) fn texts_of(&self, commit: &Commit) -> Result<Vec<(Row, Texts)>, Error> {
        (commit.first..commit.end()).map(|row| Ok((row, self.texts(row)?))).collect()
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("rows", &self.next_row()).finish_non_exhaustive()
    }
}

fn stored_rows(tables: &ReadTables, name: &str) -> Result<RoaringBitmap, Error> {
    match meta::bytes(tables, name)? {
        None => Ok(RoaringBitmap::new()),
        Some(bytes) => RoaringBitmap::deserialize_from(&bytes[..])
            .map_err(|_| Error::Inconsistent("hidden rows")),
    }
}

/// The stored form of the rows that are not current.
pub(super) fn encode_rows(hidden: &RoaringBitmap) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(hidden.serialized_size());
    hidden.serialize_into(&mut bytes).map_err(|_| Error::TooLarge)?;
    Ok(bytes)
}
