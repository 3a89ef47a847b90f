//! The full-text index as one snapshot of the vault holds it: a list of immutable parts. Rows that
//! are not current stay in them until a merge of erasing or a rebuild; they are filtered while
//! collecting.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tantivy::Index;
use tantivy::columnar::Column;
use tantivy::directory::RamDirectory;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::{
    IndexMeta, InvertedIndexReader, Segment, SegmentId, SegmentMeta, SegmentReader,
};
use tantivy::indexer::merge_filtered_segments;

use crate::error::Error;

use super::directory::{LIST, Pieces, Place, ReadDirectory};
use super::fault::{self, DAMAGED};
use super::files::{TextDelta, TextFiles};
use super::schema::{FIELDS, ROW, schema, settings, text_fields};
use super::segment::TextSegment;

/// Above this many parts maintenance merges the smallest.
const MOST_PARTS: usize = 6;

/// Fewest parts that a merge takes.
const LEAST_MERGE: usize = 4;

/// The index in one snapshot; cheap to clone. The default one is empty.
#[derive(Clone, Default)]
pub(crate) struct TextIndex {
    list: Arc<[u8]>,
    parts: Vec<Arc<Part>>,
    names: Arc<HashSet<String>>,
    pieces: Arc<Pieces>,
}

/// One part, opened when first asked.
pub(super) struct Part {
    id: SegmentId,
    pub(super) texts: u32,
    segment: Segment,
    place: Arc<Place>,
    opened: OnceLock<OpenPart>,
}

/// What a search reads of a part.
pub(super) struct OpenPart {
    pub(super) words: [Arc<InvertedIndexReader>; FIELDS],
    pub(super) lengths: [FieldNormReader; FIELDS],
    pub(super) rows: Column<u64>,
}

impl std::fmt::Debug for TextIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextIndex").field("parts", &self.parts.len()).finish_non_exhaustive()
    }
}

impl TextIndex {
    /// Opens the index of a snapshot. Parts that `previous` has open are taken over and from now
    /// on read through `files`, so that the older snapshot is not held. No files = an empty index.
    pub(crate) fn open(
        files: &Arc<dyn TextFiles>,
        previous: Option<&TextIndex>,
    ) -> Result<TextIndex, Error> {
        fault::guard(|| Self::open_list(files, previous))
    }

    fn open_list(
        files: &Arc<dyn TextFiles>,
        previous: Option<&TextIndex>,
    ) -> Result<TextIndex, Error> {
        let sizes = files.list()?;
        let pieces = previous.map_or_else(Arc::default, |index| Arc::clone(&index.pieces));
        let Some((_, size)) = sizes.iter().find(|(name, _)| name == LIST) else {
            return match sizes.is_empty() {
                true => {
                    Ok(TextIndex { list: [].into(), parts: vec![], names: Arc::default(), pieces })
                }
                false => Err(DAMAGED),
            };
        };
        let list: Arc<[u8]> = files.read(LIST, 0..*size)?.into();
        if let Some(previous) = previous.filter(|index| index.list == list) {
            previous.parts.iter().for_each(|part| part.place.set(Arc::clone(files)));
            return Ok(previous.clone());
        }

        let mut places: HashMap<String, Arc<Place>> = HashMap::new();
        let kept = previous.map_or(&[][..], |index| &index.parts);
        for part in kept {
            places.insert(part.id.uuid_string(), Arc::clone(&part.place));
        }
        let mut known = HashMap::new();
        for (name, size) in sizes.iter().filter(|(name, _)| name != LIST) {
            let part = name.split('.').next().unwrap_or(name);
            let place = places
                .entry(part.to_owned())
                .or_insert_with(|| Arc::new(Place::new(Arc::clone(files))));
            place.set(Arc::clone(files));
            let size = usize::try_from(*size).map_err(|_| DAMAGED)?;
            known.insert(name.clone(), (size, Arc::downgrade(place)));
        }
        let known = Arc::new(known);
        let directory =
            ReadDirectory::new(Arc::clone(&list), Arc::clone(&known), Arc::clone(&pieces));
        let index = Index::open(directory).map_err(fault::tantivy)?;
        if index.schema() != schema() {
            return Err(DAMAGED);
        }
        let mut parts = Vec::new();
        for segment in index.searchable_segments().map_err(fault::tantivy)? {
            let whole = part_files(segment.meta()).all(|name| known.contains_key(&name));
            if !whole || segment.meta().has_deletes() {
                return Err(DAMAGED);
            }
            let id = segment.id();
            parts.push(match kept.iter().find(|part| part.id == id) {
                Some(part) => Arc::clone(part),
                None => {
                    let place = places.get(&id.uuid_string()).ok_or(DAMAGED)?;
                    Arc::new(Part::new(segment, Arc::clone(place)))
                }
            });
        }
        let names = known.keys().cloned().collect();
        Ok(TextIndex { list, parts, names: Arc::new(names), pieces })
    }

    pub(super) fn parts(&self) -> &[Arc<Part>] {
        &self.parts
    }

    /// Texts in all parts.
    pub(crate) fn texts(&self) -> u64 {
        self.parts.iter().map(|part| u64::from(part.texts)).sum()
    }

