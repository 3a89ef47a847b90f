//! Dates: the value and the search are closed intervals. `eq` is containment (R4), the others
//! compare the ends.

use super::{Context, Expected, Prefix, unescape};
use crate::fhir::{Interval, Zone};
use crate::index::key::{self, tag};

#[derive(Clone, Copy)]
pub(crate) struct DateTest {
    prefix: Prefix,
    interval: Interval,
}

/// A comparison that no longer depends on the time of day.
#[derive(Clone, Copy)]
pub(crate) struct DateCheck {
    prefix: Prefix,
    lo: i64,
    hi: i64,
}

impl DateTest {
    pub(super) fn parse(text: &str, zone: Zone) -> Result<Self, Expected> {
        let text = unescape(text)?;
        let (prefix, date) = Prefix::split(&text);
        let interval = Interval::parse(date, zone)
            .ok_or("a date such as 2024, 2024-05, ge2024-05-17 or lt2024-05-17T08:30:00Z")?;
        Ok(Self { prefix, interval })
    }

    pub(crate) fn check(&self, context: &Context<'_>) -> DateCheck {
        let Interval { lo, hi } = self.interval;
        let (lo, hi) = match self.prefix {
            Prefix::Ap => {
                let distance = if context.now < lo {
                    lo.saturating_sub(context.now)
                } else {
                    context.now.saturating_sub(hi).max(0)
                };
                let reach = (distance / 10).max(hi.saturating_sub(lo).saturating_add(1));
                (lo.saturating_sub(reach), hi.saturating_add(reach))
            }
            _ => (lo, hi),
        };
        DateCheck { prefix: self.prefix, lo, hi }
    }

    pub(super) fn test(&self, tag: u8, payload: &[u8], context: &Context<'_>) -> bool {
        match key::decode(tag, payload) {
            Some(key::Value::Date { lo, hi }) if tag == tag::DATE => {
                self.check(context).accepts(Interval { lo, hi })
            }
            _ => false,
        }
    }
}

impl DateCheck {
    #[inline]
    pub(crate) fn accepts(&self, value: Interval) -> bool {
        let inside = self.lo <= value.lo && value.hi <= self.hi;
        match self.prefix {
            Prefix::Eq => inside,
            Prefix::Ne => !inside,
            Prefix::Gt => value.hi > self.hi,
            Prefix::Ge => value.hi > self.hi || inside,
            Prefix::Lt => value.lo < self.lo,
            Prefix::Le => value.lo < self.lo || inside,
            Prefix::Sa => value.lo > self.hi,
            Prefix::Eb => value.hi < self.lo,
            Prefix::Ap => value.lo <= self.hi && self.lo <= value.hi,
        }
    }
}
