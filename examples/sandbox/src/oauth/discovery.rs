//! Where the endpoints are, as documents for clients.

use serde_json::{Value, json};

use super::id_token;
use crate::fhir::outcome::failure;
use crate::http::Response;
use crate::state::State;
use crate::switches::{IdToken, Iss, Refresh, ScopeSyntax, SmartConfig, overlay};

/// Path below which the authorization server lives.
pub(crate) const PATH: &str = "/interop/oauth2";

/// The endpoints' URLs.
pub(crate) struct Endpoints {
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) revoke: String,
    pub(crate) introspect: String,
    pub(crate) jwks: String,
}

impl Endpoints {
    /// Absolute URLs.
    pub(crate) fn of(state: &State) -> Self {
        Self::below(&state.origin)
    }

    fn below(origin: &str) -> Self {
        let url = |name: &str| format!("{origin}{PATH}/{name}");
        Self {
            authorize: url("authorize"),
            token: url("token"),
            revoke: url("revoke"),
            introspect: url("introspect"),
            jwks: url("jwks"),
        }
    }
}

/// `/.well-known/smart-configuration`.
pub(crate) fn smart_configuration(state: &State) -> Response {
    match state.switches.smart_config {
        SmartConfig::NotFound => failure(404, "not-found", "There is no such resource."),
        SmartConfig::Html => {
            Response::html(200, "<!DOCTYPE html><title>Welcome</title><p>Developer portal\n")
        }
        SmartConfig::Ok | SmartConfig::RelativeUrls => {
            Response::new(200, "application/json", document(state).to_string())
        }
    }
}

/// `/.well-known/openid-configuration`.
pub(crate) fn openid_configuration(state: &State) -> Response {
    let mut document = document(state);
    document["subject_types_supported"] = json!(["public"]);
    document["id_token_signing_alg_values_supported"] = json!(["RS256"]);
    document["issuer"] = json!(state.base);
    document["jwks_uri"] = json!(Endpoints::of(state).jwks);
    Response::new(200, "application/json", document.to_string())
}

/// The published signing key.
pub(crate) fn jwks() -> Response {
    match id_token::published_keys() {
        Ok(keys) => Response::new(200, "application/json", keys.to_string()),
        Err(reason) => failure(500, "exception", &reason),
    }
}

fn document(state: &State) -> Value {
    let switches = &state.switches;
    let relative = switches.smart_config == SmartConfig::RelativeUrls;
    let endpoints = Endpoints::below(if relative { "" } else { &state.origin });
    let mut capabilities = vec![
        "launch-standalone",
        "client-confidential-symmetric",
        "context-standalone-patient",
        "permission-patient",
    ];
    let mut methods = vec!["client_secret_basic", "client_secret_post"];
    if switches.public_clients {
        capabilities.push("client-public");
        methods.push("none");
    }
    let mut grants = vec!["authorization_code"];
    if switches.refresh != Refresh::None {
        capabilities.push("permission-offline");
        grants.push("refresh_token");
    }
    if switches.scope_syntax != ScopeSyntax::V2 {
        capabilities.push("permission-v1");
    }
    if switches.scope_syntax != ScopeSyntax::V1 {
        capabilities.push("permission-v2");
    }
    let mut scopes = vec!["launch/patient", "offline_access", "online_access"];
    if switches.scope_syntax != ScopeSyntax::V2 {
        scopes.push("patient/*.read");
    }
    if switches.scope_syntax != ScopeSyntax::V1 {
        scopes.push("patient/*.rs");
    }
    let mut document = json!({
        "issuer": state.base,
        "authorization_endpoint": endpoints.authorize,
        "token_endpoint": endpoints.token,
        "revocation_endpoint": endpoints.revoke,
        "introspection_endpoint": endpoints.introspect,
        "token_endpoint_auth_methods_supported": methods,
        "grant_types_supported": grants,
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
    });
    if switches.id_token != IdToken::Off {
        capabilities.push("sso-openid-connect");
        scopes.extend(["openid", "fhirUser"]);
        document["jwks_uri"] = json!(endpoints.jwks);
    }
    if switches.iss != Iss::Absent {
        document["authorization_response_iss_parameter_supported"] = json!(true);
    }
    document["capabilities"] = json!(capabilities);
    document["scopes_supported"] = json!(scopes);
    overlay(&mut document, &switches.smart_config_members);
    document
}
