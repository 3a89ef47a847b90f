//! Observation: what the member measures at home, day by day, made when asked for. A record of 250,000
//! resources is mostly this, so nothing is kept.
//!
//! Cuff, scale, watch and meter come first, the newest days first; what room is left is filled with
//! five-minute values of the glucose sensor, the newest first too.

use super::parts::{US_CORE, coding, hl7, quantity, reference, resource};
use super::vitals::{pressure, pressure_code};
use crate::Resource;
use crate::date::{Date, Moment, TODAY};
use crate::decimal::{Decimal, ratio};
use crate::json::Obj;
use crate::life::Life;
use crate::life::build::course::{self, Course};
use crate::life::catalog::labs::{BEATS, HOURS, KILOGRAM, METER_GLUCOSE, SENSOR_GLUCOSE, STEPS};
use crate::life::code::System;
use crate::life::lab::Unit;
use crate::rng::Rng;

/// Which values of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// A handful a day.
    Daily,
    /// Every five minutes.
    Sensor,
}

/// How far back a record keeps values of a level: the first day, and how many of that day are left out.
type From = (Date, usize);

/// The home measurements of a record.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    seed: u64,
    prefix: String,
    subject: Obj,
    meter: String,
    sensor: String,
    cuff: String,
    course: Course,
    daily: Option<From>,
    sensed: Option<From>,
}

/// A home value: name of its kind, LOINC code and name, category, device, amount.
struct Value<'a> {
    part: &'static str,
    profile: Option<&'static str>,
    loinc: (&'static str, &'static str),
    category: (&'static str, &'static str),
    device: Option<&'a str>,
    amount: Decimal,
    unit: &'static Unit,
}

impl Home {
    /// The measurements that bring a record to `budget` resources more, as far as there are so many.
    pub(crate) fn new(life: &Life, budget: usize) -> Self {
        let device = |n| life.id("device", n);
        let mut home = Self {
            seed: life.seed,
            prefix: life.id("home", 0)[..8].to_owned(),
            subject: super::patient(life),
            meter: device(1),
            sensor: device(2),
            cuff: device(3),
            course: course::course(life.seed, life.member.sex),
            daily: None,
            sensed: None,
        };
        let (daily, left) = home.reach(Level::Daily, budget);
        home.daily = daily;
        home.sensed = home.reach(Level::Sensor, left).0;
        home
    }

    /// How far back `budget` values of a level go, and what is left of the budget.
    fn reach(&self, level: Level, budget: usize) -> (Option<From>, usize) {
        let (mut day, mut left, mut from) = (TODAY, budget, None);
        while left > 0 && day >= course::START {
            let count = self.moments(level, day).len();
            if count > 0 {
                from = Some((day, count.saturating_sub(left)));
            }
            left = left.saturating_sub(count);
            day = day.plus(-1);
        }
        (from, left)
    }

