//! The authorization endpoint: checks the request, asks the person, redirects with a code.

use url::Url;

use super::client::may_redirect;
use super::{consent, scope};
use crate::http::{Response, form_pairs};
use crate::state::{State, random};
use crate::switches::{Granted, Iss};

/// A request for authorization that has been checked.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) client: String,
    pub(crate) client_name: &'static str,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) challenge: Option<String>,
}

/// Why a request was refused: told to the person when the client cannot be trusted with a redirect.
pub(crate) enum Refusal {
    Page(String),
    Redirect(String),
}

impl Refusal {
    pub(crate) fn answer(&self) -> Response {
        match self {
            Self::Page(reason) => Response::html(400, consent::problem(reason)),
            Self::Redirect(location) => Response::redirect(302, location),
        }
    }
}

/// What the person decided.
pub(crate) enum Decision<'a> {
    Allow { patient: &'a str, scopes: Option<&'a [String]> },
    Deny,
}

/// The first request of the browser: a consent page, or at once the redirect where that is automatic.
pub(crate) fn begin(state: &mut State, query: &str) -> Response {
    let ask = match check(state, query) {
        Ok(ask) => ask,
        Err(refusal) => return refusal.answer(),
    };
    if state.auto_approve {
        return match approve(state, query, None) {
            Ok(location) => Response::redirect(302, &location),
            Err(refusal) => refusal.answer(),
        };
    }
    let token = random();
    let page = consent::page(state, &ask, &token);
    state.oauth.pending.insert(token, ask.clone());
    // Without the redirect's origin the browser would stop the form's redirect.
    let origin = Url::parse(&ask.redirect_uri).map_or_else(
        |_| String::new(),
        |url| match url.origin() {
            url::Origin::Tuple(..) => url.origin().ascii_serialization(),
            url::Origin::Opaque(_) => format!("{}:", url.scheme()),
        },
    );
    Response::html(200, page)
        .with(
            "Content-Security-Policy",
            format!(
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {origin}; \
                 frame-ancestors 'none'; base-uri 'none'"
            ),
        )
        .with("X-Frame-Options", "DENY")
        .with("X-Content-Type-Options", "nosniff")
        .with("Referrer-Policy", "no-referrer")
}

/// The form of the consent page. Its token is good for one answer.
pub(crate) fn decide_by_form(state: &mut State, form: &[(String, String)]) -> Response {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, it)| it.as_str());
    let ask = field("request").and_then(|token| state.oauth.pending.remove(token));
    let Some(ask) = ask else {
        let reason = "This page has been answered before, or was not made by this server.";
        return Refusal::Page(reason.to_owned()).answer();
    };
    let ticked: Vec<String> =
        form.iter().filter(|(key, _)| key == "scope").map(|(_, it)| it.clone()).collect();
    let decision = match (field("decision"), field("patient")) {
        (Some("allow"), Some(patient)) => Decision::Allow { patient, scopes: Some(&ticked) },
        _ => Decision::Deny,
    };
    match decide(state, ask, &decision) {
        Ok(location) => Response::redirect(303, &location),
        Err(refusal) => refusal.answer(),
    }
}

/// Checks a request and approves it for a patient (the first when none is named), without a page.
pub(crate) fn approve(
    state: &mut State,
    query: &str,
    patient: Option<&str>,
) -> Result<String, Refusal> {
    let ask = check(state, query)?;
    let patient = match patient.or(state.default_patient.as_deref()) {
        Some(patient) => patient.to_owned(),
        None => match state.store.patients().next() {
            Some(record) => record.id.clone(),
            None => return Err(Refusal::Page("There is no patient.".to_owned())),
        },
    };
    decide(state, ask, &Decision::Allow { patient: &patient, scopes: None })
}

/// Checks a request and denies it.
pub(crate) fn deny(state: &mut State, query: &str) -> Result<String, Refusal> {
    let ask = check(state, query)?;
    decide(state, ask, &Decision::Deny)
}

