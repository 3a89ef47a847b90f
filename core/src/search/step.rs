//! One filter on its way to rows: where to look, what it costs, and what it leaves.

use std::sync::Arc;

use super::kind::{Context, DateCheck, Lookup, Value};
use super::query::{Filter, Query, Test};
use crate::error::Error;
use crate::index::column::DateColumn;
use crate::index::key::{self, system, tag};
use crate::index::rows::{Gather, RowSet};
use crate::index::segment::{KeyRange, Segment, damaged};
use crate::index::view::Index;

/// How much work a filter is, in the order in which they are done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cost {
    Keys,
    Ranges,
    Column,
    Scan,
    /// Needs the rows that the others leave.
    Excluding,
}

/// A filter, and how its rows are found.
pub(super) struct Step<'f> {
    filter: &'f Filter,
    /// None when no resource of the vault has a value.
    number: Option<u16>,
    lookups: Vec<(Lookup, Option<&'f Value>)>,
    dates: Vec<DateCheck>,
    pub(super) cost: Cost,
}

impl<'f> Step<'f> {
    pub(super) fn new(
        filter: &'f Filter,
        query: &Query,
        index: &Index,
        context: &Context<'_>,
    ) -> Self {
        let number = index.number(filter.param);
        let mut step =
            Self { filter, number, lookups: Vec::new(), dates: Vec::new(), cost: Cost::Keys };
        match (&filter.test, number) {
            (Test::Missing(_), Some(number)) => step.look(presence(number), None),
            (_, None) => {}
            (Test::Any(values) | Test::None(values), Some(number)) => {
                for value in values {
                    match value {
                        Value::Date(date) => step.dates.push(date.check(context)),
                        Value::Token(token) if filter.param.code == "_id" => {
                            if let Some(id) = token.id() {
                                step.look(identity(query.resource_type, id), None);
                            }
                        }
                        _ => {
                            let lookups = value.lookups(number, context);
                            lookups.into_iter().for_each(|lookup| step.look(lookup, Some(value)));
                        }
                    }
                }
            }
        }
        if !step.dates.is_empty() {
            step.cost = step.cost.max(Cost::Column);
        }
        if matches!(filter.test, Test::None(_) | Test::Missing(true)) {
            step.cost = Cost::Excluding;
        }
        step
    }

    fn look(&mut self, lookup: Lookup, value: Option<&'f Value>) {
        let cost = match lookup {
            Lookup::Key(_) => Cost::Keys,
            Lookup::Range { check: false, .. } | Lookup::AnyType(_) => Cost::Ranges,
            Lookup::Range { check: true, .. } => Cost::Scan,
        };
        self.cost = self.cost.max(cost);
        self.lookups.push((lookup, value));
    }

    /// Whether everything it leaves is of one type only because of the parameter.
    pub(super) fn is_typed(&self, is_type: fn(&str) -> bool) -> bool {
        self.cost != Cost::Excluding
            && (is_type(self.filter.param.base)
                || matches!(self.filter.test, Test::Any(_)) && self.filter.param.code == "_id")
    }

    /// The rows of `found` (none: of all) that pass.
    pub(super) fn apply(
        &self,
        index: &Index,
        context: &Context<'_>,
        found: Option<RowSet>,
    ) -> Result<RowSet, Error> {
        if self.cost != Cost::Excluding {
            let rows = match found {
                Some(found) if self.lookups.is_empty() => self.check_dates(index, found)?,
                found => self.rows(index, context, found.as_ref())?,
            };
            return self.with_own_id(index, rows);
        }
        let found = found.unwrap_or_else(RowSet::empty);
        let excluded = self.rows(index, context, Some(&found))?;
        Ok(found.and_not(&self.with_own_id(index, excluded)?))
    }

    /// A resource that came without an id is known by one that the vault made; `_id` is not that.
    fn with_own_id(&self, index: &Index, rows: RowSet) -> Result<RowSet, Error> {
        match (self.number, &self.filter.test) {
            (Some(number), Test::Any(_) | Test::None(_)) if self.filter.param.code == "_id" => {
                with_value(index, number, rows)
            }
            _ => Ok(rows),
        }
    }

