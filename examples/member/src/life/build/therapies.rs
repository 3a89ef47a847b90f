//! Which drugs are taken when and why: the lasting therapies and the short courses.

use super::draft::Draft;
use super::pharmacy::{Therapy, daily, dose, prescribe, report};
use crate::date::Date;
use crate::decimal::Decimal;
use crate::life::catalog::{drugs, dx};
use crate::life::code::Dx;
use crate::life::drug::{Dose, Drug};
use crate::life::provider::Role;
use crate::life::visit::{Setting, Topic};

/// The lasting therapies, in the order in which they begin.
pub(super) fn lasting(draft: &mut Draft) {
    let t = draft.course.turns.clone();
    let raised = draft.visit_after(t.metformin.plus(80));
    let tablets = |n: i64| (Decimal::whole(n), "{tbl}");
    let pens = |tenths: i64| (Decimal::new(tenths, 1), "mL");
    let once = || daily("Take 1 tablet by mouth once daily", 1, 1);
    let twice = || daily("Take 1 tablet by mouth twice daily with meals", 1, 2);
    let bedtime = || {
        let mut doses = daily("Take 1 tablet by mouth at bedtime", 1, 1);
        doses[0].when = Some("HS");
        doses
    };
    let therapy = |drug, dx, doses, from: Date, until, days_supply, quantity, role| Therapy {
        drug,
        dx,
        doses,
        from: from.on_weekday(),
        until,
        days_supply,
        quantity,
        role,
        as_needed: None,
    };
    let raise = |day: Date, why| Some((day, why));
    let (pc, endo) = (Role::PrimaryCare, Role::Endocrinology);
    let glargine = vec![Dose {
        when: Some("HS"),
        ..dose("Inject 16 units under the skin at bedtime", Decimal::whole(16), 1, 1, "d")
    }];
    let weekly = |text: &str, hundredths| vec![dose(text, Decimal::new(hundredths, 2), 1, 1, "wk")];
    let mut start = weekly("Inject 0.25 mg under the skin once a week for 4 weeks", 25);
    start[0].days = Some(28);
    start.extend(weekly("Then inject 0.5 mg under the skin once a week for 4 weeks", 50));
    start[1].days = Some(28);
    let therapies = vec![
        therapy(
            &drugs::LISINOPRIL,
            &dx::HYPERTENSION,
            once(),
            t.pressure,
            raise(t.losartan, "Dry cough"),
            90,
            tablets(90),
            pc,
        ),
        therapy(
            &drugs::ATORVASTATIN_20,
            &dx::HYPERLIPIDEMIA,
            bedtime(),
            t.statin,
            raise(t.statin_more, "Dose raised"),
            90,
            tablets(90),
            pc,
        ),
        therapy(
            &drugs::METFORMIN_500,
            &dx::DIABETES,
            twice(),
            t.metformin,
            raise(raised, "Dose raised"),
            30,
            tablets(60),
            pc,
        ),
        therapy(&drugs::METFORMIN_1000, &dx::DIABETES, twice(), raised, None, 90, tablets(180), pc),
        therapy(&drugs::LOSARTAN, &dx::HYPERTENSION, once(), t.losartan, None, 90, tablets(90), pc),
        therapy(
            &drugs::AMLODIPINE,
            &dx::HYPERTENSION,
            once(),
            t.amlodipine,
            None,
            90,
            tablets(90),
            pc,
        ),
        therapy(
            &drugs::EMPAGLIFLOZIN,
            &dx::DIABETES,
            daily("Take 1 tablet by mouth every morning", 1, 1),
            t.empagliflozin,
            None,
            30,
            tablets(30),
            endo,
        ),
        therapy(
            &drugs::ATORVASTATIN_40,
            &dx::HYPERLIPIDEMIA,
            bedtime(),
            t.statin_more,
            None,
            90,
            tablets(90),
            pc,
        ),
        therapy(
            &drugs::SERTRALINE_50,
            &dx::DEPRESSION,
            once(),
            t.depression,
            raise(t.depression.plus(35).on_weekday(), "Dose raised"),
            30,
            tablets(30),
            pc,
        ),
        therapy(
            &drugs::SERTRALINE_100,
            &dx::DEPRESSION,
            once(),
            t.depression.plus(35).on_weekday(),
            raise(t.depression.plus(400), "In remission, tapered off"),
            30,
            tablets(30),
            pc,
        ),
        therapy(
            &drugs::GLARGINE,
            &dx::HYPERGLYCEMIA,
            glargine,
            t.pneumonia.plus(3),
            raise(t.insulin_stop, "Blood sugar at goal without insulin"),
            30,
            pens(60),
            endo,
        ),
        therapy(
            &drugs::SEMAGLUTIDE_START,
            &dx::DIABETES,
            start,
            t.semaglutide,
            raise(t.semaglutide.plus(56), "Dose raised"),
            28,
            pens(30),
            endo,
        ),
        therapy(
            &drugs::SEMAGLUTIDE,
            &dx::DIABETES,
            weekly("Inject 1 mg under the skin once a week", 100),
            t.semaglutide.plus(56),
            None,
            28,
            pens(30),
            endo,
        ),
    ];
    for therapy in therapies {
        prescribe(draft, &therapy);
    }
}

