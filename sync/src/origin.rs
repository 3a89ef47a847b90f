//! Where a token may go: to the exact origin of a connection's base, below its path, and nowhere else.
//! Every link, redirect and reference of a server passes here before anything is asked of it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// A server's FHIR base URL, taken apart once.
#[derive(Clone, PartialEq, Eq)]
pub struct Base(Url);

/// Why an address is not one of the connection's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressFault {
    /// No address at all.
    #[error("not an address")]
    Malformed,
    /// Neither https nor, on this very machine, http.
    #[error("not an https address")]
    NotHttps,
    /// It has a user name or password in it.
    #[error("an address with a user name in it")]
    UserInfo,
    /// Scheme, host or port are not those of the base, or the path leads out of it.
    #[error("an address at another server")]
    Foreign,
}

impl Base {
    /// Reads a base URL: https, or http on this very machine; no query, no fragment.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, AddressFault> {
        let text = text.trim().trim_end_matches('/');
        let url = checked(text)?;
        match url.query().is_none() && url.fragment().is_none() {
            true => Ok(Self(url)),
            false => Err(AddressFault::Malformed),
        }
    }

    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// The address of what lies at `path` below the base: `Type/id`, `Type?query`, `metadata`.
    ///
    /// # Errors
    /// A path that leads elsewhere.
    pub fn below(&self, path: &str) -> Result<Url, AddressFault> {
        self.accept(&format!("{}/{}", self.as_str(), path))
    }

    /// The address that a server's link or reference stands for, if it is one of this server. Its text
    /// from the path on is kept byte for byte: a cursor in it may have `+`, `/` and `=`.
    ///
    /// # Errors
    /// Why it is not.
    pub fn accept(&self, link: &str) -> Result<Url, AddressFault> {
        // Parsers differ in what they make of these, so nobody is asked.
        if link.contains(['\\', '\t', '\n', '\r']) || link != link.trim() || link.is_empty() {
            return Err(AddressFault::Malformed);
        }
        let relative = !link.contains("://") && !link.starts_with("//");
        let url = match relative {
            true if link.starts_with(['?', '#', '.']) => return Err(AddressFault::Malformed),
            true if link.starts_with('/') => {
                checked(&format!("{}{link}", self.0.origin().ascii_serialization()))?
            }
            true if link.split(['/', '?']).next().is_some_and(|first| first.contains(':')) => {
                return Err(AddressFault::Foreign);
            }
            true => checked(&format!("{}/{link}", self.as_str()))?,
            false => checked(link)?,
        };
        self.is_ours(&url).then_some(url).ok_or(AddressFault::Foreign)
    }

    /// Whether the address has the base's origin and lies below its path.
    pub(crate) fn is_ours(&self, url: &Url) -> bool {
        let same = url.scheme() == self.0.scheme()
            && url.host() == self.0.host()
            && url.port_or_known_default() == self.0.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none();
        let base = self.0.path().trim_end_matches('/');
        let below = url
            .path()
            .strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        same && below && !has_encoded_dots(url.path())
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Base").field("host", &self.0.host_str()).finish_non_exhaustive()
    }
}

/// Some servers decode these before they resolve dots.
fn has_encoded_dots(path: &str) -> bool {
    path.split('/').any(|part| {
        let plain = part.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/");
        plain.split('/').any(|piece| piece == "." || piece == "..")
    })
}

/// An absolute address that a request may go to at all.
pub(crate) fn checked(text: &str) -> Result<Url, AddressFault> {
    let url = Url::parse(text).map_err(|_| AddressFault::Malformed)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressFault::UserInfo);
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(host)) if is_loopback(&host) => Ok(url),
        ("http", Some(_)) => Err(AddressFault::NotHttps),
        _ => Err(AddressFault::Malformed),
    }
}

