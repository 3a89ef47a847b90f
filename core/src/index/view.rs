//! What a reader sees of the index at one moment: segments in row order, the rows that are not
//! current, and the numbers that this vault gave to search parameters.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::params::Param;
use super::rows::{Gather, RowSet};
use super::segment::{KeyRange, Segment, damaged};
use super::walk::KeyWalk;
use crate::error::Error;

/// The index at one moment. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Index {
    segments: Arc<[Arc<Segment>]>,
    hidden: Arc<RoaringBitmap>,
    numbers: Arc<[u16]>,
}

impl Index {
    /// `segments` in row order; `numbers` by [`Param::index`], 0 = never seen in this vault.
    pub(crate) fn new(
        segments: Vec<Arc<Segment>>,
        hidden: Arc<RoaringBitmap>,
        numbers: Arc<[u16]>,
    ) -> Result<Self, Error> {
        let overlap = |pair: &[Arc<Segment>]| pair[0].rows().end > pair[1].rows().start;
        if segments.windows(2).any(overlap) {
            return Err(damaged());
        }
        Ok(Self { segments: segments.into(), hidden, numbers })
    }

    pub(crate) fn segments(&self) -> &[Arc<Segment>] {
        &self.segments
    }

    /// Rows that are superseded, gone or quarantined.
    pub(crate) fn hidden(&self) -> &RoaringBitmap {
        &self.hidden
    }

    /// The number of a parameter; none when no resource of this vault was ever asked for it.
    pub(crate) fn number(&self, param: &Param) -> Option<u16> {
        self.numbers.get(param.index).copied().filter(|&number| number != 0)
    }

    /// The rows of exactly `key`, hidden ones too.
    pub(crate) fn get(&self, key: &[u8]) -> Result<RowSet, Error> {
        let mut gather = Gather::new();
        self.gather(key, &mut gather)?;
        Ok(gather.finish())
    }

    pub(crate) fn gather(&self, key: &[u8], gather: &mut Gather) -> Result<(), Error> {
        self.segments.iter().try_for_each(|segment| segment.gather(key, gather))
    }

    /// The keys of `range` in all segments, upwards or downwards.
    pub(crate) fn walk(&self, range: &KeyRange, down: bool) -> KeyWalk<'_> {
        if down {
            KeyWalk::down(self.segments.iter().map(|segment| segment.reverse(range.clone())))
        } else {
            KeyWalk::up(self.segments.iter().map(|segment| segment.cursor(range.clone())))
        }
    }
}