    /// Puts finished parts into this index.
    pub(crate) fn add(&self, built: Vec<TextSegment>) -> Result<TextDelta, Error> {
        match built.is_empty() {
            true => Ok(TextDelta::default()),
            false => self.change(&[], built),
        }
    }

    /// Merges the smallest parts where there are more than [`MOST_PARTS`].
    pub(crate) fn merge(&self) -> Result<Option<TextDelta>, Error> {
        self.merge_down_to(MOST_PARTS)
    }

    /// Merges all parts into one.
    pub(crate) fn merge_all(&self) -> Result<Option<TextDelta>, Error> {
        self.merge_down_to(1)
    }

    fn merge_down_to(&self, most: usize) -> Result<Option<TextDelta>, Error> {
        let count = self.parts.len();
        if count <= most {
            return Ok(None);
        }
        let mut smallest = self.parts.clone();
        smallest.sort_by_key(|part| part.texts);
        smallest.truncate((count - most + 1).max(LEAST_MERGE));
        fault::guard(|| {
            let segments: Vec<Segment> = smallest.iter().map(|part| part.segment.clone()).collect();
            let all = vec![None; segments.len()];
            let directory = RamDirectory::create();
            let merged = merge_filtered_segments(&segments, settings(), all, directory.clone())
                .map_err(fault::tantivy)?;
            let list = merged.load_metas().map_err(fault::tantivy)?;
            let [part] = list.segments.as_slice() else { return Err(DAMAGED) };
            let merged = TextSegment::take(&directory, part).map_err(fault::tantivy)?;
            let gone: Vec<SegmentId> = smallest.iter().map(|part| part.id).collect();
            self.change(&gone, vec![merged]).map(Some)
        })
    }

    /// The list without some parts and with new ones, and what that means for the files.
    fn change(&self, gone: &[SegmentId], new: Vec<TextSegment>) -> Result<TextDelta, Error> {
        let fresh =
            Index::create(RamDirectory::create(), schema(), settings()).map_err(fault::tantivy)?;
        let mut list = IndexMeta { index_settings: settings(), ..IndexMeta::with_schema(schema()) };
        let stay = self.parts.iter().filter(|part| !gone.contains(&part.id));
        let stay = stay.map(|part| (part.id, part.texts));
        let new_ids = new.iter().map(|segment| (segment.id, segment.texts));
        for (id, texts) in stay.chain(new_ids) {
            list.segments.push(fresh.new_segment_meta(id, texts));
        }
        let bytes = serde_json::to_vec(&list).map_err(|_| DAMAGED)?;
        let mut written: Vec<(String, Vec<u8>)> =
            new.into_iter().flat_map(|segment| segment.files).collect();
        written.push((LIST.to_owned(), bytes));
        let live: HashSet<String> = list.segments.iter().flat_map(part_files).collect();
        let mut deleted: Vec<String> = self.names.difference(&live).cloned().collect();
        deleted.sort();
        Ok(TextDelta { written, deleted })
    }

    /// Checks every byte of every file of the index against its checksum.
    pub(crate) fn check_files(&self) -> Result<(), Error> {
        fault::guard(|| {
            for part in &self.parts {
                let directory = part.segment.index().directory();
                for name in part_files(part.segment.meta()) {
                    let whole = directory.validate_checksum(Path::new(&name));
                    if !whole.map_err(|error| fault::tantivy(error.into()))? {
                        return Err(DAMAGED);
                    }
                }
            }
            Ok(())
        })
    }
}

/// Names of a part's files.
pub(super) fn part_files(part: &SegmentMeta) -> impl Iterator<Item = String> + use<> {
    const KINDS: [&str; 6] = ["fast", "fieldnorm", "idx", "pos", "store", "term"];
    let part = part.id().uuid_string();
    KINDS.into_iter().map(move |kind| format!("{part}.{kind}"))
}

impl Part {
    fn new(segment: Segment, place: Arc<Place>) -> Self {
        let (id, texts) = (segment.id(), segment.meta().max_doc());
        Part { id, texts, segment, place, opened: OnceLock::new() }
    }

    /// The part's readers; opens them at the first call.
    pub(super) fn open(&self) -> Result<&OpenPart, Error> {
        if let Some(open) = self.opened.get() {
            return Ok(open);
        }
        let open = self.open_readers().map_err(fault::tantivy)?;
        let whole = open.lengths.iter().all(|lengths| lengths.num_docs() == self.texts)
            && open.rows.num_docs() == self.texts;
        if !whole {
            return Err(DAMAGED);
        }
        Ok(self.opened.get_or_init(|| open))
    }

    fn open_readers(&self) -> tantivy::Result<OpenPart> {
        let reader = SegmentReader::open(&self.segment)?;
        let [title, body] = text_fields();
        Ok(OpenPart {
            words: [reader.inverted_index(title)?, reader.inverted_index(body)?],
            lengths: [reader.get_fieldnorms_reader(title)?, reader.get_fieldnorms_reader(body)?],
            rows: reader.fast_fields().u64(ROW)?,
        })
    }
}
