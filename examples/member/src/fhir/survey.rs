//! QuestionnaireResponse and the Observations of screenings.

use super::lab::found;
use super::parts::{US_CORE, code_concept, coded, concept, extension, hl7, reference, resource};
use super::{Writer, encounter, patient, soon};
use crate::decimal::Decimal;
use crate::json::{Obj, Raw};
use crate::life::Life;
use crate::life::catalog::labs::SCORE;
use crate::life::code::Code;
use crate::life::lab::Found;
use crate::life::record::{Answer, Survey};

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for survey in &life.surveys {
        out.put("QuestionnaireResponse", &survey.id, response(life, survey));
        let mut members = Vec::new();
        for (n, answer) in (0_u64..).zip(&survey.answers) {
            let id = life.id(&format!("answer/{}", survey.n), n);
            let written = found(start(life, survey, &id, &answer.question), &answer.answer);
            out.put("Observation", &id, written);
            members.push(id);
        }
        if let Some((code, sum)) = &survey.total {
            let id = life.id(&format!("answer/{}", survey.n), 100);
            let value = super::parts::quantity(Decimal::whole(*sum), &SCORE);
            let written = start(life, survey, &id, code)
                .put("valueQuantity", value)
                .list("interpretation", depression(*sum));
            out.put("Observation", &id, written);
            members.push(id);
        }
        let id = life.id(&format!("answer/{}", survey.n), 101);
        let written = start(life, survey, &id, &survey.panel)
            .list("hasMember", members.iter().map(|id| reference("Observation", id)));
        out.put("Observation", &id, written);
    }
}

fn start(life: &Life, survey: &Survey, id: &str, code: &Code) -> Obj {
    let profile = format!("{US_CORE}us-core-observation-screening-assessment");
    let social = survey.social.then(|| {
        concept("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh", "SDOH")
    });
    let survey_category = hl7("observation-category", "survey", "Survey");
    resource("Observation", id, 1, soon(survey.when), &[&profile])
        .put("status", "final")
        .list("category", [survey_category].into_iter().chain(social))
        .put("code", code_concept(code))
        .put("subject", patient(life))
        .put("encounter", encounter(&survey.visit))
        .text("effectiveDateTime", survey.when)
        .one("performer", patient(life))
        .one("derivedFrom", reference("QuestionnaireResponse", &survey.id))
}

/// How bad a depression of a PHQ-9 sum is.
fn depression(sum: i64) -> Option<Obj> {
    let text = match sum {
        ..=4 => "Minimal depression",
        5..=9 => "Mild depression",
        10..=14 => "Moderate depression",
        15..=19 => "Moderately severe depression",
        _ => "Severe depression",
    };
    Some(super::parts::words(text))
}

fn response(life: &Life, survey: &Survey) -> Obj {
    let display = extension(
        "http://hl7.org/fhir/StructureDefinition/display",
        "valueString",
        survey.panel.display,
    );
    resource(
        "QuestionnaireResponse",
        &survey.id,
        1,
        soon(survey.when),
        &[&format!("{US_CORE}us-core-questionnaireresponse")],
    )
    .put("questionnaire", survey.questionnaire)
    .put("_questionnaire", Obj::new().one("extension", display))
    .put("status", "completed")
    .put("subject", patient(life))
    .put("encounter", encounter(&survey.visit))
    .text("authored", survey.when)
    .put("author", patient(life))
    .list("item", survey.answers.iter().map(item))
}

fn item(answer: &Answer) -> Obj {
    let value = match &answer.answer {
        Found::Coded(code) => {
            let ordinal = answer.score.map(|score| {
                extension(
                    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
                    "valueDecimal",
                    Raw(score),
                )
            });
            let coding = coded(code);
            let coding = match ordinal {
                Some(ordinal) => Obj::new()
                    .one("extension", ordinal)
                    .put("system", code.system.uri())
                    .put("code", code.code)
                    .put("display", code.display),
                None => coding,
            };
            Some(Obj::new().put("valueCoding", coding))
        }
        Found::Amount(amount, ..) => Some(Obj::new().put("valueDecimal", Raw(*amount))),
        Found::Words(words) => Some(Obj::new().put("valueString", words)),
        Found::Absent(_) => None,
    };
    Obj::new()
        .put("linkId", format!("/{}", answer.question.code))
        .put("text", answer.question.display)
        .list("answer", value)
}
