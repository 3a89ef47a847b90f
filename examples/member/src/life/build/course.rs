//! How the body does over the years: measures as lines between known points, which the treatment
//! bends. Visits, laboratory values and home measurements all read them, so that they agree.

use crate::date::{Date, TODAY};
use crate::life::person::Sex;
use crate::rng::Rng;

/// First day of the record.
pub const START: Date = Date::of(2011, 7, 1);

/// Last day that is ever generated: what lies after today is the future of the virtual days.
pub const HORIZON: Date = TODAY.plus(800);

/// Days that bend the course.
#[derive(Clone, Debug)]
pub struct Turns {
    /// Type 2 diabetes is found.
    pub diabetes: Date,
    /// Metformin begins, after half a year of food and walking.
    pub metformin: Date,
    /// Lisinopril begins.
    pub pressure: Date,
    /// Losartan in its place, for a cough.
    pub losartan: Date,
    /// Amlodipine besides.
    pub amlodipine: Date,
    /// Atorvastatin begins.
    pub statin: Date,
    /// Its dose is doubled.
    pub statin_more: Date,
    /// The knee is hurt.
    pub knee: Date,
    /// Empagliflozin besides.
    pub empagliflozin: Date,
    /// Depression is found.
    pub depression: Date,
    /// Pneumonia; insulin begins at the hospital.
    pub pneumonia: Date,
    /// The continuous glucose sensor begins.
    pub sensor: Date,
    /// Semaglutide begins.
    pub semaglutide: Date,
    /// Insulin is stopped.
    pub insulin_stop: Date,
    /// Retinopathy is seen.
    pub retinopathy: Date,
}

/// A measure over time: straight lines between points.
#[derive(Clone, Debug)]
pub struct Line(Vec<(Date, i64)>);

impl Line {
    /// The value on a day; before the first and after the last point it is theirs.
    #[must_use]
    pub fn at(&self, day: Date) -> i64 {
        let after = self.0.partition_point(|(date, _)| *date <= day);
        match (after.checked_sub(1).and_then(|n| self.0.get(n)), self.0.get(after)) {
            (Some(&(from, low)), Some(&(to, high))) => {
                let (part, whole) = (i64::from(day.since(from)), i64::from(to.since(from)).max(1));
                low + (high - low) * part / whole
            }
            (Some(&(_, value)), None) | (None, Some(&(_, value))) => value,
            (None, None) => 0,
        }
    }
}

/// The course of a seed.
#[derive(Clone, Debug)]
pub struct Course {
    /// Days that bend it.
    pub turns: Turns,
    /// Haemoglobin A1c, hundredths of a percent.
    pub a1c: Line,
    /// Body weight, hundred grams.
    pub weight: Line,
    /// Height, millimetres.
    pub height: i64,
    /// Systolic pressure, mmHg.
    pub systolic: Line,
    /// LDL cholesterol, mg/dL.
    pub ldl: Line,
    /// Triglycerides, mg/dL.
    pub triglycerides: Line,
    /// Filtration rate, mL/min/1.73 m2.
    pub filtration: Line,
    /// Urine albumin per creatinine, mg/g.
    pub albumin: Line,
}

fn turns(seed: u64, sex: Sex) -> Turns {
    let mut rng = Rng::named(seed, "turns");
    let mut near = |year, month, spread: i64| {
        Date::of(year, month, 3)
            .plus(i32::try_from(rng.between(0, spread)).unwrap_or(0))
            .on_weekday()
    };
    // Diabetes of pregnancy comes back as type 2 diabetes a year or two later. What must not be taken in
    // a pregnancy begins after it.
    let (diabetes, pressure, statin) = if sex == Sex::Female {
        (near(2014, 9, 180), near(2013, 9, 60), near(2014, 1, 150))
    } else {
        (near(2013, 4, 300), near(2011, 10, 60), near(2013, 1, 150))
    };
    let pneumonia = near(2021, 12, 60);
    let semaglutide = near(2023, 2, 120);
    Turns {
        diabetes,
        metformin: diabetes.plus(182).on_weekday(),
        pressure,
        losartan: pressure.plus(760).on_weekday(),
        amlodipine: near(2017, 9, 150),
        statin,
        statin_more: near(2019, 3, 200),
        knee: near(2016, 1, 400),
        empagliflozin: near(2018, 3, 200),
        depression: near(2020, 9, 100),
        pneumonia,
        sensor: pneumonia.plus(70).on_weekday(),
        semaglutide,
        insulin_stop: semaglutide.plus(190).on_weekday(),
        retinopathy: near(2021, 4, 100),
    }
}

