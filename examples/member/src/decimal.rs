//! Decimals as a laboratory or a till writes them: digits and a fixed number of places, no floats.

use std::fmt;

/// `units` over ten to the power of `places`: `Decimal::new(72, 1)` is 7.2, `Decimal::new(150, 2)` 1.50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The digits, without the point.
    pub units: i64,
    /// How many of them stand behind the point.
    pub places: u8,
}

impl Decimal {
    /// `units` with `places` of them behind the point.
    #[must_use]
    pub const fn new(units: i64, places: u8) -> Self {
        Self { units, places }
    }

    /// A whole number.
    #[must_use]
    pub const fn whole(units: i64) -> Self {
        Self::new(units, 0)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_u64.pow(u32::from(self.places));
        let size = self.units.unsigned_abs();
        let sign = if self.units < 0 { "-" } else { "" };
        if self.places == 0 {
            write!(f, "{sign}{size}")
        } else {
            let width = usize::from(self.places);
            write!(f, "{sign}{}.{:0width$}", size / scale, size % scale)
        }
    }
}

/// `part` over `whole` times `times`, rounded half up; every argument is positive.
#[must_use]
pub const fn ratio(part: i64, times: i64, whole: i64) -> i64 {
    (2 * part * times + whole) / (2 * whole)
}

#[cfg(test)]
mod tests {
    use super::{Decimal, ratio};

    #[test]
    fn places_are_kept() {
        let text = |units, places| Decimal::new(units, places).to_string();
        assert_eq!(
            (text(150, 2), text(7, 0), text(-5, 1)),
            ("1.50".into(), "7".into(), "-0.5".into())
        );
        assert_eq!((ratio(10, 1, 4), ratio(9, 1, 4)), (3, 2));
    }
}
