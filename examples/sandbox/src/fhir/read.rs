//! Reads of one resource.

use super::Access;
use super::outcome::failure;
use crate::clock::http_date;
use crate::http::{Request, Response};
use crate::state::State;

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
    } else {
        Response::fhir(200, record.body.as_bytes())
    };
    response = response.with("Last-Modified", http_date(record.updated));
    response.with("ETag", tag)
}
