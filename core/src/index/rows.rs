//! Sets of rows. A small set is a sorted vector, which is several times faster to build, cut and
//! walk than a bitmap; a large one is a roaring bitmap.

use roaring::RoaringBitmap;

/// Above this many rows a union becomes a bitmap.
const SORTED_MAX: usize = 1 << 15;

/// A set of rows, in ascending order.
#[derive(Clone)]
pub(crate) enum RowSet {
    /// Strictly ascending.
    Sorted(Vec<u32>),
    /// Any size.
    Bitmap(RoaringBitmap),
}

impl RowSet {
    pub(crate) fn empty() -> Self {
        Self::Sorted(Vec::new())
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Sorted(rows) => rows.len() as u64,
            Self::Bitmap(rows) => rows.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Sorted(rows) => rows.is_empty(),
            Self::Bitmap(rows) => rows.is_empty(),
        }
    }

    pub(crate) fn contains(&self, row: u32) -> bool {
        match self {
            Self::Sorted(rows) => rows.binary_search(&row).is_ok(),
            Self::Bitmap(rows) => rows.contains(row),
        }
    }

    /// The rows, ascending; `rev()` walks them from the end.
    pub(crate) fn iter(&self) -> Rows<'_> {
        match self {
            Self::Sorted(rows) => Rows::Sorted(rows.iter()),
            Self::Bitmap(rows) => Rows::Bitmap(Box::new(rows.iter())),
        }
    }

    /// The first `count` rows above `after`, and whether there are more.
    pub(crate) fn page(&self, after: Option<u32>, count: usize) -> (Vec<u32>, bool) {
        let start = match after {
            None => 0,
            Some(u32::MAX) => return (Vec::new(), false),
            Some(row) => row + 1,
        };
        match self {
            Self::Sorted(rows) => {
                let rows = &rows[rows.partition_point(|&row| row < start)..];
                (rows[..rows.len().min(count)].to_vec(), rows.len() > count)
            }
            Self::Bitmap(rows) => {
                let mut rest = rows.range(start..);
                let page = rest.by_ref().take(count).collect();
                (page, rest.next().is_some())
            }
        }
    }

    /// Adds those of `rows` (ascending) that are in the set to `out`.
    pub(crate) fn common(&self, rows: &[u32], out: &mut Vec<u32>) {
        match self {
            Self::Sorted(own) => {
                let mut rest = own.as_slice();
                for &row in rows {
                    rest = skip_below(rest, row);
                    match rest.first() {
                        Some(&first) if first == row => out.push(row),
                        Some(_) => {}
                        None => break,
                    }
                }
            }
            Self::Bitmap(own) => out.extend(rows.iter().filter(|&&row| own.contains(row))),
        }
    }

    pub(crate) fn and(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Sorted(a), Self::Sorted(b)) if a.len() > b.len() => {
                Self::Sorted(b.clone()).and(&Self::Sorted(a))
            }
            (Self::Sorted(a), other) => {
                let mut both = Vec::with_capacity(a.len());
                other.common(&a, &mut both);
                Self::Sorted(both)
            }
            (a, Self::Sorted(b)) => {
                let mut both = Vec::with_capacity(b.len());
                a.common(b, &mut both);
                Self::Sorted(both)
            }
            (Self::Bitmap(mut a), Self::Bitmap(b)) => {
                a &= b;
                Self::Bitmap(a)
            }
        }
    }

    pub(crate) fn and_not(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Sorted(mut a), Self::Sorted(b)) => {
                let mut rest = b.as_slice();
                a.retain(|&row| {
                    rest = skip_below(rest, row);
                    rest.first() != Some(&row)
                });
                Self::Sorted(a)
            }
            (Self::Sorted(mut a), Self::Bitmap(b)) => {
                a.retain(|&row| !b.contains(row));
                Self::Sorted(a)
            }
            (Self::Bitmap(mut a), Self::Sorted(b)) => {
                for &row in b {
                    a.remove(row);
                }
                Self::Bitmap(a)
            }
            (Self::Bitmap(mut a), Self::Bitmap(b)) => {
                a -= b;
                Self::Bitmap(a)
            }
        }
    }

    /// Takes `hidden` rows away.
    pub(crate) fn without(self, hidden: &RoaringBitmap) -> Self {
        if hidden.is_empty() {
            return self;
        }
        match self {
            Self::Sorted(mut rows) => {
                rows.retain(|&row| !hidden.contains(row));
                Self::Sorted(rows)
            }
            Self::Bitmap(rows) => Self::Bitmap(rows - hidden),
        }
    }

    /// The rows that `test`, which is asked in ascending order, accepts.
    pub(crate) fn filter(self, mut test: impl FnMut(u32) -> bool) -> Self {
        match self {
            Self::Sorted(mut rows) => {
                rows.retain(|&row| test(row));
                Self::Sorted(rows)
            }
            Self::Bitmap(rows) => {
                let mut gather = Gather::new();
                rows.iter().filter(|&row| test(row)).for_each(|row| gather.push(row));
                gather.finish()
            }
        }
    }
}

/// `rows` from the first one that is not below `row`, found by doubling steps.
fn skip_below(rows: &[u32], row: u32) -> &[u32] {
    let mut step = 1;
    while step < rows.len() && rows[step] < row {
        step *= 2;
    }
    let (low, high) = (step / 2, rows.len().min(step + 1));
    let within = rows[low..high].partition_point(|&other| other < row);
    &rows[low + within..]
}

