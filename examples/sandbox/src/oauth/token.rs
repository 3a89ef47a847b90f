//! Token, revocation and introspection endpoints.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::id_token::{self, Claims};
use super::{Login, OAuthError, client};
use crate::http::{Delivery, Request, Response};
use crate::state::State;
use crate::switches::{IdToken, Refresh, overlay};

type Form = [(String, String)];

/// `POST token`.
pub(crate) fn token(state: &mut State, request: &Request) -> Response {
    let form = request.form();
    let lose = state.switches.lose_refresh_response && grant_type(&form) == Some("refresh_token");
    match grant(state, request, &form) {
        Ok(mut body) => {
            overlay(&mut body, &state.switches.token_members);
            let mut response = Response::json(200, &body);
            if lose {
                state.switches.lose_refresh_response = false;
                response.delivery = Delivery::Reset;
            }
            response
        }
        Err(error) => error.answer(),
    }
}

/// The grant type of a token request, for the faults that only strike refreshes.
pub(crate) fn grant_type(form: &Form) -> Option<&str> {
    field(form, "grant_type")
}

/// `POST revoke` (RFC 7009): 200 even for what is not known.
pub(crate) fn revoke(state: &mut State, request: &Request) -> Response {
    let form = request.form();
    let client = match client::authenticate(&state.oauth.clients, request, &form) {
        Ok(client) => client.id.clone(),
        Err(error) => return error.answer(),
    };
    let Some(token) = field(&form, "token") else {
        return OAuthError::request("token is missing").answer();
    };
    let oauth = &mut state.oauth;
    if let Some(login) = oauth.refresh.get(token).map(|it| it.login) {
        if oauth.logins[login].client == client {
            oauth.logins[login].revoked = true;
        }
    } else if oauth.access.get(token).is_some_and(|it| oauth.logins[it.login].client == client) {
        oauth.access.remove(token);
    }
    Response::new(200, "application/json", "").with("Cache-Control", "no-store")
}

/// `POST introspect` (RFC 7662).
pub(crate) fn introspect(state: &State, request: &Request) -> Response {
    let form = request.form();
    if let Err(error) = client::authenticate(&state.oauth.clients, request, &form) {
        return error.answer();
    }
    let token = field(&form, "token").unwrap_or_default();
    let Some((login, scopes)) = state.oauth.login_of(token, state.clock.now()) else {
        return Response::json(200, &json!({"active": false}));
    };
    let expires = state.oauth.access.get(token).map_or(0, |it| it.expires / 1000);
    let body = json!({
        "active": true,
        "scope": scopes.join(" "),
        "client_id": login.client,
        "exp": expires,
        "patient": login.patient,
        "iss": state.base,
    });
    Response::json(200, &body)
}

fn grant(state: &mut State, request: &Request, form: &Form) -> Result<Value, OAuthError> {
    if request.method != "POST" {
        return Err(OAuthError::request("only POST"));
    }
    let client = client::authenticate(&state.oauth.clients, request, form)?;
    if client.secret.is_none() && !state.switches.public_clients {
        return Err(OAuthError::client("public clients are not offered"));
    }
    let client = client.id.clone();
    match grant_type(form) {
        Some("authorization_code") => exchange(state, &client, form),
        Some("refresh_token") => refresh(state, &client, form),
        Some(_) => Err(OAuthError::new("unsupported_grant_type", "not offered")),
        None => Err(OAuthError::request("grant_type is missing")),
    }
}

