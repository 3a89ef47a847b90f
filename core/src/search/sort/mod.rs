//! Sorted pages. Of several values of a row the one that comes first counts; rows without a value
//! come last in both directions; equal rows come in the order of rows.

mod by_date;
mod by_key;

use crate::error::Error;
use crate::index::params::Kind;
use crate::index::rows::RowSet;
use crate::index::view::Index;

use super::query::Sort;

/// The page of `count` rows behind row `after`, and whether there are more.
pub(super) fn page(
    index: &Index,
    matches: &RowSet,
    sort: Sort,
    after: Option<u32>,
    count: usize,
) -> Result<(Vec<u32>, bool), Error> {
    let Some(number) = index.number(sort.param) else { return Ok(matches.page(after, count)) };
    let mut page = match sort.param.kind {
        Kind::Date => by_date::page(index, matches, number, sort.descending, after, count + 1)?,
        kind => by_key::page(index, matches, number, kind, sort.descending, after, count + 1)?,
    };
    let more = page.len() > count;
    page.truncate(count);
    Ok((page, more))
}
