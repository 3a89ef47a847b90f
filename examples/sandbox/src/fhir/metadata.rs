//! The CapabilityStatement.

use serde_json::{Value, json};

use super::outcome::failure;
use crate::clock::instant;
use crate::data::elements;
use crate::http::Response;
use crate::oauth::Endpoints;
use crate::state::State;
use crate::switches::{Everything, Metadata};

const OAUTH_URIS: &str = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";
const EVERYTHING: &str = "http://hl7.org/fhir/OperationDefinition/Patient-everything";

/// Types that are offered whether or not there is any.
const OFFERED: &[&str] = &[
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
    "Location",
    "Medication",
    "MedicationDispense",
    "MedicationRequest",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "RelatedPerson",
    "ServiceRequest",
];

/// What `/metadata` answers.
pub(crate) fn metadata(state: &State) -> Response {
    if state.switches.metadata == Metadata::NotFound {
        return failure(404, "not-found", "There is no such resource.");
    }
    let mut types: Vec<&str> = OFFERED.to_vec();
    types.extend(state.store.types().map(|(kind, _)| kind));
    types.sort_unstable();
    types.dedup();
    let resources: Vec<Value> = types.into_iter().map(|kind| resource(state, kind)).collect();
    let mut rest = json!({"mode": "server", "resource": resources});
    if state.switches.metadata == Metadata::OauthUris {
        let endpoints = Endpoints::of(state);
        rest["security"] = json!({
            "extension": [{
                "url": OAUTH_URIS,
                "extension": [
                    {"url": "authorize", "valueUri": endpoints.authorize},
                    {"url": "token", "valueUri": endpoints.token},
                    {"url": "revoke", "valueUri": endpoints.revoke},
                    {"url": "introspect", "valueUri": endpoints.introspect},
                ],
            }],
            "service": [{"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                "code": "SMART-on-FHIR",
            }]}],
        });
    }
    let statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(state.started),
        "kind": "instance",
        "software": {"name": "chartkeep-sandbox", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": "A payer on loopback", "url": state.base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [rest],
    });
    Response::fhir(200, statement.to_string())
}

fn resource(state: &State, kind: &str) -> Value {
    let mut parameters = vec![
        json!({"name": "_id", "type": "token"}),
        json!({"name": "_lastUpdated", "type": "date"}),
    ];
    for name in ["patient", "subject", "beneficiary"] {
        let of_patient = !elements(kind).is_empty();
        if of_patient && (name == "patient" || elements(kind).contains(&name)) {
            parameters.push(json!({"name": name, "type": "reference"}));
        }
    }
    let mut resource = json!({
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "versioned",
        "searchParam": parameters,
    });
    if kind == "Patient" && state.switches.everything != Everything::Off {
        resource["operation"] = json!([{"name": "everything", "definition": EVERYTHING}]);
    }
    resource
}
