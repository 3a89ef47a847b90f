//! The authorization server: clients, codes, logins, tokens.

pub(crate) mod authorize;
pub(crate) mod client;
mod consent;
pub(crate) mod discovery;
mod id_token;
pub(crate) mod scope;
pub(crate) mod token;

use std::collections::HashMap;

use serde_json::json;

pub(crate) use authorize::Ask;
pub(crate) use client::Client;
pub(crate) use discovery::Endpoints;

use crate::clock::Millis;
use crate::http::Response;
use crate::state::random;

/// How long a code may be exchanged.
const CODE_LIFE: Millis = 5 * 60 * 1000;

/// An error as RFC 6749 writes it.
pub(crate) struct OAuthError {
    status: u16,
    error: &'static str,
    description: String,
}

impl OAuthError {
    fn new(error: &'static str, description: &str) -> Self {
        Self { status: 400, error, description: description.to_owned() }
    }

    fn request(description: &str) -> Self {
        Self::new("invalid_request", description)
    }

    fn grant(description: &str) -> Self {
        Self::new("invalid_grant", description)
    }

    fn client(description: &str) -> Self {
        Self { status: 401, ..Self::new("invalid_client", description) }
    }

    fn answer(&self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        let response = Response::json(self.status, &body);
        if self.status == 401 {
            return response.with("WWW-Authenticate", "Basic realm=\"sandbox\"");
        }
        response
    }
}

/// One person's permission for one client. All its tokens die with it.
pub(crate) struct Login {
    pub(crate) client: String,
    pub(crate) patient: String,
    scopes: Vec<String>,
    revoked: bool,
}

struct Code {
    ask: Ask,
    patient: String,
    scopes: Vec<String>,
    expires: Millis,
    used_by: Option<usize>,
}

struct AccessToken {
    login: usize,
    scopes: Vec<String>,
    expires: Millis,
}

struct RefreshToken {
    login: usize,
    used: Option<Millis>,
}

/// Everything the authorization server remembers. Not `Debug`: it holds tokens.
pub(crate) struct OAuth {
    pub(crate) clients: Vec<Client>,
    pub(crate) redirect_uris: Vec<String>,
    /// Consent pages that wait for an answer, by the token in their form.
    pending: HashMap<String, Ask>,
    codes: HashMap<String, Code>,
    logins: Vec<Login>,
    access: HashMap<String, AccessToken>,
    refresh: HashMap<String, RefreshToken>,
    secrets: Vec<String>,
}

impl OAuth {
    pub(crate) fn new(clients: Vec<Client>, redirect_uris: Vec<String>) -> Self {
        let secrets = clients.iter().filter_map(|client| client.secret.clone()).collect();
        Self {
            clients,
            redirect_uris,
            pending: HashMap::new(),
            codes: HashMap::new(),
            logins: Vec::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            secrets,
        }
    }

    /// Every secret there has been: client secrets, codes, verifiers, tokens.
    pub(crate) fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// The login of a good access token, and the scopes of the token.
    pub(crate) fn login_of(&self, token: &str, now: Millis) -> Option<(&Login, &[String])> {
        let access = self.access.get(token).filter(|access| access.expires > now)?;
        let login = &self.logins[access.login];
        (!login.revoked).then_some((login, &access.scopes))
    }

    /// Ends every access token; refresh tokens stay good.
    pub(crate) fn expire_tokens(&mut self) {
        self.access.clear();
    }

    /// Ends every login, as a person does in the payer's own app.
    pub(crate) fn revoke_all(&mut self) {
        self.logins.iter_mut().for_each(|login| login.revoked = true);
    }

    fn secret(&mut self, prefix: &str) -> String {
        let secret = format!("{prefix}{}", random());
        self.secrets.push(secret.clone());
        secret
    }

    fn issue_code(&mut self, ask: Ask, patient: &str, scopes: Vec<String>, now: Millis) -> String {
        let code = self.secret("code-");
        let expires = now + CODE_LIFE;
        let entry = Code { ask, patient: patient.to_owned(), scopes, expires, used_by: None };
        self.codes.insert(code.clone(), entry);
        code
    }

    fn issue_access(&mut self, login: usize, scopes: Vec<String>, expires: Millis) -> String {
        let token = self.secret("access-");
        self.access.insert(token.clone(), AccessToken { login, scopes, expires });
        token
    }

    fn issue_refresh(&mut self, login: usize) -> String {
        let token = self.secret("refresh-");
        self.refresh.insert(token.clone(), RefreshToken { login, used: None });
        token
    }
}
