//! What was asked, for assertions; and what arrived where nothing secret may arrive.

use std::fmt;
use std::time::SystemTime;

use crate::http::Request;
use crate::switches::ApiKey;

/// Headers that the log keeps. None of them holds a secret.
const OF_INTEREST: &[&str] = &[
    "accept",
    "accept-encoding",
    "content-type",
    "if-modified-since",
    "if-none-match",
    "prefer",
    "referer",
    "user-agent",
];

/// A request that this server has answered.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// HTTP method.
    pub method: String,
    /// Path with query, as sent.
    pub path: String,
    /// Status of the answer; 0 when the connection was reset instead.
    pub status: u16,
    /// When, by the sandbox's clock.
    pub at: SystemTime,
    /// Whether the request carried an `Authorization` header.
    pub authorized: bool,
    /// Headers of interest, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl LoggedRequest {
    pub(crate) fn new(request: &Request, status: u16, at: crate::clock::Millis) -> Self {
        let since = std::time::Duration::from_millis(u64::try_from(at).unwrap_or_default());
        Self {
            method: request.method.clone(),
            path: request.target.clone(),
            status,
            at: SystemTime::UNIX_EPOCH + since,
            authorized: request.header("authorization").is_some(),
            headers: request
                .headers
                .iter()
                .filter(|(name, _)| OF_INTEREST.contains(&name.as_str()))
                .cloned()
                .collect(),
        }
    }
}

impl fmt::Debug for LoggedRequest {
    /// Without the query: at the attacker's origin it could hold a code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        write!(f, "{} {path} -> {}", self.method, self.status)?;
        if self.authorized { f.write_str(" (authorized)") } else { Ok(()) }
    }
}

/// What must not arrive at a foreign origin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LeakKind {
    /// An `Authorization` header, whatever is in it.
    Authorization,
    /// The payer's API key, or its header.
    ApiKey,
    /// A client secret, code, verifier, access, refresh or id token, anywhere in the request.
    Secret,
    /// A cookie.
    Cookie,
}

/// A request at the attacker's origin that carried something secret.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Leak {
    /// What it carried.
    pub kinds: Vec<LeakKind>,
    /// The request.
    pub request: LoggedRequest,
}

/// What of a request is a leak.
pub(crate) fn leaks(request: &Request, secrets: &[String], key: Option<&ApiKey>) -> Vec<LeakKind> {
    let mut kinds = Vec::new();
    if request.header("authorization").is_some() {
        kinds.push(LeakKind::Authorization);
    }
    if request.header("cookie").is_some() {
        kinds.push(LeakKind::Cookie);
    }
    let mut texts: Vec<String> = request.headers.iter().map(|(_, value)| value.clone()).collect();
    texts.push(request.target.clone());
    texts.push(String::from_utf8_lossy(&request.body).into_owned());
    let decoded: Vec<String> = texts
        .iter()
        .flat_map(|text| crate::http::form_pairs(text))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    texts.extend(decoded);
    let holds = |secret: &str| texts.iter().any(|text| text.contains(secret));
    if let Some(key) = key
        && (holds(&key.value) || request.header(&key.header.to_ascii_lowercase()).is_some())
    {
        kinds.push(LeakKind::ApiKey);
    }
    if secrets.iter().any(|secret| holds(secret)) {
        kinds.push(LeakKind::Secret);
    }
    kinds
}
