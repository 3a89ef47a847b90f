//! The parent's laboratory values and vital signs over five years, and her smoking status.

use super::{Lines, PARENT, hl7, loinc, snomed, us_core};

/// Date, value as the laboratory wrote it, interpretation.
type Series = &'static [(&'static str, &'static str, &'static str)];

const HBA1C: Series = &[
    ("2021-05-11", "8.4", "H"),
    ("2021-11-16", "8.1", "H"),
    ("2022-06-08", "7.9", "H"),
    ("2022-12-07", "7.6", "H"),
    ("2023-03-22", "7.8", "H"),
    ("2023-10-04", "7.2", "H"),
    ("2024-06-19", "7.0", "H"),
    ("2025-02-26", "6.8", "H"),
    ("2025-08-13", "6.70", "H"),
];

const LDL: Series = &[
    ("2021-05-11", "151", "H"),
    ("2022-06-08", "138", "H"),
    ("2023-10-04", "117", "N"),
    ("2024-06-19", "99", "N"),
    ("2025-08-13", "92.0", "N"),
];

const CREATININE: Series = &[
    ("2021-05-11", "0.82", "N"),
    ("2022-06-08", "0.85", "N"),
    ("2023-10-04", "0.80", "N"),
    ("2024-06-19", "0.88", "N"),
    ("2025-08-13", "0.90", "N"),
];

const WEIGHT: Series = &[
    ("2021-05-11", "88.4", ""),
    ("2022-06-08", "87.0", ""),
    ("2023-10-04", "84.2", ""),
    ("2024-06-19", "82.9", ""),
    ("2025-02-26", "81.5", ""),
    ("2025-08-13", "80.3", ""),
];

const PRESSURE: &[(&str, u16, u16)] = &[
    ("2021-05-11", 152, 94),
    ("2021-11-16", 148, 91),
    ("2022-06-08", 142, 88),
    ("2023-03-22", 139, 86),
    ("2023-10-04", 136, 84),
    ("2024-06-19", 131, 82),
    ("2025-02-26", 128, 80),
    ("2025-08-13", 126, 79),
];

pub(super) fn write(out: &mut Lines) {
    let percent = ("%", "%");
    let milligrams = ("mg/dL", "mg/dL");
    series(
        out,
        "hba1c",
        "laboratory",
        ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
        percent,
        HBA1C,
    );
    series(
        out,
        "ldl",
        "laboratory",
        ("13457-7", "Cholesterol in LDL (calculated)"),
        milligrams,
        LDL,
    );
    series(
        out,
        "creatinine",
        "laboratory",
        ("2160-0", "Creatinine in Serum or Plasma"),
        milligrams,
        CREATININE,
    );
    series(out, "weight", "vital-signs", ("29463-7", "Body weight"), ("kg", "kg"), WEIGHT);
    series(
        out,
        "height",
        "vital-signs",
        ("8302-2", "Body height"),
        ("cm", "cm"),
        &[("2021-05-11", "168", "")],
    );
    for (date, systolic, diastolic) in PRESSURE {
        let component = |code: &str, display: &str, value: u16| {
            format!(
                r#"{{"code":{},"valueQuantity":{{"value":{value},"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}}}"#,
                loinc(code, display)
            )
        };
        let members = format!(
            r#"{},"component":[{},{}]"#,
            head("vital-signs", ("85354-9", "Blood pressure panel"), date),
            component("8480-6", "Systolic blood pressure", *systolic),
            component("8462-4", "Diastolic blood pressure", *diastolic),
        );
        out.add("Observation", &format!("obs-bp-{date}"), &us_core("blood-pressure"), &members);
    }
    let members = format!(
        r#"{},"valueCodeableConcept":{}"#,
        head("social-history", ("72166-2", "Tobacco smoking status"), "2024-06-19"),
        snomed("8517006", "Ex-smoker"),
    );
    out.add("Observation", "obs-smoking", &us_core("smokingstatus"), &members);
}

fn series(
    out: &mut Lines,
    name: &str,
    category: &str,
    code: (&str, &str),
    (unit, ucum): (&str, &str),
    values: Series,
) {
    for (date, value, interpretation) in values {
        let mut members = format!(
            r#"{},"valueQuantity":{{"value":{value},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{ucum}"}}"#,
            head(category, code, date)
        );
        if !interpretation.is_empty() {
            let concept = hl7("v3-ObservationInterpretation", interpretation);
            members.push_str(&format!(",\"interpretation\":[{concept}]"));
        }
        let profile = match category {
            "laboratory" => us_core("observation-lab"),
            _ => us_core(&format!("body-{name}")),
        };
        out.add("Observation", &format!("obs-{name}-{date}"), &profile, &members);
    }
}

fn head(category: &str, (code, display): (&str, &str), date: &str) -> String {
    let performer = match category {
        "laboratory" => r#","performer":[{"reference":"Organization/org-lab"}]"#,
        "vital-signs" => r#","performer":[{"reference":"Practitioner/prac-ovesen"}]"#,
        _ => "",
    };
    format!(
        r#""status":"final","category":[{}],"code":{},"subject":{{"reference":"Patient/{PARENT}"}},"effectiveDateTime":"{date}T09:20:00-05:00"{performer}"#,
        hl7("observation-category", category),
        loinc(code, display),
    )
}
