//! FHIR dates and times as closed intervals of microseconds since 1970-01-01T00:00:00Z.
//! Proleptic Gregorian calendar, years 0001 to 9999.

#[cfg(test)]
mod tests;

/// A fixed offset from UTC, for times that name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Zone {
    /// Minutes east of UTC.
    minutes: i16,
}

impl Zone {
    pub(crate) const UTC: Zone = Zone { minutes: 0 };

    /// Reads `UTC`, `Z` or an offset such as `+02:00`.
    pub(crate) fn parse(text: &str) -> Option<Zone> {
        match text.as_bytes() {
            b"UTC" | b"Z" => Some(Zone::UTC),
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
                let minutes = i16::try_from(hours * 60 + minutes).ok().filter(|_| minutes < 60)?;
                let minutes = if *sign == b'-' { -minutes } else { minutes };
                (minutes.abs() <= 14 * 60).then_some(Zone { minutes })
            }
            _ => None,
        }
    }

    fn micros(self) -> i64 {
        i64::from(self.minutes) * 60 * SECOND
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Zone::UTC {
            return f.write_str("UTC");
        }
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Both ends belong to the interval; `i64::MIN` and `i64::MAX` stand for an open end. A Period
/// whose end lies before its start keeps them as they are (`lo > hi`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Interval {
    pub(crate) lo: i64,
    pub(crate) hi: i64,
}

/// How much of a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    Year,
    Month,
    Day,
    Minute,
    Second,
    /// Digits of the fraction of a second, at most six.
    Fraction(u8),
}

/// A date as read: what it covers and how exactly it was written.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct FhirDate {
    pub(crate) interval: Interval,
    pub(crate) precision: Precision,
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

impl Interval {
    pub(crate) const ALWAYS: Interval = Interval { lo: i64::MIN, hi: i64::MAX };

    /// Reads a date, dateTime or instant.
    pub(crate) fn parse(text: &str, zone: Zone) -> Option<Interval> {
        FhirDate::parse(text, zone).map(|date| date.interval)
    }

    /// The interval of a Period; an absent end is open. `None` when both are absent or one that
    /// is there is no date.
    pub(crate) fn period(start: Option<&str>, end: Option<&str>, zone: Zone) -> Option<Interval> {
        if start.is_none() && end.is_none() {
            return None;
        }
        let lo = start.map_or(Some(i64::MIN), |t| Some(Interval::parse(t, zone)?.lo))?;
        let hi = end.map_or(Some(i64::MAX), |t| Some(Interval::parse(t, zone)?.hi))?;
        Some(Interval { lo, hi })
    }
}

impl FhirDate {
    /// Reads a date, dateTime or instant: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or with `Thh:mm`,
    /// seconds, a fraction and a zone. 24:00 is the next midnight, second 60 the next minute.
    pub(crate) fn parse(text: &str, zone: Zone) -> Option<FhirDate> {
        let bytes = text.as_bytes();
        let (date, time) = match bytes.iter().position(|b| *b == b'T') {
            Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
            None => (bytes, None),
        };
        let year = i64::from(two(*date.first()?, *date.get(1)?)?) * 100
            + i64::from(two(*date.get(2)?, *date.get(3)?)?);
        if year == 0 {
            return None;
        }
        let (first, last, precision) = match date[4..] {
            [] => (days(year, 1, 1), days(year + 1, 1, 1), Precision::Year),
            [b'-', m1, m2] => {
                let month = month(m1, m2)?;
                let first = days(year, month, 1);
                (first, first + i64::from(month_length(year, month)), Precision::Month)
            }
            [b'-', m1, m2, b'-', d1, d2] => {
                let (month, day) = (month(m1, m2)?, two(d1, d2)?);
                if day == 0 || day > month_length(year, month) {
                    return None;
                }
                let first = days(year, month, day);
                (first, first + 1, Precision::Day)
            }
            _ => return None,
        };
        let Some(time) = time else {
            let interval =
                Interval { lo: first * DAY - zone.micros(), hi: last * DAY - 1 - zone.micros() };
            return Some(FhirDate { interval, precision });
        };
        if precision != Precision::Day {
            return None;
        }
        let (micros, length, precision, zone) = clock(time, zone)?;
        let lo = first * DAY + micros - zone.micros();
        Some(FhirDate { interval: Interval { lo, hi: lo + length - 1 }, precision })
    }
}

/// `hh:mm[:ss[.f…]][zone]`: microseconds of the day, length, precision, zone.
fn clock(time: &[u8], zone: Zone) -> Option<(i64, i64, Precision, Zone)> {
    let at = time.iter().position(|b| matches!(b, b'Z' | b'+' | b'-')).unwrap_or(time.len());
    let (time, offset) = time.split_at(at);
    let zone = match offset {
        [] => zone,
        b"Z" => Zone::UTC,
        _ => Zone::parse(std::str::from_utf8(offset).ok()?)?,
    };
    let [h1, h2, b':', m1, m2, rest @ ..] = time else { return None };
    let (hour, minute) = (two(*h1, *h2)?, two(*m1, *m2)?);
    let (second, fraction) = match rest {
        [] => (None, None),
        [b':', s1, s2] => (Some(two(*s1, *s2)?), None),
        [b':', s1, s2, b'.', digits @ ..] => (Some(two(*s1, *s2)?), Some(digits)),
        _ => return None,
    };
    let (micros, length, precision) = match (second, fraction) {
        (None, _) => (0, 60 * SECOND, Precision::Minute),
        (_, None) => (0, SECOND, Precision::Second),
        (_, Some(digits)) => {
            if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                return None;
            }
            let (mut micros, mut unit, mut count) = (0, SECOND, 0);
            for digit in digits.iter().take(6) {
                unit /= 10;
                micros += i64::from(digit - b'0') * unit;
                count += 1;
            }
            (micros, unit, Precision::Fraction(count))
        }
    };
    let second = second.unwrap_or(0);
    let midnight = hour == 24 && minute == 0 && second == 0 && micros == 0;
    if (hour > 23 && !midnight) || minute > 59 || second > 60 {
        return None;
    }
    let seconds = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
    Some((seconds * SECOND + micros, length, precision, zone))
}

fn two(tens: u8, ones: u8) -> Option<u16> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| u16::from(tens - b'0') * 10 + u16::from(ones - b'0'))
}

fn month(tens: u8, ones: u8) -> Option<u16> {
    two(tens, ones).filter(|m| (1..=12).contains(m))
}

fn month_length(year: i64, month: u16) -> u16 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01, counted in years that begin in March, so that a leap day comes last.
fn days(year: i64, month: u16, day: u16) -> i64 {
    let month = i64::from(month);
    let year = if month <= 2 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (from_march * 153 + 2) / 5 + i64::from(day) - 1 - 719_468
}
