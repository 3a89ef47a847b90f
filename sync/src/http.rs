//! The only user of the network: one request, one whole answer, within limits. Redirects are followed
//! for data alone and below the base alone; tokens go nowhere else.

use std::time::Duration;

use chartkeep::{BinaryContent, NeededAction, Vault};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::origin::{Base, checked};
use crate::secret::Secret;

/// Longest body that is taken, counted as it unfolds.
const MAX_BODY: usize = 64 << 20;
const MAX_REDIRECTS: usize = 3;
const CONNECT: Duration = Duration::from_secs(15);
/// Longest silence inside an answer.
const SILENCE: Duration = Duration::from_secs(30);

/// Why an exchange did not take place, or broke off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpFault {
    /// No connection: offline, no such host, nobody listening.
    #[error("the server can't be reached; check the address and the network")]
    Unreachable,
    /// The certificate is not one to trust, or TLS is too old.
    #[error("the server's certificate is not trusted")]
    Certificate,
    /// No answer in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The answer broke off, or its length is wrong.
    #[error("the answer broke off")]
    Broken,
    /// The answer is larger than is taken.
    #[error("the answer is too large")]
    TooLarge,
    /// It redirects to another server, or on and on.
    #[error("the answer redirects to another place")]
    Redirected,
    /// The address is no address of the connection's server.
    #[error("an address at another server was refused")]
    Foreign,
    /// TLS can't be set up on this device.
    #[error("TLS is not available; on Android, call the initialisation first")]
    NoTls,
}

impl HttpFault {
    /// Stable, dotted, the same in every language.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable => "http.unreachable",
            Self::Certificate => "http.certificate",
            Self::TimedOut => "http.timed_out",
            Self::Broken => "http.broken",
            Self::TooLarge => "http.too_large",
            Self::Redirected => "http.redirected",
            Self::Foreign => "http.foreign",
            Self::NoTls => "http.no_tls",
        }
    }

    /// What the app does next.
    pub fn action(&self) -> NeededAction {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Broken => {
                NeededAction::TryLater { after_ms: 30_000 }
            }
            _ => NeededAction::NeedsSupport { reference: self.code() },
        }
    }

    /// Whether the same request may succeed a moment later.
    pub(crate) fn is_passing(self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::Broken)
    }
}

/// What every request to a connection's server carries.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) base: Base,
    pub(crate) bearer: Option<Secret>,
    /// Header that the payer's gateway wants, and its value.
    pub(crate) api_key: Option<(String, Secret)>,
}

/// A whole answer. Nothing of it is printed.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Empty where the body is `raw`.
    pub(crate) body: Vec<u8>,
    /// What is no JSON where a Binary was asked for, set aside.
    pub(crate) raw: Option<Result<BinaryContent, chartkeep::Error>>,
    /// Bytes received.
    pub(crate) length: u64,
    headers: HeaderMap,
}

/// A Binary that may come raw, and where it is set aside then.
pub(crate) struct RawBinary<'r> {
    pub(crate) vault: &'r Vault,
    pub(crate) id: &'r str,
    /// Its media type, where the reference to it tells.
    pub(crate) kind: Option<&'r str>,
}

impl RawBinary<'_> {
    /// Where the body goes, if it is not for the reader of JSON. A page for people is not a document,
    /// unless one was announced.
    fn begin(&self, headers: &HeaderMap) -> Option<Result<BinaryContent, chartkeep::Error>> {
        let told = headers.get("content-type").and_then(|told| told.to_str().ok());
        let essence =
            |kind: &str| kind.split(';').next().unwrap_or(kind).trim().to_ascii_lowercase();
        let is = |kind: Option<&str>, what: &str| kind.is_some_and(|k| essence(k).contains(what));
        if is(told, "json") || (is(told, "html") && !is(self.kind, "html")) {
            return None;
        }
        let vague = |kind: &&str| essence(kind) == "application/octet-stream";
        let kind = told.filter(|told| !vague(told)).or(self.kind).or(told);
        Some(self.vault.binary(self.id, kind.unwrap_or("application/octet-stream")))
    }
}

