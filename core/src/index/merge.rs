//! Merging adjacent segments into one, block by block: memory is a block per source and the rows
//! of one key. Rows keep their numbers, so rows of one key concatenate.

use std::cmp::Ordering;

use super::segment::{Block, BlockWriter, Cursor, KeyRange, MAX_ROWS, Segment, damaged};
use crate::error::Error;

/// Hands the blocks of the merged segment to `sink`, in key order; an error of the sink ends it
/// (so it is also the way to cancel). `segments` must be in row order without overlap.
pub(crate) fn merge(
    segments: &[&Segment],
    sink: impl FnMut(Block) -> Result<(), Error>,
) -> Result<(), Error> {
    let overlap = |pair: &[&Segment]| pair[0].rows().end > pair[1].rows().start;
    if segments.windows(2).any(overlap) {
        return Err(damaged());
    }
    if let (Some(first), Some(last)) = (segments.first(), segments.last())
        && last.rows().end.saturating_sub(first.rows().start) > MAX_ROWS
    {
        return Err(Error::TooLarge);
    }
    let mut cursors = Vec::with_capacity(segments.len());
    for segment in segments {
        let mut cursor = segment.cursor(KeyRange::default());
        if cursor.next()? {
            cursors.push(cursor);
        }
    }
    let mut writer = BlockWriter::new(sink);
    let (mut least, mut key, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    while !cursors.is_empty() {
        find_least(&cursors, &mut least);
        key.clear();
        key.extend_from_slice(cursors[least[0]].key());
        if let [only] = least[..] {
            cursors[only].for_each(|_| ())?;
            writer.posting(&key, cursors[only].posting()?)?;
        } else {
            rows.clear();
            for &at in &least {
                cursors[at].for_each(|row| rows.push(row))?;
            }
            if rows.is_empty() {
                return Err(damaged());
            }
            writer.rows(&key, &rows)?;
        }
        // From the back, so that removing one does not move those still to come.
        for &at in least.iter().rev() {
            if !cursors[at].next()? {
                cursors.remove(at);
            } else if cursors[at].key() <= key.as_slice() {
                return Err(damaged());
            }
        }
    }
    writer.finish()
}

/// The cursors, in row order, that stand on the least key.
fn find_least(cursors: &[Cursor<'_>], least: &mut Vec<usize>) {
    least.clear();
    for (at, cursor) in cursors.iter().enumerate() {
        let order = match least.first() {
            Some(&first) => cursor.key().cmp(cursors[first].key()),
            None => Ordering::Less,
        };
        match order {
            Ordering::Less => {
                least.clear();
                least.push(at);
            }
            Ordering::Equal => least.push(at),
            Ordering::Greater => {}
        }
    }
}
