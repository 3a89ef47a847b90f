//! ServiceRequest, Specimen, Observation and DiagnosticReport of laboratory panels.

use super::parts::{
    TERMINOLOGY, US_CORE, code_concept, coding, concept, hl7, identifier, quantity, quantity_of,
    reference, resource,
};
use super::{Writer, encounter, organization, patient, practitioner, soon};
use crate::decimal::Decimal;
use crate::json::Obj;
use crate::life::Life;
use crate::life::code::System;
use crate::life::lab::{Analyte, Found, LabResult, Panel};

/// An order that the clinic's system has deleted.
pub(crate) const PURGED: &str = "purged-order-0017";

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for panel in &life.panels {
        out.put("ServiceRequest", &panel.order_id, order(life, panel));
        out.put("Specimen", &panel.specimen_id, specimen(life, panel));
        for result in &panel.results {
            out.put("Observation", &result.id, observation(life, panel, result));
        }
        out.put("DiagnosticReport", &panel.id, report(life, panel));
    }
}

fn order(life: &Life, panel: &Panel) -> Obj {
    let category = concept(System::Snomed.uri(), "108252007", "Laboratory procedure");
    resource(
        "ServiceRequest",
        &panel.order_id,
        2,
        soon(panel.issued),
        &[&format!("{US_CORE}us-core-servicerequest")],
    )
    .put("status", "completed")
    .put("intent", "order")
    .one("category", category)
    .put("code", code(panel))
    .put("subject", patient(life))
    .put("encounter", encounter(&panel.visit))
    .text("occurrenceDateTime", panel.collected)
    .text("authoredOn", panel.collected.plus_minutes(-15))
    .put("requester", practitioner(life, panel.orderer))
    .one("performer", organization(life, panel.laboratory))
    .one("specimen", reference("Specimen", &panel.specimen_id))
}

fn code(panel: &Panel) -> Obj {
    let loinc = coding(System::Loinc.uri(), panel.kind.loinc, panel.kind.display);
    let cpt = coding(System::Cpt.uri(), panel.kind.cpt, panel.kind.cpt_display);
    Obj::new().list("coding", [loinc, cpt]).put("text", panel.kind.text)
}

fn specimen(life: &Life, panel: &Panel) -> Obj {
    let (code, display) = panel.kind.specimen;
    let number = format!("{}-{}", panel.collected.date.compact(), &panel.specimen_id[..5]);
    let collection = Obj::new().text("collectedDateTime", panel.collected);
    resource(
        "Specimen",
        &panel.specimen_id,
        1,
        soon(panel.collected),
        &[&format!("{US_CORE}us-core-specimen")],
    )
    .put("accessionIdentifier", identifier("https://badgerlab.example/accession", &number))
    .put("status", "available")
    .put("type", concept(System::Snomed.uri(), code, display).put("text", display))
    .put("subject", reference("Patient", &life.member.id))
    .put("collection", collection)
}

fn observation(life: &Life, panel: &Panel, result: &LabResult) -> Obj {
    let analyte = result.analyte;
    let (status, version, updated) = match result.amended {
        Some((day, _)) => ("amended", 2, day.at(9, 45)),
        None => ("final", 1, panel.issued),
    };
    let code = Obj::new()
        .one("coding", coding(System::Loinc.uri(), analyte.loinc, analyte.display))
        .put("text", analyte.name);
    let note = result.amended.map(|(_, before)| {
        Obj::new().put(
            "text",
            format!(
                "Amended: reported as {before} {} before, a digit was misread.",
                analyte.unit.printed
            ),
        )
    });
    resource(
        "Observation",
        &result.id,
        version,
        soon(updated),
        &[&format!("{US_CORE}us-core-observation-lab")],
    )
    .put("status", status)
    .one("category", hl7("observation-category", "laboratory", "Laboratory"))
    .put("code", code)
    .put("subject", patient(life))
    .put("encounter", encounter(&panel.visit))
    .text("effectiveDateTime", panel.collected)
    .text("issued", updated)
    .one("performer", organization(life, panel.laboratory))
    .with(|it| found(it, &result.found))
    .list("interpretation", interpretation(result))
    .list("note", note)
    .put("specimen", reference("Specimen", &panel.specimen_id))
    .list("referenceRange", range(analyte))
}

