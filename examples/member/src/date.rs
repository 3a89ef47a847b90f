//! Civil dates and moments of America/Chicago, and their FHIR text. Owns the calendar and the rule of
//! daylight saving time since 2007; knows no clock: "today" is always given.

use std::fmt;

/// A day of the Gregorian calendar, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

/// A moment of local time in America/Chicago: a day and the seconds since its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The local day.
    pub date: Date,
    /// Seconds since local midnight, 0 to 86,399.
    pub second: i32,
}

/// The day on which every member's record ends: the "today" of the generator.
pub const TODAY: Date = Date::of(2026, 6, 30);

impl Date {
    /// The day `day` (1 to 31) of month `month` (1 to 12) of `year`.
    #[must_use]
    pub const fn of(year: i32, month: i32, day: i32) -> Self {
        // Days from civil: years start in March, so that the leap day comes last.
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month (1 to 12) and day (1 to 31).
    #[must_use]
    pub const fn ymd(self) -> (i32, i32, i32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        (year_of_era + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.ymd().0
    }

    /// `days` later (earlier if negative).
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// `months` later; the last day of the month where the day does not exist there.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let (year, month, day) = self.ymd();
        let index = year * 12 + month - 1 + months;
        let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
        Self::of(year, month, day.min(days_in_month(year, month)))
    }

    /// Days from `earlier` to this day.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// Monday is 0, Sunday is 6.
    #[must_use]
    pub const fn weekday(self) -> i32 {
        (self.0 + 3).rem_euclid(7)
    }

    /// This day, or the Monday after if it falls on a weekend.
    #[must_use]
    pub const fn on_weekday(self) -> Self {
        match self.weekday() {
            5 => self.plus(2),
            6 => self.plus(1),
            _ => self,
        }
    }

    /// Whole years from `birth` to this day.
    #[must_use]
    pub fn years_since(self, birth: Self) -> i32 {
        let (y, m, d) = self.ymd();
        let (by, bm, bd) = birth.ymd();
        y - by - i32::from((m, d) < (bm, bd))
    }

    /// The moment of this day at a local time.
    #[must_use]
    pub const fn at(self, hour: i32, minute: i32) -> Moment {
        Moment { date: self, second: hour * 3_600 + minute * 60 }
    }

    /// `2024-03`, a FHIR date known to the month.
    #[must_use]
    pub fn year_month(self) -> String {
        let (year, month, _) = self.ymd();
        format!("{year:04}-{month:02}")
    }

    /// `20240311`, the date of HL7 version 3 and of X12.
    #[must_use]
    pub fn compact(self) -> String {
        let (year, month, day) = self.ymd();
        format!("{year:04}{month:02}{day:02}")
    }

    /// `March 11, 2024`, as notes write it.
    #[must_use]
    pub fn in_words(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let (year, month, day) = self.ymd();
        let name = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
        format!("{name} {day}, {year}")
    }
}

impl fmt::Display for Date {
    /// `2024-03-11`, a FHIR date.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days of a month.
const fn days_in_month(year: i32, month: i32) -> i32 {
    let next = if month == 12 { Date::of(year + 1, 1, 1) } else { Date::of(year, month + 1, 1) };
    next.since(Date::of(year, month, 1))
}

/// The `n`th Sunday (1 is the first) of a month.
const fn sunday(year: i32, month: i32, n: i32) -> Date {
    let first = Date::of(year, month, 1);
    first.plus((6 - first.weekday()) + 7 * (n - 1))
}

impl Moment {
    /// `seconds` later (earlier if negative), on the local clock.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i32) -> Self {
        let total = self.second + seconds;
        Self { date: self.date.plus(total.div_euclid(86_400)), second: total.rem_euclid(86_400) }
    }

    /// `minutes` later (earlier if negative), on the local clock.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i32) -> Self {
        self.plus_seconds(minutes * 60)
    }

    /// Hours behind UTC: 5 in daylight saving time (from 2:00 of the second Sunday of March to 2:00
    /// of the first Sunday of November), otherwise 6.
    #[must_use]
    pub fn hours_behind_utc(self) -> i32 {
        let year = self.date.year();
        let summer = sunday(year, 3, 2).at(2, 0)..sunday(year, 11, 1).at(2, 0);
        if summer.contains(&self) { 5 } else { 6 }
    }

    /// `2024-03-11T14:05:00.000Z`, an instant as servers write `meta.lastUpdated`.
    #[must_use]
    pub fn utc(self) -> String {
        let there = self.plus_seconds(self.hours_behind_utc() * 3_600);
        let (h, m, s) = there.hms();
        format!("{}T{h:02}:{m:02}:{s:02}.000Z", there.date)
    }

    /// `20240311090500-0500`, the time of HL7 version 3.
    #[must_use]
    pub fn compact(self) -> String {
        let (h, m, s) = self.hms();
        format!("{}{h:02}{m:02}{s:02}-0{}00", self.date.compact(), self.hours_behind_utc())
    }

    /// Hour, minute, second of the local clock.
    #[must_use]
    pub const fn hms(self) -> (i32, i32, i32) {
        (self.second / 3_600, self.second / 60 % 60, self.second % 60)
    }
}

impl fmt::Display for Moment {
    /// `2024-03-11T09:05:00-05:00`, a FHIR dateTime or instant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (h, m, s) = self.hms();
        write!(f, "{}T{h:02}:{m:02}:{s:02}-0{}:00", self.date, self.hours_behind_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn every_day_of_fifty_years_comes_back() {
        let first = Date::of(1980, 1, 1);
        for n in 0..18_263 {
            let day = first.plus(n);
            let (year, month, date) = day.ymd();
            assert_eq!(Date::of(year, month, date), day);
        }
        assert_eq!(Date::of(1970, 1, 1), Date(0));
        assert_eq!(Date::of(2024, 2, 29).plus(1).to_string(), "2024-03-01");
        assert_eq!(Date::of(2026, 6, 30).weekday(), 1, "a Tuesday");
        assert_eq!(Date::of(2024, 1, 31).plus_months(1), Date::of(2024, 2, 29));
        assert_eq!(Date::of(2026, 6, 30).years_since(Date::of(1980, 7, 1)), 45);
    }

    #[test]
    fn the_offset_follows_daylight_saving_time() {
        let text = |y, m, d, h| Date::of(y, m, d).at(h, 0).to_string();
        assert_eq!(text(2024, 3, 10, 1), "2024-03-10T01:00:00-06:00");
        assert_eq!(text(2024, 3, 10, 3), "2024-03-10T03:00:00-05:00");
        assert_eq!(text(2024, 11, 3, 1), "2024-11-03T01:00:00-05:00");
        assert_eq!(text(2024, 11, 3, 2), "2024-11-03T02:00:00-06:00");
        assert_eq!(Date::of(2023, 12, 31).at(20, 0).utc(), "2024-01-01T02:00:00.000Z");
    }
}
