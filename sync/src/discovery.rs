//! What a server says of its authorization: `.well-known/smart-configuration` below the base, and where
//! that is missing the `oauth-uris` of its CapabilityStatement. Asked without a token.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::details::Endpoints;
use crate::error::SyncError;
use crate::http::{Access, Answer, Http, HttpFault};
use crate::origin::{Base, checked, is_loopback};

const WITHIN: Duration = Duration::from_secs(30);
const OAUTH_URIS: &str = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";

/// What was discovered.
#[derive(Default)]
pub(crate) struct Configuration {
    pub(crate) endpoints: Endpoints,
    /// `scopes_supported`, where the server lists them.
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) capabilities: Vec<String>,
    /// `token_endpoint_auth_methods_supported`, where the server lists them.
    pub(crate) methods: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct SmartConfiguration {
    authorization_endpoint: String,
    token_endpoint: String,
    issuer: Option<String>,
    jwks_uri: Option<String>,
    revocation_endpoint: Option<String>,
    #[serde(default)]
    scopes_supported: Value,
    #[serde(default)]
    capabilities: Value,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Value,
    #[serde(default)]
    authorization_response_iss_parameter_supported: Value,
}

#[derive(Deserialize)]
struct OpenIdConfiguration {
    issuer: String,
    jwks_uri: String,
}

/// Asks the server; `access` has no token, and the gateway's key where there is one.
pub(crate) async fn discover(http: &Http, access: &Access) -> Result<Configuration, SyncError> {
    let base = &access.base;
    let smart = ask(http, access, ".well-known/smart-configuration", "application/json").await?;
    let mut found = smart.as_ref().ok().and_then(|body| from_smart(base, body));
    let mut refused = smart.err();
    if found.is_none() {
        let accept = "application/fhir+json, application/json";
        let metadata = ask(http, access, "metadata", accept).await?;
        found = metadata.as_ref().ok().and_then(|body| from_metadata(base, body));
        refused = metadata.err().or(refused);
    }
    let Some(mut found) = found else {
        return Err(match refused {
            Some(status @ (401 | 403 | 429 | 500..)) => SyncError::Status { status },
            _ => SyncError::NotAServer,
        });
    };
    if let (Some(issuer), None) = (&found.endpoints.issuer, &found.endpoints.jwks) {
        found.endpoints.jwks = key_address(http, base, issuer).await;
    }
    Ok(found)
}

/// The body of a good answer, or the status of another one; a redirect out of the base is like none.
async fn ask(
    http: &Http,
    access: &Access,
    path: &str,
    accept: &str,
) -> Result<Result<Vec<u8>, u16>, SyncError> {
    let url = access.base.below(path).map_err(SyncError::BaseUrl)?;
    let answer = match http.get(access, &url, accept, WITHIN).await {
        Err(HttpFault::Redirected) => return Ok(Err(302)),
        answer => answer?,
    };
    tracing::debug!(host = url.host_str(), status = answer.status, "discovery");
    let Answer { status, body, .. } = answer;
    Ok(if status == 200 { Ok(body) } else { Err(status) })
}

