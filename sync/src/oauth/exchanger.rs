//! Whoever owns the client's secret in the app's place: a broker that forwards codes and refresh tokens
//! to the token endpoint and adds the secret. It never sees health data.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use zeroize::Zeroizing;

use crate::http::HttpFault;
use crate::secret::Secret;

/// The token endpoint's answer, as it came; this library judges it.
#[derive(Clone)]
pub struct TokenReply {
    pub(crate) status: u16,
    pub(crate) body: Zeroizing<Vec<u8>>,
    pub(crate) retry_after: Option<String>,
}

impl TokenReply {
    /// Status and body of the answer, unchanged.
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, body: Zeroizing::new(body), retry_after: None }
    }

    /// The answer's `Retry-After` header.
    #[must_use]
    pub fn retry_after(mut self, header: &str) -> Self {
        self.retry_after = Some(header.to_owned());
        self
    }
}

impl fmt::Debug for TokenReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenReply").field("status", &self.status).finish_non_exhaustive()
    }
}

/// A code to be exchanged.
#[non_exhaustive]
pub struct CodeExchange<'a> {
    /// Where the payer takes it.
    pub token_endpoint: &'a str,
    /// The app's client id.
    pub client_id: &'a str,
    /// The code of the callback.
    pub code: &'a Secret,
    /// PKCE's verifier.
    pub verifier: &'a Secret,
    /// The redirect address of the authorization request.
    pub redirect_uri: &'a str,
}

/// A token to be refreshed or revoked.
#[non_exhaustive]
pub struct TokenUse<'a> {
    /// Where the payer takes it.
    pub endpoint: &'a str,
    /// The app's client id.
    pub client_id: &'a str,
    /// The token.
    pub token: &'a Secret,
    /// `access_token` or `refresh_token`.
    pub hint: &'static str,
}

impl fmt::Debug for CodeExchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeExchange").finish_non_exhaustive()
    }
}

impl fmt::Debug for TokenUse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenUse").field("hint", &self.hint).finish_non_exhaustive()
    }
}

/// An exchange under way. [`HttpFault::Unreachable`] says that nothing was sent; any other fault leaves
/// open whether the token was used.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<TokenReply, HttpFault>> + Send + 'a>>;

/// Talks to the token endpoint in this library's place.
pub trait TokenExchanger: Send + Sync {
    /// Sends a code, once.
    fn exchange<'a>(&'a self, request: CodeExchange<'a>) -> Exchange<'a>;

    /// Sends a refresh token.
    fn refresh<'a>(&'a self, request: TokenUse<'a>) -> Exchange<'a>;

    /// Asks for a token to be revoked.
    fn revoke<'a>(&'a self, request: TokenUse<'a>) -> Exchange<'a>;
}
