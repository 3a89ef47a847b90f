//! Answers a query with row sets: what is cheap and selective first, dates by column on the rows
//! that are left, what a query excludes at the end.

use super::cursor;
use super::kind::Context;
use super::query::Query;
use super::sort;
use super::step::Step;
use crate::clock::Clock;
use crate::error::Error;
use crate::index::key;
use crate::index::params;
use crate::index::rows::{Gather, RowSet};
use crate::index::view::Index;

/// What a search is limited to, and what its addresses are relative to.
#[derive(Default)]
pub(crate) struct Scope<'s> {
    /// Only these connections; none = all.
    pub(crate) connections: Option<&'s [u32]>,
    /// Only these subjects (connection, Patient id); none = all.
    pub(crate) subjects: Option<&'s [(u32, String)]>,
    /// Addresses of connections, without a slash at the end; one may have several.
    pub(crate) bases: &'s [(u32, String)],
}

/// One page of an answer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hits {
    pub(crate) rows: Vec<u32>,
    /// Of all pages; always exact.
    pub(crate) total: u64,
    /// The query of the next page.
    pub(crate) next: Option<String>,
}

/// One page of the answer to `query`.
pub(crate) fn run(
    index: &Index,
    query: &Query,
    scope: &Scope<'_>,
    clock: &Clock,
) -> Result<Hits, Error> {
    let matches = matches(index, query, scope, clock)?;
    let total = matches.len();
    let count = usize::try_from(query.count).unwrap_or(usize::MAX);
    let (rows, more) = match &query.sort {
        _ if count == 0 => (Vec::new(), false),
        None => matches.page(query.after, count),
        Some(sort) => sort::page(index, query, &matches, *sort, count)?,
    };
    let next = rows.last().filter(|_| more).map(|&row| {
        let cursor = cursor::write(query.hash, row);
        let and = if query.text.ends_with('?') { "" } else { "&" };
        format!("{}{and}_page={cursor}", query.text)
    });
    Ok(Hits { rows, total, next })
}

/// All current rows that answer the query, whatever the page; its sort order plays no part.
pub(crate) fn matches(
    index: &Index,
    query: &Query,
    scope: &Scope<'_>,
    clock: &Clock,
) -> Result<RowSet, Error> {
    let context = Context { bases: scope.bases, now: clock.now_ms().saturating_mul(1_000) };
    let new = |filter| Step::new(filter, query, index, &context);
    let mut steps: Vec<_> = query.filters.iter().map(new).collect();
    steps.sort_by_key(|step| step.cost);
    let mut found = None;
    if let Some(subjects) = scope.subjects {
        let mut gather = Gather::new();
        let mut key = Vec::new();
        for (connection, id) in subjects {
            key::subject(&mut key, *connection, id);
            index.gather(&key, &mut gather)?;
        }
        found = Some(gather.finish());
    }
    // Keys of a parameter that one type has are of rows of that type.
    if !steps.iter().any(|step| step.is_typed(params::is_type)) {
        let mut key = Vec::new();
        key::resource_type(&mut key, query.resource_type);
        let of_type = index.get(&key)?;
        found = Some(match found {
            Some(found) => of_type.and(&found),
            None => of_type,
        });
    }
    for step in &steps {
        if found.as_ref().is_some_and(RowSet::is_empty) {
            return Ok(RowSet::empty());
        }
        found = Some(step.apply(index, &context, found)?);
    }
    let mut found = found.unwrap_or_else(RowSet::empty);
    if let Some(connections) = scope.connections
        && !found.is_empty()
    {
        let mut gather = Gather::new();
        let mut key = Vec::new();
        for &connection in connections {
            key::connection(&mut key, connection);
            index.gather(&key, &mut gather)?;
        }
        found = found.and(&gather.finish());
    }
    Ok(found.without(index.hidden()))
}