fn plain(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

fn from_smart(base: &Base, body: &[u8]) -> Option<Configuration> {
    let told: SmartConfiguration = serde_json::from_slice(plain(body)).ok()?;
    let optional = |text: Option<String>| text.and_then(|text| endpoint(base, &text));
    Some(Configuration {
        endpoints: Endpoints {
            issuer: told.issuer.filter(|issuer| !issuer.is_empty()),
            authorization: endpoint(base, &told.authorization_endpoint)?,
            token: endpoint(base, &told.token_endpoint)?,
            revocation: optional(told.revocation_endpoint),
            jwks: optional(told.jwks_uri),
            names_issuer: told.authorization_response_iss_parameter_supported == true,
        },
        scopes: texts(&told.scopes_supported),
        capabilities: texts(&told.capabilities).unwrap_or_default(),
        methods: texts(&told.token_endpoint_auth_methods_supported),
    })
}

fn texts(list: &Value) -> Option<Vec<String>> {
    Some(list.as_array()?.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
}

fn from_metadata(base: &Base, body: &[u8]) -> Option<Configuration> {
    let statement: Value = serde_json::from_slice(plain(body)).ok()?;
    let all = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let extension = all(&statement, "rest")
        .iter()
        .flat_map(|rest| all(&rest["security"], "extension"))
        .find(|extension| extension["url"] == OAUTH_URIS)?;
    let uri = |name: &str| {
        let part = all(&extension, "extension").into_iter().find(|part| part["url"] == name)?;
        endpoint(base, part["valueUri"].as_str().or(part["valueUrl"].as_str())?)
    };
    let endpoints = Endpoints {
        authorization: uri("authorize")?,
        token: uri("token")?,
        revocation: uri("revoke"),
        ..Endpoints::default()
    };
    // The second version of SMART has the other document always: who has this alone knows the first.
    let capabilities = vec!["permission-v1".to_owned()];
    Some(Configuration { endpoints, capabilities, ..Configuration::default() })
}

/// The absolute address of an endpoint: https, or http on this machine when the base is there too.
fn endpoint(base: &Base, text: &str) -> Option<String> {
    let folder = Url::parse(&format!("{}/", base.as_str())).ok()?;
    let url = checked(folder.join(text.trim()).ok()?.as_str()).ok()?;
    let local = base.url().host().is_some_and(|host| is_loopback(&host));
    (url.fragment().is_none() && (url.scheme() == "https" || local)).then(|| url.into())
}

/// Where an issuer's keys lie, by its OpenID configuration.
async fn key_address(http: &Http, base: &Base, issuer: &str) -> Option<String> {
    let folder = endpoint(base, issuer)?;
    let address = format!("{}/.well-known/openid-configuration", folder.trim_end_matches('/'));
    let answer = http.get_public(&checked(&address).ok()?, &[], WITHIN).await.ok()?;
    let told: OpenIdConfiguration = serde_json::from_slice(plain(&answer.body)).ok()?;
    if answer.status != 200 || !same_issuer(&told.issuer, issuer) {
        return None;
    }
    endpoint(base, &told.jwks_uri)
}

/// Servers are at odds with themselves about a slash at the end; nothing else may differ.
pub(crate) fn same_issuer(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base::parse("https://payer.example/a/fhir").unwrap()
    }

    #[test]
    fn relative_endpoints_are_resolved_against_the_base() {
        let body = br#"{"authorization_endpoint":"/oauth/authorize","token_endpoint":"oauth/token",
            "revocation_endpoint":"http://payer.example/revoke","jwks_uri":"javascript:1"}"#;
        let found = from_smart(&base(), body).unwrap().endpoints;
        assert_eq!(found.authorization, "https://payer.example/oauth/authorize");
        assert_eq!(found.token, "https://payer.example/a/fhir/oauth/token");
        assert_eq!((found.revocation, found.jwks), (None, None));
    }

    #[test]
    fn endpoints_without_tls_or_with_a_user_are_none() {
        for token in [
            "http://payer.example/token",
            "http://127.0.0.1/token",
            "https://user@payer.example/token",
            "https://payer.example/token#x",
            "data:,x",
        ] {
            let body = format!(
                r#"{{"authorization_endpoint":"https://payer.example/a","token_endpoint":"{token}"}}"#
            );
            assert!(from_smart(&base(), body.as_bytes()).is_none(), "{token}");
        }
        let local = Base::parse("http://127.0.0.1:80/fhir").unwrap();
        assert!(endpoint(&local, "http://127.0.0.1:81/token").is_some());
        assert!(endpoint(&local, "http://payer.example/token").is_none());
    }

    #[test]
    fn a_statement_without_oauth_uris_is_no_configuration() {
        for body in ["<html>", "[]", "{}", r#"{"rest":[{"security":{"extension":[{"url":"x"}]}}]}"#]
        {
            assert!(from_metadata(&base(), body.as_bytes()).is_none());
            assert!(from_smart(&base(), body.as_bytes()).is_none());
        }
    }
}
