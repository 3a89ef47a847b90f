//! Order by keys: where keys are sorted by what counts, a walk over them until the page is full;
//! else (numbers have units before them, references two forms) all values, then sorted.

use std::borrow::Cow;

use roaring::RoaringBitmap;

use crate::error::Error;
use crate::index::key::{self, system, tag};
use crate::index::params::Kind;
use crate::index::rows::RowSet;
use crate::index::segment::KeyRange;
use crate::index::view::Index;

/// The keys that hold what is sorted by.
pub(super) struct Keys {
    /// Beginnings of the keys, and what kind of payload follows parameter and tag.
    starts: Vec<(Vec<u8>, u8)>,
    /// The keys are in the order of what they are sorted by.
    ordered: bool,
    /// Sorted by the id alone.
    ids: bool,
}

/// Where a payload begins in a key.
const HEAD: usize = 3;

impl Keys {
    pub(super) fn of(number: u16, kind: Kind) -> Self {
        let (tags, ordered): (&[u8], bool) = match kind {
            Kind::Token => (&[tag::TOKEN], true),
            Kind::String => (&[tag::STRING], true),
            Kind::Uri => (&[tag::URI], true),
            Kind::Reference => (&[tag::LOCAL, tag::FOREIGN], false),
            Kind::Quantity => (&[tag::QUANTITY], false),
            Kind::Number => (&[tag::NUMBER], false),
            Kind::Date | Kind::Composite => (&[], true),
        };
        let start = |&tag: &u8| {
            let mut start = Vec::new();
            key::begin(&mut start, number, tag);
            (start, tag)
        };
        Self { starts: tags.iter().map(start).collect(), ordered, ids: false }
    }

    /// The identities of one type; like all tokens they are sorted without case.
    pub(super) fn of_ids(resource_type: &str) -> Self {
        let mut start = Vec::new();
        key::begin(&mut start, system::IDENTITY, tag::PRESENCE);
        key::local_target(&mut start, resource_type, "");
        // Without the zero byte that ends the empty id.
        start.pop();
        Self { starts: vec![(start, tag::LOCAL)], ordered: false, ids: true }
    }
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

/// What an identity is sorted by.
fn id(payload: &[u8]) -> Cow<'_, [u8]> {
    match key::decode(tag::LOCAL, payload) {
        Some(key::Value::Local { id, .. }) => {
            let mut folded = Vec::new();
            key::token_prefix(&mut folded, None, &id);
            Cow::Owned(folded)
        }
        _ => Cow::Borrowed(payload),
    }
}

/// A page that is filled group by group, a group being all rows with the same value.
pub(super) struct Page<'m> {
    matches: &'m RowSet,
    /// Those of the matches that may have a value.
    valued: &'m RowSet,
    /// The last row of the page before, and whether it has a value.
    after: Option<u32>,
    after_valued: bool,
    /// That row was met.
    passed: bool,
    count: usize,
    rows: Vec<u32>,
    value: Option<Vec<u8>>,
    group: Vec<u32>,
    /// Matches of earlier groups, which now count no more.
    seen: RoaringBitmap,
}

impl<'m> Page<'m> {
    pub(super) fn new(
        matches: &'m RowSet,
        valued: &'m RowSet,
        after: Option<u32>,
        after_valued: bool,
        count: usize,
    ) -> Self {
        Self {
            matches,
            valued,
            after,
            after_valued,
            passed: after.is_none(),
            count,
            rows: Vec::new(),
            value: None,
            group: Vec::new(),
            seen: RoaringBitmap::new(),
        }
    }

    pub(super) fn fill(
        mut self,
        index: &Index,
        keys: &Keys,
        descending: bool,
    ) -> Result<Vec<u32>, Error> {
        let mut values = Values::default();
        for (start, tag) in &keys.starts {
            let mut walk = index.walk(&KeyRange::prefix(start), descending);
            while walk.next()? {
                let payload = walk.key().get(HEAD..).unwrap_or_default();
                let value = if keys.ids { id(payload) } else { sort_value(*tag, payload) };
                if keys.ordered {
                    if self.value.as_deref() != Some(&*value) {
                        self.end_of_group();
                        if self.is_full() {
                            return Ok(self.rows);
                        }
                        self.value = Some(value.into_owned());
                    }
                    walk.for_each(|row| self.candidate(row))?;
                } else {
                    let value = values.add(&value);
                    let mut add = |row| {
                        if self.counts(row) {
                            values.pairs.push((value, row));
                        }
                    };
                    walk.for_each(&mut add)?;
                }
            }
        }
        for group in values.groups(descending) {
            group.iter().for_each(|&(_, row)| self.candidate(row));
            self.end_of_group();
        }
        self.end_of_group();
        Ok(self.finish())
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.count || self.seen.len() >= self.matches.len() && self.passed
    }

    /// The row of the cursor need not match any more, but its place counts.
    fn counts(&self, row: u32) -> bool {
        self.valued.contains(row) || self.after_valued && self.after == Some(row)
    }

    fn candidate(&mut self, row: u32) {
        if self.counts(row) {
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
            let new = self.valued.contains(row) && self.seen.insert(row);
            if new && self.passed && after.is_none_or(|after| row > after) {
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
