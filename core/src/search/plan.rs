//! Answers a query with row sets: what is cheap and selective first, dates by column on the rows
//! that are left, what a query excludes at the end.

use std::cell::OnceCell;

use super::cursor;
use super::kind::{Context, DateCheck, Lookup, Value};
use super::query::{Filter, Query, Test};
use super::sort;
use crate::clock::Clock;
use crate::error::Error;
use crate::index::key::{self, tag};
use crate::index::params;
use crate::index::rows::{Gather, RowSet};
use crate::index::segment::{KeyRange, damaged};
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
    let context = Context { bases: scope.bases, now: clock.now_ms().saturating_mul(1_000) };
    let matches = Plan { index, query, context, types: OnceCell::new() }.matches(scope)?;
    let total = matches.len();
    let count = usize::try_from(query.count).unwrap_or(usize::MAX);
    let (rows, more) = match &query.sort {
        _ if count == 0 => (Vec::new(), false),
        None => matches.page(query.after, count),
        Some(sort) => sort::page(index, &matches, *sort, query.after, count)?,
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
    Plan { index, query, context, types: OnceCell::new() }.matches(scope)
}

struct Plan<'p> {
    index: &'p Index,
    query: &'p Query,
    context: Context<'p>,
    types: OnceCell<RowSet>,
}

/// How much work a filter is, in the order in which they are done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cost {
    Keys,
    Ranges,
    Column,
    Scan,
    Excluding,
}

