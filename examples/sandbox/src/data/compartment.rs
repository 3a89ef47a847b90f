//! The patient compartment of FHIR R4: which elements make a resource a patient's.

use serde_json::Value;

/// Type and the elements whose reference to a Patient puts a resource into that patient's
/// compartment, from the CompartmentDefinition and the expressions of the parameters it names.
/// `Patient.link` is left out, so that no other person's Patient is in a compartment. Device is in
/// none in R4; `$everything` adds it by `Device.patient`, and so does this table.
const ELEMENTS: &[(&str, &[&str])] = &[
    ("Account", &["subject"]),
    ("AdverseEvent", &["subject"]),
    ("AllergyIntolerance", &["patient", "recorder", "asserter"]),
    ("Appointment", &["participant.actor"]),
    ("AppointmentResponse", &["actor"]),
    ("AuditEvent", &["agent.who", "entity.what"]),
    ("Basic", &["subject", "author"]),
    ("BodyStructure", &["patient"]),
    ("CarePlan", &["subject", "activity.detail.performer"]),
    ("CareTeam", &["subject", "participant.member"]),
    ("ChargeItem", &["subject"]),
    ("Claim", &["patient", "payee.party"]),
    ("ClaimResponse", &["patient"]),
    ("ClinicalImpression", &["subject"]),
    ("Communication", &["subject", "sender", "recipient"]),
    ("CommunicationRequest", &["subject", "sender", "recipient", "requester"]),
    ("Composition", &["subject", "author", "attester.party"]),
    ("Condition", &["subject", "asserter"]),
    ("Consent", &["patient"]),
    ("Coverage", &["policyHolder", "subscriber", "beneficiary", "payor"]),
    ("CoverageEligibilityRequest", &["patient"]),
    ("CoverageEligibilityResponse", &["patient"]),
    ("DetectedIssue", &["patient"]),
    ("Device", &["patient"]),
    ("DeviceRequest", &["subject", "performer"]),
    ("DeviceUseStatement", &["subject"]),
    ("DiagnosticReport", &["subject"]),
    ("DocumentManifest", &["subject", "author", "recipient"]),
    ("DocumentReference", &["subject", "author"]),
    ("Encounter", &["subject"]),
    ("EnrollmentRequest", &["candidate"]),
    ("EpisodeOfCare", &["patient"]),
    ("ExplanationOfBenefit", &["patient", "payee.party"]),
    ("FamilyMemberHistory", &["patient"]),
    ("Flag", &["subject"]),
    ("Goal", &["subject"]),
    ("Group", &["member.entity"]),
    ("ImagingStudy", &["subject"]),
    ("Immunization", &["patient"]),
    ("ImmunizationEvaluation", &["patient"]),
    ("ImmunizationRecommendation", &["patient"]),
    ("Invoice", &["subject", "recipient"]),
    ("List", &["subject", "source"]),
    ("MeasureReport", &["subject"]),
    ("Media", &["subject"]),
    ("MedicationAdministration", &["subject", "performer.actor"]),
    ("MedicationDispense", &["subject", "receiver"]),
    ("MedicationRequest", &["subject"]),
    ("MedicationStatement", &["subject"]),
    ("MolecularSequence", &["patient"]),
    ("NutritionOrder", &["patient"]),
    ("Observation", &["subject", "performer"]),
    ("Person", &["link.target"]),
    ("Procedure", &["subject", "performer.actor"]),
    ("Provenance", &["target"]),
    ("QuestionnaireResponse", &["subject", "author"]),
    ("RelatedPerson", &["patient"]),
    ("RequestGroup", &["subject", "action.participant"]),
    ("ResearchSubject", &["individual"]),
    ("RiskAssessment", &["subject"]),
    ("Schedule", &["actor"]),
    ("ServiceRequest", &["subject", "performer"]),
    ("Specimen", &["subject"]),
    ("SupplyDelivery", &["patient"]),
    ("SupplyRequest", &["deliverTo"]),
    ("VisionPrescription", &["patient"]),
];

/// The elements of a type; empty for a type that belongs to no patient.
pub(crate) fn elements(kind: &str) -> &'static [&'static str] {
    ELEMENTS.iter().find(|(name, _)| *name == kind).map_or(&[], |(_, elements)| elements)
}

/// Every reference text at one of the type's elements.
pub(super) fn members<'a>(kind: &str, resource: &'a Value) -> Vec<&'a str> {
    let mut found = Vec::new();
    for element in elements(kind) {
        at(resource, element, &mut found);
    }
    found
}

/// Adds the reference texts at a dotted path, through lists.
pub(super) fn at<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a str>) {
    if let Value::Array(items) = value {
        for item in items {
            at(item, path, found);
        }
        return;
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    match value.get(name) {
        Some(next) if rest.is_empty() => {
            let references = next.as_array().map_or(std::slice::from_ref(next), Vec::as_slice);
            found.extend(references.iter().filter_map(|it| it.get("reference")?.as_str()));
        }
        Some(next) => at(next, rest, found),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_through_lists() {
        let resource = serde_json::json!({
            "subject": {"reference": "Patient/1"},
            "activity": [{"detail": {"performer": [{"reference": "Patient/2"}, {"display": "x"}]}}],
        });
        assert_eq!(members("CarePlan", &resource), ["Patient/1", "Patient/2"]);
        assert!(members("Organization", &resource).is_empty());
    }
}