/// The course of a seed.
#[must_use]
pub fn course(seed: u64, sex: Sex) -> Course {
    let turns = turns(seed, sex);
    let mut rng = Rng::named(seed, "course");
    let t = turns.clone();
    let m = |day: Date, months: i32| day.plus_months(months);
    let worst = rng.between(840, 910);
    let a1c = vec![
        (START, rng.between(570, 590)),
        (m(t.diabetes, -12), rng.between(605, 630)),
        (t.diabetes, rng.between(720, 760)),
        (t.metformin, rng.between(700, 720)),
        (m(t.metformin, 5), rng.between(650, 665)),
        (m(t.empagliflozin, -1), rng.between(785, 810)),
        (m(t.empagliflozin, 5), rng.between(705, 725)),
        (m(t.pneumonia, -2), worst - 20),
        (m(t.pneumonia, 1), worst),
        (m(t.pneumonia, 7), rng.between(745, 765)),
        (m(t.semaglutide, 0), rng.between(765, 785)),
        (m(t.semaglutide, 8), rng.between(655, 670)),
        (TODAY, rng.between(640, 660)),
        (HORIZON, rng.between(645, 670)),
    ];
    let (height, base) = match sex {
        Sex::Female => (rng.between(1_550, 1_720), rng.between(820, 880)),
        Sex::Male => (rng.between(1_690, 1_850), rng.between(960, 1_040)),
    };
    let weight = vec![
        (START, base),
        (t.diabetes, base + 90),
        (t.metformin, base + 45),
        (t.empagliflozin, base + 100),
        (m(t.empagliflozin, 8), base + 70),
        (t.pneumonia, base + 95),
        (m(t.pneumonia, 1), base + 60),
        (t.semaglutide, base + 110),
        (m(t.semaglutide, 15), base - 45),
        (HORIZON, base - 30),
    ];
    let systolic = vec![
        (START, if sex == Sex::Female { 131 } else { 146 }),
        (t.pressure, 151),
        (m(t.pressure, 3), 134),
        (t.amlodipine, 144),
        (m(t.amlodipine, 3), 129),
        (t.semaglutide, 132),
        (m(t.semaglutide, 12), 124),
        (HORIZON, 126),
    ];
    let ldl = vec![
        (START, 152),
        (t.statin, 158),
        (m(t.statin, 3), 104),
        (t.statin_more, 112),
        (m(t.statin_more, 3), 78),
        (HORIZON, 72),
    ];
    let triglycerides = vec![
        (START, 210),
        (t.diabetes, 248),
        (m(t.metformin, 8), 176),
        (t.semaglutide, 190),
        (HORIZON, 128),
    ];
    let filtration = vec![(START, 99), (t.diabetes, 96), (t.pneumonia, 82), (HORIZON, 79)];
    let albumin = vec![
        (START, 9),
        (t.diabetes, 18),
        (t.empagliflozin, 46),
        (m(t.empagliflozin, 9), 31),
        (t.pneumonia, 58),
        (HORIZON, 24),
    ];
    let line = Line;
    Course {
        turns,
        a1c: line(a1c),
        weight: line(weight),
        height,
        systolic: line(systolic),
        ldl: line(ldl),
        triglycerides: line(triglycerides),
        filtration: line(filtration),
        albumin: line(albumin),
    }
}
