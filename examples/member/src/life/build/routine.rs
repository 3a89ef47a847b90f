//! What comes back every year: preventive visits, diabetes, teeth, eyes, screening, small illnesses.

use super::course::{HORIZON, START};
use super::draft::{Draft, Spec};
use super::vaccination::give;
use crate::date::{Date, TODAY};
use crate::life::catalog::vaccines;
use crate::life::catalog::{acts, dx, labs};
use crate::life::code::{Act, Dx};
use crate::life::person::Sex;
use crate::life::provider::Role;
use crate::life::visit::{Setting, Topic, Weight};
use crate::rng::Rng;

/// A day of a month, moved by the rng within `spread` days, on a weekday.
pub(super) fn near(rng: &mut Rng, year: i32, month: i32, spread: i64) -> Date {
    Date::of(year, month, 2).plus(i32::try_from(rng.between(0, spread)).unwrap_or(0)).on_weekday()
}

/// Every year of the record.
pub(super) fn years() -> std::ops::RangeInclusive<i32> {
    START.year()..=HORIZON.year()
}

/// Preventive visits, in September.
pub(super) fn annual(draft: &mut Draft) {
    let mut rng = draft.life.rng("annual");
    for year in years() {
        let date = near(&mut rng, year, 9, 24);
        let age = date.years_since(draft.life.member.birth);
        let visit = if age < 40 { &acts::PREVENTIVE_YOUNG } else { &acts::PREVENTIVE_ADULT };
        let screening = if year >= 2015 {
            &[visit, &acts::DEPRESSION_SCREEN, &acts::VENIPUNCTURE][..]
        } else {
            &[visit, &acts::VENIPUNCTURE][..]
        };
        if !Draft::within(date) {
            continue;
        }
        let mut problems: Vec<&'static Dx> = vec![&dx::ANNUAL];
        problems.extend(standing(draft, date));
        let n = draft.visit(Spec {
            topic: Topic::Annual,
            date,
            setting: Setting::Office,
            role: Role::PrimaryCare,
            reason: "Yearly physical".to_owned(),
            dx: &problems,
            acts: screening,
            weight: Weight::Essential,
        });
        draft.vitals(n);
        draft.panel(n, &labs::METABOLIC);
        draft.panel(n, &labs::LIPIDS);
        draft.panel(n, &labs::BLOOD_COUNT);
        draft.panel(n, &labs::A1C_PANEL);
        if year % 3 == 0 {
            draft.panel(n, &labs::THYROID);
        }
        if year == 2017 {
            give(draft, &vaccines::TDAP, n, 1);
        }
        if year == 2023 {
            give(draft, &vaccines::PCV20, n, 1);
        }
    }
}

/// The lasting problems that a visit on a day would list.
pub(super) fn standing(draft: &Draft, date: Date) -> Vec<&'static Dx> {
    let turns = &draft.course.turns;
    let mut problems = Vec::new();
    if date >= turns.diabetes {
        problems.push(if draft.course.a1c.at(date) >= 800 {
            &dx::HYPERGLYCEMIA
        } else {
            &dx::DIABETES
        });
    } else {
        problems.push(&dx::PREDIABETES);
    }
    if date >= turns.pressure {
        problems.push(&dx::HYPERTENSION);
    }
    if date >= turns.statin {
        problems.push(&dx::HYPERLIPIDEMIA);
    }
    problems
}

/// Diabetes visits: three months apart when treatment changes, half a year when all is well.
pub(super) fn diabetes(draft: &mut Draft) {
    let turns = draft.course.turns.clone();
    let mut rng = draft.life.rng("diabetes");
    let mut date = turns.diabetes.plus(-21).on_weekday();
    while date <= HORIZON {
        let specialist = date >= turns.empagliflozin && rng.chance(40);
        let video = date >= Date::of(2020, 3, 20)
            && rng.chance(if date < Date::of(2021, 3, 1) { 70 } else { 18 });
        let role = if specialist {
            Role::Endocrinology
        } else if rng.chance(35) {
            Role::NursePractitioner
        } else {
            Role::PrimaryCare
        };
        let sensor = date >= turns.sensor && !video;
        let act: &[&'static Act] = match (video, sensor) {
            (true, _) => &[&acts::OFFICE_SHORT],
            (false, true) => &[&acts::OFFICE_LONG, &acts::CGM_READ, &acts::VENIPUNCTURE],
            (false, false) => &[&acts::OFFICE_LONG, &acts::VENIPUNCTURE],
        };
        let problems = standing(draft, date);
        let essential = date.ymd().1 <= 3;
        let n = draft.visit(Spec {
            topic: Topic::Diabetes,
            date,
            setting: if video { Setting::Virtual } else { Setting::Office },
            role,
            reason: if date < turns.metformin {
                "Raised blood sugar"
            } else {
                "Diabetes follow-up"
            }
            .to_owned(),
            dx: &problems,
            acts: act,
            weight: if essential { Weight::Essential } else { Weight::Usual },
        });
        if !video {
            draft.vitals(n);
            draft.panel(n, &labs::A1C_PANEL);
            let month = date.ymd().1;
            if month % 2 == 1 {
                draft.panel(n, &labs::KIDNEY);
            }
            if month % 3 == 0 {
                draft.panel(n, &labs::METABOLIC);
                draft.panel(n, &labs::LIPIDS);
            }
        }
        let steady = draft.course.a1c.at(date) < 690 && date > turns.semaglutide.plus(365);
        let gap = if steady { rng.between(150, 190) } else { rng.between(84, 112) };
        let next = date.plus(i32::try_from(gap).unwrap_or(100)).on_weekday();
        // The first visit of the virtual days comes a week after today, with its results.
        let crosses = date <= TODAY && next > TODAY.plus(-60);
        date = if crosses { TODAY.plus(7).on_weekday() } else { next };
    }
    education(draft);
    feet(draft);
}

