//! The parent's reports and notes, and where they came from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Lines, PARENT, concept, hl7, loinc, us_core};

const VISIT: &str = "Visit of 13 August 2025\n\nMs. Tolvik comes for her half-yearly check. She \
walks most days and has lost another kilogram. No chest pain, no dizziness. Home glucose values \
before breakfast between 105 and 130 mg/dL.\n\nBlood pressure 126/79. Feet without lesions, \
sensation intact. HbA1c 6.7 %, LDL 92 mg/dL.\n\nPlan: keep metformin, lisinopril and atorvastatin. \
Eye examination is due in spring. Next visit in February.\n";

const CONSULTATION: &str = "Endocrinology consultation, 22 March 2023\n\nReferred for type 2 diabetes \
above target in spite of metformin. Diet and exercise were discussed at length; she prefers to try \
these before a second medicine is added. Mild tingling in both feet at night, monofilament test \
normal.\n\nPlan: laboratory every three months, goal for HbA1c below 7 %.\n";

pub(super) fn write(out: &mut Lines) {
    for (id, date) in [
        ("rep-2023-10", "2023-10-04"),
        ("rep-2024-06", "2024-06-19"),
        ("rep-2025-08", "2025-08-13"),
    ] {
        let results: Vec<String> = ["hba1c", "ldl", "creatinine"]
            .iter()
            .map(|name| format!(r#"{{"reference":"Observation/obs-{name}-{date}"}}"#))
            .collect();
        let members = format!(
            r#""status":"final","category":[{}],"code":{},"subject":{{"reference":"Patient/{PARENT}"}},"effectiveDateTime":"{date}T09:20:00-05:00","issued":"{date}T17:05:00.000-05:00","performer":[{{"reference":"Organization/org-lab"}}],"result":[{}]"#,
            hl7("v2-0074", "LAB"),
            loinc("24323-8", "Comprehensive metabolic panel"),
            results.join(","),
        );
        out.add("DiagnosticReport", id, &us_core("diagnosticreport-lab"), &members);
    }
    for (id, text, encounter, date, author, title) in [
        (
            "doc-2023-03",
            CONSULTATION,
            "enc-2023-03",
            "2023-03-22",
            "prac-dallimore",
            "Consultation",
        ),
        ("doc-2025-08", VISIT, "enc-2025-08", "2025-08-13", "prac-ovesen", "Progress note"),
    ] {
        let category = concept(
            "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
            "clinical-note",
            "Clinical Note",
        );
        let members = format!(
            r#""status":"current","type":{},"category":[{category}],"subject":{{"reference":"Patient/{PARENT}"}},"date":"{date}T12:30:00-05:00","author":[{{"reference":"Practitioner/{author}"}}],"content":[{{"attachment":{{"contentType":"text/plain; charset=utf-8","title":"{title}","data":"{}"}}}}],"context":{{"encounter":[{{"reference":"Encounter/{encounter}"}}]}}"#,
            loinc("11506-3", "Progress note"),
            STANDARD.encode(text),
        );
        out.add("DocumentReference", id, &us_core("documentreference"), &members);
    }
    let members = format!(
        r#""target":[{{"reference":"Patient/{PARENT}"}},{{"reference":"Encounter/enc-2025-08"}}],"recorded":"2025-08-13T18:00:00-05:00","agent":[{{"type":{},"who":{{"reference":"Organization/org-clinic"}}}}]"#,
        hl7("provenance-participant-type", "author"),
    );
    out.add("Provenance", "prov-2025-08", &us_core("provenance"), &members);
}