/// This very machine, by an address that no name service answers for.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => *address == Ipv4Addr::LOCALHOST,
        Host::Ipv6(address) => *address == Ipv6Addr::LOCALHOST,
        Host::Domain(name) => *name == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base::parse("https://api.payer.example/interop/fhir/").unwrap()
    }

    #[test]
    fn links_of_the_server_keep_their_bytes() {
        let next =
            "https://api.payer.example/interop/fhir/Patient/1/$everything?ct=a%2Bb%2F%3D&x=a+b";
        for (link, url) in [
            (next, next),
            (
                "HTTPS://API.payer.example:443/interop/fhir/Patient",
                "https://api.payer.example/interop/fhir/Patient",
            ),
            ("/interop/fhir/Patient/1", "https://api.payer.example/interop/fhir/Patient/1"),
            ("Patient/1", "https://api.payer.example/interop/fhir/Patient/1"),
            ("Patient?_id=a:b", "https://api.payer.example/interop/fhir/Patient?_id=a:b"),
        ] {
            assert_eq!(base().accept(link).unwrap().as_str(), url);
        }
    }

    #[test]
    fn no_other_address_is_accepted() {
        for link in [
            "https://evil.example/interop/fhir/Patient",
            "https://api.payer.example.evil.example/interop/fhir/Patient",
            "https://api.payer.example./interop/fhir/Patient",
            "https://api.payer.example:8443/interop/fhir/Patient",
            "https://api.payer.example:80/interop/fhir/Patient",
            "http://api.payer.example/interop/fhir/Patient",
            "https://api.payer.example@evil.example/interop/fhir/Patient",
            "https://user@api.payer.example/interop/fhir/Patient",
            "https://user:pw@api.payer.example/interop/fhir/Patient",
            "https://evil.example\\@api.payer.example/interop/fhir/",
            "https:\\\\evil.example/interop/fhir/Patient",
            "//evil.example/interop/fhir/Patient",
            "///evil.example/interop/fhir/Patient",
            "/\\evil.example/interop/fhir/Patient",
            "https:///evil.example/interop/fhir",
            "https://api.payer.example/interop/fhirevil/Patient",
            "https://api.payer.example/interop/Patient",
            "https://api.payer.example/interop/fhir/../../admin",
            "https://api.payer.example/interop/fhir/%2e%2e/%2e%2e/admin",
            "https://api.payer.example/interop/fhir/..%2f..%2fadmin",
            "../../admin",
            "./Patient",
            "Patient/../../../admin",
            "/interop/fhir/../../admin",
            "?ct=1",
            "#x",
            "",
            " https://api.payer.example/interop/fhir/Patient",
            "https://api.payer.example/interop/fhir/\nPatient",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "ftp://api.payer.example/interop/fhir",
            "urn:uuid:1",
            "data:application/json,{}",
            "https://[::1]/interop/fhir/Patient",
            "https://[::ffff:127.0.0.1]/interop/fhir/Patient",
            "https://127.0.0.1/interop/fhir/Patient",
            "https://169.254.169.254/latest/meta-data",
            "https://аpi.payer.example/interop/fhir/Patient",
            "https://api.payer.example%2eevil.example/interop/fhir/Patient",
            "https://api%00.payer.example/interop/fhir/Patient",
            "https:api.payer.example/interop/fhir/../x",
        ] {
            assert!(base().accept(link).is_err(), "{link}");
        }
    }

    #[test]
    fn http_is_for_this_machine_alone() {
        assert!(Base::parse("http://127.0.0.1:8080/fhir").is_ok());
        assert!(Base::parse("http://[::1]:8080/fhir").is_ok());
        assert_eq!(Base::parse("http://payer.example/fhir").unwrap_err(), AddressFault::NotHttps);
        assert_eq!(
            Base::parse("http://127.0.0.1.evil.example").unwrap_err(),
            AddressFault::NotHttps
        );
        assert_eq!(Base::parse("https://a@b.example").unwrap_err(), AddressFault::UserInfo);
        for text in ["", "payer.example/fhir", "https://x.example/?a=1", "https://x.example/#a"] {
            assert!(Base::parse(text).is_err(), "{text}");
        }
    }
}