fn decide(state: &mut State, ask: Ask, decision: &Decision<'_>) -> Result<String, Refusal> {
    let Decision::Allow { patient, scopes } = decision else {
        return Ok(error(
            state,
            &ask.redirect_uri,
            ask.state.as_deref(),
            "access_denied",
            "denied",
        ));
    };
    if state.store.get("Patient", patient).is_none() {
        return Err(Refusal::Page("There is no such patient.".to_owned()));
    }
    let allowed: Vec<String> = ask
        .scopes
        .iter()
        .filter(|scope| scopes.is_none_or(|ticked| ticked.contains(scope)))
        .cloned()
        .collect();
    let granted = scope::granted(&allowed, &state.switches.granted);
    if granted.is_empty() && state.switches.granted != Granted::Empty {
        let text = "no scope was allowed";
        return Ok(error(state, &ask.redirect_uri, ask.state.as_deref(), "access_denied", text));
    }
    let (uri, echo) = (ask.redirect_uri.clone(), ask.state.clone());
    let code = state.oauth.issue_code(ask, patient, granted, state.clock.now());
    Ok(back(state, &uri, echo.as_deref(), &[("code", &code)]))
}

/// Checks a request in the order of RFC 6749: who asks, where to answer, then the rest.
fn check(state: &State, query: &str) -> Result<Ask, Refusal> {
    let pairs = form_pairs(query);
    let field = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, it)| it.as_str());
    let page = |reason: &str| Refusal::Page(reason.to_owned());
    let twice = pairs.iter().enumerate().any(|(at, (name, _))| {
        pairs[..at].iter().any(|(other, _)| other == name) && name != "resource"
    });
    if twice {
        return Err(page("A parameter was given twice."));
    }
    let client = state
        .oauth
        .clients
        .iter()
        .find(|client| Some(client.id.as_str()) == field("client_id"))
        .filter(|client| state.switches.public_clients || client.secret.is_some())
        .ok_or_else(|| page("The app that sent you here is not registered."))?;
    let redirect_uri = field("redirect_uri")
        .filter(|uri| may_redirect(uri, &state.oauth.redirect_uris))
        .ok_or_else(|| page("The address to return to is not registered for this app."))?;
    let fail = |code: &str, text: &str| {
        Refusal::Redirect(error(state, redirect_uri, field("state"), code, text))
    };
    if field("response_type") != Some("code") {
        return Err(fail("unsupported_response_type", "only code is supported"));
    }
    if field("aud") != Some(state.base.as_str()) {
        return Err(fail("invalid_request", "aud is not the base of this server"));
    }
    let challenge = field("code_challenge");
    let whole = challenge.is_none_or(|it| it.len() == 43 && it.bytes().all(is_base64url));
    let method = field("code_challenge_method");
    match (challenge, method) {
        (Some(_), Some("S256")) if whole => {}
        (None, None) if !state.switches.require_pkce => {}
        (None, _) => return Err(fail("invalid_request", "code_challenge is required")),
        _ => return Err(fail("invalid_request", "code_challenge has to be of method S256")),
    }
    let scopes = scope::known(field("scope").unwrap_or_default(), state.switches.scope_syntax);
    if scopes.is_empty() {
        return Err(fail("invalid_scope", "none of the scopes is known"));
    }
    Ok(Ask {
        client: client.id.clone(),
        client_name: client.name,
        redirect_uri: redirect_uri.to_owned(),
        state: field("state").map(str::to_owned),
        nonce: field("nonce").map(str::to_owned),
        scopes,
        challenge: challenge.map(str::to_owned),
    })
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn error(state: &State, uri: &str, echo: Option<&str>, code: &str, text: &str) -> String {
    back(state, uri, echo, &[("error", code), ("error_description", text)])
}

/// The redirect URI with the answer, `state` as it came, and `iss`.
fn back(state: &State, uri: &str, echo: Option<&str>, answer: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(uri) else { return uri.to_owned() };
    {
        let mut pairs = url.query_pairs_mut();
        pairs.extend_pairs(answer);
        if let Some(echo) = echo {
            pairs.append_pair("state", echo);
        }
        match state.switches.iss {
            Iss::Present => {
                pairs.append_pair("iss", &state.base);
            }
            Iss::Wrong => {
                pairs.append_pair("iss", &format!("{}/other", state.attacker));
            }
            Iss::Absent => {}
        }
    }
    url.into()
}
