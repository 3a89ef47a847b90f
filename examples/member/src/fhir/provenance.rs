//! Provenance (PDex): who wrote, who passed on, in which format it came.

use super::parts::{concept, hl7, reference, resource};
use super::{Writer, organization};
use crate::date::Moment;
use crate::json::Obj;
use crate::life::Life;
use crate::life::provider::{OrganizationIx, OrganizationKind};
use crate::life::record::Form;

const PDEX: &str = "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/";

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    // Documents came as C-CDA; visits to hospitals as messages of HL7 version 2.
    for document in life.documents.iter().filter(|document| document.form == Form::Ccda) {
        let target = reference("DocumentReference", &document.id);
        let id = life.id(&format!("provenance/{}", document.id), 0);
        let written = provenance(
            life,
            &id,
            target,
            document.when,
            document.organization,
            Some(("hl7ccda", "HL7 C-CDA")),
        );
        out.put("Provenance", &id, written);
    }
    for visit in &life.visits {
        use crate::life::visit::Setting::{Emergency, Inpatient};
        if !matches!(visit.setting, Emergency | Inpatient) {
            continue;
        }
        let id = life.id(&format!("provenance/{}", visit.id), 0);
        // What was converted is the version that the payer holds.
        let target = Obj::new().put("reference", format!("Encounter/{}/_history/1", visit.id));
        let written = provenance(
            life,
            &id,
            target,
            visit.end,
            visit.organization,
            Some(("hl7v2adt", "HL7 v2 ADT")),
        );
        out.put("Provenance", &id, written);
    }
    for panel in &life.panels {
        let id = life.id(&format!("provenance/{}", panel.id), 0);
        let target = reference("DiagnosticReport", &panel.id);
        let written = provenance(life, &id, target, panel.issued, panel.laboratory, None);
        out.put("Provenance", &id, written);
    }
    let id = life.id("provenance/member", 0);
    let target = super::patient(life).put("type", "Patient");
    let payer = life.providers.kind(OrganizationKind::Payer);
    let loaded = crate::date::Date::of(2019, 6, 3).at(10, 12);
    let versioned = Obj::new().put(
        "reference",
        format!("Patient/{}/_history/{}", life.member.id, super::person::PATIENT_VERSION - 1),
    );
    let written = provenance(life, &id, target, loaded, payer, None)
        .one("entity", Obj::new().put("role", "revision").put("what", versioned));
    out.put("Provenance", &id, written);
}

fn provenance(
    life: &Life,
    id: &str,
    target: Obj,
    when: Moment,
    author: OrganizationIx,
    format: Option<(&str, &str)>,
) -> Obj {
    let payer = life.providers.kind(OrganizationKind::Payer);
    let exchange = life.providers.kind(OrganizationKind::Exchange);
    let recorded = super::soon(when).plus_minutes(90);
    let wrote = Obj::new()
        .put("type", hl7("provenance-participant-type", "author", "Author"))
        .put("who", organization(life, author));
    let transmitter = concept(
        "http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type",
        "transmitter",
        "Transmitter",
    );
    let passed = Obj::new()
        .put("type", transmitter)
        .put("who", organization(life, if format.is_some() { exchange } else { payer }));
    let entity = format.map(|(code, display)| {
        let source = concept(
            "http://hl7.org/fhir/us/davinci-pdex/CodeSystem/ProvenancePayerDataSource",
            code,
            display,
        );
        let extension = super::parts::extension(
            &format!("{PDEX}ProvenanceSourceFrom"),
            "valueCodeableConcept",
            source,
        );
        Obj::new()
            .one("extension", extension)
            .put("role", "source")
            .put("what", Obj::new().put("display", "The message that was converted"))
    });
    resource("Provenance", id, 1, recorded, &[&format!("{PDEX}pdex-provenance")])
        .one("target", target)
        .text("recorded", recorded)
        .list("agent", [wrote, passed])
        .list("entity", entity)
}
