//! What to ask type by type where `$everything` is refused: the types that the server has and the grant
//! covers, each by the parameter that names the person.

use serde_json::Value;

/// Resources on a page, where the server minds.
const COUNT: u32 = 100;
/// Parameters that name the person, the best first.
const BY_PERSON: [&str; 4] = ["patient", "beneficiary", "subject", "individual"];
/// Asked for where the server does not say what it has: what US Core and CARIN Blue Button promise.
const USUAL: [&str; 22] = [
    "AllergyIntolerance",
    "CarePlan",
    "CareTeam",
    "Condition",
    "Coverage",
    "Device",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "ExplanationOfBenefit",
    "Goal",
    "Immunization",
    "MedicationDispense",
    "MedicationRequest",
    "Observation",
    "Procedure",
    "Provenance",
    "QuestionnaireResponse",
    "RelatedPerson",
    "ServiceRequest",
    "Specimen",
    "Claim",
];

/// Type and search, below the base.
pub(crate) fn searches(
    metadata: Option<&Value>,
    granted: &str,
    patient: &str,
) -> Vec<(String, String)> {
    let mut all = vec![("Patient".to_owned(), format!("Patient?_id={patient}"))];
    let mut add = |kind: &str, by: &str| {
        if kind != "Patient" && is_granted(granted, kind) {
            all.push((kind.to_owned(), format!("{kind}?{by}={patient}&_count={COUNT}")));
        }
    };
    let resources = metadata.and_then(|m| m["rest"][0]["resource"].as_array());
    match resources {
        None => USUAL.iter().for_each(|kind| add(kind, "patient")),
        Some(resources) => {
            for resource in resources {
                let Some(kind) = resource["type"].as_str().filter(|kind| is_type(kind)) else {
                    continue;
                };
                let named: Vec<&str> = resource["searchParam"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|param| param["name"].as_str())
                    .collect();
                if let Some(by) = BY_PERSON.iter().find(|by| named.contains(*by)) {
                    add(kind, by);
                }
            }
        }
    }
    all
}

fn is_type(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Whether a scope lets the type be read; no scope at all is no limit.
fn is_granted(granted: &str, kind: &str) -> bool {
    let mut scopes = granted
        .split_whitespace()
        .filter_map(|scope| scope.strip_prefix("patient/")?.split_once(['.', '?']))
        .peekable();
    scopes.peek().is_none() || scopes.any(|(of, _)| of == "*" || of == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_server_and_grant() {
        let metadata = serde_json::json!({"rest": [{"resource": [
            {"type": "Observation", "searchParam": [{"name": "code"}, {"name": "patient"}]},
            {"type": "Coverage", "searchParam": [{"name": "beneficiary"}]},
            {"type": "Condition", "searchParam": [{"name": "subject"}]},
            {"type": "Practitioner", "searchParam": [{"name": "name"}]},
            {"type": "../evil", "searchParam": [{"name": "patient"}]},
            {"type": "Patient", "searchParam": [{"name": "_id"}]}
        ]}]});
        let paths = |granted: &str| -> Vec<String> {
            searches(Some(&metadata), granted, "p").into_iter().map(|(_, path)| path).collect()
        };
        let all = [
            "Patient?_id=p",
            "Observation?patient=p&_count=100",
            "Coverage?beneficiary=p&_count=100",
            "Condition?subject=p&_count=100",
        ];
        assert_eq!(paths("launch/patient patient/*.rs"), all);
        assert_eq!(paths(""), all);
        assert_eq!(paths("patient/Coverage.read patient/Patient.rs"), ["Patient?_id=p", all[2]]);
        assert_eq!(searches(None, "patient/*.rs", "p").len(), 1 + USUAL.len());
    }
}
