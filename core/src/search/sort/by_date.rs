//! Order by date: the earliest start first, or the latest end first. Either every match is looked
//! up in the columns, or the columns' own order is walked until the page is full, whichever costs
//! less.

use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::error::Error;
use crate::index::column::{DateColumn, Direction};
use crate::index::rows::RowSet;
use crate::index::view::Index;

/// Below this many matches the columns' order is not worth making.
const FEW: u64 = 2_048;

/// Value (its complement when descending) and row: ascending is the order of the page.
type Place = (i64, u32);

pub(super) fn page(
    index: &Index,
    matches: &RowSet,
    number: u16,
    descending: bool,
    after: Option<u32>,
    count: usize,
) -> Result<Vec<u32>, Error> {
    let direction = if descending { Direction::Descending } else { Direction::Ascending };
    let mut columns = Vec::with_capacity(index.segments().len());
    for segment in index.segments() {
        columns.push((segment.rows().end, segment.column(number)?));
    }
    let dates = Dates { columns, direction };
    let from = after.map(|row| (dates.place(row), row));
    let mut rows = match from {
        Some((None, _)) => Vec::new(),
        from => {
            let from = from.and_then(|(place, _)| place);
            match dates.walk(matches, from, count) {
                Some(rows) => rows,
                None => dates.select(matches, from, count),
            }
        }
    };
    if rows.len() < count {
        let after = from.filter(|(place, _)| place.is_none()).map(|(_, row)| row);
        let valueless = matches.iter().filter(|&row| after.is_none_or(|after| row > after));
        let valueless = valueless.filter(|&row| dates.place(row).is_none());
        rows.extend(valueless.take(count - rows.len()));
    }
    Ok(rows)
}

struct Dates {
    /// End of each segment's rows, and its column.
    columns: Vec<(u32, Arc<DateColumn>)>,
    direction: Direction,
}

impl Dates {
    fn place(&self, row: u32) -> Option<Place> {
        let at = self.columns.partition_point(|(end, _)| *end <= row);
        self.place_in(&self.columns.get(at)?.1, row)
    }

    fn place_in(&self, column: &DateColumn, row: u32) -> Option<Place> {
        let best = column.best(row, self.direction)?;
        Some((if self.direction == Direction::Descending { !best } else { best }, row))
    }

    /// Walks the order of all columns at once; none when that takes more steps than looking up
    /// every match would cost.
    fn walk(&self, matches: &RowSet, from: Option<Place>, count: usize) -> Option<Vec<u32>> {
        if matches.len() < FEW {
            return None;
        }
        let mut orders: Vec<_> = self
            .columns
            .iter()
            .map(|(_, column)| {
                let order = column.ordered(self.direction);
                let passed = |&row: &u32| self.place_in(column, row) <= from;
                let rest = match from {
                    Some(_) => &order[order.partition_point(passed)..],
                    None => order,
                };
                (column, rest)
            })
            .collect();
        let mut heads: Vec<Option<Place>> =
            orders.iter().map(|(column, rest)| self.place_in(column, *rest.first()?)).collect();
        let mut rows = Vec::new();
        let mut budget = matches.len() / 4;
        while rows.len() < count {
            let Some((at, place)) = heads
                .iter()
                .enumerate()
                .filter_map(|(at, head)| Some((at, (*head)?)))
                .min_by_key(|&(_, place)| place)
            else {
                break;
            };
            budget = budget.checked_sub(1)?;
            if matches.contains(place.1) {
                rows.push(place.1);
            }
            let (column, rest) = &mut orders[at];
            *rest = &rest[1..];
            heads[at] = rest.first().and_then(|&row| self.place_in(column, row));
        }
        Some(rows)
    }

    /// Looks up every match and keeps the first `count`.
    fn select(&self, matches: &RowSet, from: Option<Place>, count: usize) -> Vec<u32> {
        let mut first = BinaryHeap::new();
        let mut columns = self.columns.iter().peekable();
        for row in matches.iter() {
            while columns.next_if(|(end, _)| *end <= row).is_some() {}
            let Some((_, column)) = columns.peek() else { break };
            let Some(place) = self.place_in(column, row) else { continue };
            if from.is_some_and(|from| place <= from) {
                continue;
            }
            if first.len() < count {
                first.push(place);
            } else if let Some(mut last) = first.peek_mut()
                && place < *last
            {
                *last = place;
            }
        }
        first.into_sorted_vec().into_iter().map(|(_, row)| row).collect()
    }
}
