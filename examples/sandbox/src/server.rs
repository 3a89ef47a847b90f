//! From a request to an answer: finds the route, lets faults strike, asks the part that knows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::clock::http_date;
use crate::days;
use crate::fault::{FaultKind, Route};
use crate::fhir;
use crate::fhir::outcome::failure;
use crate::http::{Delivery, Handler, Request, Response, form_pairs};
use crate::log::{Leak, LoggedRequest, leaks};
use crate::oauth::{authorize, discovery, token};
use crate::spoil;
use crate::state::State;

/// Path of the FHIR base: as deep as that of a payer behind a gateway.
pub(crate) const BASE_PATH: &str = "/interop/external/fhir";

/// The state, shared by the handle and the server's thread.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// The state. A panic elsewhere leaves it usable: every change is complete in itself.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The payer's origin.
pub(crate) struct Payer(pub(crate) Shared);

impl Handler for Payer {
    fn answer(&self, request: &Request) -> Response {
        let mut state = self.0.lock();
        let own_host = state.origin.strip_prefix("http://").unwrap_or_default();
        let port = own_host.rsplit(':').next().unwrap_or_default();
        let local = format!("localhost:{port}");
        // A page elsewhere that points its own name at 127.0.0.1 must not reach the payer.
        if request.header("host").is_none_or(|host| host != own_host && host != local) {
            return Response::new(421, "text/plain", "this server answers to its own name only\n");
        }
        let mut response = answer(&mut state, request);
        if request.header("accept-encoding").is_some_and(|it| it.contains("gzip"))
            && state.switches.gzip
        {
            response.compress();
        }
        let status = if response.delivery == Delivery::Reset { 0 } else { response.status };
        let entry = LoggedRequest::new(request, status, state.clock.now());
        if !request.path().starts_with("/_sandbox") {
            state.requests.push(entry);
        }
        response
    }

    fn latency(&self) -> Duration {
        self.0.lock().latency
    }

    fn date(&self) -> String {
        http_date(self.0.lock().clock.now())
    }
}

/// The other origin: notes what arrives and answers with an empty searchset.
pub(crate) struct Attacker(pub(crate) Shared);

impl Handler for Attacker {
    fn answer(&self, request: &Request) -> Response {
        let mut state = self.0.lock();
        let entry = LoggedRequest::new(request, 200, state.clock.now());
        let kinds = leaks(request, state.oauth.secrets(), state.switches.api_key.as_ref());
        if !kinds.is_empty() {
            state.leaks.push(Leak { kinds, request: entry.clone() });
        }
        state.attacker_requests.push(entry);
        Response::fhir(200, r#"{"resourceType":"Bundle","type":"searchset","link":[]}"#)
    }

    fn latency(&self) -> Duration {
        Duration::ZERO
    }

    fn date(&self) -> String {
        http_date(self.0.lock().clock.now())
    }
}

/// What a path means.
enum Place {
    SmartConfiguration,
    OpenIdConfiguration,
    Jwks,
    Metadata,
    Authorize,
    Consent,
    Token,
    Revoke,
    Introspect,
    Everything { patient: String },
    Search { kind: String, posted: bool },
    Read { kind: String, id: String },
    Sandbox,
    SandboxTruth,
    SandboxAuthorize,
    SandboxDay(u32),
    Nothing,
}

impl Place {
    fn of(request: &Request) -> Self {
        let path = request.path().trim_end_matches('/');
        if let Some(below) = path.strip_prefix(BASE_PATH) {
            return Self::of_fhir(request, below);
        }
        if let Some(below) = path.strip_prefix(discovery::PATH) {
            return match below {
                "/authorize" => Self::Authorize,
                "/consent" if request.method == "POST" => Self::Consent,
                "/token" => Self::Token,
                "/revoke" if request.method == "POST" => Self::Revoke,
                "/introspect" if request.method == "POST" => Self::Introspect,
                "/jwks" => Self::Jwks,
                _ => Self::Nothing,
            };
        }
        if let Some(day) = path.strip_prefix("/_sandbox/day/").and_then(|day| day.parse().ok())
            && request.method == "POST"
        {
            return Self::SandboxDay(day);
        }
        match path {
            "/_sandbox" => Self::Sandbox,
            "/_sandbox/truth" => Self::SandboxTruth,
            "/_sandbox/authorize" => Self::SandboxAuthorize,
            _ => Self::Nothing,
        }
    }

    fn of_fhir(request: &Request, below: &str) -> Self {
        let below = below.replace("%24", "$");
        let parts: Vec<&str> = below.split('/').skip(1).collect();
        let is_get = matches!(request.method.as_str(), "GET" | "HEAD");
        match parts.as_slice() {
            ["metadata"] if is_get => Self::Metadata,
            [".well-known", "smart-configuration"] if is_get => Self::SmartConfiguration,
            [".well-known", "openid-configuration"] if is_get => Self::OpenIdConfiguration,
            ["Patient", id, "$everything"] if is_get => {
                Self::Everything { patient: (*id).to_owned() }
            }
            [kind, "_search"] if request.method == "POST" && crate::data::is_type(kind) => {
                Self::Search { kind: (*kind).to_owned(), posted: true }
            }
            [kind] if is_get && crate::data::is_type(kind) => {
                Self::Search { kind: (*kind).to_owned(), posted: false }
            }
            [kind, id] if is_get && crate::data::is_type(kind) && crate::data::is_id(id) => {
                Self::Read { kind: (*kind).to_owned(), id: (*id).to_owned() }
            }
            _ => Self::Nothing,
        }
    }

