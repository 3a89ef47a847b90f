//! AllergyIntolerance and Immunization.

use super::parts::{US_CORE, coded, concept, hl7, quantity_of, resource, words};
use super::{Writer, encounter, location, patient, practitioner, soon};
use crate::decimal::Decimal;
use crate::json::Obj;
use crate::life::Life;
use crate::life::code::System;
use crate::life::record::{Allergy, Immunization};

/// The practitioner who asked about the first allergy, in no directory any more.
pub(crate) const RETIRED: &str = "retired-practitioner-1987";

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for (n, allergy) in life.allergies.iter().enumerate() {
        out.put("AllergyIntolerance", &allergy.id, intolerance(life, allergy, n == 0));
    }
    for shot in &life.immunizations {
        out.put("Immunization", &shot.id, immunization(life, shot));
    }
}

fn intolerance(life: &Life, allergy: &Allergy, first: bool) -> Obj {
    let refuted = allergy.refuted.filter(|day| *day <= life.today);
    let (clinical, verification) = match refuted {
        Some(_) => (("resolved", "Resolved"), ("refuted", "Refuted")),
        None if allergy.substance.is_none() => {
            (("active", "Active"), ("unconfirmed", "Unconfirmed"))
        }
        None => (("active", "Active"), ("confirmed", "Confirmed")),
    };
    let (version, updated) = match refuted {
        Some(day) => (2, day.at(10, 40)),
        None => (1, allergy.recorded.at(10, 40)),
    };
    let code = match &allergy.substance {
        Some(code) => Obj::new().one("coding", coded(code)).put("text", allergy.text),
        None => words(allergy.text),
    };
    let reactions = allergy.reactions.iter().map(|(code, display, severity)| {
        let manifestation = concept(System::Snomed.uri(), code, display).put("text", display);
        Obj::new().one("manifestation", manifestation).put("severity", *severity)
    });
    let recorder = if first {
        super::parts::reference("Practitioner", RETIRED)
            .put("display", "Dr. Ignatius Harkavy (retired)")
    } else {
        practitioner(life, allergy.by)
    };
    resource(
        "AllergyIntolerance",
        &allergy.id,
        version,
        updated,
        &[&format!("{US_CORE}us-core-allergyintolerance")],
    )
    .put("clinicalStatus", hl7("allergyintolerance-clinical", clinical.0, clinical.1))
    .put(
        "verificationStatus",
        hl7("allergyintolerance-verification", verification.0, verification.1),
    )
    .put("type", allergy.kind)
    .one("category", allergy.category)
    .put("criticality", allergy.criticality)
    .put("code", code)
    .put("patient", patient(life))
    .with(|it| match allergy.onset {
        Some(year) => it.text("onsetDateTime", year),
        None => it,
    })
    .text("recordedDate", allergy.recorded)
    .put("recorder", recorder)
    .list("reaction", reactions)
}

fn immunization(life: &Life, shot: &Immunization) -> Obj {
    let ndc = shot.ndc.map(|ndc| Obj::new().put("system", System::Ndc.uri()).put("code", ndc));
    let vaccine = Obj::new()
        .list("coding", [coded(&shot.vaccine)].into_iter().chain(ndc))
        .put("text", shot.vaccine.display);
    let status = if shot.refused { "not-done" } else { "completed" };
    let given = !shot.refused;
    let performer = Obj::new()
        .put(
            "function",
            concept(
                "http://terminology.hl7.org/CodeSystem/v2-0443",
                "AP",
                "Administering Provider",
            ),
        )
        .put("actor", practitioner(life, shot.by));
    let target = concept(System::Snomed.uri(), shot.target.0, shot.target.1);
    let protocol = Obj::new().one("targetDisease", target).put("doseNumberPositiveInt", shot.dose);
    resource(
        "Immunization",
        &shot.id,
        1,
        soon(shot.when),
        &[&format!("{US_CORE}us-core-immunization")],
    )
    .put("status", status)
    .maybe("statusReason", shot.refused.then(|| hl7("v3-ActReason", "PATOBJ", "patient objection")))
    .put("vaccineCode", vaccine)
    .put("patient", patient(life))
    .maybe("encounter", shot.visit.as_ref().map(|visit| encounter(visit)))
    .text("occurrenceDateTime", shot.when)
    .put("primarySource", shot.primary_source)
    .put("location", location(life, shot.organization))
    .with(|it| {
        if !given {
            return it;
        }
        let site = hl7("v3-ActSite", "LA", "left arm");
        it.put("manufacturer", Obj::new().put("display", shot.maker))
            .put("lotNumber", &shot.lot)
            .text("expirationDate", shot.when.date.plus(190))
            .put("site", site)
            .put("route", hl7("v3-RouteOfAdministration", "IM", "Injection, intramuscular"))
            .put("doseQuantity", quantity_of(Decimal::new(5, 1), "mL", "mL"))
    })
    .one("performer", performer)
    .list("protocolApplied", given.then_some(protocol))
}