impl Plan<'_> {
    fn matches(&self, scope: &Scope<'_>) -> Result<RowSet, Error> {
        let mut steps: Vec<_> = self.query.filters.iter().map(|f| self.step(f)).collect();
        steps.sort_by_key(|step| step.cost);
        // Keys of a parameter that one type has are of rows of that type.
        let typed = |step: &Step<'_>| {
            step.cost != Cost::Excluding && params::is_type(step.filter.param.base)
        };
        let mut found = None;
        if let Some(subjects) = scope.subjects {
            let mut gather = Gather::new();
            let mut key = Vec::new();
            for (connection, id) in subjects {
                key::subject(&mut key, *connection, id);
                self.index.gather(&key, &mut gather)?;
            }
            found = Some(gather.finish());
        }
        if !steps.iter().any(typed) {
            found = Some(self.and(found, self.all_of_type()?.clone()));
        }
        for step in &steps {
            if found.as_ref().is_some_and(RowSet::is_empty) {
                return Ok(RowSet::empty());
            }
            found = Some(self.apply(step, found)?);
        }
        let mut found = found.unwrap_or_else(RowSet::empty);
        if let Some(connections) = scope.connections
            && !found.is_empty()
        {
            let mut gather = Gather::new();
            let mut key = Vec::new();
            for &connection in connections {
                key::connection(&mut key, connection);
                self.index.gather(&key, &mut gather)?;
            }
            found = found.and(&gather.finish());
        }
        Ok(found.without(self.index.hidden()))
    }

    fn and(&self, found: Option<RowSet>, other: RowSet) -> RowSet {
        match found {
            Some(found) => found.and(&other),
            None => other,
        }
    }

    fn all_of_type(&self) -> Result<&RowSet, Error> {
        if let Some(rows) = self.types.get() {
            return Ok(rows);
        }
        let mut key = Vec::new();
        key::resource_type(&mut key, self.query.resource_type);
        let rows = self.index.get(&key)?;
        Ok(self.types.get_or_init(|| rows))
    }

    fn step<'f>(&self, filter: &'f Filter) -> Step<'f> {
        let number = self.index.number(filter.param);
        let (mut lookups, mut dates) = (Vec::new(), Vec::new());
        let cost = match (&filter.test, number) {
            (Test::Missing(false), _) | (_, None) => Cost::Keys,
            (Test::Missing(true), _) => Cost::Excluding,
            (Test::Any(values) | Test::None(values), Some(number)) => {
                for value in values {
                    if let Value::Date(date) = value {
                        dates.push(date.check(&self.context));
                    } else {
                        let new = value.lookups(number, &self.context);
                        lookups.extend(new.into_iter().map(|lookup| (lookup, value)));
                    }
                }
                let work = |(lookup, _): &(Lookup, &Value)| match lookup {
                    Lookup::Key(_) => Cost::Keys,
                    Lookup::Range { check: false, .. } | Lookup::AnyType(_) => Cost::Ranges,
                    Lookup::Range { check: true, .. } => Cost::Scan,
                };
                let column = (!dates.is_empty()).then_some(Cost::Column);
                lookups.iter().map(work).chain(column).max().unwrap_or(Cost::Keys)
            }
        };
        let cost = if matches!(filter.test, Test::None(_)) { Cost::Excluding } else { cost };
        Step { filter, number, lookups, dates, cost }
    }

    fn apply(&self, step: &Step<'_>, found: Option<RowSet>) -> Result<RowSet, Error> {
        let Some(number) = step.number else {
            // No resource has a value.
            return Ok(match step.filter.test {
                Test::Any(_) | Test::Missing(false) => RowSet::empty(),
                Test::None(_) | Test::Missing(true) => found.unwrap_or_else(RowSet::empty),
            });
        };
        match (&step.filter.test, found) {
            (Test::Any(_), Some(found)) if !step.dates.is_empty() => {
                self.check_dates(step, number, found)
            }
            (Test::Any(_), found) => Ok(self.and(found, self.rows(step, number)?)),
            (Test::None(_), found) => {
                Ok(found.unwrap_or_else(RowSet::empty).and_not(&self.rows(step, number)?))
            }
            (Test::Missing(missing), found) => {
                let mut key = Vec::new();
                key::begin(&mut key, number, tag::PRESENCE);
                let present = self.index.get(&key)?;
                Ok(if *missing {
                    found.unwrap_or_else(RowSet::empty).and_not(&present)
                } else {
                    self.and(found, present)
                })
            }
        }
    }

    /// All rows with a value that any of the step's values matches.
    fn rows(&self, step: &Step<'_>, number: u16) -> Result<RowSet, Error> {
        let mut gather = Gather::new();
        if !step.dates.is_empty() {
            for segment in self.index.segments() {
                let column = segment.column(number)?;
                column.scan(
                    |interval| step.dates.iter().any(|check| check.accepts(interval)),
                    |row| gather.push(row),
                );
            }
        }
        for (lookup, value) in &step.lookups {
            match lookup {
                Lookup::Key(key) => self.index.gather(key, &mut gather)?,
                Lookup::Range { range, check: false } => {
                    self.index.gather_range(range, |_| true, &mut gather)?;
                }
                Lookup::Range { range, check: true } => {
                    let test = |key: &[u8]| {
                        key::head(key).is_some_and(|(_, tag, payload)| {
                            value.test(tag, payload, &self.context)
                        })
                    };
                    self.index.gather_range(range, test, &mut gather)?;
                }
                Lookup::AnyType(id) => self.local_ids(number, id, &mut gather)?,
            }
        }
        Ok(gather.finish())
    }

    /// Cuts `found` to the rows with a date that any of the step's values matches.
    fn check_dates(&self, step: &Step<'_>, number: u16, found: RowSet) -> Result<RowSet, Error> {
        let mut columns = Vec::with_capacity(self.index.segments().len());
        for segment in self.index.segments() {
            columns.push((segment.rows().end, segment.column(number)?));
        }
        let mut columns = columns.iter().peekable();
        found.try_filter(|row| {
            while columns.next_if(|(end, _)| *end <= row).is_some() {}
            Ok(columns.peek().is_some_and(|(_, column)| {
                let accepted = |check: &DateCheck| {
                    column.intervals(row).iter().any(|&interval| check.accepts(interval))
                };
                step.dates.iter().any(accepted)
            }))
        })
    }

    /// Local references to `id`: one look per type that the parameter refers to.
    fn local_ids(&self, number: u16, id: &str, gather: &mut Gather) -> Result<(), Error> {
        let mut start = Vec::new();
        key::begin(&mut start, number, tag::LOCAL);
        let all = KeyRange::prefix(&start);
        for segment in self.index.segments() {
            let mut range = all.clone();
            loop {
                let mut cursor = segment.cursor(range);
                if !cursor.next()? {
                    break;
                }
                let payload = &cursor.key()[start.len()..];
                let Some(key::Value::Local { resource_type, .. }) =
                    key::decode(tag::LOCAL, payload)
                else {
                    return Err(damaged());
                };
                let mut target = start.clone();
                key::local_target(&mut target, &resource_type, id);
                segment.gather_range(KeyRange::prefix(&target), gather)?;
                // Up to the zero byte that ends the type.
                let mut this_type = start.clone();
                key::local_target(&mut this_type, &resource_type, "");
                this_type.pop();
                let Some(lower) = KeyRange::prefix(&this_type).upper else { break };
                range = KeyRange { lower, upper: all.upper.clone() };
            }
        }
        Ok(())
    }
}

/// A filter, and how its rows are found.
struct Step<'f> {
    filter: &'f Filter,
    number: Option<u16>,
    lookups: Vec<(Lookup, &'f Value)>,
    dates: Vec<DateCheck>,
    cost: Cost,
}
