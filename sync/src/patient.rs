//! Whose record a log-in opened: what the token answer says, else a verified id_token, else the only Patient
//! that the server shows with this token.

use std::time::Duration;

use serde_json::Value;

use crate::error::{AuthorizationFault, SyncError};
use crate::http::{Access, Http};
use crate::oauth::{FhirUser, Tokens};

const WITHIN: Duration = Duration::from_secs(30);
const LONGEST_ID: usize = 1024;

/// The Patient id.
pub(crate) async fn resolve(
    http: &Http,
    access: &Access,
    tokens: &Tokens,
    user: FhirUser,
) -> Result<String, SyncError> {
    let told = match (&tokens.patient, user) {
        (Some(patient), _) => Some(patient.clone()),
        (None, FhirUser::Patient(id)) => Some(id),
        (None, FhirUser::Other) => None,
        (None, FhirUser::Unknown) => only_one(http, access).await?,
    };
    let id = told.as_deref().and_then(usable);
    id.map(str::to_owned).ok_or_else(|| AuthorizationFault::NoPatient.into())
}

/// An id that a path can have; servers put more into it than the specification allows.
fn usable(told: &str) -> Option<&str> {
    let id = told.trim();
    let id = id.strip_prefix("Patient/").unwrap_or(id);
    let odd = |c: char| c.is_control() || c.is_whitespace() || "/\\?#".contains(c);
    (!matches!(id, "" | "." | "..") && id.len() <= LONGEST_ID && !id.contains(odd)).then_some(id)
}

async fn only_one(http: &Http, access: &Access) -> Result<Option<String>, SyncError> {
    let url = access.base.below("Patient").map_err(SyncError::BaseUrl)?;
    let answer = http.get(access, &url, "application/fhir+json", WITHIN).await?;
    if answer.status != 200 {
        return Ok(None);
    }
    let body = answer.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&answer.body);
    let Ok(found) = serde_json::from_slice::<Value>(body) else { return Ok(None) };
    let entries = found["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
    let resources = entries.iter().map(|entry| &entry["resource"]).chain([&found]);
    let mut ids = resources.filter(|r| r["resourceType"] == "Patient").map(|r| r["id"].as_str());
    Ok(match (ids.next(), ids.next()) {
        (Some(Some(id)), None) => Some(id.to_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_lead_elsewhere_are_not_used() {
        for (told, id) in [
            ("p-1", Some("p-1")),
            (" Patient/p-1 ", Some("p-1")),
            ("e130.long*~", Some("e130.long*~")),
            ("", None),
            ("..", None),
            ("a/../b", None),
            ("a?b", None),
            ("a b", None),
            ("a\u{7}", None),
        ] {
            assert_eq!(usable(told), id, "{told}");
        }
        assert_eq!(usable(&"x".repeat(2000)), None);
    }
}
