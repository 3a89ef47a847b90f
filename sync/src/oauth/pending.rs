//! A log-in that waits for the person: what the browser is sent to, and what is kept, sealed in the vault,
//! until it comes back. Endpoints are those of the moment it began; later ones do not count for it.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use super::pkce;
use crate::details::{Endpoints, NextLogin};
use crate::error::SyncError;
use crate::origin::Base;
use crate::secret::{self, Secret};

/// A log-in for the person's own browser to open; never a web view.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// What the browser opens.
    pub url: String,
    /// Where it comes back to; that address is what [`Client::finish_authorization`] takes.
    ///
    /// [`Client::finish_authorization`]: crate::Client::finish_authorization
    pub redirect_uri: String,
    /// When it ends, in Unix milliseconds.
    pub expires: i64,
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest").finish_non_exhaustive()
    }
}

/// What is kept until the browser comes back.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    #[serde(with = "secret::text")]
    pub(crate) verifier: Secret,
    #[serde(with = "secret::text")]
    pub(crate) nonce: Secret,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: String,
    pub(crate) endpoints: Endpoints,
    pub(crate) until: i64,
}

impl Pending {
    pub(crate) fn new(
        client_id: &str,
        next: &NextLogin,
        redirect_uri: &str,
        until: i64,
    ) -> Result<Self, SyncError> {
        Ok(Self {
            verifier: pkce::random()?,
            nonce: pkce::random()?,
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            scopes: next.scopes.clone(),
            endpoints: next.endpoints.clone(),
            until,
        })
    }

    /// A fresh `state`.
    pub(crate) fn state() -> Result<Secret, SyncError> {
        pkce::random()
    }

    pub(crate) fn asks_for(&self, scope: &str) -> bool {
        self.scopes.split(' ').any(|asked| asked == scope)
    }

    /// The address that the browser opens; the challenge is always S256.
    pub(crate) fn request(
        &self,
        base: &Base,
        state: &Secret,
    ) -> Result<AuthorizationRequest, SyncError> {
        let mut url =
            Url::parse(&self.endpoints.authorization).map_err(|_| SyncError::NotAServer)?;
        let challenge = pkce::challenge(&self.verifier);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scopes),
            ("state", state.expose()),
            ("aud", base.as_str()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        if self.asks_for("openid") {
            query.append_pair("nonce", self.nonce.expose());
            // Without it a server of OpenID Connect must leave `offline_access` out (Core 1.0, section 11),
            // and the person would log in again with each access token.
            if self.asks_for("offline_access") {
                query.append_pair("prompt", "consent");
            }
        }
        // A plus sign for a space is right here, but not every server reads it so.
        let query = query.finish().replace('+', "%20");
        let query = match url.query().filter(|own| !own.is_empty()) {
            Some(own) => format!("{own}&{query}"),
            None => query,
        };
        url.set_query(Some(&query));
        let redirect_uri = self.redirect_uri.clone();
        Ok(AuthorizationRequest { url: url.into(), redirect_uri, expires: self.until })
    }

    pub(crate) fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, SyncError> {
        let json = serde_json::to_vec(self);
        json.map(Zeroizing::new).map_err(|_| chartkeep::Error::Inconsistent("pending").into())
    }

    pub(crate) fn from_json(json: &[u8]) -> Result<Self, SyncError> {
        serde_json::from_slice(json).map_err(|_| chartkeep::Error::Inconsistent("pending").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_has_every_parameter_once() {
        let endpoints = Endpoints {
            authorization: "https://login.example/authorize?brand=a+b".to_owned(),
            ..Endpoints::default()
        };
        let next = NextLogin {
            endpoints,
            scopes: "openid patient/*.rs".to_owned(),
            ..NextLogin::default()
        };
        let pending = Pending::new("app", &next, "http://127.0.0.1:1/callback", 9).unwrap();
        let pending = Pending::from_json(&pending.to_json().unwrap()).unwrap();
        let base = Base::parse("https://payer.example/fhir/").unwrap();
        let request = pending.request(&base, &Secret::new("s")).unwrap();
        let url = Url::parse(&request.url).unwrap();
        assert!(request.url.contains("brand=a+b&") && request.url.contains("openid%20patient"));
        let challenge = pkce::challenge(&pending.verifier);
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", "app"),
            ("redirect_uri", "http://127.0.0.1:1/callback"),
            ("scope", "openid patient/*.rs"),
            ("state", "s"),
            ("aud", "https://payer.example/fhir"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("nonce", pending.nonce.expose()),
        ] {
            let values: Vec<_> = url.query_pairs().filter(|(n, _)| n == name).collect();
            assert!(values.len() == 1 && values[0].1 == value, "{name}");
        }
        assert!(!request.url.contains(pending.verifier.expose()));
    }

    #[test]
    fn to_stay_logged_in_is_asked_with_a_prompt_for_consent() {
        let base = Base::parse("https://payer.example/fhir").unwrap();
        for (scopes, expected) in [
            ("launch/patient openid fhirUser offline_access patient/*.rs", vec!["consent"]),
            ("openid patient/*.rs", vec![]),
            // No request of OpenID Connect: its parameters mean nothing there.
            ("offline_access patient/*.rs", vec![]),
            ("openid/x offline_access", vec![]),
        ] {
            let endpoints = Endpoints {
                authorization: "https://login.example/authorize".to_owned(),
                ..Endpoints::default()
            };
            let next = NextLogin { endpoints, scopes: scopes.to_owned(), ..NextLogin::default() };
            let pending = Pending::new("app", &next, "http://127.0.0.1:1/callback", 9).unwrap();
            let request = pending.request(&base, &Secret::new("s")).unwrap();
            let url = Url::parse(&request.url).unwrap();
            let prompts: Vec<_> = url.query_pairs().filter(|(name, _)| name == "prompt").collect();
            let prompts: Vec<_> = prompts.iter().map(|(_, value)| value.as_ref()).collect();
            assert_eq!(prompts, expected, "{scopes}");
        }
    }
}