/// Iterator over a [`RowSet`], both ways.
pub(crate) enum Rows<'a> {
    Sorted(std::slice::Iter<'a, u32>),
    Bitmap(Box<roaring::bitmap::Iter<'a>>),
}

impl Iterator for Rows<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        match self {
            Self::Sorted(rows) => rows.next().copied(),
            Self::Bitmap(rows) => rows.next(),
        }
    }
}

impl DoubleEndedIterator for Rows<'_> {
    fn next_back(&mut self) -> Option<u32> {
        match self {
            Self::Sorted(rows) => rows.next_back().copied(),
            Self::Bitmap(rows) => rows.next_back(),
        }
    }
}

/// Collects rows of many postings into one set.
#[derive(Default)]
pub(crate) struct Gather {
    rows: Vec<u32>,
    /// `rows` is not strictly ascending.
    mixed: bool,
    bitmap: Option<RoaringBitmap>,
}

impl Gather {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn push(&mut self, row: u32) {
        if self.rows.last().is_some_and(|&last| last >= row) {
            self.mixed = true;
        }
        self.rows.push(row);
        if self.rows.len() >= SORTED_MAX {
            self.settle();
        }
    }

    pub(crate) fn bitmap(&mut self, rows: RoaringBitmap) {
        match &mut self.bitmap {
            Some(bitmap) => *bitmap |= rows,
            empty => *empty = Some(rows),
        }
    }

    /// Moves the vector into the bitmap; sorting it first costs less than random inserts.
    fn settle(&mut self) {
        self.sort();
        let rows = RoaringBitmap::from_sorted_iter(self.rows.drain(..));
        self.bitmap(rows.expect("sorted and without repeats"));
    }

    fn sort(&mut self) {
        if self.mixed {
            self.rows.sort_unstable();
            self.rows.dedup();
            self.mixed = false;
        }
    }

    pub(crate) fn finish(mut self) -> RowSet {
        if self.bitmap.is_some() {
            self.settle();
        }
        self.sort();
        self.bitmap.map_or(RowSet::Sorted(self.rows), RowSet::Bitmap)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The same rows as vector and as bitmap.
    fn both(rows: &BTreeSet<u32>) -> [RowSet; 2] {
        [RowSet::Sorted(rows.iter().copied().collect()), RowSet::Bitmap(rows.iter().collect())]
    }

    fn rows() -> impl Strategy<Value = BTreeSet<u32>> {
        prop_oneof![
            prop::collection::btree_set(0u32..60, 0..40),
            prop::collection::btree_set(0u32..200_000, 0..200),
        ]
    }

    fn list(rows: &RowSet) -> Vec<u32> {
        let mut down: Vec<u32> = rows.iter().rev().collect();
        down.reverse();
        let up: Vec<u32> = rows.iter().collect();
        assert_eq!(up, down);
        assert_eq!(rows.len(), up.len() as u64);
        assert_eq!(rows.is_empty(), up.is_empty());
        up
    }

    proptest! {
        #[test]
        fn sets_are_sets(a in rows(), b in rows(), after in prop::option::of(0u32..70), count in 0usize..9) {
            let and: Vec<u32> = a.intersection(&b).copied().collect();
            let not: Vec<u32> = a.difference(&b).copied().collect();
            let odd: Vec<u32> = a.iter().copied().filter(|row| row % 2 == 1).collect();
            let hidden: RoaringBitmap = b.iter().collect();
            let behind: Vec<u32> = a.iter().copied().filter(|&row| after.is_none_or(|x| row > x)).collect();
            for x in both(&a) {
                prop_assert_eq!(list(&x.clone().without(&hidden)), not.clone());
                prop_assert_eq!(list(&x.clone().filter(|row| row % 2 == 1)), odd.clone());
                let (page, more) = x.page(after, count);
                prop_assert_eq!(&page[..], &behind[..count.min(behind.len())]);
                prop_assert_eq!(more, behind.len() > count);
                prop_assert!(b.iter().all(|row| x.contains(*row) == a.contains(row)));
                for y in both(&b) {
                    prop_assert_eq!(list(&x.clone().and(&y)), and.clone());
                    prop_assert_eq!(list(&x.clone().and_not(&y)), not.clone());
                }
            }
        }

        #[test]
        fn gathered_rows_are_their_union(parts in prop::collection::vec((rows(), any::<bool>()), 0..6)) {
            let (mut gather, mut all) = (Gather::new(), BTreeSet::<u32>::new());
            for (rows, as_bitmap) in &parts {
                all.extend(rows);
                if *as_bitmap {
                    gather.bitmap(rows.iter().collect());
                } else {
                    rows.iter().for_each(|&row| gather.push(row));
                }
            }
            prop_assert_eq!(list(&gather.finish()), all.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn many_rows_become_a_bitmap() {
        let mut gather = Gather::new();
        (0..3 * u32::try_from(SORTED_MAX).unwrap()).rev().for_each(|row| gather.push(row));
        let rows = gather.finish();
        assert!(matches!(&rows, RowSet::Bitmap(_)) && rows.len() == 3 * SORTED_MAX as u64);
    }
}
