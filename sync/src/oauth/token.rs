//! The token endpoint's answer: tokens, or a refusal. Tolerant of what payers add, spell and leave out;
//! anything that is no answer of OAuth 2.0 gives nothing.

use serde::Deserialize;
use serde_json::Value;

use super::exchanger::TokenReply;
use crate::error::{AuthorizationFault, SyncError};
use crate::secret::{self, Secret};

/// Life of an access token that does not tell its own.
const DEFAULT_LIFE: i64 = 3600;
/// Longest wait that a server can ask for.
const LONGEST_WAIT: i64 = 7 * 24 * 3600;

/// Codes of RFC 6749, 6750, 7009 and OpenID Connect that an error may show; never a server's own text.
const CODES: [&str; 18] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "unsupported_token_type",
    "invalid_scope",
    "invalid_token",
    "insufficient_scope",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
    "login_required",
    "consent_required",
    "interaction_required",
    "account_selection_required",
    "invalid_target",
];

/// The code as one of the known ones, or `other`.
pub(crate) fn known_code(code: &str) -> &'static str {
    CODES.into_iter().find(|known| *known == code).unwrap_or("other")
}

/// What a log-in or a refresh gave.
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    pub(crate) refresh: Option<Secret>,
    pub(crate) id: Option<Secret>,
    /// Granted scopes; `None` when they are the asked ones.
    pub(crate) scope: Option<String>,
    /// Life of the access token in seconds.
    pub(crate) life: i64,
    pub(crate) patient: Option<String>,
}

/// Why an answer gave no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// The grant is no longer one.
    InvalidGrant,
    /// Client id or secret are not accepted.
    BadClient,
    /// Another refusal of OAuth 2.0.
    Refused(&'static str),
    /// To be asked again after so many seconds.
    Wait(i64),
    /// A status without a reason.
    Status(u16),
    /// No answer of OAuth 2.0.
    Malformed,
}

impl TokenFault {
    pub(crate) fn error(self, now: i64) -> SyncError {
        match self {
            Self::InvalidGrant => AuthorizationFault::Refused("invalid_grant").into(),
            Self::BadClient => AuthorizationFault::BadClient.into(),
            Self::Refused(code) => AuthorizationFault::Refused(code).into(),
            Self::Wait(seconds) => SyncError::NotBefore { at: now.saturating_add(seconds * 1000) },
            Self::Status(status) => SyncError::Status { status },
            Self::Malformed => AuthorizationFault::BadTokenAnswer.into(),
        }
    }
}

#[derive(Deserialize)]
struct Told {
    #[serde(default, deserialize_with = "secret::optional_text::deserialize")]
    access_token: Option<Secret>,
    #[serde(default, deserialize_with = "secret::optional_text::deserialize")]
    refresh_token: Option<Secret>,
    #[serde(default, deserialize_with = "secret::optional_text::deserialize")]
    id_token: Option<Secret>,
    #[serde(default)]
    token_type: Value,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    scope: Value,
    #[serde(default)]
    patient: Value,
    #[serde(default)]
    error: Value,
}

impl Tokens {
    pub(crate) fn read(reply: &TokenReply) -> Result<Self, TokenFault> {
        let body = reply.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&reply.body);
        let told: Option<Told> = serde_json::from_slice(body).ok();
        if let Some(code) = told.as_ref().and_then(|told| told.error.as_str()) {
            return Err(match code {
                "invalid_grant" => TokenFault::InvalidGrant,
                "invalid_client" => TokenFault::BadClient,
                "temporarily_unavailable" => TokenFault::Wait(wait(reply)),
                code => TokenFault::Refused(known_code(code)),
            });
        }
        match reply.status {
            200..=299 => {}
            429 | 503 => return Err(TokenFault::Wait(wait(reply))),
            400..=499 if body.trim_ascii_start().starts_with(b"<") => {
                return Err(TokenFault::Malformed);
            }
            status => return Err(TokenFault::Status(status)),
        }
        let told = told.ok_or(TokenFault::Malformed)?;
        if !told.token_type.is_null()
            && !told.token_type.as_str().is_some_and(|t| t.trim().eq_ignore_ascii_case("bearer"))
        {
            return Err(TokenFault::Malformed);
        }
        Ok(Self {
            access: trimmed(told.access_token)?.ok_or(TokenFault::Malformed)?,
            refresh: trimmed(told.refresh_token)?,
            id: trimmed(told.id_token)?,
            scope: scope(&told.scope),
            life: life(&told.expires_in),
            patient: match told.patient {
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            },
        })
    }
}

