//! DocumentReference with the document inside, and DiagnosticReport of images and pathology.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::parts::{
    US_CORE, code_concept, coded, coding, concept, escape, hl7, identifier, period, reference,
    resource,
};
use super::{Writer, ccda, encounter, organization, patient, pdf, practitioner, soon};
use crate::json::Obj;
use crate::life::Life;
use crate::life::code::System;
use crate::life::record::{Document, Form};

const PATHOLOGY: &str = "11526-1";

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for document in &life.documents {
        let attachment = attachment(life, document);
        if document.report.is_some() || document.kind.code == PATHOLOGY {
            let id = life.id(&format!("report/{}", document.id), 0);
            let written = report(life, document, &id, attachment.clone());
            out.put("DiagnosticReport", &id, written);
        }
        out.put("DocumentReference", &document.id, whole(life, document, attachment));
    }
}

/// The document as bytes, with its media type.
fn bytes(life: &Life, document: &Document) -> (&'static str, Vec<u8>) {
    match document.form {
        Form::Text => ("text/plain; charset=utf-8", text(life, document).into_bytes()),
        Form::Html => ("text/html; charset=utf-8", html(life, document).into_bytes()),
        Form::Ccda => ("application/xml", ccda::write(life, document).into_bytes()),
        Form::Pdf => ("application/pdf", pdf::write(&text(life, document))),
    }
}

fn attachment(life: &Life, document: &Document) -> Obj {
    let (kind, bytes) = bytes(life, document);
    let size = i64::try_from(bytes.len()).unwrap_or(0);
    Obj::new()
        .put("contentType", kind)
        .put("language", "en-US")
        .put("data", STANDARD.encode(bytes))
        .put("size", size)
        .put("title", &document.title)
        .text("creation", document.when)
}

/// The lines above every document: title, member, date, author.
fn head(life: &Life, document: &Document) -> [String; 4] {
    let author = life.providers.practitioner(document.author);
    let place = life.providers.organization(document.organization);
    [
        document.title.clone(),
        format!("{}, born {}", life.member.full_name(), life.member.birth.in_words()),
        format!("{}, {}", place.name, document.when.date.in_words()),
        format!("Author: {}, {}", author.printed(), author.specialty.display),
    ]
}

fn text(life: &Life, document: &Document) -> String {
    let mut text = head(life, document).join("\n");
    for (heading, paragraph) in &document.sections {
        text.push_str(&format!("\n\n{}\n{paragraph}", heading.to_uppercase()));
    }
    text.push('\n');
    text
}

fn html(life: &Life, document: &Document) -> String {
    let [title, member, place, author] = head(life, document).map(|line| escape(&line));
    let sections: String = document
        .sections
        .iter()
        .map(|(heading, paragraph)| {
            format!("<h2>{}</h2>\n<p>{}</p>\n", escape(heading), escape(paragraph))
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"/><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<p>{member}<br/>{place}<br/>{author}</p>\n{sections}</body>\n</html>\n"
    )
}

fn whole(life: &Life, document: &Document, attachment: Obj) -> Obj {
    let category = concept(
        "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
        "clinical-note",
        "Clinical Note",
    );
    let visit = document.visit.as_ref().and_then(|id| life.visit(id));
    let context = Obj::new()
        .list("encounter", visit.map(|visit| encounter(&visit.id)))
        .maybe("period", visit.map(|visit| period(visit.start, Some(visit.end))));
    let format = (document.form == Form::Ccda).then(|| {
        coding(
            "urn:oid:1.3.6.1.4.1.19376.1.2.3",
            "urn:hl7-org:sdwg:ccda-structuredBody:2.1",
            "C-CDA R2.1 with a structured body",
        )
    });
    let content = Obj::new().put("attachment", attachment).maybe("format", format);
    resource(
        "DocumentReference",
        &document.id,
        1,
        soon(document.when),
        &[&format!("{US_CORE}us-core-documentreference")],
    )
    .one("identifier", identifier("urn:ietf:rfc:3986", &format!("urn:uuid:{}", document.id)))
    .put("status", "current")
    .put("docStatus", "final")
    .put("type", code_concept(&document.kind))
    .one("category", category)
    .put("subject", patient(life))
    .text("date", document.when)
    .one("author", practitioner(life, document.author))
    .put("custodian", organization(life, document.organization))
    .put("description", &document.title)
    .one("content", content)
    .put("context", context)
}

fn report(life: &Life, document: &Document, id: &str, attachment: Obj) -> Obj {
    let pathology = document.kind.code == PATHOLOGY;
    let (category, display) =
        if pathology { ("LP7839-6", "Pathology") } else { ("LP29684-5", "Radiology") };
    let service = document.report.map(|act| coded(&act.billing));
    let code = Obj::new()
        .list("coding", [coded(&document.kind)].into_iter().chain(service))
        .put("text", document.report.map_or(document.kind.display, |act| act.text));
    let conclusion = document
        .sections
        .iter()
        .find(|(heading, _)| matches!(*heading, "Impression" | "Diagnosis"))
        .map(|(_, text)| text);
    let visit = document.visit.as_ref().and_then(|id| life.visit(id));
    let effective = visit.map_or(document.when, |visit| visit.start);
    let second = hl7("v2-0074", if pathology { "PAT" } else { "RAD" }, display);
    resource(
        "DiagnosticReport",
        id,
        1,
        soon(document.when),
        &[&format!("{US_CORE}us-core-diagnosticreport-note")],
    )
    .put("status", "final")
    .list("category", [concept(System::Loinc.uri(), category, display), second])
    .put("code", code)
    .put("subject", patient(life))
    .maybe("encounter", document.visit.as_ref().map(|id| reference("Encounter", id)))
    .text("effectiveDateTime", effective)
    .text("issued", document.when)
    .one("performer", practitioner(life, document.author))
    .maybe("conclusion", conclusion)
    .one("presentedForm", attachment)
}
