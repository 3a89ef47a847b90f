//! The sandbox's clock: the system's, and whatever a test has moved it forward by. FHIR instants and
//! HTTP dates are read and written here.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub(crate) type Millis = i64;

/// How far a test has moved the time.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Clock {
    ahead: Duration,
}

impl Clock {
    /// The present.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub(crate) fn now(self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + self.ahead;
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// Moves the present forward.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(by);
    }
}

/// A FHIR instant in UTC.
pub(crate) fn instant(at: Millis) -> String {
    let (days, rest) = (at.div_euclid(86_400_000), at.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
    let millis = rest % 1000;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}+00:00")
}

/// The form of the `Date` and `Retry-After` headers.
pub(crate) fn http_date(at: Millis) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, rest) = (at.div_euclid(86_400_000), at.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let weekday = DAYS[usize::try_from(days.rem_euclid(7)).unwrap_or(0)];
    let month = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
    let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// The start of a FHIR date, dateTime or instant; `None` when it is none of them.
pub(crate) fn parse_instant(text: &str) -> Option<Millis> {
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    let Some(time) = time else { return Some(days * 86_400_000) };
    let (clock, offset) = match time.find(['Z', '+', '-', ' ']) {
        Some(at) => time.split_at(at),
        None => (time, "Z"),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let second = parts.next().map_or(Some(0), |part| digits(part, 2))?;
    let mut millis = 0;
    for digit in fraction.chars().chain("000".chars()).take(3) {
        millis = millis * 10 + i64::from(digit.to_digit(10)?);
    }
    let shift = match offset {
        "Z" => 0,
        // A plus sign that was not percent-encoded arrives as a space.
        offset => {
            let (hours, minutes) = offset[1..].split_once(':')?;
            let minutes = digits(hours, 2)? * 60 + digits(minutes, 2)?;
            if offset.starts_with('-') { -minutes } else { minutes }
        }
    };
    let seconds = (hour * 60 + minute - shift) * 60 + second;
    Some(days * 86_400_000 + seconds * 1000 + millis)
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years start in March here, so that the leap day is the last of its year.
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + days.div_euclid(366);
    while days_from_civil(year + 1, 1, 1) <= days {
        year += 1;
    }
    let month = (2..=12).take_while(|&month| days_from_civil(year, month, 1) <= days).count();
    let month = i64::try_from(month).unwrap_or(0) + 1;
    (year, month, days - days_from_civil(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_round_trip() {
        for text in ["1970-01-01T00:00:00.000+00:00", "2024-02-29T23:59:59.999+00:00"] {
            assert_eq!(parse_instant(text).map(instant).as_deref(), Some(text));
        }
        for days in (-800_000..800_000).step_by(37) {
            let (year, month, day) = civil(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn partial_dates_and_offsets_are_read() {
        assert_eq!(parse_instant("2024"), parse_instant("2024-01-01T00:00:00Z"));
        assert_eq!(
            parse_instant("2024-01-01T02:00:00+02:00"),
            parse_instant("2023-12-31T19:00:00-05:00")
        );
        assert_eq!(parse_instant("2024-01-01T00:00:00.5Z").map(|at| at % 1000), Some(500));
        for wrong in ["", "yesterday", "2024-13", "2024-01-01T", "2024-01-01T00:00:00+2"] {
            assert_eq!(parse_instant(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn http_dates_name_the_weekday() {
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
