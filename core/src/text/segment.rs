//! Builds an immutable part of the index from texts, in memory and on the calling thread. Pure:
//! needs no snapshot, so it may run while a transaction is open or beside it.

use std::path::Path;

use tantivy::directory::RamDirectory;
use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::indexer::{AddOperation, SegmentWriter};
use tantivy::{Directory, Index, TantivyDocument};

use crate::error::Error;

use super::content::Texts;
use super::fault;
use super::index::part_files;
use super::schema::{register, row_field, schema, settings, text_fields};

/// Starting size of tantivy's tables; they grow with the batch.
const TABLES: usize = 4_000_000;

/// A batch that needs more memory becomes several parts.
const HEAP: usize = 14_000_000;

/// A finished part: its files, not yet in the vault.
pub(crate) struct TextSegment {
    pub(super) id: SegmentId,
    pub(super) texts: u32,
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl std::fmt::Debug for TextSegment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextSegment").field("texts", &self.texts).finish_non_exhaustive()
    }
}

impl TextSegment {
    /// Builds one part (more where memory bounds it) from texts in ascending order of rows. Rows
    /// without text take no place.
    pub(crate) fn build<'t>(
        batch: impl IntoIterator<Item = (u32, &'t Texts)>,
    ) -> Result<Vec<TextSegment>, Error> {
        let mut batch = batch.into_iter().filter(|(_, texts)| !texts.is_empty()).peekable();
        let mut built = Vec::new();
        fault::guard(|| {
            while batch.peek().is_some() {
                built.push(build_one(&mut batch).map_err(fault::tantivy)?);
            }
            Ok(())
        })?;
        Ok(built)
    }

    /// Takes a part's files out of an index in memory.
    pub(super) fn take(directory: &RamDirectory, part: &SegmentMeta) -> tantivy::Result<Self> {
        let read = |name: String| Ok((directory.atomic_read(Path::new(&name))?, name));
        let files = part_files(part).map(read).collect::<tantivy::Result<Vec<_>>>()?;
        let files = files.into_iter().map(|(bytes, name)| (name, bytes)).collect();
        Ok(TextSegment { id: part.id(), texts: part.max_doc(), files })
    }
}

fn build_one<'t>(
    batch: &mut impl Iterator<Item = (u32, &'t Texts)>,
) -> tantivy::Result<TextSegment> {
    let directory = RamDirectory::create();
    let index = Index::create(directory.clone(), schema(), settings())?;
    register(&index);
    let segment = index.new_segment();
    let mut writer = SegmentWriter::for_segment(TABLES, segment.clone())?;
    let (fields, row_field) = (text_fields(), row_field());
    for (opstamp, (row, texts)) in (0..).zip(batch) {
        let mut document = TantivyDocument::new();
        document.add_u64(row_field, u64::from(row));
        for (field, text) in texts.parts() {
            document.add_text(fields[field.number()], text);
        }
        writer.add_document(AddOperation { opstamp, document })?;
        if writer.mem_usage() > HEAP {
            break;
        }
    }
    let texts = writer.max_doc();
    writer.finalize()?;
    TextSegment::take(&directory, &index.new_segment_meta(segment.id(), texts))
}
