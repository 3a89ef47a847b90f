//! Amounts of money in whole cents, in US dollars. No floating point anywhere: a share is taken with
//! integer arithmetic and rounded half up, so the same member has the same bytes on every machine.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// An amount in US cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cents(pub i64);

impl Cents {
    /// Nothing.
    pub(crate) const ZERO: Cents = Cents(0);

    /// Whole dollars.
    pub(crate) const fn dollars(dollars: i64) -> Cents {
        Cents(dollars * 100)
    }

    /// `percent` hundredths of the amount, rounded half up. The amount is not negative.
    pub(crate) const fn percent(self, percent: i64) -> Cents {
        Cents((self.0 * percent + 50) / 100)
    }

    /// True when the amount is more than nothing.
    pub(crate) const fn is_some(self) -> bool {
        self.0 > 0
    }
}

/// Dollars with two decimals, as a FHIR decimal: `12.50`.
impl fmt::Display for Cents {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(out, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Add for Cents {
    type Output = Cents;
    fn add(self, other: Cents) -> Cents {
        Cents(self.0 + other.0)
    }
}

impl Sub for Cents {
    type Output = Cents;
    fn sub(self, other: Cents) -> Cents {
        Cents(self.0 - other.0)
    }
}

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Cents) {
        self.0 += other.0;
    }
}

impl SubAssign for Cents {
    fn sub_assign(&mut self, other: Cents) {
        self.0 -= other.0;
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Cents>>(amounts: I) -> Cents {
        amounts.fold(Cents::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::Cents;

    #[test]
    fn a_share_is_rounded_half_up_and_written_with_two_decimals() {
        assert_eq!(Cents(105).percent(10), Cents(11));
        assert_eq!(Cents(104).percent(10), Cents(10));
        assert_eq!(Cents(5).to_string(), "0.05");
        assert_eq!(Cents(-1250).to_string(), "-12.50");
        assert_eq!(Cents::dollars(3).to_string(), "3.00");
    }
}
