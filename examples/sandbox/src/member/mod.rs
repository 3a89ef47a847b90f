//! Two invented members of an invented health plan, for when no other data is given: Maren Tolvik,
//! born 1968, with diabetes and high blood pressure, and her son Elias, born 2016.

mod child;
mod claims;
mod clinical;
mod documents;
mod measurements;

use std::fmt::Write as _;

/// The parent.
const PARENT: &str = "mbr-4401";
/// The child.
const CHILD: &str = "mbr-4402";

/// Both records, one resource a line.
pub(crate) fn ndjson() -> String {
    let mut out = Lines::default();
    network(&mut out);
    person(&mut out);
    clinical::write(&mut out);
    measurements::write(&mut out);
    documents::write(&mut out);
    claims::write(&mut out);
    child::write(&mut out);
    out.0
}

/// Resources as lines.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Adds a resource: the members after `resourceType`, `id` and `meta`.
    fn add(&mut self, kind: &str, id: &str, profile: &str, members: &str) {
        let meta = match profile {
            "" => "\"lastUpdated\":\"2025-10-01T04:15:00Z\"".to_owned(),
            _ => format!("\"lastUpdated\":\"2025-10-01T04:15:00Z\",\"profile\":[\"{profile}\"]"),
        };
        writeln!(
            self.0,
            "{{\"resourceType\":\"{kind}\",\"id\":\"{id}\",\"meta\":{{{meta}}},{members}}}"
        )
        .expect("writing to a String does not fail");
    }
}

/// URL of a US Core profile.
fn us_core(name: &str) -> String {
    format!("http://hl7.org/fhir/us/core/StructureDefinition/us-core-{name}")
}

/// URL of a CARIN Blue Button profile.
fn c4bb(name: &str) -> String {
    format!("http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-{name}")
}

/// A CodeableConcept.
fn concept(system: &str, code: &str, display: &str) -> String {
    format!(
        r#"{{"coding":[{{"system":"{system}","code":"{code}","display":"{display}"}}],"text":"{display}"}}"#
    )
}

/// A concept of terminology.hl7.org.
fn hl7(system: &str, code: &str) -> String {
    format!(
        r#"{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/{system}","code":"{code}"}}]}}"#
    )
}

fn loinc(code: &str, display: &str) -> String {
    concept("http://loinc.org", code, display)
}

fn snomed(code: &str, display: &str) -> String {
    concept("http://snomed.info/sct", code, display)
}

fn rxnorm(code: &str, display: &str) -> String {
    concept("http://www.nlm.nih.gov/research/umls/rxnorm", code, display)
}

/// Organizations, people and places of care: nobody's own, found through references only.
fn network(out: &mut Lines) {
    for (id, name, npi) in [
        ("org-plan", "Fjordlake Health Plan", "1922000013"),
        ("org-clinic", "Harbor Street Family Clinic", "1922000021"),
        ("org-lab", "Northpier Laboratory", "1922000039"),
        ("org-pharmacy", "Lantern Square Pharmacy", "1922000047"),
    ] {
        let members = format!(
            r#""identifier":[{{"system":"http://hl7.org/fhir/sid/us-npi","value":"{npi}"}}],"active":true,"name":"{name}","telecom":[{{"system":"phone","value":"555-0100"}}],"address":[{{"line":["1 Harbor Street"],"city":"Lakeview","state":"MN","postalCode":"55000","country":"US"}}]"#
        );
        out.add("Organization", id, &us_core("organization"), &members);
    }
    for (id, given, family, npi) in [
        ("prac-ovesen", "Ragna", "Ovesen", "1922000054"),
        ("prac-dallimore", "Idris", "Dallimore", "1922000062"),
        ("prac-quillan", "Petra", "Quillan", "1922000070"),
    ] {
        let members = format!(
            r#""identifier":[{{"system":"http://hl7.org/fhir/sid/us-npi","value":"{npi}"}}],"active":true,"name":[{{"use":"official","family":"{family}","given":["{given}"],"prefix":["Dr."]}}]"#
        );
        out.add("Practitioner", id, &us_core("practitioner"), &members);
    }
    out.add(
        "Location",
        "loc-harbor",
        &us_core("location"),
        r#""status":"active","name":"Harbor Street Family Clinic, second floor","address":{"line":["1 Harbor Street"],"city":"Lakeview","state":"MN","postalCode":"55000"},"position":{"longitude":-93.10000,"latitude":45.00000},"managingOrganization":{"reference":"Organization/org-clinic"}"#,
    );
    for (id, practitioner, code, specialty) in [
        ("role-ovesen", "prac-ovesen", "207Q00000X", "Family Medicine Physician"),
        ("role-dallimore", "prac-dallimore", "207RE0101X", "Endocrinology Physician"),
    ] {
        let specialty = concept("http://nucc.org/provider-taxonomy", code, specialty);
        let members = format!(
            r#""active":true,"practitioner":{{"reference":"Practitioner/{practitioner}"}},"organization":{{"reference":"Organization/org-clinic"}},"specialty":[{specialty}],"location":[{{"reference":"Location/loc-harbor"}}],"telecom":[{{"system":"phone","value":"555-0101"}}]"#
        );
        out.add("PractitionerRole", id, &us_core("practitionerrole"), &members);
    }
}

