//! Observation: social history, pregnancy, and results of tests that are not the laboratory's.

use super::parts::{US_CORE, code_concept, concept, hl7, period, resource, words};
use super::{Writer, encounter, patient, practitioner, soon};
use crate::json::Obj;
use crate::life::Life;
use crate::life::code::System;
use crate::life::record::{Social, SocialKind};
use crate::life::visit::{Topic, Visit};

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for social in &life.social {
        out.put("Observation", &social.id, observation(life, social));
    }
    for visit in &life.visits {
        for (id, written) in tests(life, visit) {
            out.put("Observation", &id, written);
        }
    }
}

fn observation(life: &Life, social: &Social) -> Obj {
    let (profile, loinc, name) = match social.kind {
        SocialKind::Smoking => ("us-core-smokingstatus", "72166-2", "Tobacco smoking status"),
        SocialKind::Occupation => {
            ("us-core-observation-occupation", "11341-5", "History of Occupation")
        }
        SocialKind::Pregnancy => {
            ("us-core-observation-pregnancystatus", "82810-3", "Pregnancy status")
        }
        SocialKind::PregnancyIntent => (
            "us-core-observation-pregnancyintent",
            "86645-9",
            "Pregnancy intention in the next year - Reported",
        ),
        SocialKind::Orientation => {
            ("us-core-observation-sexual-orientation", "76690-7", "Sexual orientation")
        }
        SocialKind::Habit => ("us-core-simple-observation", "11331-6", "History of Alcohol use"),
    };
    // Jobs are kept in words: no coded occupation is on file.
    let job = social.kind == SocialKind::Occupation;
    let value = if job { words(social.value.display) } else { code_concept(&social.value) };
    let industry = Obj::new()
        .put("code", concept(System::Loinc.uri(), "86188-0", "History of Occupation Industry"))
        .put("valueCodeableConcept", words("Metalworking machinery manufacturing"));
    resource("Observation", &social.id, 1, soon(social.when), &[&format!("{US_CORE}{profile}")])
        .put("status", "final")
        .one("category", hl7("observation-category", "social-history", "Social History"))
        .put("code", concept(System::Loinc.uri(), loinc, name).put("text", name))
        .put("subject", patient(life))
        .maybe("encounter", social.visit.as_ref().map(|visit| encounter(visit)))
        .with(|it| match social.period {
            Some((from, until)) => it.put("effectivePeriod", period(from, until)),
            None => it.text("effectiveDateTime", social.when),
        })
        .one("performer", practitioner(life, social.by))
        .put("valueCodeableConcept", value)
        .list("component", job.then_some(industry))
}

/// Results of an electrocardiogram, of the feet, and of the cuff at home.
fn tests(life: &Life, visit: &Visit) -> Vec<(String, Obj)> {
    let mut all = Vec::new();
    let start = |part: &str, profile: Option<&str>, category: (&str, &str), code: Obj| {
        let id = life.id(&format!("test/{part}/{}", visit.id), 0);
        let profile = profile.map(|profile| format!("{US_CORE}{profile}"));
        let profiles: Vec<&str> = profile.iter().map(String::as_str).collect();
        let written = resource("Observation", &id, 1, soon(visit.end), &profiles)
            .put("status", "final")
            .one("category", hl7("observation-category", category.0, category.1))
            .put("code", code)
            .put("subject", patient(life))
            .put("encounter", encounter(&visit.id))
            .text("effectiveDateTime", visit.start.plus_minutes(12))
            .one("performer", practitioner(life, visit.practitioner));
        (id, written)
    };
    if visit.performed.iter().any(|service| service.act.billing.code == "93000") {
        let code = concept(System::Loinc.uri(), "8601-7", "EKG impression");
        let (id, written) = start(
            "heart",
            Some("us-core-observation-clinical-result"),
            ("procedure", "Procedure"),
            code,
        );
        let rhythm = concept(System::Snomed.uri(), "11092001", "Sinus tachycardia");
        all.push((
            id,
            written.put(
                "valueCodeableConcept",
                rhythm.put("text", "Sinus tachycardia, no ST changes"),
            ),
        ));
    }
    if visit.topic == Topic::Feet {
        let code = words("Monofilament test of both feet");
        let (id, written) =
            start("feet", Some("us-core-observation-clinical-result"), ("exam", "Exam"), code);
        all.push((id, written.put("valueString", "Felt at six of ten points")));
    }
    let cuff = life.devices.iter().find(|device| device.kind.1 == "Sphygmomanometer");
    // The cuff has been there for a week at least.
    if visit.topic == Topic::Annual && cuff.is_some_and(|cuff| cuff.since.plus(7) <= visit.date()) {
        all.push(home_average(life, visit, &start));
    }
    all
}

/// The mean of the cuff at home over the week before a preventive visit.
fn home_average(
    life: &Life,
    visit: &Visit,
    start: &impl Fn(&str, Option<&str>, (&str, &str), Obj) -> (String, Obj),
) -> (String, Obj) {
    use crate::decimal::Decimal;
    use crate::life::catalog::labs::MMHG;
    let name = "Blood pressure panel mean systolic and mean diastolic";
    let code = concept(System::Loinc.uri(), "96607-7", name);
    let (id, written) =
        start("average", Some("us-core-vital-signs"), ("vital-signs", "Vital Signs"), code);
    let (systolic, diastolic) = super::home::mean_pressure(life, visit.date());
    let part = |loinc: &str, name: &str, value| {
        Obj::new()
            .put("code", concept(System::Loinc.uri(), loinc, name))
            .put("valueQuantity", super::parts::quantity(Decimal::whole(value), &MMHG))
    };
    let written = written.put("method", words("Mean of the home measurements of seven days")).list(
        "component",
        [
            part("96608-5", "Systolic blood pressure mean", systolic),
            part("96609-3", "Diastolic blood pressure mean", diastolic),
        ],
    );
    (id, written)
}
