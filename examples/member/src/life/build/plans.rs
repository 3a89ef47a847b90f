//! Devices, goals and care plans.

use super::draft::Draft;
use crate::date::Date;
use crate::decimal::Decimal;
use crate::life::catalog::{dx, labs};
use crate::life::code::{Code, System};
use crate::life::provider::Role;
use crate::life::record::{Device, Goal, Plan};
use crate::life::visit::Setting;

/// A screw in the knee, meters and pens for diabetes.
pub(super) fn devices(draft: &mut Draft) {
    let t = draft.course.turns.clone();
    let operation = draft.life.visits.iter().find(|visit| visit.setting == Setting::SurgeryCenter);
    let (procedure, operated) = operation.map_or((String::new(), t.knee.plus(41)), |visit| {
        (visit.performed[0].id.clone(), visit.date())
    });
    let mut rng = draft.life.rng("devices");
    let mut device =
        |n: u64, kind, name, maker, model, since: Date, until, implanted: Option<String>| Device {
            id: draft.life.id("device", n),
            kind,
            name,
            maker,
            model,
            implanted,
            gtin: gtin(8_600_123_400_000 + i64::try_from(n).unwrap_or(0) * 7 + 9),
            lot: format!("L{}", rng.between(10_000, 99_999)),
            serial: format!("SN{}", rng.between(1_000_000, 9_999_999)),
            made: since.plus(-240),
            expires: since.plus(1_600),
            since,
            until,
        };
    let devices = vec![
        device(
            0,
            ("68183006", "Bone screw"),
            "Kestrel BIO interference screw 9 x 25 mm",
            "Kestrel Orthopaedics",
            "KB-925",
            operated,
            None,
            Some(procedure),
        ),
        device(
            1,
            ("337414009", "Blood glucose meter"),
            "TrueDrop Mini",
            "Halyard Diagnostics",
            "TDM-2",
            t.diabetes.plus(14),
            None,
            None,
        ),
        device(
            2,
            ("700585005", "Invasive interstitial-fluid glucose monitoring system"),
            "Sentio G2 sensor",
            "Halyard Diagnostics",
            "SG2",
            t.sensor,
            None,
            None,
        ),
        device(
            3,
            ("43770009", "Sphygmomanometer"),
            "PulseWard 300 upper arm cuff",
            "Wardwell",
            "PW-300",
            t.pressure.plus(20),
            None,
            None,
        ),
    ];
    draft.life.devices = devices;
}

/// The number with its check digit: thirteen digits, weighted three and one from the right.
fn gtin(thirteen: i64) -> String {
    let digits = format!("{thirteen:013}");
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, byte)| u32::from(byte - b'0') * if n % 2 == 0 { 3 } else { 1 })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// Goals and plans.
pub(super) fn plans(draft: &mut Draft) {
    let t = draft.course.turns.clone();
    let pc = draft.life.providers.of(Role::PrimaryCare);
    let a1c = Code::new(System::Loinc, "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood");
    let pressure = Code::new(System::Loinc, "8480-6", "Systolic blood pressure");
    let weight = Code::new(System::Loinc, "29463-7", "Body weight");
    let id = |kind: &str, n| draft.life.id(kind, n);
    let goals = vec![
        Goal {
            id: id("goal", 0),
            text: "Hemoglobin A1c under 7 percent",
            measure: Some((a1c, Decimal::new(70, 1), &labs::PERCENT)),
            dx: &dx::DIABETES,
            start: t.diabetes,
            due: t.metformin.plus(365),
            reached: Some(t.metformin.plus(170)),
        },
        Goal {
            id: id("goal", 1),
            text: "Hemoglobin A1c under 7 percent without low blood sugar",
            measure: Some((a1c, Decimal::new(70, 1), &labs::PERCENT)),
            dx: &dx::DIABETES,
            start: t.semaglutide,
            due: t.semaglutide.plus(365),
            reached: Some(t.semaglutide.plus(250)),
        },
        Goal {
            id: id("goal", 2),
            text: "Blood pressure under 130/80 mmHg",
            measure: Some((pressure, Decimal::whole(130), &labs::MMHG)),
            dx: &dx::HYPERTENSION,
            start: t.pressure,
            due: t.pressure.plus(365),
            reached: Some(t.amlodipine.plus(120)),
        },
        Goal {
            id: id("goal", 3),
            text: "Lose 5 kg by walking and smaller portions",
            measure: Some((weight, Decimal::whole(90), &labs::KILOGRAM)),
            dx: &dx::OBESITY,
            start: t.diabetes,
            due: t.diabetes.plus(365),
            reached: None,
        },
        Goal {
            id: id("goal", 4),
            text: "Walk the dog for half an hour every day",
            measure: None,
            dx: &dx::DEPRESSION,
            start: t.depression.plus(12),
            due: t.depression.plus(200),
            reached: Some(t.depression.plus(130)),
        },
    ];
    let ids: Vec<String> = goals.iter().map(|goal| goal.id.clone()).collect();
    let plans = vec![
        Plan {
            id: id("plan", 0),
            title: "Diabetes care plan",
            problems: vec![&dx::DIABETES, &dx::HYPERTENSION, &dx::HYPERLIPIDEMIA],
            activities: vec![
                "Hemoglobin A1c every three months until at goal, then every six months",
                "Yearly eye examination, look at the feet and urine albumin",
                "Check blood sugar before breakfast and two hours after the evening meal",
                "Half an hour of walking on five days a week",
            ],
            start: t.diabetes,
            end: None,
            goals: vec![ids[0].clone(), ids[1].clone(), ids[2].clone(), ids[3].clone()],
            visit: None,
            by: pc,
        },
        Plan {
            id: id("plan", 1),
            title: "Exercises after the knee operation",
            problems: vec![&dx::CRUCIATE],
            activities: vec![
                "Fourteen visits of physical therapy over three months",
                "Brace locked in extension for two weeks, crutches until the gait is even",
                "No running before the fourth month, no soccer before the ninth",
            ],
            start: t.knee.plus(41).on_weekday(),
            end: Some(t.knee.plus(310)),
            goals: vec![],
            visit: None,
            by: draft.life.providers.of(Role::Orthopedics),
        },
        Plan {
            id: id("plan", 2),
            title: "Depression care plan",
            problems: vec![&dx::DEPRESSION],
            activities: vec![
                "Sertraline for at least six months after the mood is well",
                "Twelve sessions of psychotherapy by video",
                "Call 988 at any hour if thoughts of self-harm come up",
            ],
            start: t.depression,
            end: Some(t.depression.plus(400)),
            goals: vec![ids[4].clone()],
            visit: None,
            by: pc,
        },
    ];
    draft.life.goals = goals;
    draft.life.plans = plans;
}
