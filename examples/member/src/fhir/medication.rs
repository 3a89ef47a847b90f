//! Medication, MedicationRequest, MedicationDispense.

use std::collections::BTreeSet;

use super::parts::{
    US_CORE, coded, coding, concept, extension, hl7, quantity_of, reference, resource, words,
};
use super::{Writer, encounter, location, organization, patient, practitioner, role, soon};
use crate::date::Moment;
use crate::decimal::Decimal;
use crate::json::{Obj, Raw};
use crate::life::Life;
use crate::life::code::System;
use crate::life::drug::{Dose, Drug, Fill, Prescription};

const PDEX: &str = "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/";
const LOADED: Moment = crate::date::Date::of(2021, 7, 1).at(3, 15);

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    let mut written = BTreeSet::new();
    for prescription in &life.prescriptions {
        let drug = prescription.drug;
        if by_reference(drug) && written.insert(drug.rxnorm.code) {
            out.put("Medication", &medication_id(life, drug), medication(life, drug));
        }
        out.put("MedicationRequest", &prescription.id, request(life, prescription));
    }
    for fill in &life.fills {
        if let Some(prescription) = life.prescription(fill) {
            out.put("MedicationDispense", &fill.id, dispense(life, prescription, fill));
        }
    }
    let vitamin = life.id("vitamin", 0);
    out.put("MedicationRequest", &vitamin, told_in_words(life, &vitamin));
}

/// Injected drugs are kept as Medication of their own, tablets as codes.
fn by_reference(drug: &Drug) -> bool {
    drug.form == "pen injector"
}

fn medication_id(life: &Life, drug: &Drug) -> String {
    life.id(&format!("medication/{}", drug.rxnorm.code), 0)
}

/// RxNorm, NDC and the name.
fn code(drug: &Drug) -> Obj {
    let ndc = Obj::new().put("system", System::Ndc.uri()).put("code", drug.ndc);
    Obj::new().list("coding", [coded(&drug.rxnorm), ndc]).put("text", drug.name)
}

fn medication(life: &Life, drug: &Drug) -> Obj {
    let form =
        concept(System::Snomed.uri(), "385219001", "Conventional release solution for injection");
    resource(
        "Medication",
        &medication_id(life, drug),
        1,
        LOADED,
        &[&format!("{US_CORE}us-core-medication")],
    )
    .put("code", code(drug))
    .put("status", "active")
    .put("form", form.put("text", drug.form))
}

fn drug(life: &Life, it: Obj, drug: &Drug) -> Obj {
    if by_reference(drug) {
        it.put(
            "medicationReference",
            reference("Medication", &medication_id(life, drug)).put("display", drug.name),
        )
    } else {
        it.put("medicationCodeableConcept", code(drug))
    }
}

fn request(life: &Life, prescription: &Prescription) -> Obj {
    let over = prescription.end < life.today;
    let (status, version, updated) = match prescription.stopped {
        Some((day, _)) => ("stopped", 2, day.at(16, 10)),
        None if over => ("completed", 2, prescription.end.plus(1).at(2, 0)),
        None => ("active", 1, soon(prescription.authored)),
    };
    let reported = prescription.reported;
    let reason = super::condition::of(life, prescription.dx);
    let category = if reported {
        ("patientspecified", "Patient Specified")
    } else {
        ("community", "Community")
    };
    let category = hl7("medicationrequest-category", category.0, category.1);
    // The diabetes clinic names the role in which someone prescribed.
    let requester = if by_reference(prescription.drug) {
        role(life, prescription.prescriber)
    } else {
        practitioner(life, prescription.prescriber)
    };
    let why = prescription.stopped.filter(|_| !reported).map(|(_, why)| words(why));
    resource(
        "MedicationRequest",
        &prescription.id,
        version,
        updated,
        &[&format!("{US_CORE}us-core-medicationrequest")],
    )
    .put("status", status)
    .maybe("statusReason", why)
    .put("intent", if reported { "plan" } else { "order" })
    .one("category", category)
    .put("reportedBoolean", reported)
    .with(|it| drug(life, it, prescription.drug))
    .put("subject", patient(life))
    .maybe("encounter", prescription.visit.as_ref().map(|visit| encounter(visit)))
    .text("authoredOn", prescription.authored)
    .put("requester", requester)
    .one("reasonCode", super::parts::diagnosis(prescription.dx))
    .list("reasonReference", reason.map(|id| reference("Condition", id)))
    .list("dosageInstruction", dosages(prescription))
    .with(|it| if reported { it } else { it.put("dispenseRequest", supply(life, prescription)) })
    .with(|it| {
        if reported {
            it
        } else {
            it.put("substitution", Obj::new().put("allowedBoolean", !prescription.drug.brand))
        }
    })
    .maybe(
        "priorPrescription",
        prescription.renews.as_ref().map(|id| reference("MedicationRequest", id)),
    )
}