fn exchange(state: &mut State, client: &str, form: &Form) -> Result<Value, OAuthError> {
    let now = state.clock.now();
    let text = field(form, "code").ok_or_else(|| OAuthError::request("code is missing"))?;
    if let Some(verifier) = field(form, "code_verifier") {
        state.oauth.secrets.push(verifier.to_owned());
    }
    let oauth = &mut state.oauth;
    let code = oauth
        .codes
        .get_mut(text)
        .filter(|code| code.ask.client == client)
        .ok_or_else(|| OAuthError::grant("the code is not known"))?;
    if let Some(login) = code.used_by {
        // A second use means that the code has leaked (RFC 6749, 4.1.2).
        oauth.logins[login].revoked = true;
        return Err(OAuthError::grant("the code has been used"));
    }
    if code.expires <= now {
        return Err(OAuthError::grant("the code has expired"));
    }
    if field(form, "redirect_uri") != Some(code.ask.redirect_uri.as_str()) {
        return Err(OAuthError::grant("redirect_uri is not that of the authorization"));
    }
    match (&code.ask.challenge, field(form, "code_verifier")) {
        (Some(challenge), Some(verifier)) if s256(verifier).as_ref() == Some(challenge) => {}
        (None, None) => {}
        (Some(_), None) => return Err(OAuthError::grant("code_verifier is missing")),
        _ => return Err(OAuthError::grant("code_verifier is wrong")),
    }
    code.used_by = Some(oauth.logins.len());
    let (patient, scopes, nonce) =
        (code.patient.clone(), code.scopes.clone(), code.ask.nonce.clone());
    let login = oauth.logins.len();
    oauth.logins.push(Login {
        client: client.to_owned(),
        patient: patient.clone(),
        scopes: scopes.clone(),
        revoked: false,
    });
    let has = |scope: &str| scopes.iter().any(|it| it == scope);
    let keeps = has("offline_access") || has("online_access");
    let refresh_token = (keeps && state.switches.refresh != Refresh::None)
        .then(|| state.oauth.issue_refresh(login));
    let mut body = response(state, login, &scopes);
    if let Some(token) = refresh_token {
        body["refresh_token"] = json!(token);
    }
    if has("openid") && state.switches.id_token != IdToken::Off {
        let claims = Claims {
            issuer: &state.base,
            client,
            patient: &patient,
            nonce: nonce.as_deref(),
            now,
            life: state.switches.expires_in,
            members: &state.switches.id_token_members,
        };
        let token = id_token::token(&claims, state.switches.id_token)
            .map_err(|reason| OAuthError::new("server_error", &reason))?;
        state.oauth.secrets.push(token.clone());
        body["id_token"] = json!(token);
    }
    Ok(body)
}

fn refresh(state: &mut State, client: &str, form: &Form) -> Result<Value, OAuthError> {
    let now = state.clock.now();
    let text = field(form, "refresh_token")
        .ok_or_else(|| OAuthError::request("refresh_token is missing"))?;
    let unknown = || OAuthError::grant("the refresh token is not known or was revoked");
    let entry = state.oauth.refresh.get(text).ok_or_else(unknown)?;
    let (index, used) = (entry.login, entry.used);
    let login = &mut state.oauth.logins[index];
    if login.client != client || login.revoked {
        return Err(unknown());
    }
    let grace = i64::try_from(state.switches.refresh_grace).unwrap_or(i64::MAX / 1000) * 1000;
    if used.is_some_and(|at| now - at > grace || grace == 0) {
        // Two parties hold this token, and one of them should not (RFC 9700, 4.14.2).
        login.revoked = true;
        return Err(OAuthError::grant("the refresh token has been used; the login has ended"));
    }
    let scopes = match field(form, "scope") {
        None => login.scopes.clone(),
        Some(asked) => {
            let asked: Vec<String> = asked.split_ascii_whitespace().map(str::to_owned).collect();
            if !asked.iter().all(|scope| login.scopes.contains(scope)) {
                return Err(OAuthError::new("invalid_scope", "more than was granted"));
            }
            asked
        }
    };
    let mut body = response(state, index, &scopes);
    if state.switches.refresh == Refresh::Rotate {
        if let Some(entry) = state.oauth.refresh.get_mut(text) {
            entry.used.get_or_insert(now);
        }
        body["refresh_token"] = json!(state.oauth.issue_refresh(index));
    }
    Ok(body)
}

/// The members that every token response has.
fn response(state: &mut State, login: usize, scopes: &[String]) -> Value {
    let life = state.switches.expires_in;
    let expires = state.clock.now() + i64::try_from(life).unwrap_or(i64::MAX / 4000) * 1000;
    let token = state.oauth.issue_access(login, scopes.to_vec(), expires);
    let mut body = json!({
        "access_token": token,
        "token_type": "Bearer",
        "scope": scopes.join(" "),
    });
    if state.switches.say_expires_in {
        body["expires_in"] = json!(life);
    }
    if state.switches.patient_in_token {
        body["patient"] = json!(state.oauth.logins[login].patient);
    }
    body
}

/// The S256 challenge of a verifier; `None` when it has not the form of one (RFC 7636, 4.1).
fn s256(verifier: &str) -> Option<String> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    ((43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved))
        .then(|| URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())))
}

fn field<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::s256;

    #[test]
    fn challenges_are_those_of_rfc_7636() {
        assert_eq!(
            s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").as_deref(),
            Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        );
        assert_eq!(s256("short"), None);
    }
}
