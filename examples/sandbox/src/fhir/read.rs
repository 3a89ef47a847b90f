//! Reads of one resource.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Access;
use super::outcome::failure;
use crate::clock::http_date;
use crate::http::{Request, Response};
use crate::state::State;

/// The content of a Binary.
fn raw(binary: &str) -> Response {
    let binary: Value = serde_json::from_str(binary).unwrap_or_default();
    let text = |name: &str| binary[name].as_str().unwrap_or_default();
    Response::new(200, text("contentType"), STANDARD.decode(text("data")).unwrap_or_default())
}

/// The resource, byte for byte.
pub(crate) fn read(
    state: &State,
    access: &Access,
    request: &Request,
    kind: &str,
    id: &str,
) -> Response {
    if !access.may(kind, 'r') {
        return failure(403, "forbidden", "The scopes of the token do not allow this.");
    }
    let Some(record) = state.store.get(kind, id) else {
        return failure(404, "not-found", "There is no such resource.");
    };
    if !access.owns(record) {
        return failure(state.switches.foreign_status, "forbidden", "Not this patient's resource.");
    }
    let tag = format!("W/\"{}\"", record.version);
    let mut response = if request.header("if-none-match") == Some(tag.as_str()) {
        Response::fhir(304, "")
    } else if state.switches.raw_binaries && kind == "Binary" {
        raw(&record.body)
    } else {
        Response::fhir(200, record.body.as_bytes())
    };
    response = response.with("Last-Modified", http_date(record.updated));
    response.with("ETag", tag)
}
