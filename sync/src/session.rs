//! Access to a connection's server: the token that a request carries, and a new one when it ends.

use std::sync::{Arc, Mutex, PoisonError};

use chartkeep::{Connection, TokenKind, Vault};

use crate::details::Details;
use crate::error::SyncError;
use crate::http::{Access, Http};
use crate::oauth::{App, TokenExchanger};
use crate::origin::Base;
use crate::secret::Secret;

/// One connection, ready to be asked. Clones share it.
#[derive(Clone)]
pub(crate) struct Session(Arc<Inner>, Arc<Shared>);

struct Inner {
    vault: Vault,
    connection: Connection,
    base: Base,
    http: Http,
}

/// What all sessions of a connection share inside a client.
#[derive(Default)]
pub(crate) struct Shared {
    /// Held by whoever changes tokens: one refresh at a time.
    turn: tokio::sync::Mutex<()>,
    /// Held by the run that is at work.
    run: tokio::sync::Mutex<()>,
    exchanger: Mutex<Option<Arc<dyn TokenExchanger>>>,
}

impl Shared {
    pub(crate) fn set_exchanger(&self, exchanger: Arc<dyn TokenExchanger>) {
        *self.exchanger.lock().unwrap_or_else(PoisonError::into_inner) = Some(exchanger);
    }

    fn exchanger(&self) -> Option<Arc<dyn TokenExchanger>> {
        self.exchanger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Session {
    pub(crate) fn new(
        vault: &Vault,
        connection: Connection,
        http: &Http,
    ) -> Result<Self, SyncError> {
        let base = connection.base.as_deref().ok_or(SyncError::NotAServer)?;
        let base = Base::parse(base).map_err(SyncError::BaseUrl)?;
        let inner = Inner { vault: vault.clone(), connection, base, http: http.clone() };
        Ok(Self(Arc::new(inner), Arc::default()))
    }

    /// With what the connection's other sessions share.
    pub(crate) fn sharing(self, shared: Arc<Shared>) -> Self {
        Self(self.0, shared)
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.0.connection
    }

    pub(crate) fn base(&self) -> &Base {
        &self.0.base
    }

    pub(crate) fn http(&self) -> &Http {
        &self.0.http
    }

    pub(crate) fn turn(&self) -> &tokio::sync::Mutex<()> {
        &self.1.turn
    }

    pub(crate) fn run(&self) -> &tokio::sync::Mutex<()> {
        &self.1.run
    }

    pub(crate) fn now(&self) -> i64 {
        self.vault().clock().now_ms()
    }

    pub(crate) fn details(&self) -> Result<Details, SyncError> {
        Details::load(self.vault(), self.connection().id)
    }

    pub(crate) fn needs_authorization(&self) -> SyncError {
        SyncError::NeedsAuthorization { connection: self.connection().id.get() }
    }

    /// A token or secret of the connection.
    pub(crate) fn secret(&self, kind: TokenKind) -> Result<Option<Secret>, SyncError> {
        let bytes = self.vault().token(self.connection().id, kind)?;
        Ok(bytes.and_then(|b| std::str::from_utf8(&b).map(Secret::new).ok()))
    }

    /// The header that the payer's gateway wants.
    pub(crate) fn api_key(&self, details: &Details) -> Result<Option<(String, Secret)>, SyncError> {
        Ok(details.api_key_header.clone().zip(self.secret(TokenKind::ApiKey)?))
    }

    /// The app, as it shows itself to the authorization server.
    pub(crate) fn app(&self, details: &Details) -> Result<App, SyncError> {
        Ok(App {
            http: self.http().clone(),
            base: self.base().clone(),
            client_id: details.client_id.clone(),
            authentication: details.authentication,
            secret: self.secret(TokenKind::ClientSecret)?,
            api_key: self.api_key(details)?,
            exchanger: self.1.exchanger(),
        })
    }

    /// What the next request carries. An access token near its end is renewed first.
    pub(crate) async fn access(&self) -> Result<Access, SyncError> {
        let (details, bearer) = (self.details()?, self.secret(TokenKind::Access)?);
        let now = self.now();
        let due = bearer.is_none()
            || details.refresh_began.is_some()
            || details.renew_from.is_some_and(|from| now >= from);
        if due && self.secret(TokenKind::Refresh)?.is_some() {
            let lasts = details.access_until.is_some_and(|until| now < until);
            match self.refresh(bearer).await {
                Err(error) if !lasts => return Err(error),
                _ => {}
            }
        }
        self.carried()
    }

    /// What the next request carries after the server answered 401 to one with `used`.
    pub(crate) async fn renewed(&self, used: &Access) -> Result<Access, SyncError> {
        self.refresh(used.bearer.clone()).await?;
        self.carried()
    }

    /// With the access token that the vault has, whatever its age.
    fn carried(&self) -> Result<Access, SyncError> {
        let bearer = self.secret(TokenKind::Access)?.ok_or_else(|| self.needs_authorization())?;
        let api_key = self.api_key(&self.details()?)?;
        Ok(Access { base: self.base().clone(), bearer: Some(bearer), api_key })
    }
}