/// Short courses: after illness, injury, and what is bought without prescription.
pub(super) fn short(draft: &mut Draft) {
    let t = draft.course.turns.clone();
    let course =
        |drug, dx, doses, from: Date, days: i32, quantity: i64, unit, role, as_needed| Therapy {
            drug,
            dx,
            doses,
            from,
            until: Some((from.plus(days), "Course completed")),
            days_supply: days,
            quantity: (Decimal::whole(quantity), unit),
            role,
            as_needed,
        };
    let mut taper = Vec::new();
    for (tablets, text) in [
        (4, "Take 4 tablets by mouth once daily for 3 days"),
        (2, "then 2 tablets once daily for 3 days"),
        (1, "then 1 tablet once daily for 3 days"),
    ] {
        taper.push(Dose { days: Some(3), ..dose(text, Decimal::whole(tablets), 1, 1, "d") });
    }
    let home = t.pneumonia.plus(3);
    let operation = t.knee.plus(41).on_weekday();
    let every = |text: &str, amount, hours| vec![dose(text, Decimal::whole(amount), 1, hours, "h")];
    let mut courses = vec![
        course(
            &drugs::IBUPROFEN,
            &dx::KNEE_PAIN,
            every("Take 1 tablet by mouth every 8 hours with food as needed for pain", 1, 8),
            t.knee,
            10,
            30,
            "{tbl}",
            Role::NursePractitioner,
            Some("Pain"),
        ),
        course(
            &drugs::HYDROCODONE,
            &dx::CRUCIATE,
            every("Take 1 tablet by mouth every 6 hours as needed for severe pain", 1, 6),
            operation,
            5,
            20,
            "{tbl}",
            Role::Orthopedics,
            Some("Severe pain"),
        ),
        course(
            &drugs::LEVOFLOXACIN,
            &dx::PNEUMONIA,
            daily("Take 1 tablet by mouth once daily for 5 days", 1, 1),
            home,
            5,
            5,
            "{tbl}",
            Role::Hospitalist,
            None,
        ),
        course(
            &drugs::PREDNISONE,
            &dx::PNEUMONIA,
            taper,
            home,
            9,
            21,
            "{tbl}",
            Role::Hospitalist,
            None,
        ),
        course(
            &drugs::ALBUTEROL,
            &dx::PNEUMONIA,
            every("Inhale 2 puffs every 4 hours as needed for wheezing", 2, 4),
            home,
            30,
            200,
            "{puff}",
            Role::Hospitalist,
            Some("Wheezing"),
        ),
    ];
    let ill: Vec<(Date, &'static Dx)> = draft
        .life
        .visits
        .iter()
        .filter(|v| v.topic == Topic::Acute && v.setting != Setting::Pharmacy)
        .map(|v| (v.date(), v.diagnoses[0]))
        .collect();
    for (date, problem) in ill {
        let (drug, text, times, days): (&'static Drug, _, _, _) = match problem.icd10 {
            "J01.90" => (
                &drugs::AMOXICILLIN,
                "Take 1 capsule by mouth three times daily for 10 days",
                3,
                10,
            ),
            "N39.0" => {
                (&drugs::NITROFURANTOIN, "Take 1 capsule by mouth twice daily for 5 days", 2, 5)
            }
            "M54.50" | "S93.401A" => (
                &drugs::IBUPROFEN,
                "Take 1 tablet by mouth three times daily with food for 7 days",
                3,
                7,
            ),
            _ => continue,
        };
        let quantity = times * i64::from(days);
        courses.push(course(
            drug,
            problem,
            daily(text, 1, times),
            date,
            days,
            quantity,
            drug.unit.1,
            Role::NursePractitioner,
            None,
        ));
    }
    for course in courses {
        prescribe(draft, &course);
    }
    for (drug, problem, text, since) in [
        (
            &drugs::CETIRIZINE,
            &dx::RHINITIS,
            "1 tablet by mouth once daily in spring",
            Date::of(2014, 4, 1),
        ),
        (&drugs::ASPIRIN, &dx::HYPERTENSION, "1 tablet by mouth once daily", Date::of(2016, 9, 12)),
    ] {
        report(draft, drug, problem, text, since);
    }
}
