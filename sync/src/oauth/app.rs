//! The app as the authorization server sees it: who it is, how it proves that, and its three requests.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::exchanger::{CodeExchange, TokenExchanger, TokenReply, TokenUse};
use crate::details::ClientAuthentication;
use crate::error::SyncError;
use crate::http::{Http, HttpFault};
use crate::origin::{Base, checked};
use crate::secret::Secret;

/// Short enough that a refresh whose answer is lost is sent again within a minute.
const WITHIN: Duration = Duration::from_secs(30);

/// One registration, ready to talk to its authorization server.
pub(crate) struct App {
    pub(crate) http: Http,
    pub(crate) base: Base,
    pub(crate) client_id: String,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) secret: Option<Secret>,
    pub(crate) api_key: Option<(String, Secret)>,
    pub(crate) exchanger: Option<Arc<dyn TokenExchanger>>,
}

impl App {
    /// Sends a code, once.
    pub(crate) async fn exchange(
        &self,
        endpoint: &str,
        code: &Secret,
        verifier: &Secret,
        redirect_uri: &str,
    ) -> Result<TokenReply, SyncError> {
        if let Some(exchanger) = self.exchanger()? {
            let token_endpoint = endpoint;
            let client_id = &self.client_id;
            let request = CodeExchange { token_endpoint, client_id, code, verifier, redirect_uri };
            return Ok(exchanger.exchange(request).await?);
        }
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier.expose()),
        ];
        Ok(self.post(endpoint, &form).await?)
    }

    /// Sends a refresh token.
    pub(crate) async fn refresh(
        &self,
        endpoint: &str,
        token: &Secret,
    ) -> Result<TokenReply, SyncError> {
        let hint = "refresh_token";
        if let Some(exchanger) = self.exchanger()? {
            let request = TokenUse { endpoint, client_id: &self.client_id, token, hint };
            return Ok(exchanger.refresh(request).await?);
        }
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.expose())];
        Ok(self.post(endpoint, &form).await?)
    }

    /// Asks for a token to be revoked (RFC 7009).
    pub(crate) async fn revoke(
        &self,
        endpoint: &str,
        token: &Secret,
        hint: &'static str,
    ) -> Result<TokenReply, SyncError> {
        if let Some(exchanger) = self.exchanger()? {
            let request = TokenUse { endpoint, client_id: &self.client_id, token, hint };
            return Ok(exchanger.revoke(request).await?);
        }
        let form = [("token", token.expose()), ("token_type_hint", hint)];
        Ok(self.post(endpoint, &form).await?)
    }

    /// Whether a request can be made at all: the secret or the exchanger is at hand.
    pub(crate) fn exchanger(&self) -> Result<Option<&dyn TokenExchanger>, SyncError> {
        match (self.authentication, &self.exchanger) {
            (ClientAuthentication::Exchanger, None) => {
                let expected = "the token exchanger of this connection's app";
                Err(chartkeep::Error::Invalid { argument: "exchanger", expected }.into())
            }
            (ClientAuthentication::Exchanger, Some(exchanger)) => Ok(Some(&**exchanger)),
            _ => Ok(None),
        }
    }

    async fn post(&self, endpoint: &str, form: &[(&str, &str)]) -> Result<TokenReply, HttpFault> {
        let url = checked(endpoint).map_err(|_| HttpFault::Foreign)?;
        let mut form = form.to_vec();
        let mut headers = Vec::new();
        match (self.authentication, &self.secret) {
            (ClientAuthentication::Basic, Some(secret)) => {
                headers.push(("authorization".to_owned(), self.basic(secret)));
            }
            (ClientAuthentication::Post, Some(secret)) => {
                form.push(("client_id", &self.client_id));
                form.push(("client_secret", secret.expose()));
            }
            _ => form.push(("client_id", &self.client_id)),
        }
        if let Some(key) = self.api_key.as_ref().filter(|_| self.at_base(&url)) {
            headers.push(key.clone());
        }
        let answer = self.http.post_form(&url, &headers, &form, WITHIN).await?;
        tracing::debug!(host = url.host_str(), status = answer.status, "token endpoint");
        let retry_after = answer.header("retry-after").map(str::to_owned);
        Ok(TokenReply { retry_after, ..TokenReply::new(answer.status, answer.body) })
    }

    fn at_base(&self, url: &Url) -> bool {
        url.origin() == self.base.url().origin()
    }

    /// Id and secret are form-encoded before they are joined (RFC 6749, 2.3.1).
    fn basic(&self, secret: &Secret) -> Secret {
        let encode = |text: &str| -> String {
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
        };
        let pair = Secret::new(format!("{}:{}", encode(&self.client_id), encode(secret.expose())));
        Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_and_secret_are_encoded_before_they_are_joined() {
        let app = App {
            http: Http::new().unwrap(),
            base: Base::parse("https://payer.example/fhir").unwrap(),
            client_id: "a:b".to_owned(),
            authentication: ClientAuthentication::Basic,
            secret: None,
            api_key: None,
            exchanger: None,
        };
        let sent = app.basic(&Secret::new("x y%"));
        assert_eq!(sent.expose(), format!("Basic {}", STANDARD.encode("a%3Ab:x+y%25")));
        assert!(app.at_base(&Url::parse("https://payer.example/token").unwrap()));
        for elsewhere in ["https://login.payer.example/token", "https://payer.example:8443/token"] {
            assert!(!app.at_base(&Url::parse(elsewhere).unwrap()));
        }
    }
}
