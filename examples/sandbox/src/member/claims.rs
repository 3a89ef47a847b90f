//! Explanations of benefit: visits, a hospital stay of a day, medicines; one denied.

use super::{Lines, PARENT, c4bb, concept, hl7};

/// One explanation of benefit. Amounts are in cents.
pub(super) struct Claim {
    pub(super) id: &'static str,
    pub(super) patient: &'static str,
    pub(super) coverage: &'static str,
    pub(super) kind: Kind,
    pub(super) date: &'static str,
    pub(super) created: &'static str,
    /// Code and text of the service or medicine.
    pub(super) service: (&'static str, &'static str),
    /// ICD-10 code and text; empty for medicines.
    pub(super) diagnosis: (&'static str, &'static str),
    pub(super) provider: &'static str,
    pub(super) submitted: u32,
    pub(super) eligible: u32,
    pub(super) deductible: u32,
    pub(super) copay: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Professional,
    Institutional,
    Pharmacy,
}

const MEDICAL: &str = "cov-4401-medical";
const DRUG: &str = "cov-4401-drug";
const DIABETES: (&str, &str) = ("E11.9", "Type 2 diabetes mellitus without complications");
const NO_DIAGNOSIS: (&str, &str) = ("", "");
const VISIT: (&str, &str) = ("99213", "Office visit, established patient");
const METFORMIN: (&str, &str) = ("65862000801", "metformin hydrochloride 500 mg");
const LISINOPRIL: (&str, &str) = ("68180051301", "lisinopril 10 mg");

const fn claim(
    id: &'static str,
    kind: Kind,
    (date, created): (&'static str, &'static str),
    service: (&'static str, &'static str),
    diagnosis: (&'static str, &'static str),
    [submitted, eligible, deductible, copay]: [u32; 4],
) -> Claim {
    let (coverage, provider) = match kind {
        Kind::Pharmacy => (DRUG, "org-pharmacy"),
        _ => (MEDICAL, "org-clinic"),
    };
    let patient = PARENT;
    Claim {
        id,
        patient,
        coverage,
        kind,
        date,
        created,
        service,
        diagnosis,
        provider,
        submitted,
        eligible,
        deductible,
        copay,
    }
}

const CLAIMS: &[Claim] = &[
    claim(
        "eob-2021-05",
        Kind::Professional,
        ("2021-05-11", "2021-05-28"),
        VISIT,
        DIABETES,
        [18_500, 12_240, 12_240, 0],
    ),
    claim(
        "eob-2022-01",
        Kind::Institutional,
        ("2022-01-17", "2022-02-09"),
        ("0450", "Emergency room"),
        ("S63.501A", "Unspecified sprain of right wrist, initial encounter"),
        [214_000, 131_575, 90_000, 25_000],
    ),
    claim(
        "eob-2022-06",
        Kind::Professional,
        ("2022-06-08", "2022-06-21"),
        VISIT,
        DIABETES,
        [19_000, 12_600, 0, 3_000],
    ),
    claim(
        "eob-2023-03",
        Kind::Professional,
        ("2023-03-22", "2023-04-11"),
        ("99244", "Consultation"),
        DIABETES,
        [32_500, 24_310, 20_000, 0],
    ),
    claim(
        "eob-2023-10",
        Kind::Professional,
        ("2023-10-04", "2023-10-20"),
        VISIT,
        DIABETES,
        [19_500, 13_000, 0, 3_000],
    ),
    claim(
        "eob-2024-06",
        Kind::Professional,
        ("2024-06-19", "2024-07-02"),
        VISIT,
        DIABETES,
        [19_900, 13_150, 0, 3_000],
    ),
    claim(
        "eob-2025-02",
        Kind::Professional,
        ("2025-02-26", "2025-03-14"),
        ("99214", "Office visit, moderate complexity"),
        DIABETES,
        [26_000, 18_090, 18_090, 0],
    ),
    claim(
        "eob-2025-08",
        Kind::Professional,
        ("2025-08-13", "2025-08-29"),
        VISIT,
        DIABETES,
        [20_500, 13_500, 0, 3_000],
    ),
    claim(
        "eob-rx-2024-07",
        Kind::Pharmacy,
        ("2024-07-01", "2024-07-01"),
        METFORMIN,
        NO_DIAGNOSIS,
        [4_210, 1_380, 0, 1_000],
    ),
    claim(
        "eob-rx-2024-10",
        Kind::Pharmacy,
        ("2024-10-03", "2024-10-03"),
        METFORMIN,
        NO_DIAGNOSIS,
        [4_210, 1_380, 0, 1_000],
    ),
    claim(
        "eob-rx-2025-01",
        Kind::Pharmacy,
        ("2025-01-08", "2025-01-08"),
        LISINOPRIL,
        NO_DIAGNOSIS,
        [2_990, 845, 845, 0],
    ),
    claim(
        "eob-rx-2025-04",
        Kind::Pharmacy,
        ("2025-04-10", "2025-04-10"),
        METFORMIN,
        NO_DIAGNOSIS,
        [4_350, 1_410, 0, 1_000],
    ),
];

