//! Sorted pages. Of several values of a row the one that comes first counts; rows without a value
//! come last in both directions; equal rows come in the order of rows.

mod by_date;
mod by_key;

use crate::error::Error;
use crate::index::params::Kind;
use crate::index::rows::RowSet;
use crate::index::view::Index;
use crate::search::query::{Query, Sort};
use crate::search::step::with_value;

/// The page of `count` rows behind the query's cursor, and whether there are more.
pub(super) fn page(
    index: &Index,
    query: &Query,
    matches: &RowSet,
    sort: Sort,
    count: usize,
) -> Result<(Vec<u32>, bool), Error> {
    let after = query.after;
    let Some(number) = index.number(sort.param) else { return Ok(matches.page(after, count)) };
    let mut page = if sort.param.kind == Kind::Date {
        by_date::page(index, matches, number, sort.descending, after, count + 1)?
    } else if sort.param.code == "_id" {
        // A resource that came without an id is known by one that the vault made, which is no value.
        let valued = with_value(index, number, matches.clone())?;
        let after_id = with_value(index, number, RowSet::Sorted(after.into_iter().collect()))?;
        let keys = by_key::Keys::of_ids(query.resource_type);
        let page = by_key::Page::new(matches, &valued, after, !after_id.is_empty(), count + 1);
        page.fill(index, &keys, sort.descending)?
    } else {
        let keys = by_key::Keys::of(number, sort.param.kind);
        by_key::Page::new(matches, matches, after, true, count + 1).fill(
            index,
            &keys,
            sort.descending,
        )?
    };
    let more = page.len() > count;
    page.truncate(count);
    Ok((page, more))
}