/// A token without the white space that some servers put around it; inside it there can be none.
fn trimmed(token: Option<Secret>) -> Result<Option<Secret>, TokenFault> {
    let Some(token) = token else { return Ok(None) };
    let text = token.expose().trim();
    match text.bytes().all(|byte| byte.is_ascii_graphic()) {
        false => Err(TokenFault::Malformed),
        true => Ok((!text.is_empty()).then(|| Secret::new(text))),
    }
}

fn scope(told: &Value) -> Option<String> {
    let words: Vec<&str> = match told {
        Value::String(text) => text.split_whitespace().collect(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    (!words.is_empty()).then(|| words.join(" "))
}

#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
fn life(told: &Value) -> i64 {
    let seconds = match told {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    let seconds = seconds.filter(|s| s.is_finite() && *s >= 1.0);
    seconds.map_or(DEFAULT_LIFE, |s| (s as i64).min(10 * 365 * 24 * 3600))
}

fn wait(reply: &TokenReply) -> i64 {
    let told = reply.retry_after.as_deref().and_then(|text| text.trim().parse::<i64>().ok());
    told.unwrap_or(60).clamp(1, LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Result<Tokens, TokenFault> {
        Tokens::read(&TokenReply::new(status, body.into()))
    }

    #[test]
    fn odd_answers_of_servers_are_read() {
        let body = "\u{feff}{\"access_token\":\" a.b \\n\",\"token_type\":\"BEARER\",\"expires_in\":\"120\",
            \"scope\":\" patient/*.rs  openid \",\"patient\":17,\"refresh_token\":\"\",\"id_token\":null,
            \"__epic.dstu2.patient\":\"x\",\"fhirContext\":[{}]}";
        let tokens = read(200, body).ok().unwrap();
        assert_eq!(tokens.access.expose(), "a.b");
        assert!(tokens.refresh.is_none() && tokens.id.is_none());
        assert_eq!((tokens.life, tokens.patient.as_deref()), (120, Some("17")));
        assert_eq!(tokens.scope.as_deref(), Some("patient/*.rs openid"));
        for (told, seconds) in
            [("null", 3600), ("60", 60), ("59.9", 59), ("0", 3600), ("-5", 3600), ("\"x\"", 3600)]
        {
            let body = format!(r#"{{"access_token":"a","expires_in":{told}}}"#);
            assert_eq!(read(200, &body).ok().unwrap().life, seconds, "{told}");
        }
    }

    #[test]
    fn what_is_no_token_answer_gives_nothing() {
        use TokenFault::{BadClient, InvalidGrant, Malformed, Refused, Status, Wait};
        for (status, body, fault) in [
            (200, "<html>sign in</html>", Malformed),
            (200, "", Malformed),
            (200, "[]", Malformed),
            (200, "{}", Malformed),
            (200, r#"{"access_token":""}"#, Malformed),
            (200, r#"{"access_token":7}"#, Malformed),
            (200, r#"{"access_token":"a b"}"#, Malformed),
            (200, "{\"access_token\":\"a\\r\\nX: y\"}", Malformed),
            (200, r#"{"access_token":"a","token_type":"mac"}"#, Malformed),
            (200, r#"{"access_token":"a","error":"invalid_grant"}"#, InvalidGrant),
            (400, r#"{"error":"invalid_grant","error_description":"x"}"#, InvalidGrant),
            (401, r#"{"error":"invalid_client"}"#, BadClient),
            (400, r#"{"error":"unauthorized_client"}"#, Refused("unauthorized_client")),
            (400, r#"{"error":"own_words <b>"}"#, Refused("other")),
            (400, "<html>", Malformed),
            (401, r#"{"message":"no key"}"#, Status(401)),
            (404, "", Status(404)),
            (500, "<html>", Status(500)),
            (502, "<html>", Status(502)),
            (503, "<html>", Wait(60)),
            (429, "", Wait(60)),
        ] {
            assert_eq!(read(status, body).err(), Some(fault), "{status} {body}");
        }
        let soon = TokenReply::new(429, Vec::new()).retry_after("7");
        assert_eq!(Tokens::read(&soon).err(), Some(Wait(7)));
    }
}