/// The parent and her coverage.
fn person(out: &mut Lines) {
    let members = format!(
        r#""identifier":[{{"type":{},"system":"https://fjordlake.example/member-id","value":"FL-4401-01"}}],"active":true,"name":[{{"use":"official","family":"Tolvik","given":["Maren","Sofie"]}}],"telecom":[{{"system":"phone","value":"555-0142","use":"mobile"}}],"gender":"female","birthDate":"1968-03-14","address":[{{"use":"home","line":["27 Alder Lane"],"city":"Lakeview","state":"MN","postalCode":"55000","country":"US"}}],"communication":[{{"language":{{"coding":[{{"system":"urn:ietf:bcp:47","code":"en"}}]}},"preferred":true}}],"generalPractitioner":[{{"reference":"Practitioner/prac-ovesen","display":"Dr. Ragna Ovesen"}}],"managingOrganization":{{"reference":"Organization/org-plan"}}"#,
        hl7("v2-0203", "MB")
    );
    out.add("Patient", PARENT, &us_core("patient"), &members);
    for (id, kind, text, plan) in [
        ("cov-4401-medical", "EHCPOL", "Medical", "Lakes Choice 2500"),
        ("cov-4401-drug", "DRUGPOL", "Prescription drugs", "Lakes Rx Standard"),
    ] {
        let members = coverage(PARENT, "FL-4401-01", "self", "2021-01-01", (kind, text, plan));
        out.add("Coverage", id, &c4bb("Coverage"), &members);
    }
    let relationship = hl7("v3-RoleCode", "SPS");
    out.add(
        "RelatedPerson",
        "rel-4401-spouse",
        &us_core("relatedperson"),
        &format!(
            r#""active":true,"patient":{{"reference":"Patient/{PARENT}"}},"relationship":[{relationship}],"name":[{{"family":"Tolvik","given":["Anders"]}}],"telecom":[{{"system":"phone","value":"555-0143"}}]"#
        ),
    );
}

/// A Coverage's members: whose, member id, relationship, since when, kind and plan.
fn coverage(
    patient: &str,
    member: &str,
    relationship: &str,
    start: &str,
    (kind, text, plan): (&str, &str, &str),
) -> String {
    let kind = concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", kind, text);
    let relationship = hl7("subscriber-relationship", relationship);
    let (group, class) = (hl7("coverage-class", "group"), hl7("coverage-class", "plan"));
    let id_type = hl7("v2-0203", "MB");
    format!(
        r#""identifier":[{{"type":{id_type},"system":"https://fjordlake.example/member-id","value":"{member}"}}],"status":"active","type":{kind},"subscriberId":"FL-4401","beneficiary":{{"reference":"Patient/{patient}"}},"relationship":{relationship},"period":{{"start":"{start}"}},"payor":[{{"reference":"Organization/org-plan"}}],"class":[{{"type":{group},"value":"LKV-077","name":"Lakeview Shipyard"}},{{"type":{class},"value":"{plan}","name":"{plan}"}}]"#
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::data::{Store, load};

    #[test]
    fn the_members_are_whole() {
        let mut bodies = Vec::new();
        load::text(super::ndjson().as_bytes(), "members", &mut bodies).unwrap();
        let mut store = Store::new("");
        let keys: HashSet<_> = bodies.iter().map(|body| store.put(body, 0).unwrap()).collect();
        assert_eq!(keys.len(), bodies.len(), "an id occurs twice");
        let (parent, child) = (store.closure(super::PARENT), store.closure(super::CHILD));
        assert!((90..=130).contains(&parent.len()), "{}", parent.len());
        assert!((10..=30).contains(&child.len()), "{}", child.len());
        assert_eq!(
            store.of_patient(super::CHILD, 0).filter(|it| it.is_of(super::PARENT)).count(),
            0
        );
        // Nothing refers to what is not there, and nothing there is without a reader.
        for body in &bodies {
            let value: serde_json::Value = serde_json::from_str(body).unwrap();
            for reference in references(&value) {
                let (kind, id) = reference.split_once('/').unwrap();
                assert!(store.get(kind, id).is_some(), "{reference} in {body}");
            }
        }
        let read: HashSet<u64> = parent.iter().chain(&child).map(|it| it.place).collect();
        assert_eq!(read.len(), bodies.len());
    }

    fn references(value: &serde_json::Value) -> Vec<&str> {
        match value {
            serde_json::Value::Object(members) => members
                .iter()
                .flat_map(|(name, value)| match value.as_str() {
                    Some(text) if name == "reference" => vec![text],
                    _ => references(value),
                })
                .collect(),
            serde_json::Value::Array(items) => items.iter().flat_map(references).collect(),
            _ => Vec::new(),
        }
    }
}