fn education(draft: &mut Draft) {
    let turns = draft.course.turns.clone();
    let days = [
        (turns.diabetes.plus(20), &acts::NUTRITION, "First lesson: food and diabetes"),
        (turns.diabetes.plus(62), &acts::EDUCATION, "Living with diabetes, second lesson"),
        (turns.sensor.plus(3), &acts::CGM_START, "Start of the glucose sensor"),
        (turns.semaglutide.plus(9), &acts::EDUCATION, "How to inject once a week"),
    ];
    for (date, act, reason) in days {
        let n = draft.visit(Spec {
            topic: Topic::Education,
            date: date.on_weekday(),
            setting: Setting::Office,
            role: Role::Dietitian,
            reason: reason.to_owned(),
            dx: &[&dx::DIABETES],
            acts: &[act],
            weight: Weight::Usual,
        });
        draft.life.visits[n].performed[0].units = 2;
    }
}

fn feet(draft: &mut Draft) {
    let mut rng = draft.life.rng("feet");
    for year in 2019..=HORIZON.year() {
        let date = near(&mut rng, year, 4, 40);
        if !Draft::within(date) {
            continue;
        }
        let nails = year % 2 == 1;
        let problems: &[&'static Dx] =
            if nails { &[&dx::NEUROPATHY, &dx::ONYCHOMYCOSIS] } else { &[&dx::NEUROPATHY] };
        let act: &[&'static Act] = if nails {
            &[&acts::OFFICE_SHORT, &acts::FOOT_EXAM, &acts::NAILS]
        } else {
            &[&acts::OFFICE_SHORT, &acts::FOOT_EXAM]
        };
        draft.visit(Spec {
            topic: Topic::Feet,
            date,
            setting: Setting::Office,
            role: Role::Podiatry,
            reason: "Yearly look at the feet".to_owned(),
            dx: problems,
            acts: act,
            weight: Weight::Usual,
        });
    }
}

/// Teeth twice a year; now and then a filling, once a crown.
pub(super) fn teeth(draft: &mut Draft) {
    let mut rng = draft.life.rng("teeth");
    for year in years() {
        for month in [2, 8] {
            let date = near(&mut rng, year, month, 20);
            if !Draft::within(date) || (year == 2020 && month == 2) {
                continue;
            }
            let images = month == 2 && year % 2 == 0;
            let act: &[&'static Act] = if images {
                &[&acts::ORAL_EXAM, &acts::DENTAL_CLEANING, &acts::BITEWINGS]
            } else {
                &[&acts::ORAL_EXAM, &acts::DENTAL_CLEANING]
            };
            let problems: &[&'static Dx] =
                if rng.chance(25) { &[&dx::CLEANING, &dx::GINGIVITIS] } else { &[&dx::CLEANING] };
            dental(draft, date, "Check-up and cleaning", problems, act, None);
            if rng.chance(14) {
                let tooth = *rng.pick(&["3", "14", "19", "30", "31"]);
                let later = date.plus(17).on_weekday();
                let crown = year == 2018 || year == 2024;
                let (act, surface) =
                    if crown { (&acts::CROWN, None) } else { (&acts::FILLING, Some("O")) };
                let reason = if crown { "Broken filling" } else { "Cavity" };
                dental(draft, later, reason, &[&dx::CARIES], &[act], Some((tooth, surface)));
            }
        }
    }
}

fn dental(
    draft: &mut Draft,
    date: Date,
    reason: &str,
    problems: &[&'static Dx],
    act: &[&'static Act],
    tooth: Option<(&'static str, Option<&'static str>)>,
) {
    let n = draft.visit(Spec {
        topic: Topic::Teeth,
        date,
        setting: Setting::Dental,
        role: Role::Dentistry,
        reason: reason.to_owned(),
        dx: problems,
        acts: act,
        weight: Weight::Usual,
    });
    if let Some(first) = draft.life.visits[n].performed.first_mut() {
        first.tooth = tooth;
    }
}

/// Eyes once a year since diabetes was found; glasses every other year.
pub(super) fn eyes(draft: &mut Draft) {
    let turns = draft.course.turns.clone();
    let mut rng = draft.life.rng("eyes");
    for year in years() {
        let date = near(&mut rng, year, 5, 26);
        if !Draft::within(date) || (date < turns.diabetes && year % 2 == 0) {
            continue;
        }
        let mut problems: Vec<&'static Dx> = vec![&dx::MYOPIA];
        if date >= turns.retinopathy {
            problems.insert(0, &dx::RETINOPATHY);
        } else if date >= turns.diabetes {
            problems.insert(0, &dx::DIABETES);
        }
        let mut act = vec![&acts::EYE_EXAM, &acts::REFRACTION];
        if date >= turns.diabetes {
            act.push(&acts::FUNDUS_PHOTO);
        }
        if year % 2 == 1 {
            act.extend([&acts::FRAMES, &acts::LENSES]);
        }
        draft.visit(Spec {
            topic: Topic::Eyes,
            date,
            setting: Setting::Vision,
            role: Role::Optometry,
            reason: "Yearly eye examination".to_owned(),
            dx: &problems,
            acts: &act,
            weight: if year % 2 == 1 { Weight::Essential } else { Weight::Usual },
        });
    }
}

/// Small illnesses: once or twice a year, one thing at a time.
pub(super) fn acute(draft: &mut Draft) {
    let mut rng = draft.life.rng("acute");
    let mut date = START.plus(90);
    while date < HORIZON {
        date = date.plus(i32::try_from(rng.between(140, 420)).unwrap_or(250)).on_weekday();
        // Whoever is pregnant sees the obstetrician.
        let birth = draft.life.child.birth;
        let female = draft.life.member.sex == Sex::Female;
        if female && (birth.plus(-285)..birth.plus(30)).contains(&date) {
            continue;
        }
        let cystitis = female && rng.chance(25);
        let (problem, reason): (&'static Dx, &str) = if cystitis {
            (&dx::CYSTITIS, "Burning when passing water for two days")
        } else {
            *rng.pick(&[
                (&dx::COLD, "Sore throat, runny nose and cough"),
                (&dx::SINUSITIS, "Face pain and blocked nose for ten days"),
                (&dx::BACK_PAIN, "Low back pain after lifting boxes"),
                (&dx::GASTROENTERITIS, "Vomiting and diarrhea since last night"),
                (&dx::ANKLE_SPRAIN, "Turned the right ankle on the stairs"),
            ])
        };
        let urgent = rng.chance(30);
        let imaging = problem == &dx::ANKLE_SPRAIN;
        let act: &[&'static Act] = if imaging {
            &[&acts::OFFICE_SHORT, &acts::ANKLE_XRAY]
        } else {
            &[&acts::OFFICE_SHORT]
        };
        let n = draft.visit(Spec {
            topic: Topic::Acute,
            date,
            setting: if urgent { Setting::UrgentCare } else { Setting::Office },
            role: Role::NursePractitioner,
            reason: reason.to_owned(),
            dx: &[problem],
            acts: act,
            weight: Weight::Usual,
        });
        draft.vitals(n);
        if cystitis {
            draft.panel(n, &labs::URINALYSIS);
        }
        if problem == &dx::COLD && date >= Date::of(2020, 6, 1) {
            draft.panel(n, &labs::VIRUS);
        }
    }
    skin(draft);
}

/// A dermatologist outside of the network, once.
fn skin(draft: &mut Draft) {
    let date = Date::of(2024, 6, 3)
        .plus(i32::try_from(draft.life.rng("skin").between(0, 90)).unwrap_or(0))
        .on_weekday();
    draft.visit(Spec {
        topic: Topic::Skin,
        date,
        setting: Setting::Office,
        role: Role::Dermatology,
        reason: "Rough spot on the left forearm".to_owned(),
        dx: &[&dx::KERATOSIS],
        acts: &[&acts::OFFICE_NEW, &acts::CRYOTHERAPY],
        weight: Weight::Usual,
    });
}
