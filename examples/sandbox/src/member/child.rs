//! The child's record: a small one, and in no way part of the parent's.

use super::claims::{self, Claim, Kind};
use super::{CHILD, Lines, c4bb, concept, coverage, hl7, loinc, snomed, us_core};

pub(super) fn write(out: &mut Lines) {
    let members = format!(
        r#""identifier":[{{"type":{},"system":"https://fjordlake.example/member-id","value":"FL-4401-02"}}],"active":true,"name":[{{"use":"official","family":"Tolvik","given":["Elias"]}}],"gender":"male","birthDate":"2016-09-02","address":[{{"line":["27 Alder Lane"],"city":"Lakeview","state":"MN","postalCode":"55000"}}],"generalPractitioner":[{{"reference":"Practitioner/prac-quillan"}}]"#,
        hl7("v2-0203", "MB"),
    );
    out.add("Patient", CHILD, &us_core("patient"), &members);
    let plan = ("EHCPOL", "Medical", "Lakes Choice 2500");
    let members = coverage(CHILD, "FL-4401-02", "child", "2021-01-01", plan);
    out.add("Coverage", "cov-4402-medical", &c4bb("Coverage"), &members);
    let members = format!(
        r#""clinicalStatus":{},"verificationStatus":{},"category":[{}],"code":{},"subject":{{"reference":"Patient/{CHILD}"}},"onsetDateTime":"2021-04""#,
        hl7("condition-clinical", "active"),
        hl7("condition-ver-status", "confirmed"),
        hl7("condition-category", "problem-list-item"),
        snomed("195967001", "Asthma"),
    );
    out.add("Condition", "con-asthma", &us_core("condition-problems-health-concerns"), &members);
    for (id, code, display, date) in [
        ("imm-c-mmr-1", "03", "MMR", "2017-09-12"),
        ("imm-c-mmr-2", "03", "MMR", "2020-09-15"),
        ("imm-c-flu", "140", "Influenza, seasonal, injectable, preservative free", "2024-10-22"),
    ] {
        let members = format!(
            r#""status":"completed","vaccineCode":{},"patient":{{"reference":"Patient/{CHILD}"}},"occurrenceDateTime":"{date}","primarySource":true"#,
            concept("http://hl7.org/fhir/sid/cvx", code, display),
        );
        out.add("Immunization", id, &us_core("immunization"), &members);
    }
    for (id, code, display, value, unit) in [
        ("obs-c-height", "8302-2", "Body height", "131.5", "cm"),
        ("obs-c-weight", "29463-7", "Body weight", "27.8", "kg"),
    ] {
        let members = format!(
            r#""status":"final","category":[{}],"code":{},"subject":{{"reference":"Patient/{CHILD}"}},"effectiveDateTime":"2025-04-16T15:10:00-05:00","performer":[{{"reference":"Practitioner/prac-quillan"}}],"valueQuantity":{{"value":{value},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}}"#,
            hl7("observation-category", "vital-signs"),
            loinc(code, display),
        );
        out.add("Observation", id, &us_core("vital-signs"), &members);
    }
    claims::add(
        out,
        &Claim {
            id: "eob-c-2025-04",
            patient: CHILD,
            coverage: "cov-4402-medical",
            kind: Kind::Professional,
            date: "2025-04-16",
            created: "2025-05-02",
            service: ("99393", "Preventive visit, age 5 to 11"),
            diagnosis: ("Z00.129", "Routine child health examination without abnormal findings"),
            provider: "org-clinic",
            submitted: 21_000,
            eligible: 15_200,
            deductible: 0,
            copay: 0,
        },
    );
}
