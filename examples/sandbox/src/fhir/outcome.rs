//! OperationOutcomes.

use serde_json::json;

use crate::http::Response;

/// One issue as a resource.
pub(crate) fn outcome(severity: &str, code: &str, diagnostics: &str) -> String {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": diagnostics}],
    })
    .to_string()
}

/// An error as an answer.
pub(crate) fn failure(status: u16, code: &str, diagnostics: &str) -> Response {
    Response::fhir(status, outcome("error", code, diagnostics))
}

/// 401 as RFC 6750 wants it.
pub(crate) fn unauthorized(description: &str) -> Response {
    failure(401, "login", description).with(
        "WWW-Authenticate",
        format!(
            "Bearer realm=\"sandbox\", error=\"invalid_token\", error_description=\"{description}\""
        ),
    )
}