/// Writes what was found as `value[x]`, or why nothing was.
pub(super) fn found(it: Obj, found: &Found) -> Obj {
    match found {
        Found::Amount(amount, unit, comparator) => {
            let plain = quantity(*amount, unit);
            let value = match comparator {
                Some(comparator) => Obj::new()
                    .put("value", crate::json::Raw(*amount))
                    .put("comparator", *comparator)
                    .put("unit", unit.printed)
                    .put("system", "http://unitsofmeasure.org")
                    .put("code", unit.ucum),
                None => plain,
            };
            it.put("valueQuantity", value)
        }
        Found::Coded(code) => it.put("valueCodeableConcept", code_concept(code)),
        Found::Words(words) => it.put("valueString", words),
        Found::Absent(reason) => it.put("dataAbsentReason", absent_reason(reason)),
    }
}

fn absent_reason(reason: &str) -> Obj {
    let display = match reason {
        "not-performed" => "Not Performed",
        "asked-declined" => "Asked But Declined",
        "error" => "Error",
        _ => "Unknown",
    };
    hl7("data-absent-reason", reason, display)
}

fn interpretation(result: &LabResult) -> Option<Obj> {
    let flag = |code, display| {
        concept(&format!("{TERMINOLOGY}v3-ObservationInterpretation"), code, display)
    };
    match &result.found {
        Found::Amount(amount, _, None) => {
            let (low, high) = result.analyte.range;
            if high.is_some_and(|high| amount.units > high) {
                Some(flag("H", "High"))
            } else if low.is_some_and(|low| amount.units < low) {
                Some(flag("L", "Low"))
            } else if low.or(high).is_some() {
                Some(flag("N", "Normal"))
            } else {
                None
            }
        }
        Found::Coded(code) if matches!(code.code, "10828004" | "260373001") => {
            Some(flag("A", "Abnormal"))
        }
        _ => None,
    }
}

fn range(analyte: &Analyte) -> Option<Obj> {
    let bound = |units| {
        quantity_of(Decimal::new(units, analyte.places), analyte.unit.printed, analyte.unit.ucum)
    };
    let (low, high) = analyte.range;
    low.or(high)?;
    Some(Obj::new().maybe("low", low.map(bound)).maybe("high", high.map(bound)))
}

fn report(life: &Life, panel: &Panel) -> Obj {
    let amended = panel.results.iter().find_map(|result| result.amended);
    let (status, version, updated) = match amended {
        Some((day, _)) => ("amended", 2, day.at(9, 45)),
        None => ("final", 1, panel.issued),
    };
    // The first thyroid order of the clinic's old system is gone.
    let order = if panel.kind.loinc == "3016-3" && panel.collected.date.year() < 2016 {
        PURGED
    } else {
        &panel.order_id
    };
    resource(
        "DiagnosticReport",
        &panel.id,
        version,
        soon(updated),
        &[&format!("{US_CORE}us-core-diagnosticreport-lab")],
    )
    .one("basedOn", reference("ServiceRequest", order))
    .put("status", status)
    .one("category", hl7("v2-0074", "LAB", "Laboratory"))
    .put("code", code(panel))
    .put("subject", patient(life))
    .put("encounter", encounter(&panel.visit))
    .text("effectiveDateTime", panel.collected)
    .text("issued", updated)
    .one("performer", organization(life, panel.laboratory))
    .one("specimen", reference("Specimen", &panel.specimen_id))
    .list(
        "result",
        panel
            .results
            .iter()
            .map(|result| reference("Observation", &result.id).put("display", result.analyte.name)),
    )
}
