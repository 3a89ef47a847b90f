//! Order by keys: where keys are sorted by what counts, a walk over them until the page is full;
//! else (numbers have units before them, references two forms) all values, then sorted.

use std::borrow::Cow;

use crate::error::Error;
use crate::index::key::{self, tag};
use crate::index::params::Kind;
use crate::index::rows::RowSet;
use crate::index::segment::KeyRange;
use crate::index::view::Index;

pub(super) fn page(
    index: &Index,
    matches: &RowSet,
    number: u16,
    kind: Kind,
    descending: bool,
    after: Option<u32>,
    count: usize,
) -> Result<Vec<u32>, Error> {
    let mut page = Page::new(matches, after, count);
    let (tags, ordered): (&[u8], bool) = match kind {
        Kind::Token => (&[tag::TOKEN], true),
        Kind::String => (&[tag::STRING], true),
        Kind::Uri => (&[tag::URI], true),
        Kind::Reference => (&[tag::LOCAL, tag::FOREIGN], false),
        Kind::Quantity => (&[tag::QUANTITY], false),
        Kind::Number => (&[tag::NUMBER], false),
        Kind::Date | Kind::Composite => (&[], true),
    };
    let mut values = Values::default();
    for &tag in tags {
        let mut start = Vec::new();
        key::begin(&mut start, number, tag);
        let mut walk = index.walk(&KeyRange::prefix(&start), descending);
        while walk.next()? {
            let payload = &walk.key()[start.len()..];
            let value = sort_value(tag, payload);
            if !ordered {
                let value = values.add(&value);
                walk.for_each(|row| {
                    if matches.contains(row) || after == Some(row) {
                        values.pairs.push((value, row));
                    }
                })?;
                continue;
            }
            if page.value.as_deref() != Some(&*value) {
                page.end_of_group();
                if page.is_full() {
                    return Ok(page.rows);
                }
                page.value = Some(value.into_owned());
            }
            walk.for_each(|row| page.candidate(row))?;
        }
    }
    for group in values.groups(descending) {
        group.iter().for_each(|&(_, row)| page.candidate(row));
        page.end_of_group();
    }
    page.end_of_group();
    Ok(page.finish())
}

/// What keys are sorted by; keys with the same are equal.
fn sort_value(tag: u8, payload: &[u8]) -> Cow<'_, [u8]> {
    let terminated = |count: usize| {
        let ends = payload.iter().enumerate().filter(|(_, b)| **b == 0);
        let end = ends.map(|(at, _)| at + 1).nth(count - 1).unwrap_or(payload.len());
        Cow::Borrowed(&payload[..end])
    };
    match key::decode(tag, payload) {
        Some(key::Value::Token { .. }) => terminated(2),
        Some(key::Value::String { .. }) => terminated(1),
        Some(key::Value::Number { bounds } | key::Value::Quantity { bounds, .. }) => {
            Cow::Borrowed(key::split_bounds(bounds).map_or(bounds, |(low, _)| low))
        }
        Some(key::Value::Local { resource_type, id, .. }) => {
            Cow::Owned(format!("{resource_type}/{id}").into_bytes())
        }
        _ => Cow::Borrowed(payload),
    }
}

/// A page that is filled group by group, a group being all rows with the same value.
struct Page<'m> {
    matches: &'m RowSet,
    after: Option<u32>,
    /// The last row of the page before was met.
    passed: bool,
    count: usize,
    rows: Vec<u32>,
    value: Option<Vec<u8>>,
    group: Vec<u32>,
    /// Matches of earlier groups, which now count no more.
    seen: roaring::RoaringBitmap,
}

impl<'m> Page<'m> {
    fn new(matches: &'m RowSet, after: Option<u32>, count: usize) -> Self {
        Self {
            matches,
            after,
            passed: after.is_none(),
            count,
            rows: Vec::new(),
            value: None,
            group: Vec::new(),
            seen: roaring::RoaringBitmap::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.count || self.seen.len() >= self.matches.len() && self.passed
    }

    fn candidate(&mut self, row: u32) {
        if self.matches.contains(row) || self.after == Some(row) {
            self.group.push(row);
        }
    }

    fn end_of_group(&mut self) {
        if self.group.is_empty() {
            return;
        }
        self.group.sort_unstable();
        self.group.dedup();
        let mut after = None;
        if !self.passed && self.group.iter().any(|row| Some(*row) == self.after) {
            self.passed = true;
            after = self.after;
        }
        for row in self.group.drain(..) {
            // The row of the cursor itself need not match any more.
            let counts = self.matches.contains(row) && self.seen.insert(row);
            if counts && self.passed && after.is_none_or(|after| row > after) {
                self.rows.push(row);
            }
        }
    }

    /// Adds the rows without a value, which come last.
    fn finish(mut self) -> Vec<u32> {
        let after = self.after.filter(|_| !self.passed);
        let room = self.count.saturating_sub(self.rows.len());
        let rest = self.matches.iter().filter(|row| !self.seen.contains(*row));
        self.rows.extend(rest.filter(|&row| after.is_none_or(|after| row > after)).take(room));
        self.rows
    }
}

/// Values of rows, to be sorted.
#[derive(Default)]
struct Values {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Number of the value, and row.
    pairs: Vec<(usize, u32)>,
}

impl Values {
    fn add(&mut self, value: &[u8]) -> usize {
        self.bytes.extend_from_slice(value);
        self.ends.push(self.bytes.len());
        self.ends.len() - 1
    }

    fn get(&self, value: usize) -> &[u8] {
        let from = value.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[from..self.ends[value]]
    }

    /// The pairs in order, cut where the value changes.
    fn groups(&mut self, descending: bool) -> impl Iterator<Item = &[(usize, u32)]> {
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.sort_by(|a, b| {
            let order = self.get(a.0).cmp(self.get(b.0));
            if descending { order.reverse() } else { order }
        });
        self.pairs = pairs;
        self.pairs.chunk_by(|a, b| self.get(a.0) == self.get(b.0))
    }
}