    /// The rows of `within` (none: of all) with a value that one of the step's values matches.
    fn rows(
        &self,
        index: &Index,
        context: &Context<'_>,
        within: Option<&RowSet>,
    ) -> Result<RowSet, Error> {
        let Some(RowSet::Sorted(within)) = within else {
            let mut gather = Gather::new();
            for segment in index.segments() {
                self.gather(segment, context, &mut gather)?;
            }
            let rows = gather.finish();
            return Ok(match within {
                Some(within) => rows.and(within),
                None => rows,
            });
        };
        let (mut rest, mut kept) = (within.as_slice(), Vec::new());
        for segment in index.segments() {
            let end = rest.partition_point(|&row| row < segment.rows().end);
            let (here, behind) = rest.split_at(end);
            rest = behind;
            if !here.is_empty() {
                let mut gather = Gather::new();
                self.gather(segment, context, &mut gather)?;
                gather.finish().common(here, &mut kept);
            }
        }
        Ok(RowSet::Sorted(kept))
    }

    fn gather(
        &self,
        segment: &Segment,
        context: &Context<'_>,
        gather: &mut Gather,
    ) -> Result<(), Error> {
        let Some(number) = self.number else { return Ok(()) };
        if !self.dates.is_empty() {
            let accepted = |interval| self.dates.iter().any(|check| check.accepts(interval));
            segment.column(number)?.scan(accepted, |row| gather.push(row));
        }
        for (lookup, value) in &self.lookups {
            match lookup {
                Lookup::Key(key) => segment.gather(key, gather)?,
                Lookup::Range { range, check } => match value.filter(|_| *check) {
                    Some(value) => {
                        let mut test = value.test(context);
                        let test = |key: &[u8]| {
                            key::head(key).is_some_and(|(_, tag, payload)| test(tag, payload))
                        };
                        segment.gather_range(range, test, gather)?;
                    }
                    None => segment.gather_range(range, |_| true, gather)?,
                },
                Lookup::AnyType(id) => local_ids(segment, number, id, gather)?,
            }
        }
        Ok(())
    }

    /// The rows of `found` with a date that one of the step's values matches.
    fn check_dates(&self, index: &Index, found: RowSet) -> Result<RowSet, Error> {
        let Some(number) = self.number else { return Ok(RowSet::empty()) };
        let mut columns: Vec<(u32, Arc<DateColumn>)> = Vec::with_capacity(index.segments().len());
        for segment in index.segments() {
            columns.push((segment.rows().end, segment.column(number)?));
        }
        let mut columns = columns.iter();
        let Some(mut column) = columns.next() else { return Ok(RowSet::empty()) };
        let accepted = |interval| self.dates.iter().any(|check| check.accepts(interval));
        Ok(found.filter(|row| {
            while column.0 <= row {
                match columns.next() {
                    Some(next) => column = next,
                    None => return false,
                }
            }
            column.1.intervals(row).iter().copied().any(accepted)
        }))
    }
}

fn presence(number: u16) -> Lookup {
    let mut key = Vec::new();
    key::begin(&mut key, number, tag::PRESENCE);
    Lookup::Key(key)
}

/// The resources of this type and id, of all connections.
fn identity(resource_type: &str, id: &str) -> Lookup {
    let mut prefix = Vec::new();
    key::begin(&mut prefix, system::IDENTITY, tag::PRESENCE);
    key::local_target(&mut prefix, resource_type, id);
    Lookup::Range { range: KeyRange::prefix(&prefix), check: false }
}

/// Cuts `rows` to those with any value of the parameter.
pub(super) fn with_value(index: &Index, number: u16, rows: RowSet) -> Result<RowSet, Error> {
    if rows.is_empty() {
        return Ok(rows);
    }
    let mut key = Vec::new();
    key::begin(&mut key, number, tag::PRESENCE);
    Ok(rows.and(&index.get(&key)?))
}

/// Local references to `id`: one look per type that the parameter refers to.
fn local_ids(segment: &Segment, number: u16, id: &str, gather: &mut Gather) -> Result<(), Error> {
    let mut start = Vec::new();
    key::begin(&mut start, number, tag::LOCAL);
    let mut range = KeyRange::prefix(&start);
    loop {
        let mut cursor = segment.cursor(range.clone());
        if !cursor.next()? {
            return Ok(());
        }
        let payload = cursor.key().get(start.len()..).unwrap_or_default();
        let Some(key::Value::Local { resource_type, .. }) = key::decode(tag::LOCAL, payload) else {
            return Err(damaged());
        };
        let mut target = start.clone();
        key::local_target(&mut target, &resource_type, id);
        segment.gather_range(&KeyRange::prefix(&target), |_| true, gather)?;
        // On to what is above all ids of this type: up to the zero byte that ends it, and one more.
        let mut this_type = start.clone();
        key::local_target(&mut this_type, &resource_type, "");
        this_type.pop();
        let Some(lower) = KeyRange::prefix(&this_type).upper else { return Ok(()) };
        range.lower = lower;
    }
}