pub(super) fn write(out: &mut Lines) {
    for claim in CLAIMS {
        add(out, claim);
    }
}

/// Cents as dollars, always with two digits after the point.
fn dollars(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn money(cents: u32) -> String {
    format!(r#"{{"value":{},"currency":"USD"}}"#, dollars(cents))
}

pub(super) fn add(out: &mut Lines, claim: &Claim) {
    let liability = claim.deductible + claim.copay;
    let amounts = [
        ("submitted", claim.submitted),
        ("eligible", claim.eligible),
        ("deductible", claim.deductible),
        ("copay", claim.copay),
        ("benefit", claim.eligible - liability),
    ];
    let category = |code: &str| match code {
        "memberliability" | "paidtoprovider" => concept(
            "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication",
            code,
            if code == "memberliability" { "Member liability" } else { "Paid to provider" },
        ),
        code => hl7("adjudication", code),
    };
    let line = |(code, cents): &(&str, u32)| {
        format!(r#"{{"category":{},"amount":{}}}"#, category(code), money(*cents))
    };
    let adjudication: Vec<String> = amounts.iter().map(line).collect();
    let totals: Vec<String> = amounts
        .iter()
        .chain(&[("memberliability", liability), ("paidtoprovider", claim.eligible - liability)])
        .map(line)
        .collect();
    let (kind, profile, system) = match claim.kind {
        Kind::Professional => (
            "professional",
            "ExplanationOfBenefit-Professional-NonClinician",
            "http://www.ama-assn.org/go/cpt",
        ),
        Kind::Institutional => (
            "institutional",
            "ExplanationOfBenefit-Outpatient-Institutional",
            "https://www.nubc.org/CodeSystem/RevenueCodes",
        ),
        Kind::Pharmacy => {
            ("pharmacy", "ExplanationOfBenefit-Pharmacy", "http://hl7.org/fhir/sid/ndc")
        }
    };
    let diagnosis = match claim.diagnosis {
        ("", _) => String::new(),
        (code, text) => format!(
            r#""diagnosis":[{{"sequence":1,"diagnosisCodeableConcept":{},"type":[{}]}}],"#,
            concept("http://hl7.org/fhir/sid/icd-10-cm", code, text),
            hl7("ex-diagnosistype", "principal"),
        ),
    };
    let supply = match claim.kind {
        Kind::Pharmacy => {
            r#""supportingInfo":[{"sequence":1,"category":{"coding":[{"system":"http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType","code":"dayssupply"}]},"valueQuantity":{"value":90}}],"#
        }
        _ => "",
    };
    let members = format!(
        r#""identifier":[{{"type":{},"system":"https://fjordlake.example/claim","value":"{}"}}],"status":"active","type":{},"use":"claim","patient":{{"reference":"Patient/{}"}},"billablePeriod":{{"start":"{}","end":"{}"}},"created":"{}","insurer":{{"reference":"Organization/org-plan"}},"provider":{{"reference":"Organization/{}"}},"outcome":"complete",{diagnosis}{supply}"careTeam":[{{"sequence":1,"provider":{{"reference":"Practitioner/prac-ovesen"}},"role":{}}}],"insurance":[{{"focal":true,"coverage":{{"reference":"Coverage/{}"}}}}],"item":[{{"sequence":1,"careTeamSequence":[1],"productOrService":{},"servicedDate":"{}","net":{},"adjudication":[{}]}}],"total":[{}],"payment":{{"date":"{}","amount":{}}}"#,
        concept(
            "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType",
            "uc",
            "Unique Claim ID"
        ),
        claim.id.to_ascii_uppercase(),
        hl7("claim-type", kind),
        claim.patient,
        claim.date,
        claim.date,
        claim.created,
        claim.provider,
        hl7(
            "claimcareteamrole",
            if claim.kind == Kind::Pharmacy { "prescribing" } else { "primary" }
        ),
        claim.coverage,
        concept(system, claim.service.0, claim.service.1),
        claim.date,
        money(claim.submitted),
        adjudication.join(","),
        totals.join(","),
        claim.created,
        money(claim.eligible - liability),
    );
    out.add("ExplanationOfBenefit", claim.id, &c4bb(profile), &members);
}
