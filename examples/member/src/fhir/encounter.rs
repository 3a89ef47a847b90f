//! Encounter, and the Conditions that were diagnosed at it.

use super::condition::status;
use super::parts::{
    TERMINOLOGY, US_CORE, code_concept, coding, concept, diagnosis, hl7, identifier, period,
    reference, resource, words,
};
use super::person::absent;
use super::{Writer, encounter, location, organization, patient, practitioner, role, soon};
use crate::json::Obj;
use crate::life::Life;
use crate::life::visit::{Setting, Topic, Visit};

/// A place that was closed and is in no directory any more.
pub(crate) const CLOSED: &str = "closed-urgent-care-2018";

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for visit in &life.visits {
        let diagnosed = diagnosed(life, visit);
        out.put("Encounter", &visit.id, whole(life, visit, &diagnosed));
        for (id, condition) in diagnosed {
            out.put("Condition", &id, condition);
        }
    }
}

fn whole(life: &Life, visit: &Visit, diagnosed: &[(String, Obj)]) -> Obj {
    let class = match visit.setting {
        Setting::Emergency => ("EMER", "emergency"),
        Setting::Inpatient => ("IMP", "inpatient encounter"),
        Setting::Virtual => ("VR", "virtual"),
        _ => ("AMB", "ambulatory"),
    };
    let stay = visit.setting == Setting::Inpatient;
    // Some clinics name the role in which someone acted, others the person.
    let by_role = matches!(visit.topic, Topic::Diabetes | Topic::Physiotherapy);
    let who = if by_role {
        role(life, visit.practitioner)
    } else {
        practitioner(life, visit.practitioner)
    };
    let participant = Obj::new()
        .one("type", hl7("v3-ParticipationType", "PPRF", "primary performer"))
        .put("period", period(visit.start, Some(visit.end)))
        .put("individual", who);
    let place = if visit.setting == Setting::UrgentCare && visit.date().year() < 2018 {
        reference("Location", CLOSED)
    } else {
        location(life, visit.organization)
    };
    let reason = if visit.topic == Topic::Depression {
        // Told to the plan only in part.
        Obj::new().one("extension", absent("masked"))
    } else {
        words(&visit.reason)
    };
    let diagnoses = diagnosed.iter().zip(1_i64..).map(|((id, _), rank)| {
        let billing = hl7("diagnosis-role", "billing", "Billing");
        Obj::new()
            .put("condition", reference("Condition", id))
            .put("use", billing)
            .put("rank", rank)
    });
    resource("Encounter", &visit.id, 1, soon(visit.end), &[&format!("{US_CORE}us-core-encounter")])
        .one("identifier", identifier("https://payer.example.com/fhir/encounter", &visit.id[..8]))
        .put("status", "finished")
        .put("class", coding(&format!("{TERMINOLOGY}v3-ActCode"), class.0, class.1))
        .one("type", code_concept(&visit.kind))
        .with(|it| {
            if visit.setting == Setting::Emergency {
                it.put("priority", hl7("v3-ActPriority", "EM", "emergency"))
            } else {
                it
            }
        })
        .put("subject", patient(life))
        .one("participant", participant)
        .put("period", period(visit.start, Some(visit.end)))
        .one("reasonCode", reason)
        .list("diagnosis", diagnoses)
        .with(|it| if stay { it.put("hospitalization", hospitalization(life, visit)) } else { it })
        .one("location", Obj::new().put("location", place))
        .put("serviceProvider", organization(life, visit.organization))
        .with(|it| match came_from(life, visit) {
            Some(before) => it.put("partOf", encounter(before)),
            None => it,
        })
}

/// The emergency visit that led to this stay.
fn came_from<'a>(life: &'a Life, visit: &Visit) -> Option<&'a str> {
    let before = life.visits.iter().find(|before| before.led_to.as_ref() == Some(&visit.id))?;
    Some(&before.id)
}

fn hospitalization(life: &Life, visit: &Visit) -> Obj {
    let source = if came_from(life, visit).is_some() {
        hl7("admit-source", "emd", "From accident/emergency department")
    } else {
        hl7("admit-source", "outp", "From outpatient department")
    };
    let home = concept(
        "http://www.nubc.org/patient-discharge",
        "01",
        "Discharged to home care or self care (routine discharge)",
    );
    Obj::new().put("admitSource", source).put("dischargeDisposition", home)
}

/// The Conditions of a visit: the principal diagnosis and the next, but for mere check-ups.
fn diagnosed(life: &Life, visit: &Visit) -> Vec<(String, Obj)> {
    let count = match visit.topic {
        Topic::Vaccination | Topic::Teeth | Topic::Education => 0,
        Topic::Physiotherapy | Topic::Acute | Topic::Skin | Topic::Feet => 1,
        Topic::Pneumonia => 3,
        _ => 2,
    };
    let profile = format!("{US_CORE}us-core-condition-encounter-diagnosis");
    (0_u64..)
        .zip(visit.diagnoses.iter().take(count))
        .map(|(n, dx)| {
            let id = life.id(&format!("diagnosis/{}", visit.id), n);
            let masked = visit.topic == Topic::Depression && n == 0;
            let code = if masked {
                Obj::new().one("extension", absent("masked")).put("text", "Not shown")
            } else {
                diagnosis(dx)
            };
            let condition = resource("Condition", &id, 1, soon(visit.end), &[&profile])
                .put("clinicalStatus", status("clinical", "active", "Active"))
                .put("verificationStatus", status("ver-status", "confirmed", "Confirmed"))
                .one(
                    "category",
                    hl7("condition-category", "encounter-diagnosis", "Encounter Diagnosis"),
                )
                .put("code", code)
                .put("subject", patient(life))
                .put("encounter", encounter(&visit.id))
                .text("onsetDateTime", visit.date())
                .text("recordedDate", visit.date());
            (id, condition)
        })
        .collect()
}
