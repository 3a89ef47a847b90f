//! Results of panels, from the course of the body.

use super::course::Course;
use crate::date::Date;
use crate::decimal::{Decimal, ratio};
use crate::life::catalog::labs as l;
use crate::life::code::{Code, System};
use crate::life::lab::{Analyte, Found, PanelKind};
use crate::rng::Rng;

/// What a result is made of: analyte, finding, and an amendment with its day and the older value.
pub(super) type Result = (&'static Analyte, Found, Option<(Date, Decimal)>);

const NOT_DETECTED: Code = Code::new(System::Snomed, "260415000", "Not detected");
const DETECTED: Code = Code::new(System::Snomed, "260373001", "Detected");
const NEGATIVE: Code = Code::new(System::Snomed, "260385009", "Negative");
const POSITIVE: Code = Code::new(System::Snomed, "10828004", "Positive");

fn amount(analyte: &'static Analyte, units: i64) -> Result {
    (analyte, Found::Amount(Decimal::new(units, analyte.places), &analyte.unit, None), None)
}

fn below(analyte: &'static Analyte, units: i64) -> Result {
    (analyte, Found::Amount(Decimal::new(units, analyte.places), &analyte.unit, Some("<")), None)
}

fn coded(analyte: &'static Analyte, code: Code) -> Result {
    (analyte, Found::Coded(code), None)
}

/// Fasting glucose in mg/dL that goes with an A1c in hundredths of a percent, somewhat under the
/// average glucose of 28.7 × A1c − 46.7.
#[must_use]
pub(super) fn fasting_glucose(a1c: i64) -> i64 {
    (287 * a1c / 100 - 467) / 10 - 14
}

/// The results of a panel taken on a day. `ill` is the emergency department of the hospital, which
/// reports in other units besides.
pub(super) fn results(
    course: &Course,
    kind: &PanelKind,
    day: Date,
    ill: bool,
    rng: &mut Rng,
) -> Vec<Result> {
    let a1c = rng.around(course.a1c.at(day), 8);
    let glucose = fasting_glucose(a1c) + rng.around(0, 12) + if ill { 118 } else { 0 };
    match kind.loinc {
        "4548-4" => {
            let tenths = ratio(a1c, 1, 10);
            let mut results = vec![amount(&l::A1C, tenths)];
            if ill {
                // IFCC mmol/mol = (NGSP % − 2.15) × 10.929.
                results.push(amount(&l::A1C_IFCC, ratio((tenths * 10 - 215) * 10_929, 1, 100_000)));
            }
            // One result in thirty is amended two days later: a tenth was misread.
            if rng.chance(4) {
                results[0].2 = Some((day.plus(3), Decimal::new(tenths + 3, 1)));
            }
            results
        }
        "24323-8" => metabolic(course, day, ill, glucose, rng),
        "24331-1" => lipids(course, day, rng),
        "58410-2" => {
            let cells = rng.around(470, 22);
            let hemoglobin = cells * 29 / 100 + rng.between(-3, 3);
            let hematocrit = hemoglobin * 298 / 100;
            vec![
                amount(&l::WBC, if ill { rng.between(148, 187) } else { rng.around(68, 14) }),
                amount(&l::RBC, cells),
                amount(&l::HEMOGLOBIN, hemoglobin),
                amount(&l::HEMATOCRIT, hematocrit),
                amount(&l::MCV, ratio(hematocrit, 1_000, cells)),
                amount(&l::PLATELETS, rng.around(248, 36)),
            ]
        }
        "34535-5" => {
            let creatinine = rng.between(62, 178);
            let per_gram = rng.around(course.albumin.at(day), 5).max(4);
            // mg/L = mg/g × mg/dL / 100.
            let albumin = ratio(per_gram * creatinine, 1, 100);
            let first = if albumin < 7 {
                below(&l::URINE_ALBUMIN, 7)
            } else {
                amount(&l::URINE_ALBUMIN, albumin)
            };
            let ratio = if albumin < 7 {
                (&l::ALBUMIN_RATIO, Found::Absent("not-performed"), None)
            } else {
                amount(&l::ALBUMIN_RATIO, ratio(albumin, 100, creatinine))
            };
            vec![first, amount(&l::URINE_CREATININE, creatinine), ratio]
        }
        "3016-3" => vec![amount(&l::TSH, rng.around(198, 60))],
        "1988-5" => vec![
            amount(&l::CRP, rng.between(1_180, 1_690)),
            amount(&l::PROCALCITONIN, rng.between(31, 88)),
        ],
        "10839-9" => vec![below(&l::TROPONIN, 1)],
        "94500-6" => {
            let found = !ill && rng.chance(55);
            vec![coded(&l::CORONAVIRUS, if found { DETECTED } else { NOT_DETECTED })]
        }
        "600-7" => vec![(
            &l::BLOOD_CULTURE,
            Found::Words("No growth after 5 days of incubation".to_owned()),
            None,
        )],
        "20438-8" => vec![amount(&l::GLUCOSE_CHALLENGE, rng.between(188, 204))],
        "24356-8" => urinalysis(rng),
        _ => Vec::new(),
    }
}

fn metabolic(course: &Course, day: Date, ill: bool, glucose: i64, rng: &mut Rng) -> Vec<Result> {
    let filtration = rng.around(course.filtration.at(day), 4) - if ill { 21 } else { 0 };
    // Creatinine of someone about forty-five years old goes about as 88 over the filtration rate.
    let creatinine = ratio(8_800, 1, filtration.max(20));
    let shown = if filtration > 90 {
        (&l::EGFR, Found::Amount(Decimal::whole(90), &l::EGFR.unit, Some(">")), None)
    } else {
        amount(&l::EGFR, filtration)
    };
    let first = if ill {
        // 18.016 mg/dL of glucose are 1 mmol/L.
        amount(&l::GLUCOSE_SI, ratio(glucose, 10_000, 18_016))
    } else {
        amount(&l::GLUCOSE, glucose)
    };
    let liver = rng.around(31, 7);
    vec![
        first,
        amount(&l::UREA, rng.around(if ill { 31 } else { 15 }, 3)),
        amount(&l::CREATININE, creatinine),
        shown,
        amount(&l::SODIUM, if ill { rng.between(131, 134) } else { rng.around(140, 2) }),
        if rng.chance(3) {
            (&l::POTASSIUM, Found::Absent("error"), None)
        } else {
            amount(&l::POTASSIUM, rng.around(43, 3))
        },
        amount(&l::CHLORIDE, rng.around(102, 2)),
        amount(&l::BICARBONATE, rng.around(if ill { 21 } else { 25 }, 1)),
        amount(&l::CALCIUM, rng.around(94, 3)),
        amount(&l::PROTEIN, rng.around(71, 3)),
        amount(&l::ALBUMIN, rng.around(43, 2)),
        amount(&l::BILIRUBIN, rng.around(6, 2).max(2)),
        amount(&l::ALP, rng.around(74, 10)),
        amount(&l::ALT, liver + 3),
        amount(&l::AST, liver - 5),
    ]
}

fn lipids(course: &Course, day: Date, rng: &mut Rng) -> Vec<Result> {
    let ldl = rng.around(course.ldl.at(day), 7);
    let triglycerides = rng.around(course.triglycerides.at(day), 22);
    let hdl = rng.around(44, 4);
    // Friedewald: LDL = total − HDL − triglycerides / 5.
    let total = ldl + hdl + ratio(triglycerides, 1, 5);
    vec![
        amount(&l::CHOLESTEROL, total),
        amount(&l::TRIGLYCERIDE, triglycerides),
        amount(&l::HDL, hdl),
        amount(&l::LDL, ldl),
    ]
}

fn urinalysis(rng: &mut Rng) -> Vec<Result> {
    vec![
        (&l::URINE_COLOR, Found::Words("Yellow, cloudy".to_owned()), None),
        amount(&l::URINE_PH, rng.between(11, 15) * 5),
        amount(&l::URINE_GRAVITY, rng.between(1_008, 1_026)),
        coded(&l::URINE_LEUKOCYTES, POSITIVE),
        coded(&l::URINE_NITRITE, if rng.chance(70) { POSITIVE } else { NEGATIVE }),
    ]
}