    /// Everything up to and with a day, oldest first.
    pub(crate) fn until(&self, today: Date) -> impl Iterator<Item = Resource> + '_ {
        let first = [self.daily, self.sensed].into_iter().flatten().map(|(day, _)| day).min();
        let days = first.map_or(0, |first| today.since(first) + 1).max(0);
        (0..days).filter_map(move |n| Some(first?.plus(n))).flat_map(|day| self.on(day))
    }

    /// Everything of one day.
    pub(crate) fn on(&self, day: Date) -> Vec<Resource> {
        let mut all = Vec::new();
        for (level, from) in [(Level::Daily, self.daily), (Level::Sensor, self.sensed)] {
            let Some((first, skip)) = from else { continue };
            if day < first {
                continue;
            }
            let skip = if day == first { skip } else { 0 };
            for (kind, minute) in self.moments(level, day).into_iter().skip(skip) {
                all.push(self.written(kind, day, minute));
            }
        }
        all
    }

    /// What is measured on a day, and at which minute.
    fn moments(&self, level: Level, day: Date) -> Vec<(Kind, i32)> {
        let turns = &self.course.turns;
        let mut rng = Rng::named(self.seed, "home").nth(u64::from(day.0.unsigned_abs()));
        let mut moments = Vec::new();
        if level == Level::Sensor {
            // A sensor is worn for ten days and warms up for two hours.
            let worn = day.since(turns.sensor);
            if worn < 0 {
                return moments;
            }
            let start = if worn % 10 == 0 { 120 } else { 0 };
            let switch = day.at(0, 0).hours_behind_utc() != day.at(23, 0).hours_behind_utc();
            moments.extend(
                (start..1_440)
                    .step_by(5)
                    // The hour that is not there in spring and comes twice in autumn is left out.
                    .filter(|minute| !(switch && (60..180).contains(minute)))
                    .map(|minute| (Kind::Sensor, minute)),
            );
            return moments;
        }
        if day >= turns.pressure.plus(20) {
            let early = minute(&mut rng, 380, 470);
            moments.push((Kind::Pressure, early));
            if rng.chance(82) {
                moments.push((Kind::Pressure, minute(&mut rng, 1_180, 1_310)));
            }
        }
        if day >= turns.diabetes.plus(14) {
            moments.push((Kind::Meter, minute(&mut rng, 375, 460)));
            if day < turns.sensor {
                moments.push((Kind::Meter, minute(&mut rng, 1_150, 1_290)));
            }
        }
        if day >= Date::of(2016, 1, 10) {
            moments.push((Kind::Steps, 1_439));
            moments.push((Kind::Sleep, minute(&mut rng, 360, 440)));
            moments.push((Kind::Heart, minute(&mut rng, 400, 420)));
        }
        if day >= Date::of(2014, 3, 1) && day.weekday() == 5 {
            moments.push((Kind::Weight, minute(&mut rng, 390, 520)));
        }
        moments
    }

    fn rng(&self, kind: Kind, day: Date, minute: i32) -> Rng {
        let key = u64::from(day.0.unsigned_abs()) * 1_440 + u64::from(minute.unsigned_abs());
        Rng::named(self.seed, kind.name()).nth(key)
    }

    /// Systolic and diastolic pressure of the cuff at home.
    fn cuff(&self, day: Date, minute: i32) -> (i64, i64) {
        let mut rng = self.rng(Kind::Pressure, day, minute);
        // At home the pressure is a little lower than at the clinic.
        let systolic = rng.around(self.course.systolic.at(day) - 4, 7);
        (systolic, systolic * 60 / 100 + rng.between(-3, 4))
    }

    fn written(&self, kind: Kind, day: Date, minute: i32) -> Resource {
        let when = day.at(0, 0).plus_minutes(minute);
        if kind == Kind::Pressure {
            let (systolic, diastolic) = self.cuff(day, minute);
            let code = pressure_code();
            let vital = ("vital-signs", "Vital Signs");
            let (id, it) =
                self.start(kind.name(), Some("us-core-blood-pressure"), vital, code, when);
            let device = reference("Device", &self.cuff);
            let it =
                it.put("device", device).list("component", pressure(systolic, Some(diastolic)));
            return Resource::new("Observation", &id, it);
        }
        let value = self.value(kind, day, minute);
        let code = Obj::new()
            .one("coding", coding(System::Loinc.uri(), value.loinc.0, value.loinc.1))
            .put("text", value.loinc.1);
        let (id, it) = self.start(value.part, value.profile, value.category, code, when);
        let it = it
            .put("valueQuantity", quantity(value.amount, value.unit))
            .maybe("device", value.device.map(|device| reference("Device", device)));
        Resource::new("Observation", &id, it)
    }

    fn start(
        &self,
        part: &str,
        profile: Option<&str>,
        category: (&str, &str),
        code: Obj,
        when: Moment,
    ) -> (String, Obj) {
        let (hour, minute, _) = when.hms();
        let id = format!("{}-{part}-{}-{hour:02}{minute:02}", self.prefix, when.date.compact());
        let profile = profile.map(|profile| format!("{US_CORE}{profile}"));
        let profiles: Vec<&str> = profile.iter().map(String::as_str).collect();
        // The telephone sends its day just before midnight.
        let it = resource("Observation", &id, 1, when.date.at(23, 59), &profiles)
            .put("status", "final")
            .one("category", hl7("observation-category", category.0, category.1))
            .put("code", code)
            .put("subject", &self.subject)
            .text("effectiveDateTime", when)
            .one("performer", &self.subject);
        (id, it)
    }

    fn value(&self, kind: Kind, day: Date, minute: i32) -> Value<'_> {
        let mut rng = self.rng(kind, day, minute);
        let lab = ("laboratory", "Laboratory");
        let activity = ("activity", "Activity");
        let vital = ("vital-signs", "Vital Signs");
        let part = kind.name();
        let whole = Decimal::whole;
        match kind {
            Kind::Meter => Value {
                part,
                profile: Some("us-core-observation-lab"),
                loinc: (METER_GLUCOSE.loinc, METER_GLUCOSE.display),
                category: lab,
                device: Some(&self.meter),
                amount: whole(self.glucose(day, minute) + rng.between(-6, 6)),
                unit: &METER_GLUCOSE.unit,
            },
            Kind::Sensor => Value {
                part,
                profile: Some("us-core-observation-lab"),
                loinc: (SENSOR_GLUCOSE.loinc, SENSOR_GLUCOSE.display),
                category: lab,
                device: Some(&self.sensor),
                amount: whole(self.glucose(day, minute) + rng.between(-3, 3)),
                unit: &SENSOR_GLUCOSE.unit,
            },
            Kind::Steps => Value {
                part,
                profile: Some("us-core-simple-observation"),
                loinc: ("41950-7", "Number of steps in 24 hour Measured"),
                category: activity,
                device: None,
                amount: whole(
                    rng.around(if day.weekday() > 4 { 8_900 } else { 6_700 }, 2_600).max(400),
                ),
                unit: &STEPS,
            },
            Kind::Sleep => Value {
                part,
                profile: Some("us-core-simple-observation"),
                loinc: ("93832-4", "Sleep duration"),
                category: activity,
                device: None,
                amount: Decimal::new(rng.around(68, 12), 1),
                unit: &HOURS,
            },
            Kind::Heart => Value {
                part,
                profile: Some("us-core-heart-rate"),
                loinc: ("8867-4", "Heart rate"),
                category: vital,
                device: None,
                amount: whole(rng.around(66, 6)),
                unit: &BEATS,
            },
            Kind::Weight | Kind::Pressure => Value {
                part,
                profile: Some("us-core-body-weight"),
                loinc: ("29463-7", "Body weight"),
                category: vital,
                device: None,
                amount: Decimal::new(rng.around(self.course.weight.at(day), 5), 1),
                unit: &KILOGRAM,
            },
        }
    }

    /// Glucose at a minute of a day, mg/dL: the mean that goes with the A1c, the meals of the day, and
    /// how the day went.
    fn glucose(&self, day: Date, minute: i32) -> i64 {
        // What each hour adds to the mean, in hundredths of it: low at dawn, high after meals.
        const HOURS: [i64; 25] = [
            -9, -12, -14, -15, -15, -14, -10, 2, 16, 12, 2, -4, -5, 8, 14, 6, -3, -6, -2, 12, 20,
            14, 4, -4, -9,
        ];
        let a1c = self.course.a1c.at(day);
        let mean = (287 * a1c / 100 - 467) / 10;
        let (hour, rest) = (usize::try_from(minute / 60).unwrap_or(0), i64::from(minute % 60));
        let (now, next) = (HOURS[hour], HOURS[hour + 1]);
        let shape = now * 60 + (next - now) * rest;
        let mut rng =
            Rng::named(self.seed, "glucose of the day").nth(u64::from(day.0.unsigned_abs()));
        let swing = rng.between(70, 150);
        let level = rng.between(-9, 9);
        let sway = mean * shape * swing / (60 * 100 * 100);
        (mean + sway + ratio(mean * (level + 10), 1, 100) - mean / 10).clamp(41, 400)
    }
}

/// What is measured at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pressure,
    Meter,
    Sensor,
    Steps,
    Sleep,
    Heart,
    Weight,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Pressure => "bp",
            Self::Meter => "meter",
            Self::Sensor => "cgm",
            Self::Steps => "steps",
            Self::Sleep => "sleep",
            Self::Heart => "pulse",
            Self::Weight => "scale",
        }
    }
}

fn minute(rng: &mut Rng, low: i64, high: i64) -> i32 {
    i32::try_from(rng.between(low, high)).unwrap_or(0)
}

/// Mean systolic and diastolic pressure at home over the seven days before a day.
pub(super) fn mean_pressure(life: &Life, day: Date) -> (i64, i64) {
    let home = Home::new(life, 0);
    let (mut systolic, mut diastolic, mut count) = (0, 0, 0);
    for back in 1..=7 {
        let day = day.plus(-back);
        for (_, minute) in
            home.moments(Level::Daily, day).into_iter().filter(|(kind, _)| *kind == Kind::Pressure)
        {
            let (upper, lower) = home.cuff(day, minute);
            systolic += upper;
            diastolic += lower;
            count += 1;
        }
    }
    let count = i64::max(count, 1);
    (ratio(systolic, 1, count), ratio(diastolic, 1, count))
}
