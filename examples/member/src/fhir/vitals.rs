//! Observation: vital signs taken at visits.

use super::parts::{US_CORE, coding, concept, hl7, quantity, resource};
use super::{Writer, encounter, patient, practitioner, soon};
use crate::decimal::{Decimal, ratio};
use crate::json::Obj;
use crate::life::Life;
use crate::life::catalog::labs::{
    BEATS, BODY_MASS, BREATHS, CELSIUS, CENTIMETER, FAHRENHEIT, INCH, KILOGRAM, LITERS_MINUTE,
    MMHG, PERCENT, POUND,
};
use crate::life::code::System;
use crate::life::lab::{Unit, Vitals};

/// A sign: part of its id, profile, LOINC code and name, number in tens of `places`, unit.
struct Sign(&'static str, &'static str, &'static str, &'static str, Decimal, &'static Unit);

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for vitals in &life.vitals {
        let id = |part: &str| life.id(&format!("vital/{part}"), vitals.n);
        if let Some((systolic, diastolic)) = vitals.pressure {
            // Now and then the lower value could not be heard.
            let lower = (vitals.n % 41 != 40).then_some(diastolic);
            let written =
                start(life, vitals, &id("pressure"), "us-core-blood-pressure", pressure_code())
                    .list("component", pressure(systolic, lower));
            out.put("Observation", &id("pressure"), written);
        }
        for Sign(part, profile, loinc, name, amount, unit) in signs(vitals) {
            let written = start(life, vitals, &id(part), profile, code(loinc, name))
                .put("valueQuantity", quantity(amount, unit));
            out.put("Observation", &id(part), written);
        }
        if let Some(saturation) = vitals.saturation {
            let written =
                start(life, vitals, &id("saturation"), "us-core-pulse-oximetry", saturation_code())
                    .put("valueQuantity", quantity(Decimal::whole(saturation), &PERCENT))
                    .list("component", (saturation < 92).then(oxygen));
            out.put("Observation", &id("saturation"), written);
        }
    }
}

fn start(life: &Life, vitals: &Vitals, id: &str, profile: &str, code: Obj) -> Obj {
    resource("Observation", id, 1, soon(vitals.when), &[&format!("{US_CORE}{profile}")])
        .put("status", "final")
        .one("category", hl7("observation-category", "vital-signs", "Vital Signs"))
        .put("code", code)
        .put("subject", patient(life))
        .put("encounter", encounter(&vitals.visit))
        .text("effectiveDateTime", vitals.when)
        .one("performer", practitioner(life, vitals.by))
}

fn code(loinc: &str, name: &str) -> Obj {
    concept(System::Loinc.uri(), loinc, name).put("text", name)
}

/// The code of a blood pressure with its two values as components.
pub(super) fn pressure_code() -> Obj {
    let panel = "Blood pressure panel with all children optional";
    concept(System::Loinc.uri(), "85354-9", panel).put("text", "Blood pressure")
}

fn saturation_code() -> Obj {
    let pulse = coding(
        System::Loinc.uri(),
        "59408-5",
        "Oxygen saturation in Arterial blood by Pulse oximetry",
    );
    let blood = coding(System::Loinc.uri(), "2708-6", "Oxygen saturation in Arterial blood");
    Obj::new().list("coding", [pulse, blood]).put("text", "Oxygen saturation")
}

/// Two liters a minute through the nose.
fn oxygen() -> Obj {
    Obj::new()
        .put("code", code("3151-8", "Inhaled oxygen flow rate"))
        .put("valueQuantity", quantity(Decimal::whole(2), &LITERS_MINUTE))
}

/// The components of a blood pressure.
pub(super) fn pressure(systolic: i64, diastolic: Option<i64>) -> [Obj; 2] {
    let value = |value| quantity(Decimal::whole(value), &MMHG);
    let upper = Obj::new()
        .put("code", code("8480-6", "Systolic blood pressure"))
        .put("valueQuantity", value(systolic));
    let lower = Obj::new().put("code", code("8462-4", "Diastolic blood pressure"));
    let lower = match diastolic {
        Some(diastolic) => lower.put("valueQuantity", value(diastolic)),
        None => lower.put("dataAbsentReason", hl7("data-absent-reason", "unknown", "Unknown")),
    };
    [upper, lower]
}

fn signs(vitals: &Vitals) -> Vec<Sign> {
    let customary = vitals.customary_units;
    let whole = Decimal::whole;
    let mut signs = Vec::new();
    if let Some(rate) = vitals.heart_rate {
        signs.push(Sign(
            "heart",
            "us-core-heart-rate",
            "8867-4",
            "Heart rate",
            whole(rate),
            &BEATS,
        ));
    }
    if let Some(rate) = vitals.respiratory_rate {
        signs.push(Sign(
            "breath",
            "us-core-respiratory-rate",
            "9279-1",
            "Respiratory rate",
            whole(rate),
            &BREATHS,
        ));
    }
    if let Some(tenths) = vitals.temperature {
        let (amount, unit) = if customary {
            (Decimal::new(ratio(tenths, 9, 5) + 320, 1), &FAHRENHEIT)
        } else {
            (Decimal::new(tenths, 1), &CELSIUS)
        };
        signs.push(Sign(
            "temperature",
            "us-core-body-temperature",
            "8310-5",
            "Body temperature",
            amount,
            unit,
        ));
    }
    if let Some(height) = vitals.height {
        let (amount, unit) = if customary {
            // 25.4 mm are an inch.
            (Decimal::new(ratio(height, 100, 254), 1), &INCH)
        } else {
            (Decimal::new(height, 1), &CENTIMETER)
        };
        signs.push(Sign("height", "us-core-body-height", "8302-2", "Body height", amount, unit));
    }
    if let Some(weight) = vitals.weight {
        let (amount, unit) = if customary {
            // 0.45359237 kg are a pound.
            (Decimal::new(ratio(weight, 100_000_000, 45_359_237), 1), &POUND)
        } else {
            (Decimal::new(weight, 1), &KILOGRAM)
        };
        signs.push(Sign("weight", "us-core-body-weight", "29463-7", "Body weight", amount, unit));
    }
    if let (Some(weight), Some(height)) = (vitals.weight, vitals.height) {
        // Tenths of kg/m2 of hundred grams and millimetres.
        let index = Decimal::new(ratio(weight, 1_000_000, height * height), 1);
        signs.push(Sign(
            "index",
            "us-core-bmi",
            "39156-5",
            "Body mass index (BMI) [Ratio]",
            index,
            &BODY_MASS,
        ));
    }
    signs
}