    /// The routes whose faults may strike here.
    fn routes(&self, request: &Request) -> &'static [Route] {
        match self {
            Self::SmartConfiguration | Self::OpenIdConfiguration => &[Route::Discovery],
            Self::Jwks => &[Route::Jwks],
            Self::Metadata => &[Route::Metadata],
            Self::Authorize | Self::Consent => &[Route::Authorize],
            Self::Token if token::grant_type(&request.form()) == Some("refresh_token") => {
                &[Route::Token, Route::Refresh]
            }
            Self::Token => &[Route::Token],
            Self::Revoke => &[Route::Revoke],
            Self::Introspect | Self::Nothing => &[],
            Self::Everything { .. } => &[Route::Everything],
            Self::Search { .. } => &[Route::Search],
            Self::Read { .. } => &[Route::Read],
            Self::Sandbox | Self::SandboxTruth | Self::SandboxAuthorize | Self::SandboxDay(_) => {
                &[]
            }
        }
    }

    fn is_sandbox(&self) -> bool {
        matches!(
            self,
            Self::Sandbox | Self::SandboxTruth | Self::SandboxAuthorize | Self::SandboxDay(_)
        )
    }
}

fn answer(state: &mut State, request: &Request) -> Response {
    let place = Place::of(request);
    if place.is_sandbox() {
        return process(state, request, place, None);
    }
    let Some(fault) = state.faults.strike(place.routes(request)) else {
        return process(state, request, place, None);
    };
    if let Some(response) = spoil::instead(&fault) {
        return response;
    }
    spoil::after(process(state, request, place, Some(&fault)), &fault)
}

fn process(
    state: &mut State,
    request: &Request,
    place: Place,
    fault: Option<&FaultKind>,
) -> Response {
    let query = request.query();
    match place {
        Place::SmartConfiguration => discovery::smart_configuration(state),
        Place::OpenIdConfiguration => discovery::openid_configuration(state),
        Place::Jwks => discovery::jwks(),
        Place::Metadata => fhir::metadata::metadata(state),
        Place::Authorize if request.method == "POST" => {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            authorize::begin(state, &body)
        }
        Place::Authorize => authorize::begin(state, query),
        Place::Consent => authorize::decide_by_form(state, &request.form()),
        Place::Token => token::token(state, request),
        Place::Revoke => token::revoke(state, request),
        Place::Introspect => token::introspect(state, request),
        Place::Everything { patient } => with_access(state, request, |state, access| {
            fhir::everything::everything(state, access, &patient, query, fault)
        }),
        Place::Search { kind, posted } => with_access(state, request, |state, access| {
            let body = String::from_utf8_lossy(&request.body);
            let query = if posted { &*body } else { query };
            fhir::search::search(state, access, &kind, query, fault)
        }),
        Place::Read { kind, id } => with_access(state, request, |state, access| {
            fhir::read::read(state, access, request, &kind, &id)
        }),
        Place::Sandbox => description(state),
        Place::SandboxTruth => {
            let pairs = form_pairs(query);
            let patient = pairs.iter().find(|(name, _)| name == "patient");
            let truth = state.store.truth(patient.map(|(_, id)| id.as_str()));
            Response::new(200, "application/fhir+ndjson", truth)
        }
        Place::SandboxAuthorize => sandbox_authorize(state, query),
        Place::SandboxDay(day) => match days::advance(state, day) {
            Ok(()) => description(state),
            Err(error) => failure(409, "conflict", &error.to_string()),
        },
        Place::Nothing => failure(404, "not-found", "There is nothing here."),
    }
}

fn with_access(
    state: &State,
    request: &Request,
    answer: impl FnOnce(&State, &fhir::Access) -> Response,
) -> Response {
    match fhir::access(state, request) {
        Ok(access) => answer(state, &access),
        Err(refusal) => *refusal,
    }
}

/// `/_sandbox`: what a program needs to know to use this sandbox, none of it secret.
fn description(state: &State) -> Response {
    let patients: Vec<_> = state
        .patients()
        .into_iter()
        .map(|it| json!({"id": it.id, "name": it.name, "resources": it.resources}))
        .collect();
    Response::json(
        200,
        &json!({
            "sandbox": true,
            "base": state.base,
            "authorize": format!("{}/_sandbox/authorize", state.origin),
            "truth": format!("{}/_sandbox/truth", state.origin),
            "day": state.days.today(),
            "patients": patients,
        }),
    )
}

/// `/_sandbox/authorize`: the authorization endpoint without a person. `_patient` chooses the record.
fn sandbox_authorize(state: &mut State, query: &str) -> Response {
    let own: Vec<&str> = query.split('&').filter(|it| it.starts_with("_patient=")).collect();
    let rest: Vec<&str> = query.split('&').filter(|it| !it.starts_with("_patient=")).collect();
    let patient = own.first().and_then(|it| form_pairs(it).into_iter().next()).map(|(_, id)| id);
    match authorize::approve(state, &rest.join("&"), patient.as_deref()) {
        Ok(location) => Response::redirect(302, &location),
        Err(refusal) => refusal.answer(),
    }
}
