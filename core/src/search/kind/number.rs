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

    /// `start`: what stands before the number. `put` appends a piece of it as the keys hold it.
    pub(super) fn lookups(
        &self,
        start: &[u8],
        put: impl Fn(&mut Vec<u8>, &[u8]),
    ) -> impl Iterator<Item = Lookup> {
        let of = |kind, end: &[u8]| {
            let mut key = start.to_vec();
            key.push(kind);
            put(&mut key, end);
            key
        };
        // A decimal key ends by itself: what begins with it is the same number.
        let behind = |key: &[u8]| KeyRange::prefix(key).upper;
        let (lo, hi) = (of(key::POINT, &self.lo), of(key::POINT, &self.hi));
        let all = KeyRange::prefix(&of(key::POINT, &[]));
        let below = |upper| KeyRange { lower: all.lower.clone(), upper };
        let above = |lower| KeyRange { lower, upper: all.upper.clone() };
        let mut points = vec![match self.prefix {
            Prefix::Eq => KeyRange { lower: lo, upper: Some(hi) },
            Prefix::Ap => KeyRange { upper: behind(&hi), lower: lo },
            Prefix::Lt | Prefix::Eb | Prefix::Ne => below(Some(lo)),
            Prefix::Le => below(behind(&lo)),
            Prefix::Gt | Prefix::Sa => above(behind(&hi).unwrap_or(hi)),
            Prefix::Ge => above(hi),
        }];
        if self.prefix == Prefix::Ne {
            points.push(above(of(key::POINT, &self.hi)));
        }
        let mut intervals = KeyRange::prefix(&of(key::INTERVAL, &[]));
        let (lo, hi) = (of(key::INTERVAL, &self.lo), of(key::INTERVAL, &self.hi));
        match self.prefix {
            Prefix::Eq => intervals = KeyRange { lower: lo, upper: Some(hi) },
            Prefix::Lt | Prefix::Eb => intervals.upper = Some(lo),
            Prefix::Le | Prefix::Ap => intervals.upper = behind(&hi),
            Prefix::Sa => intervals.lower = hi,
            Prefix::Ne | Prefix::Gt | Prefix::Ge => {}
        }
        let points = points.into_iter().map(|range| Lookup::Range { range, check: false });
        points.chain([Lookup::Range { range: intervals, check: true }])
    }

    /// `bounds`: both ends of a value, as keys.
    pub(super) fn test(&self, bounds: &[u8]) -> bool {
        let Some((lo, hi)) = key::split_bounds(bounds) else { return false };
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
