//! An app's registration at a payer: client id, secret, key of the gateway, scopes, redirect address.

use std::fmt;
use std::sync::Arc;

use crate::brand::Brand;
use crate::oauth::TokenExchanger;
use crate::secret::Secret;

/// What the payer's developer portal gave the app. Without a secret or an exchanger it is a public client.
#[derive(Clone)]
#[must_use]
pub struct Registration {
    pub(crate) brand: Brand,
    pub(crate) client_id: String,
    pub(crate) secret: Option<Secret>,
    pub(crate) header: Option<(String, Secret)>,
    pub(crate) exchanger: Option<Arc<dyn TokenExchanger>>,
    pub(crate) scopes: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) name: Option<String>,
}

impl Registration {
    /// The app is known to the payer under `client_id`.
    pub fn new(brand: Brand, client_id: &str) -> Self {
        Self {
            brand,
            client_id: client_id.to_owned(),
            secret: None,
            header: None,
            exchanger: None,
            scopes: None,
            redirect_uri: None,
            name: None,
        }
    }

    /// The secret of a confidential client. How it is sent follows what the server says it supports.
    pub fn with_secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// A header that the payer's gateway wants, such as an API key. It goes to the base, and to the token
    /// endpoint where that has the base's origin.
    pub fn with_header(mut self, name: &str, value: Secret) -> Self {
        self.header = Some((name.to_owned(), value));
        self
    }

    /// Whoever owns the secret talks to the token endpoint: a broker.
    pub fn with_exchanger(mut self, exchanger: Arc<dyn TokenExchanger>) -> Self {
        self.exchanger = Some(exchanger);
        self
    }

    /// Asks for exactly these scopes, each apart by a space.
    pub fn scopes(mut self, scopes: &str) -> Self {
        self.scopes = Some(scopes.split_whitespace().collect::<Vec<_>>().join(" "));
        self
    }

    /// Where the payer sends the browser back to, exactly as registered there.
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.redirect_uri = Some(uri.to_owned());
        self
    }

    /// The connection's name; the brand's by default.
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("brand", &self.brand.name()).finish_non_exhaustive()
    }
}
