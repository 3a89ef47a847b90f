//! The FHIR side: who may see what, pages, searches, reads, the CapabilityStatement.

pub(crate) mod bundle;
pub(crate) mod cursor;
pub(crate) mod everything;
pub(crate) mod metadata;
pub(crate) mod outcome;
pub(crate) mod query;
pub(crate) mod read;
pub(crate) mod search;

use bundle::Page;
use outcome::{failure, outcome, unauthorized};

use crate::clock::{Millis, parse_instant};
use crate::data::Record;
use crate::fault::FaultKind;
use crate::http::{Request, Response};
use crate::oauth::scope;
use crate::state::State;
use crate::switches::{NextLinks, Since};

/// What a token lets its bearer do.
pub(crate) struct Access {
    pub(crate) patient: String,
    scopes: Vec<String>,
    /// Nothing is to be seen, although everything is granted.
    empty: bool,
}

impl Access {
    /// Whether resources of a type may be read (`r`) or searched (`s`).
    pub(crate) fn may(&self, kind: &str, action: char) -> bool {
        self.scopes.iter().any(|scope| scope::allows(scope, kind, action))
    }

    /// Whether this record is granted: its type, and the person it is about.
    pub(crate) fn sees(&self, record: &Record) -> bool {
        self.may(&record.kind, 'r') && self.owns(record)
    }

    /// Whether this record is the patient's own, or nobody's.
    pub(crate) fn owns(&self, record: &Record) -> bool {
        if self.empty {
            return false;
        }
        if record.kind == "Patient" {
            return record.id == self.patient;
        }
        crate::data::Store::is_readable(record, &self.patient)
    }
}

/// The access of a request for data, or the answer that refuses it.
pub(crate) fn access(state: &State, request: &Request) -> Result<Access, Box<Response>> {
    if let Some(key) = &state.switches.api_key
        && request.header(&key.header.to_ascii_lowercase()) != Some(key.value.as_str())
    {
        let text = format!("the header {} is missing or wrong", key.header);
        let body = serde_json::json!({"statusCode": 401, "message": text});
        return Err(Response::json(401, &body).into());
    }
    let header = request.header("authorization").unwrap_or_default();
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(failure(401, "login", "A bearer token is needed.")
            .with("WWW-Authenticate", "Bearer realm=\"sandbox\"")
            .into());
    }
    match state.oauth.login_of(token.trim(), state.clock.now()) {
        Some((login, scopes)) => {
            let empty = state.switches.empty_account;
            Ok(Access { patient: login.patient.clone(), scopes: scopes.to_vec(), empty })
        }
        None => Err(unauthorized("The token is not known, expired or revoked.").into()),
    }
}

/// A page as an answer, changed as switches and a fault want it.
fn answer(state: &State, mut page: Page<'_>, fault: Option<&FaultKind>) -> Response {
    page.next_link = page.next_link.map(|link| match &state.switches.next_links {
        NextLinks::Absolute => link,
        NextLinks::Relative => link.replacen(&format!("{}/", state.base), "", 1),
        NextLinks::OtherOrigin(origin) => link.replacen(&state.origin, origin, 1),
    });
    match fault {
        Some(FaultKind::NextLink(link)) => page.next_link = Some(link.clone()),
        Some(FaultKind::LinkToItself) => page.next_link = Some(page.self_link.clone()),
        Some(FaultKind::LinkMissing) => page.next_link = None,
        Some(FaultKind::ReorderedPage) => page.records.reverse(),
        Some(FaultKind::ExtraEntry(body)) => page.extra = Some(body.clone()),
        Some(FaultKind::WrongTotal(total)) => page.total = Some(*total),
        Some(FaultKind::OutcomeEntries) => {
            let (warning, error) =
                ("Part of the answer may be missing.", "One of the sources did not answer.");
            page.outcomes.push(outcome("warning", "incomplete", warning));
            page.outcomes.push(outcome("error", "exception", error));
        }
        Some(FaultKind::BareResource) => {
            if let Some(first) = page.records.first() {
                return Response::fhir(200, first.body.as_bytes());
            }
        }
        _ => {}
    }
    Response::fhir(200, page.write())
}

/// The lower bound of `_since`, as far as the switch honours it.
fn since(switch: Since, text: Option<&str>) -> Result<Option<Millis>, Box<Response>> {
    let Some(text) = text else { return Ok(None) };
    match switch {
        Since::Ignored => Ok(None),
        Since::Rejected => {
            Err(failure(400, "not-supported", "This server cannot filter by time of change.")
                .into())
        }
        Since::Honoured => parse_instant(text)
            .map(Some)
            .ok_or_else(|| failure(400, "invalid", "_since is not an instant.").into()),
    }
}
