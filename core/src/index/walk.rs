//! A walk over the keys of a range in all segments at once, upwards or downwards.

use super::segment::{Cursor, ReverseCursor};
use crate::error::Error;

/// A cursor of either direction.
enum Step<'s> {
    Up(Cursor<'s>),
    Down(ReverseCursor<'s>),
}

impl Step<'_> {
    fn next(&mut self) -> Result<bool, Error> {
        match self {
            Self::Up(cursor) => cursor.next(),
            Self::Down(cursor) => cursor.next(),
        }
    }

    fn key(&self) -> &[u8] {
        match self {
            Self::Up(cursor) => cursor.key(),
            Self::Down(cursor) => cursor.key(),
        }
    }

    fn for_each(&self, each: impl FnMut(u32)) -> Result<(), Error> {
        match self {
            Self::Up(cursor) => cursor.for_each(each),
            Self::Down(cursor) => cursor.for_each(each),
        }
    }
}

/// `next` first, then `key` and `for_each` until the next `next`.
pub(crate) struct KeyWalk<'s> {
    steps: Vec<Step<'s>>,
    down: bool,
    key: Vec<u8>,
    /// The cursors that stand on `key`, in row order.
    here: Vec<usize>,
    started: bool,
}

impl<'s> KeyWalk<'s> {
    /// `cursors` in row order.
    pub(super) fn up(cursors: impl Iterator<Item = Cursor<'s>>) -> Self {
        Self::new(cursors.map(Step::Up).collect(), false)
    }

    /// `cursors` in row order.
    pub(super) fn down(cursors: impl Iterator<Item = ReverseCursor<'s>>) -> Self {
        Self::new(cursors.map(Step::Down).collect(), true)
    }

    fn new(steps: Vec<Step<'s>>, down: bool) -> Self {
        Self { steps, down, key: Vec::new(), here: Vec::new(), started: false }
    }

    pub(crate) fn next(&mut self) -> Result<bool, Error> {
        if self.started {
            // From the back, so that removing one does not move those still to come.
            for at in self.here.drain(..).rev() {
                if !self.steps[at].next()? {
                    self.steps.remove(at);
                }
            }
        } else {
            self.started = true;
            let mut steps = Vec::with_capacity(self.steps.len());
            for mut step in self.steps.drain(..) {
                if step.next()? {
                    steps.push(step);
                }
            }
            self.steps = steps;
        }
        self.here.clear();
        for (at, step) in self.steps.iter().enumerate() {
            let order = match self.here.first() {
                Some(&first) => step.key().cmp(self.steps[first].key()),
                None => std::cmp::Ordering::Equal,
            };
            let order = if self.down { order.reverse() } else { order };
            if order.is_lt() {
                self.here.clear();
            }
            if order.is_le() {
                self.here.push(at);
            }
        }
        let Some(&first) = self.here.first() else { return Ok(false) };
        self.key.clear();
        self.key.extend_from_slice(self.steps[first].key());
        Ok(true)
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    /// Calls `each` for every row of the key, ascending.
    pub(crate) fn for_each(&self, mut each: impl FnMut(u32)) -> Result<(), Error> {
        self.here.iter().try_for_each(|&at| self.steps[at].for_each(&mut each))
    }
}
