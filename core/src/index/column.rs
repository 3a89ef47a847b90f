//! The dates of one parameter in one segment, by row, in memory: a date is checked on the rows that
//! other parameters left, and rows are sorted by date, without a look at the keys.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::key::{self, tag};
use super::segment::{KeyRange, Segment, damaged};
use crate::error::Error;
use crate::fhir::Interval;

/// Columns kept per segment; the oldest goes first.
const KEPT: usize = 8;

/// Which end of the order comes first. Of several values of a row the one that comes first counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    /// By the earliest start.
    Ascending,
    /// By the latest end.
    Descending,
}

/// All intervals of one date parameter.
pub(crate) struct DateColumn {
    first_row: u32,
    /// Where the intervals of each row begin, and where the last ones end; empty without values.
    starts: Vec<u32>,
    intervals: Vec<Interval>,
    ascending: OnceLock<Vec<u32>>,
    descending: OnceLock<Vec<u32>>,
}

impl DateColumn {
    fn build(segment: &Segment, parameter: u16) -> Result<Self, Error> {
        let mut start = Vec::new();
        key::begin(&mut start, parameter, tag::DATE);
        let mut cursor = segment.cursor(KeyRange::prefix(&start));
        let mut pairs = Vec::new();
        while cursor.next()? {
            let Some(key::Value::Date { lo, hi }) =
                key::decode(tag::DATE, &cursor.key()[start.len()..])
            else {
                return Err(damaged());
            };
            cursor.for_each(|row| pairs.push((row, Interval { lo, hi })))?;
        }
        Ok(Self::from_pairs(segment.rows().start, segment.rows().len(), &pairs))
    }

    fn from_pairs(first_row: u32, rows: usize, pairs: &[(u32, Interval)]) -> Self {
        let mut column = Self {
            first_row,
            starts: Vec::new(),
            intervals: Vec::new(),
            ascending: OnceLock::new(),
            descending: OnceLock::new(),
        };
        if pairs.is_empty() {
            return column;
        }
        // Counting sort by row: a start is moved behind its row's intervals, then all one back.
        let place = |row: u32| (row - first_row) as usize;
        let mut starts = vec![0u32; rows + 2];
        for &(row, _) in pairs {
            starts[place(row) + 2] += 1;
        }
        for at in 2..starts.len() {
            starts[at] += starts[at - 1];
        }
        column.intervals = vec![Interval::ALWAYS; pairs.len()];
        for &(row, interval) in pairs {
            let next = &mut starts[place(row) + 1];
            column.intervals[*next as usize] = interval;
            *next += 1;
        }
        starts.pop();
        column.starts = starts;
        column
    }

    /// The intervals of one row.
    #[inline]
    pub(crate) fn intervals(&self, row: u32) -> &[Interval] {
        let at = row.wrapping_sub(self.first_row) as usize;
        match self.starts.get(at..).and_then(|rest| rest.first_chunk::<2>()) {
            Some(&[from, to]) => &self.intervals[from as usize..to as usize],
            None => &[],
        }
    }

    /// What the row is sorted by.
    #[inline]
    pub(crate) fn best(&self, row: u32, direction: Direction) -> Option<i64> {
        let intervals = self.intervals(row);
        match direction {
            Direction::Ascending => intervals.iter().map(|i| i.lo).min(),
            Direction::Descending => intervals.iter().map(|i| i.hi).max(),
        }
    }

    /// Calls `each` for every row that has an interval that `test` accepts, ascending.
    pub(crate) fn scan(&self, test: impl Fn(Interval) -> bool, mut each: impl FnMut(u32)) {
        for (row, ends) in (self.first_row..).zip(self.starts.windows(2)) {
            let intervals = &self.intervals[ends[0] as usize..ends[1] as usize];
            if intervals.iter().any(|&interval| test(interval)) {
                each(row);
            }
        }
    }

    /// All rows that have a value, in the order of what they are sorted by, then of rows.
    pub(crate) fn ordered(&self, direction: Direction) -> &[u32] {
        let (order, key): (_, fn(i64) -> i64) = match direction {
            Direction::Ascending => (&self.ascending, |value| value),
            // Complement turns the order around without overflow.
            Direction::Descending => (&self.descending, |value| !value),
        };
        order.get_or_init(|| {
            let mut rows = Vec::new();
            self.scan(|_| true, |row| rows.push(row));
            rows.sort_by_cached_key(|&row| self.best(row, direction).map(key));
            rows
        })
    }
}

/// The columns of a segment, made when first asked for.
#[derive(Default)]
pub(crate) struct Columns {
    made: Mutex<Vec<(u16, Arc<DateColumn>)>>,
}

impl Columns {
    pub(super) fn get(&self, segment: &Segment, parameter: u16) -> Result<Arc<DateColumn>, Error> {
        let lock = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, column)) = lock().iter().find(|(number, _)| *number == parameter) {
            return Ok(Arc::clone(column));
        }
        // Made without the lock: two at once make it twice, and no reader waits for another.
        let column = Arc::new(DateColumn::build(segment, parameter)?);
        let mut made = lock();
        made.retain(|(number, _)| *number != parameter);
        if made.len() >= KEPT {
            made.remove(0);
        }
        made.push((parameter, Arc::clone(&column)));
        Ok(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column() -> DateColumn {
        let pairs: Vec<_> = [(12, 5, 5), (10, 7, 9), (12, 1, 90), (14, 7, 9)]
            .map(|(row, lo, hi)| (row, Interval { lo, hi }))
            .into();
        DateColumn::from_pairs(10, 5, &pairs)
    }

    #[test]
    fn intervals_lie_by_row() {
        let column = column();
        let count = |row| column.intervals(row).len();
        assert_eq!([9, 10, 11, 12, 13, 14, 15].map(count), [0, 1, 0, 2, 0, 1, 0]);
        assert_eq!(count(u32::MAX), 0);
        assert_eq!(column.best(12, Direction::Ascending), Some(1));
        assert_eq!(column.best(12, Direction::Descending), Some(90));
        assert_eq!(column.best(11, Direction::Descending), None);
    }

    #[test]
    fn order_is_by_value_then_row() {
        let column = column();
        assert_eq!(column.ordered(Direction::Ascending), [12, 10, 14]);
        assert_eq!(column.ordered(Direction::Descending), [12, 10, 14]);
        let mut rows = Vec::new();
        column.scan(|i| i.hi == 9, |row| rows.push(row));
        assert_eq!(rows, [10, 14]);
    }

    #[test]
    fn a_column_without_values_is_empty() {
        let column = DateColumn::from_pairs(10, 5, &[]);
        assert!(column.intervals(10).is_empty());
        assert!(column.ordered(Direction::Ascending).is_empty());
    }
}
