//! Procedure, the orders for procedures (ServiceRequest), Device.

use super::parts::{
    TERMINOLOGY, US_CORE, coded, coding, concept, narrative, period, reference, resource, words,
};
use super::{Writer, encounter, location, patient, practitioner, role, soon};
use crate::date::Date;
use crate::json::Obj;
use crate::life::Life;
use crate::life::code::{Act, Sort, System};
use crate::life::record::Device;
use crate::life::visit::{Performed, Setting, Topic, Visit};

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for visit in &life.visits {
        let ordered = order(life, visit);
        for service in visit.performed.iter().filter(|service| service.act.sort.recorded()) {
            out.put("Procedure", &service.id, procedure(life, visit, service, ordered.is_some()));
        }
        if let Some(written) = ordered {
            out.put("ServiceRequest", &order_id(life, visit), written);
        }
    }
    let appendix = life.id("appendectomy", 0);
    out.put("Procedure", &appendix, appendectomy(life, &appendix));
    for it in &life.devices {
        out.put("Device", &it.id, device(life, it));
    }
}

fn order_id(life: &Life, visit: &Visit) -> String {
    life.id(&format!("order/{}", visit.id), 99)
}

/// Billing code and SNOMED CT code of a service.
pub(super) fn code(act: &Act) -> Obj {
    let snomed = act.snomed.map(|(code, display)| coding(System::Snomed.uri(), code, display));
    Obj::new().list("coding", [coded(&act.billing)].into_iter().chain(snomed)).put("text", act.text)
}

fn procedure(life: &Life, visit: &Visit, service: &Performed, ordered: bool) -> Obj {
    let who = service.by.unwrap_or(visit.practitioner);
    let actor =
        if visit.topic == Topic::Physiotherapy { role(life, who) } else { practitioner(life, who) };
    let surgery = matches!(service.act.sort, Sort::Surgery | Sort::Anesthesia);
    let lasting =
        visit.setting == Setting::SurgeryCenter || visit.setting == Setting::OutpatientHospital;
    let implant = life.devices.iter().find(|device| device.implanted.as_ref() == Some(&service.id));
    let knee = matches!(visit.topic, Topic::Knee | Topic::Physiotherapy);
    let site = match (&service.tooth, knee) {
        (Some((tooth, surface)), _) => Some(words(&match surface {
            Some(surface) => format!("Tooth {tooth}, surface {surface}"),
            None => format!("Tooth {tooth}"),
        })),
        (None, true) => {
            Some(concept(System::Snomed.uri(), "6757004", "Right knee region structure"))
        }
        (None, false) => None,
    };
    let updated = soon(visit.end.max(service.date.at(9, 0)));
    resource("Procedure", &service.id, 1, updated, &[&format!("{US_CORE}us-core-procedure")])
        .list("basedOn", ordered.then(|| reference("ServiceRequest", &order_id(life, visit))))
        .put("status", "completed")
        .maybe(
            "category",
            surgery.then(|| concept(System::Snomed.uri(), "387713003", "Surgical procedure")),
        )
        .put("code", code(service.act))
        .put("subject", patient(life))
        .put("encounter", encounter(&visit.id))
        .with(|it| {
            if lasting {
                it.put(
                    "performedPeriod",
                    period(visit.start.plus_minutes(70), Some(visit.start.plus_minutes(158))),
                )
            } else if service.date == visit.date() {
                it.text("performedDateTime", visit.start.plus_minutes(10))
            } else {
                it.text("performedDateTime", service.date)
            }
        })
        .one("performer", Obj::new().put("actor", actor))
        .put("location", location(life, visit.organization))
        .list(
            "reasonCode",
            visit
                .diagnoses
                .first()
                .filter(|_| visit.topic != Topic::Depression)
                .map(|dx| super::parts::diagnosis(dx)),
        )
        .list("bodySite", site)
        .list(
            "focalDevice",
            implant.map(|device| {
                let action = concept("http://hl7.org/fhir/device-action", "implanted", "Implanted");
                Obj::new()
                    .put("action", action)
                    .put("manipulated", reference("Device", &device.id).put("display", device.name))
            }),
        )
}

