//! Registered clients and how they prove who they are at the token endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::OAuthError;
use crate::http::Request;

/// Paths at which every client may receive its code on a loopback address, whatever the port.
const LOOPBACK_PATHS: &[&str] = &["/callback", "/"];

/// An application that has registered. Not `Debug`: it holds a secret.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) secret: Option<String>,
}

/// Whether a redirect URI is registered: as it stands, or as a loopback address (RFC 8252, 7.3).
pub(crate) fn may_redirect(uri: &str, registered: &[String]) -> bool {
    if registered.iter().any(|it| it == uri) {
        return true;
    }
    let Ok(url) = Url::parse(uri) else { return false };
    url.scheme() == "http"
        && matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && LOOPBACK_PATHS.contains(&url.path())
}

/// The client of a request to the token, revocation or introspection endpoint.
pub(crate) fn authenticate<'a>(
    clients: &'a [Client],
    request: &Request,
    form: &[(String, String)],
) -> Result<&'a Client, OAuthError> {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, it)| it.as_str());
    let basic = request.header("authorization").map(|header| {
        let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let bytes = STANDARD.decode(value.trim()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((form_decoded(id), form_decoded(secret)))
    });
    let (id, secret) = match basic {
        Some(None) => return Err(OAuthError::client("the Authorization header is not readable")),
        Some(Some(_)) if field("client_secret").is_some() => {
            return Err(OAuthError::request("two ways of client authentication"));
        }
        Some(Some((id, secret))) => (id, Some(secret)),
        None => {
            let id = field("client_id").ok_or_else(|| OAuthError::client("no client_id"))?;
            (id.to_owned(), field("client_secret").map(str::to_owned))
        }
    };
    if field("client_id").is_some_and(|other| other != id) {
        return Err(OAuthError::client("two client ids"));
    }
    let client = clients
        .iter()
        .find(|client| client.id == id)
        .ok_or_else(|| OAuthError::client("the client is not known"))?;
    if client.secret.as_deref() == secret.as_deref() {
        Ok(client)
    } else {
        Err(OAuthError::client("the client secret is missing, wrong or not expected"))
    }
}

/// RFC 6749, 2.3.1: id and secret are form-encoded before they are joined.
fn form_decoded(text: &str) -> String {
    let escaped = text.replace('&', "%26").replace('=', "%3D");
    crate::http::form_pairs(&escaped).into_iter().next().map(|(name, _)| name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_exact_but_for_a_loopback_port() {
        let registered = ["app.example:/done".to_owned()];
        for good in
            ["http://127.0.0.1:4711/callback", "http://[::1]:1/callback", "app.example:/done"]
        {
            assert!(may_redirect(good, &registered), "{good}");
        }
        for bad in [
            "https://127.0.0.1/callback",
            "http://127.0.0.1.evil.example/callback",
            "http://127.0.0.1@evil.example/callback",
            "http://127.0.0.1:1/callback/x",
            "http://127.0.0.1:1/callback?x=1",
            "http://127.0.0.1:1/callback#x",
            "app.example:/done/",
            "/callback",
        ] {
            assert!(!may_redirect(bad, &registered), "{bad}");
        }
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        assert_eq!(form_decoded("a%2Bb+c%3Ad"), "a+b c:d");
        assert_eq!(form_decoded("plain=sign"), "plain=sign");
    }
}
