//! Condition: the problem list and health concerns. Diagnoses of visits are written with the visit.

use super::parts::{TERMINOLOGY, US_CORE, concept, diagnosis, hl7, narrative, resource};
use super::{Writer, patient};
use crate::json::{Obj, Raw};
use crate::life::Life;
use crate::life::visit::{Diagnosis, Onset, ProblemList};

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for problem in &life.diagnoses {
        out.put("Condition", &problem.id, condition(life, problem));
    }
}

/// The id of the problem of a diagnosis, if it is on the list.
pub(super) fn of<'a>(life: &'a Life, dx: &crate::life::code::Dx) -> Option<&'a str> {
    life.diagnoses
        .iter()
        .find(|problem| problem.dx == dx && !problem.mistake)
        .map(|it| it.id.as_str())
}

/// Clinical and verification status.
pub(super) fn status(kind: &str, code: &str, display: &str) -> Obj {
    hl7(&format!("condition-{kind}"), code, display)
}

fn condition(life: &Life, problem: &Diagnosis) -> Obj {
    let mut updated = problem.recorded.at(11, 5);
    let mut version = 1;
    if let Some(day) = problem.abatement {
        updated = updated.max(day.at(12, 30));
        version = 2;
    }
    let category = |system: &str, code: &str, display: &str| concept(system, code, display);
    let base = format!("{TERMINOLOGY}condition-category");
    let core = "http://hl7.org/fhir/us/core/CodeSystem/condition-category";
    let categories = match problem.list {
        ProblemList::Problem => vec![category(&base, "problem-list-item", "Problem List Item")],
        ProblemList::HealthConcern => vec![category(core, "health-concern", "Health Concern")],
        ProblemList::Social => vec![
            category(core, "health-concern", "Health Concern"),
            category("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh", "SDOH"),
        ],
    };
    let clinical = match problem.abatement {
        None => status("clinical", "active", "Active"),
        Some(_) if problem.dx.icd10 == "F32.1" => status("clinical", "remission", "Remission"),
        Some(_) => status("clinical", "resolved", "Resolved"),
    };
    let verification = if problem.mistake {
        status("ver-status", "entered-in-error", "Entered in Error")
    } else {
        status("ver-status", "confirmed", "Confirmed")
    };
    let profile = format!("{US_CORE}us-core-condition-problems-health-concerns");
    let lines = [format!("{}, recorded {}", problem.dx.text, problem.recorded.in_words())];
    resource("Condition", &problem.id, version, updated, &[&profile])
        .with(|it| if version == 2 { it.put("text", narrative(&lines)) } else { it })
        .maybe("clinicalStatus", (!problem.mistake).then_some(clinical))
        .put("verificationStatus", verification)
        .list("category", categories)
        .put("code", diagnosis(problem.dx))
        .put("subject", patient(life))
        .with(|it| onset(it, problem.onset))
        .maybe("abatementDateTime", problem.abatement.map(|day| day.to_string()))
        .text("recordedDate", problem.recorded)
        .put("recorder", super::practitioner(life, problem.by))
}

fn onset(it: Obj, onset: Onset) -> Obj {
    match onset {
        Onset::Day(day) => it.text("onsetDateTime", day),
        Onset::Month(day) => it.put("onsetDateTime", day.year_month()),
        Onset::Year(day) => it.text("onsetDateTime", day.year()),
        Onset::Age(years) => it.put(
            "onsetAge",
            Obj::new()
                .put("value", Raw(years))
                .put("unit", "years")
                .put("system", "http://unitsofmeasure.org")
                .put("code", "a"),
        ),
    }
}