/// The order of what is done on order only: images, operations, screening, physical therapy.
fn order(life: &Life, visit: &Visit) -> Option<Obj> {
    let (category, display) = match (visit.topic, visit.setting) {
        (Topic::Screening, Setting::Imaging) | (Topic::Knee, Setting::Imaging) => {
            ("363679005", "Imaging")
        }
        (_, Setting::SurgeryCenter | Setting::OutpatientHospital) => {
            ("387713003", "Surgical procedure")
        }
        (Topic::Education, _) => ("409063005", "Counselling"),
        _ => return None,
    };
    let act = visit.performed.iter().find(|service| service.act.sort.recorded())?.act;
    let doctor = match visit.topic {
        Topic::Knee if visit.setting == Setting::SurgeryCenter => {
            crate::life::provider::Role::Orthopedics
        }
        Topic::Knee => crate::life::provider::Role::NursePractitioner,
        _ => crate::life::provider::Role::PrimaryCare,
    };
    let authored = visit.date().plus(-8).on_weekday();
    let note =
        visit.prior_authorization.then(|| words("Prior authorization was asked of the plan."));
    let written = resource(
        "ServiceRequest",
        &order_id(life, visit),
        2,
        soon(visit.end),
        &[&format!("{US_CORE}us-core-servicerequest")],
    )
    .put("status", "completed")
    .put("intent", "order")
    .one("category", concept(System::Snomed.uri(), category, display))
    .put("priority", "routine")
    .put("code", code(act))
    .put("subject", patient(life))
    .put("occurrencePeriod", period(visit.start, Some(visit.end)))
    .text("authoredOn", authored)
    .put("requester", practitioner(life, life.providers.of(doctor)))
    .one("performer", practitioner(life, visit.practitioner))
    .list("reasonCode", visit.diagnoses.first().map(|dx| super::parts::diagnosis(dx)))
    .list("note", note);
    Some(written)
}

/// An operation of long ago, of which only the year is known and nobody who did it.
fn appendectomy(life: &Life, id: &str) -> Obj {
    let year = life.member.birth.year() + 14;
    let code = concept(System::Snomed.uri(), "80146002", "Excision of appendix")
        .put("text", "Appendectomy");
    let lines = [format!("Appendectomy in {year}, told by the member")];
    resource(
        "Procedure",
        id,
        1,
        Date::of(2011, 9, 12).at(11, 0),
        &[&format!("{US_CORE}us-core-procedure")],
    )
    .put("text", narrative(&lines))
    .put("status", "completed")
    .put("code", code)
    .put("subject", patient(life))
    .text("performedDateTime", year)
    .put("asserter", patient(life))
}

fn device(life: &Life, it: &Device) -> Obj {
    let profile = if it.implanted.is_some() {
        format!("{US_CORE}us-core-implantable-device")
    } else {
        "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/pdex-device".to_owned()
    };
    let short = |date: Date| date.compact()[2..].to_owned();
    let printed = format!(
        "(01){}(11){}(17){}(10){}(21){}",
        it.gtin,
        short(it.made),
        short(it.expires),
        it.lot,
        it.serial
    );
    let carrier = Obj::new()
        .put("deviceIdentifier", &it.gtin)
        .put("issuer", "http://hl7.org/fhir/NamingSystem/gs1-di")
        .put("carrierHRF", printed)
        .put("entryType", if it.implanted.is_some() { "barcode" } else { "manual" });
    let name = Obj::new().put("name", it.name).put("type", "manufacturer-name");
    let safe = concept(&format!("{TERMINOLOGY}device-status-reason"), "online", "Online");
    resource("Device", &it.id, 1, it.since.at(15, 0), &[&profile])
        .one("udiCarrier", carrier)
        .put("status", "active")
        .list("statusReason", it.implanted.is_none().then_some(safe))
        .put("manufacturer", it.maker)
        // Factories print the month only.
        .put("manufactureDate", it.made.year_month())
        .text("expirationDate", it.expires)
        .put("lotNumber", &it.lot)
        .put("serialNumber", &it.serial)
        .one("deviceName", name)
        .put("modelNumber", it.model)
        .put("type", concept(System::Snomed.uri(), it.kind.0, it.kind.1).put("text", it.kind.1))
        .put("patient", patient(life))
}
