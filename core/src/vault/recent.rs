//! The recent tier: commits that no segment in the file holds yet. Their postings are small segments in
//! memory, merged like the file's own, so that a query meets few of them.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::Error;
use crate::index::merge::merge;
use crate::index::segment::{EncodedSegment, Segment};
use crate::storage::commits::Commit;
use crate::storage::rows::Row;
use crate::text::{RecentTexts, Texts};

/// One commit with its texts, which are collected from the bodies when first needed.
#[derive(Debug)]
pub(super) struct RecentCommit {
    pub(super) commit: Commit,
    texts: OnceLock<Arc<RecentTexts>>,
}

impl RecentCommit {
    pub(super) fn new(commit: Commit, texts: Option<Vec<(Row, Texts)>>) -> Self {
        let cell = OnceLock::new();
        if let Some(texts) = texts {
            cell.get_or_init(|| Arc::new(RecentTexts::new(texts)));
        }
        Self { commit, texts: cell }
    }

    pub(super) fn texts(
        &self,
        collect: impl FnOnce(&Commit) -> Result<Vec<(Row, Texts)>, Error>,
    ) -> Result<Arc<RecentTexts>, Error> {
        if let Some(texts) = self.texts.get() {
            return Ok(Arc::clone(texts));
        }
        let texts = Arc::new(RecentTexts::new(collect(&self.commit)?));
        Ok(Arc::clone(self.texts.get_or_init(|| texts)))
    }
}

/// All commits of the tier, oldest first, and the segments over them. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct RecentTier {
    pub(super) commits: Vec<Arc<RecentCommit>>,
    pub(super) segments: Vec<Arc<Segment>>,
}

impl std::fmt::Debug for RecentTier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecentTier").field("rows", &self.len()).finish_non_exhaustive()
    }
}

impl RecentTier {
    /// Rows in the tier.
    pub(super) fn len(&self) -> usize {
        self.commits.iter().map(|c| c.commit.records.len()).sum()
    }

    pub(super) fn commit_of(&self, row: Row) -> Option<&RecentCommit> {
        let at = self.commits.partition_point(|c| c.commit.first <= row).checked_sub(1)?;
        self.commits.get(at).filter(|c| row < c.commit.end()).map(|c| &**c)
    }

    /// The tier with one more commit. Neighbours of a like size become one segment, so that `n`
    /// commits leave about log n segments.
    pub(super) fn with(&self, commit: RecentCommit) -> Result<Self, Error> {
        let postings = EncodedSegment::from_bytes(&commit.commit.postings)?;
        let rows = commit.commit.first..commit.commit.end();
        let mut next = self.clone();
        next.segments.push(Arc::new(Segment::new(rows, Arc::new(postings))));
        next.commits.push(Arc::new(commit));
        while let [.., before, last] = next.segments.as_slice() {
            if length(before.rows()) > 2 * length(last.rows()) {
                break;
            }
            let merged = merge_in_memory(&[before, last])?;
            next.segments.truncate(next.segments.len() - 2);
            next.segments.push(Arc::new(merged));
        }
        Ok(next)
    }
}

fn length(rows: &Range<Row>) -> u32 {
    rows.end - rows.start
}

fn merge_in_memory(segments: &[&Arc<Segment>]) -> Result<Segment, Error> {
    let parts: Vec<&Segment> = segments.iter().map(|s| &***s).collect();
    let rows =
        parts.first().map_or(0, |s| s.rows().start)..parts.last().map_or(0, |s| s.rows().end);
    let mut blocks = Vec::new();
    merge(&parts, |block| {
        blocks.push(block);
        Ok(())
    })?;
    Ok(Segment::new(rows, Arc::new(EncodedSegment::new(blocks))))
}