impl Answer {
    /// A header, where it is there and text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Sends requests.
#[derive(Clone)]
pub(crate) struct Http(reqwest::Client);

impl Http {
    pub(crate) fn new() -> Result<Self, HttpFault> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .user_agent(concat!("chartkeep/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self(client.map_err(|_| HttpFault::NoTls)?))
    }

    /// Reads data of a connection: `url` and every redirect must be the server's own.
    pub(crate) async fn get(
        &self,
        access: &Access,
        url: &Url,
        accept: &str,
        within: Duration,
    ) -> Result<Answer, HttpFault> {
        self.get_for(access, url, accept, within, None).await
    }

    /// The same; a Binary may come raw.
    pub(crate) async fn get_for(
        &self,
        access: &Access,
        url: &Url,
        accept: &str,
        within: Duration,
        raw: Option<&RawBinary<'_>>,
    ) -> Result<Answer, HttpFault> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            if !access.base.is_ours(&url) {
                return Err(HttpFault::Foreign);
            }
            let mut headers = HeaderMap::new();
            put(&mut headers, "accept", accept);
            if let Some(bearer) = &access.bearer {
                put(&mut headers, "authorization", &format!("Bearer {}", bearer.expose()));
            }
            if let Some((name, key)) = &access.api_key {
                put(&mut headers, name, key.expose());
            }
            let answer = self.send(self.0.get(url.clone()).headers(headers), within, raw).await?;
            if !(300..400).contains(&answer.status) || answer.status == 304 {
                return Ok(answer);
            }
            let to = answer.header("location").ok_or(HttpFault::Redirected)?;
            url = access.base.accept(to).map_err(|_| HttpFault::Redirected)?;
        }
        Err(HttpFault::Redirected)
    }

    /// Reads a public document, such as a server's configuration: no token, no redirect.
    pub(crate) async fn get_public(
        &self,
        url: &Url,
        headers: &[(String, Secret)],
        within: Duration,
    ) -> Result<Answer, HttpFault> {
        self.bare(self.0.get(url.clone()), url, headers, within).await
    }

    /// Sends a form to an endpoint of the authorization server; a redirect is a fault.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        headers: &[(String, Secret)],
        form: &[(&str, &str)],
        within: Duration,
    ) -> Result<Answer, HttpFault> {
        let body: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .0
            .post(url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        self.bare(request, url, headers, within).await
    }

    async fn bare(
        &self,
        request: reqwest::RequestBuilder,
        url: &Url,
        extra: &[(String, Secret)],
        within: Duration,
    ) -> Result<Answer, HttpFault> {
        checked(url.as_str()).map_err(|_| HttpFault::Foreign)?;
        let mut headers = HeaderMap::new();
        put(&mut headers, "accept", "application/json");
        for (name, value) in extra {
            put(&mut headers, name, value.expose());
        }
        let answer = self.send(request.headers(headers), within, None).await?;
        match answer.status {
            300..=399 => Err(HttpFault::Redirected),
            _ => Ok(answer),
        }
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        within: Duration,
        raw: Option<&RawBinary<'_>>,
    ) -> Result<Answer, HttpFault> {
        match tokio::time::timeout(within, Self::exchange(request, raw)).await {
            Ok(answer) => answer,
            Err(_) => Err(HttpFault::TimedOut),
        }
    }

    async fn exchange(
        request: reqwest::RequestBuilder,
        raw: Option<&RawBinary<'_>>,
    ) -> Result<Answer, HttpFault> {
        let mut response = request.send().await.map_err(|e| fault(&e))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let found = (200..300).contains(&status);
        let mut raw = raw.filter(|_| found).and_then(|raw| raw.begin(&headers));
        let (mut body, mut length) = (Vec::new(), 0);
        while let Some(piece) = response.chunk().await.map_err(|e| fault(&e))? {
            length += piece.len();
            if length > MAX_BODY {
                return Err(HttpFault::TooLarge);
            }
            match &mut raw {
                None => body.extend_from_slice(&piece),
                Some(Ok(content)) => {
                    if let Err(error) = content.push(&piece) {
                        raw = Some(Err(error));
                    }
                }
                Some(Err(_)) => break,
            }
        }
        Ok(Answer { status, body, raw, length: length as u64, headers })
    }
}

/// Sets a header; a value that no header can have is left out, and the server will say so.
fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(mut value)) =
        (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
    {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}

fn fault(error: &reqwest::Error) -> HttpFault {
    let certificate = || {
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            let text = inner.to_string();
            if text.contains("certificate") {
                return true;
            }
            source = inner.source();
        }
        false
    };
    // Asked first: what never connected was never sent, which a refresh must know.
    if error.is_connect() {
        if certificate() { HttpFault::Certificate } else { HttpFault::Unreachable }
    } else if error.is_timeout() {
        HttpFault::TimedOut
    } else {
        HttpFault::Broken
    }
}