fn supply(life: &Life, prescription: &Prescription) -> Obj {
    let days = Obj::new()
        .put("value", i64::from(prescription.days_supply))
        .put("unit", "days")
        .put("system", "http://unitsofmeasure.org")
        .put("code", "d");
    Obj::new()
        .put(
            "validityPeriod",
            super::parts::period(prescription.authored.date, Some(prescription.end)),
        )
        .put("numberOfRepeatsAllowed", i64::from(prescription.refills))
        .put("quantity", amount(prescription, prescription.quantity))
        .put("expectedSupplyDuration", days)
        .put("performer", organization(life, prescription.pharmacy))
}

fn amount(prescription: &Prescription, quantity: Decimal) -> Obj {
    let unit = prescription.quantity_unit;
    let printed = if unit == "mL" { "mL" } else { prescription.drug.unit.0 };
    quantity_of(quantity, printed, unit)
}

fn dosages(prescription: &Prescription) -> Vec<Obj> {
    let many = prescription.doses.len() > 1;
    (1_i64..)
        .zip(&prescription.doses)
        .map(|(n, dose)| dosage(prescription, many.then_some(n), dose))
        .collect()
}

fn dosage(prescription: &Prescription, sequence: Option<i64>, dose: &Dose) -> Obj {
    let drug = prescription.drug;
    let bounds = dose.days.map(|days| {
        Obj::new()
            .put("value", days)
            .put("unit", "days")
            .put("system", "http://unitsofmeasure.org")
            .put("code", "d")
    });
    let repeat = Obj::new()
        .maybe("boundsDuration", bounds)
        .put("frequency", dose.frequency)
        .put("period", dose.period)
        .put("periodUnit", dose.period_unit)
        .list("when", dose.when);
    let ordered = Obj::new()
        .put("type", hl7("dose-rate-type", "ordered", "Ordered"))
        .put("doseQuantity", quantity_of(dose.amount, drug.unit.0, drug.unit.1));
    Obj::new()
        .maybe("sequence", sequence)
        .put("text", &dose.text)
        .put("timing", Obj::new().put("repeat", repeat))
        .with(|it| match prescription.as_needed {
            Some(what) => it.put("asNeededCodeableConcept", words(what)),
            None => it,
        })
        .put("route", concept(System::Snomed.uri(), drug.route.0, drug.route.1))
        .one("doseAndRate", ordered)
}

fn dispense(life: &Life, prescription: &Prescription, fill: &Fill) -> Obj {
    let (code, display) = if fill.number == 0 {
        ("FFC", "First Fill - Complete")
    } else {
        ("RFC", "Refill - Complete")
    };
    let refill = extension(
        &format!("{PDEX}DispenseRefill"),
        "valueQuantity",
        Obj::new().put("value", i64::from(fill.number)),
    );
    let profiles =
        [format!("{US_CORE}us-core-medicationdispense"), format!("{PDEX}pdex-medicationdispense")];
    let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
    let days = Obj::new()
        .put("value", Raw(fill.days_supply))
        .put("unit", "days")
        .put("system", "http://unitsofmeasure.org")
        .put("code", "d");
    let kind = coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", code, display);
    resource("MedicationDispense", &fill.id, 1, soon(fill.when), &profiles)
        .one("extension", refill)
        .put("status", "completed")
        .put("medicationCodeableConcept", self::code(prescription.drug))
        .put("subject", patient(life))
        .one("performer", Obj::new().put("actor", organization(life, fill.pharmacy)))
        .put("location", location(life, fill.pharmacy))
        .one("authorizingPrescription", reference("MedicationRequest", &prescription.id))
        .put("type", Obj::new().one("coding", kind))
        .put("quantity", amount(prescription, fill.quantity))
        .put("daysSupply", days)
        .text("whenHandedOver", fill.when)
        .list("dosageInstruction", dosages(prescription))
        .put("substitution", Obj::new().put("wasSubstituted", false))
}

/// Something that the member takes and nobody has coded.
fn told_in_words(life: &Life, id: &str) -> Obj {
    let when = crate::date::Date::of(2022, 9, 14).at(9, 25);
    resource("MedicationRequest", id, 1, when, &[&format!("{US_CORE}us-core-medicationrequest")])
        .put("status", "unknown")
        .put("intent", "plan")
        .put("reportedReference", patient(life))
        .put("medicationCodeableConcept", words("Vitamin D from the drugstore, strength not known"))
        .put("subject", patient(life))
        .put("authoredOn", "2022-09")
        .one("dosageInstruction", Obj::new().put("text", "One capsule on most days"))
}
