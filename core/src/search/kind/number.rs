//! Numbers: `eq` and `ne` mean the range that the digits of the search stand for (`100` is 99.5 to
//! 100.5), the other comparisons take the number exactly. A value is a point or an interval.

use super::{Expected, Lookup, Prefix, unescape};
use crate::fhir::Decimal;
use crate::index::key;
use crate::index::segment::KeyRange;

/// A comparison with decimal keys.
#[derive(Clone)]
pub(crate) struct NumberTest {
    prefix: Prefix,
    /// Ends of the range for `eq`, `ne` (the upper one left out) and `ap`; else both the number.
    lo: Vec<u8>,
    hi: Vec<u8>,
}

impl NumberTest {
    pub(super) fn parse(text: &str) -> Result<Self, Expected> {
        let text = unescape(text)?;
        Self::parse_scaled(&text, |value| value)
    }

    /// Reads prefix and number and carries the ends over to another unit.
    pub(super) fn parse_scaled(
        text: &str,
        scale: impl Fn(Decimal) -> Decimal,
    ) -> Result<Self, Expected> {
        let (prefix, number) = Prefix::split(text);
        let value = Decimal::parse(number).ok_or("a number such as 5.40, ge5.4 or 1e-3")?;
        let (lo, hi) = match prefix {
            Prefix::Eq | Prefix::Ne => value.implicit_range(),
            Prefix::Ap => (value.add(&value.tenth().negate()), value.add(&value.tenth())),
            _ => (value, value),
        };
        let key = |end: Decimal| {
            let mut key = Vec::new();
            scale(end).order_key(&mut key);
            key
        };
        let (a, b) = (key(lo), key(hi));
        Ok(Self { prefix, lo: a, hi: b })
    }

    /// `start`: what stands before the two decimal keys.
    pub(super) fn lookups(&self, start: &[u8]) -> Vec<Lookup> {
        let mut range = KeyRange::prefix(start);
        let key = |end: &[u8]| [start, end].concat();
        match self.prefix {
            Prefix::Eq => range = KeyRange { lower: key(&self.lo), upper: Some(key(&self.hi)) },
            Prefix::Lt | Prefix::Eb => range.upper = Some(key(&self.lo)),
            // A decimal key ends by itself: what begins with it is the same number.
            Prefix::Le | Prefix::Ap => range.upper = KeyRange::prefix(&key(&self.hi)).upper,
            Prefix::Sa => range.lower = key(&self.hi),
            Prefix::Ne | Prefix::Gt | Prefix::Ge => {}
        }
        vec![Lookup::Range { range, check: true }]
    }

    /// `bounds`: both ends of a value, as keys.
    pub(super) fn test(&self, bounds: &[u8]) -> bool {
        let Some((lo, hi)) = ends(bounds) else { return false };
        let inside = || {
            self.lo.as_slice() <= lo
                && hi < self.hi.as_slice()
                && lo < self.hi.as_slice()
                && self.lo.as_slice() <= hi
        };
        match self.prefix {
            Prefix::Eq => inside(),
            Prefix::Ne => !inside(),
            Prefix::Gt => hi > self.hi.as_slice(),
            Prefix::Ge => hi >= self.hi.as_slice(),
            Prefix::Lt => lo < self.lo.as_slice(),
            Prefix::Le => lo <= self.lo.as_slice(),
            Prefix::Sa => lo > self.hi.as_slice(),
            Prefix::Eb => hi < self.lo.as_slice() && lo < self.lo.as_slice(),
            Prefix::Ap => lo <= self.hi.as_slice() && hi >= self.lo.as_slice(),
        }
    }
}

/// Both ends of a value, as keys. Most values are points, and a key ends by itself, so that two
/// equal halves are the same key twice.
pub(in crate::search) fn ends(bounds: &[u8]) -> Option<(&[u8], &[u8])> {
    let halves = bounds.split_at(bounds.len() / 2);
    if halves.0 == halves.1 && !bounds.is_empty() {
        Some(halves)
    } else {
        key::split_bounds(bounds)
    }
}
