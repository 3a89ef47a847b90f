use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Interval {
    Interval::parse(text, Zone::UTC).unwrap()
}

#[test]
fn partial_dates_cover_their_whole_span() {
    let day = at("1970-01-01");
    assert_eq!(day, Interval { lo: 0, hi: DAY - 1 });
    assert_eq!(at("1970"), Interval { lo: 0, hi: 365 * DAY - 1 });
    assert_eq!(at("1970-02"), Interval { lo: 31 * DAY, hi: 59 * DAY - 1 });
    assert_eq!(at("2000-02").hi + 1, at("2000-03-01").lo);
    assert_eq!(at("9999-12-31").hi, 253_402_300_799_999_999);
    assert_eq!(at("0001-01-01").lo, -62_135_596_800_000_000);
    assert_eq!(at("0999").hi + 1, at("1000").lo);
    assert_eq!(
        at("2015-02-07T13:28"),
        Interval { lo: at("2015-02-07T13:28:00").lo, hi: at("2015-02-07T13:28:59").hi }
    );
    assert_eq!(at("1970-01-01T00:00:01.5Z"), Interval { lo: 1_500_000, hi: 1_599_999 });
    assert_eq!(at("1970-01-01T00:00:00.1234567Z"), Interval { lo: 123_456, hi: 123_456 });
}

#[test]
fn zones_move_the_instant() {
    assert_eq!(at("2015-02-07T13:28:17+02:00"), at("2015-02-07T11:28:17Z"));
    assert_eq!(at("2015-02-07T13:28:17-05:30"), at("2015-02-07T18:58:17Z"));
    let zone = Zone::parse("+02:00").unwrap();
    let day = Interval::parse("2015-02-07", zone).unwrap();
    assert_eq!(day.lo, at("2015-02-06T22:00:00Z").lo);
    assert_eq!(day.hi, at("2015-02-07T21:59:59Z").hi);
    let named = Interval::parse("2015-02-07T00:00:00Z", zone).unwrap();
    assert_eq!(named, at("2015-02-07T00:00:00Z"));
    for text in ["UTC", "+02:00", "-11:30", "+14:00"] {
        assert_eq!(Zone::parse(text).unwrap().to_string(), text);
    }
    for text in ["", "utc", "+2:00", "+02:60", "+15:00", "+14:01", "02:00", "+02"] {
        assert_eq!(Zone::parse(text), None, "{text}");
    }
}

#[test]
fn edge_times() {
    assert_eq!(at("2015-02-07T24:00:00Z"), at("2015-02-08T00:00:00Z"));
    assert_eq!(at("2015-02-07T24:00Z"), at("2015-02-08T00:00Z"));
    assert_eq!(at("2016-12-31T23:59:60Z"), at("2017-01-01T00:00:00Z"));
    assert_eq!(at("2016-12-31T23:59:60.5Z"), at("2017-01-01T00:00:00.5Z"));
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "IGNORED_FIELD",
        "15",
        "0000",
        "0000-01-01",
        "2015-",
        "2015-2",
        "2015-00",
        "2015-13",
        "2015-02-30",
        "2015-02-00",
        "1900-02-29",
        "2015-02-07 ",
        " 2015",
        "20150207",
        "2015-02T10:00",
        "2015T10:00",
        "2015-02-07T",
        "2015-02-07T13",
        "2015-02-07T13Z",
        "2015-02-07T1:28",
        "2015-02-07T25:00:00Z",
        "2015-02-07T24:00:01Z",
        "2015-02-07T24:01Z",
        "2015-02-07T24:00:00.1Z",
        "2015-02-07T13:60:00Z",
        "2015-02-07T13:28:61Z",
        "2015-02-07T13:28:17.Z",
        "2015-02-07T13:28:17.1x",
        "2015-02-07T13:28:17+0200",
        "2015-02-07T13:28:17+02",
        "2015-02-07T13:28:17ZZ",
        "2015-02-07t13:28:17Z",
        "2015-02-07 13:28:17Z",
        "-2015",
        "12015",
        "２０１５",
    ] {
        assert_eq!(Interval::parse(text, Zone::UTC), None, "{text}");
    }
}

#[test]
fn periods() {
    let period = |a, b| Interval::period(a, b, Zone::UTC);
    let both = period(Some("2015"), Some("2016-02")).unwrap();
    assert_eq!(both, Interval { lo: at("2015").lo, hi: at("2016-02").hi });
    assert_eq!(period(Some("2015"), None).unwrap().hi, i64::MAX);
    assert_eq!(period(None, Some("2015")).unwrap().lo, i64::MIN);
    assert_eq!(period(None, None), None);
    assert_eq!(period(Some("2015"), Some("IGNORED_FIELD")), None);
}

#[test]
fn precision_is_what_is_written() {
    for (text, precision) in [
        ("2015", Precision::Year),
        ("2015-02", Precision::Month),
        ("2015-02-07", Precision::Day),
        ("2015-02-07T13:28Z", Precision::Minute),
        ("2015-02-07T13:28:17Z", Precision::Second),
        ("2015-02-07T13:28:17.123Z", Precision::Fraction(3)),
        ("2015-02-07T13:28:17.123456789Z", Precision::Fraction(6)),
    ] {
        assert_eq!(FhirDate::parse(text, Zone::UTC).unwrap().precision, precision, "{text}");
    }
}

/// Every day from 0001-01-01 to 9999-12-31, counted one by one.
#[test]
fn agrees_with_a_calendar_that_counts_days() {
    let mut number = -719_162; // of 0001-01-01
    for year in 1..=9999_i64 {
        let first_of_year = number;
        for month in 1..=12 {
            let first_of_month = number;
            let length = match month {
                4 | 6 | 9 | 11 => 30,
                2 if year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) => 29,
                2 => 28,
                _ => 31,
            };
            for day in 1..=length {
                assert_eq!(days(year, month, day), number);
                number += 1;
            }
            if year % 37 == 0 {
                let text = format!("{year:04}-{month:02}");
                let expected = Interval { lo: first_of_month * DAY, hi: number * DAY - 1 };
                assert_eq!(at(&text), expected);
                let after = format!("{text}-{:02}", length + 1);
                assert_eq!(Interval::parse(&after, Zone::UTC), None);
            }
        }
        let expected = Interval { lo: first_of_year * DAY, hi: number * DAY - 1 };
        assert_eq!(at(&format!("{year:04}")), expected);
    }
}

proptest! {
    #[test]
    fn clock_times_add_up(
        h in 0_i64..24, m in 0_i64..60, s in 0_i64..60, f in 0_i64..1_000_000, z in -840_i64..=840
    ) {
        let sign = if z < 0 { '-' } else { '+' };
        let offset = format!("{sign}{:02}:{:02}", z.abs() / 60, z.abs() % 60);
        let text = format!("2001-03-04T{h:02}:{m:02}:{s:02}.{f:06}{offset}");
        let expected = at("2001-03-04").lo + ((h * 60 + m - z) * 60 + s) * SECOND + f;
        prop_assert_eq!(at(&text), Interval { lo: expected, hi: expected });
    }

    #[test]
    fn any_text_is_read_without_panic(text in any::<String>(), like in "[0-9TZ:+.-]{0,30}") {
        let _ = Interval::parse(&text, Zone::UTC);
        let _ = Interval::parse(&like, Zone::UTC);
    }
}
