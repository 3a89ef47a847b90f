//! How long to wait before the same request again, and whether to.

use std::time::Duration;

/// A day in milliseconds.
pub(crate) const DAY: i64 = 86_400_000;
/// Tries of one request.
pub(crate) const TRIES: u32 = 5;
/// A server that has failed for so long is left alone until the next run.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// A longer wait is for another run.
pub(crate) const LONGEST: Duration = Duration::from_secs(60);
const FIRST: Duration = Duration::from_secs(1);
/// What a server that says nothing about it is left alone for.
pub(crate) const OUTAGE: Duration = Duration::from_secs(30 * 60);

/// Whether the same request may be answered another time.
pub(crate) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// The wait before try `number` (from 1 on), somewhere below its limit, so that clients spread out.
pub(crate) fn backoff(number: u32, random: u32) -> Duration {
    let limit = FIRST.saturating_mul(1 << number.min(6).saturating_sub(1)).min(LONGEST);
    limit.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// What a server asks for: `Retry-After` in seconds or as a date, or Azure's own in milliseconds.
/// `now`: Unix milliseconds.
pub(crate) fn retry_after(header: impl Fn(&str) -> Option<String>, now: i64) -> Option<Duration> {
    if let Some(ms) = header("x-ms-retry-after-ms").and_then(|ms| ms.trim().parse().ok()) {
        return Some(Duration::from_millis(ms));
    }
    let text = header("retry-after")?;
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = http_date(text)?;
    Some(Duration::from_millis(u64::try_from(at.saturating_sub(now)).unwrap_or(0)))
}

/// An HTTP date in its preferred form (RFC 9110, 5.6.7), as Unix milliseconds.
pub(crate) fn http_date(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let day: i64 = parts.next()?.parse().ok()?;
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let name = parts.next().filter(|name| name.len() == 3)?;
    let month = i64::try_from(months.find(name)? / 3).ok()? + 1;
    let year: i64 = parts.next()?.parse().ok()?;
    let mut time = parts.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    if parts.next()? != "GMT" || !(1..=31).contains(&day) || !(1970..=9999).contains(&year) {
        return None;
    }
    let days = days_since_1970(year, month, day);
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000)
}

/// Days by the proleptic Gregorian calendar; years begin with March, so that a leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leaps = year / 4 - year / 100 + year / 400;
    year * 365 + leaps + (month * 306 + 5) / 10 + day - 1 - 719_468
}

/// A moment for `_since`, in UTC.
pub(crate) fn instant(unix_ms: i64) -> String {
    let (days, second) =
        (unix_ms.div_euclid(86_400_000), unix_ms.div_euclid(1_000).rem_euclid(86_400));
    let (mut year, mut month, mut day) = (1970, 1, 1);
    let mut left = days;
    // A year or a month at a time: dates of a record are not far from 1970.
    loop {
        let length = days_since_1970(year + 1, 1, 1) - days_since_1970(year, 1, 1);
        match left {
            _ if left < 0 => {
                (year, left) =
                    (year - 1, left + days_since_1970(year, 1, 1) - days_since_1970(year - 1, 1, 1))
            }
            _ if left >= length => (year, left) = (year + 1, left - length),
            _ => break,
        }
    }
    loop {
        let next = if month == 12 {
            days_since_1970(year + 1, 1, 1)
        } else {
            days_since_1970(year, month + 1, 1)
        };
        let length = next - days_since_1970(year, month, 1);
        if left < length {
            day += left;
            break;
        }
        (month, left) = (month + 1, left - length);
    }
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_retry_after() {
        let header = |name: &'static str, value: &'static str| {
            move |asked: &str| (asked == name).then(|| value.to_owned())
        };
        let seconds = |s| Some(Duration::from_secs(s));
        assert_eq!(retry_after(header("retry-after", " 7 "), 0), seconds(7));
        let date = header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(retry_after(date, 784_111_770_000), seconds(7));
        let past = header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(retry_after(past, i64::MAX), seconds(0));
        assert_eq!(
            retry_after(header("x-ms-retry-after-ms", "20"), 0),
            Some(Duration::from_millis(20))
        );
        for odd in ["soon", "", "-1", "Sun, 06 Nov 1994", "Sun, 99 Foo 1994 08:49:37 GMT"] {
            assert_eq!(retry_after(|_: &str| Some(odd.to_owned()), 0), None, "{odd}");
        }
    }

    #[test]
    fn instants_and_dates_are_the_same_moments() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(instant(ms), text);
        }
        assert_eq!(http_date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800_000));
    }

    #[test]
    fn waits_grow_and_stay_below_a_minute() {
        assert_eq!(backoff(1, u32::MAX), Duration::from_secs(1));
        assert_eq!(backoff(4, u32::MAX), Duration::from_secs(8));
        assert_eq!(backoff(30, u32::MAX), Duration::from_secs(32));
        assert_eq!(backoff(3, 0), Duration::ZERO);
    }
}
