//! What the browser brings back. Nothing of it counts before its `state` is one that waits, and its code
//! is sent nowhere before `iss` and the address are right.

use url::Url;

use super::Pending;
use super::token::known_code;
use crate::discovery::same_issuer;
use crate::error::AuthorizationFault;
use crate::origin::Base;
use crate::secret::Secret;

/// A callback, taken apart.
pub(crate) struct Callback {
    url: Url,
    state: Secret,
    code: Option<Secret>,
    error: Option<Secret>,
    issuer: Option<String>,
}

impl Callback {
    /// Reads a callback's address.
    pub(crate) fn parse(text: &str) -> Result<Self, AuthorizationFault> {
        let url = Url::parse(text.trim()).map_err(|_| AuthorizationFault::BadCallback)?;
        let one = |name: &str| {
            let mut values = url.query_pairs().filter(|(n, _)| n == name).map(|(_, v)| v);
            match (values.next(), values.next()) {
                (_, Some(_)) => Err(AuthorizationFault::BadCallback),
                (value, None) => {
                    let value = value.map(std::borrow::Cow::into_owned);
                    Ok(value.filter(|value| !value.is_empty()).map(Secret::new))
                }
            }
        };
        let state = one("state")?.ok_or(AuthorizationFault::UnknownState)?;
        let (code, error) = (one("code")?, one("error")?);
        let issuer = one("iss")?.map(|issuer| issuer.expose().to_owned());
        if code.is_none() && error.is_none() {
            return Err(AuthorizationFault::BadCallback);
        }
        Ok(Self { code, error, issuer, state, url })
    }

    /// Which log-in it claims to answer.
    pub(crate) fn state(&self) -> &str {
        self.state.expose()
    }

    /// The code, if the callback is right in everything else.
    pub(crate) fn code(self, pending: &Pending, base: &Base) -> Result<Secret, AuthorizationFault> {
        let redirect = Url::parse(&pending.redirect_uri);
        let redirect = redirect.map_err(|_| AuthorizationFault::BadCallback)?;
        if bare(&self.url) != bare(&redirect) {
            return Err(AuthorizationFault::BadCallback);
        }
        if !self.is_issuer_right(pending, base) {
            return Err(AuthorizationFault::WrongIssuer);
        }
        match (self.error, self.code) {
            (Some(error), _) if error.expose() == "access_denied" => {
                Err(AuthorizationFault::Denied)
            }
            (Some(error), _) => Err(AuthorizationFault::Refused(known_code(error.expose()))),
            (None, code) => code.ok_or(AuthorizationFault::BadCallback),
        }
    }

    /// RFC 9207. Where no issuer was discovered, `iss` must at least be at a host of this log-in.
    fn is_issuer_right(&self, pending: &Pending, base: &Base) -> bool {
        let endpoints = &pending.endpoints;
        match (&self.issuer, &endpoints.issuer) {
            (Some(named), Some(known)) => same_issuer(named, known),
            (Some(named), None) => Url::parse(named).is_ok_and(|named| {
                let at = |text: &str| Url::parse(text).is_ok_and(|u| u.origin() == named.origin());
                at(&endpoints.authorization) || at(&endpoints.token) || at(base.as_str())
            }),
            (None, _) => !endpoints.names_issuer,
        }
    }
}

fn bare(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::details::{Endpoints, NextLogin};

    fn outcome(callback: &str, endpoints: Endpoints) -> Result<String, AuthorizationFault> {
        let next = NextLogin { endpoints, ..NextLogin::default() };
        let pending = Pending::new("app", &next, "app.example:/back", 0).unwrap();
        let base = Base::parse("https://payer.example/fhir").unwrap();
        let code = Callback::parse(callback)?.code(&pending, &base)?;
        Ok(code.expose().to_owned())
    }

    #[test]
    fn only_a_callback_that_is_right_in_everything_gives_its_code() {
        use AuthorizationFault::{BadCallback, Denied, Refused, UnknownState, WrongIssuer};
        let known = || Endpoints {
            issuer: Some("https://login.example/a".to_owned()),
            authorization: "https://login.example/authorize".to_owned(),
            ..Endpoints::default()
        };
        for (query, expected) in [
            ("state=s&code=c", Ok("c")),
            ("state=s&code=c&session_state=x&iss=https%3A%2F%2Flogin.example%2Fa", Ok("c")),
            ("code=c", Err(UnknownState)),
            ("state=&code=c", Err(UnknownState)),
            ("state=s&state=s&code=c", Err(BadCallback)),
            ("state=s&code=c&code=d", Err(BadCallback)),
            ("state=s", Err(BadCallback)),
            ("state=s&code=", Err(BadCallback)),
            ("state=s&code=c&iss=https%3A%2F%2Fevil.example%2Fa", Err(WrongIssuer)),
            ("state=s&code=c&iss=https%3A%2F%2Flogin.example%2Fb", Err(WrongIssuer)),
            (
                "state=s&code=c&iss=https%3A%2F%2Flogin.example%2Fa&iss=https%3A%2F%2Fx",
                Err(BadCallback),
            ),
            ("state=s&error=access_denied", Err(Denied)),
            ("state=s&code=c&error=access_denied", Err(Denied)),
            ("state=s&error=invalid_scope&error_description=x", Err(Refused("invalid_scope"))),
            ("state=s&error=%3Cscript%3E", Err(Refused("other"))),
        ] {
            let found = outcome(&format!("app.example:/back?{query}"), known());
            assert_eq!(found.as_deref().map_err(|e| *e), expected, "{query}");
        }
        for elsewhere in ["app.example:/other", "https://app.example/back", "evil.example:/back"] {
            let found = outcome(&format!("{elsewhere}?state=s&code=c"), known());
            assert_eq!(found, Err(BadCallback));
        }
        assert_eq!(outcome("/back?state=s&code=c", known()), Err(BadCallback));
    }

    #[test]
    fn without_a_known_issuer_a_named_one_is_at_a_host_of_the_log_in() {
        let plain = || Endpoints {
            authorization: "https://login.example/authorize".to_owned(),
            ..Endpoints::default()
        };
        let named = |host: &str| format!("app.example:/back?state=s&code=c&iss=https://{host}/x");
        assert!(outcome(&named("login.example"), plain()).is_ok());
        assert!(outcome(&named("payer.example"), plain()).is_ok());
        assert_eq!(outcome(&named("evil.example"), plain()), Err(AuthorizationFault::WrongIssuer));
        let always = Endpoints { names_issuer: true, ..plain() };
        assert_eq!(
            outcome("app.example:/back?state=s&code=c", always),
            Err(AuthorizationFault::WrongIssuer)
        );
    }
}
