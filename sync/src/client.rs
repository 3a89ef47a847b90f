//! The client: connects a vault to servers, and takes a log-in that comes back.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chartkeep::{ConnectionId, TokenKind, Vault};

use crate::connection::Connection;
use crate::details::{ClientAuthentication, ConnectionState, Details};
use crate::discovery::{Configuration, discover};
use crate::error::SyncError;
use crate::http::{Access, Http};
use crate::oauth::TokenExchanger;
use crate::origin::Base;
use crate::registration::Registration;
use crate::session::{Session, Shared};

/// How long a log-in waits for the person, unless the app says otherwise.
const LOGIN_WITHIN: Duration = Duration::from_secs(600);

/// A vault's side towards servers. One for each open vault; clones share it, and with it the rule that a
/// refresh token is sent by one task at a time.
///
/// ```
/// use chartkeep::Vault;
/// use chartkeep_sync::{Brand, Client, ConnectionState, Registration};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let payer = chartkeep_sandbox::Sandbox::builder().start()?;
/// let registration = Registration::new(Brand::at(&payer.base()), payer.public_client())
///     .redirect_uri("http://127.0.0.1:49152/callback");
///
/// let client = Client::new(&Vault::in_memory())?;
/// let connection = client.connect(registration).await?;
/// let request = connection.begin_authorization().await?;
/// // The person's browser opens `request.url`, and comes back with this:
/// let callback = payer.approve(&request.url)?;
/// let connection = client.finish_authorization(&callback).await?;
/// assert_eq!(connection.state()?, ConnectionState::Connected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client {
    vault: Vault,
    http: Http,
    shared: Arc<Mutex<HashMap<ConnectionId, Arc<Shared>>>>,
    exchanger: Option<Arc<dyn TokenExchanger>>,
    login_within: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client for this vault.
    ///
    /// # Errors
    /// [`HttpFault::NoTls`](crate::HttpFault::NoTls).
    pub fn new(vault: &Vault) -> Result<Self, SyncError> {
        Ok(Self {
            vault: vault.clone(),
            http: Http::new()?,
            shared: Arc::default(),
            exchanger: None,
            login_within: LOGIN_WITHIN,
        })
    }

    /// The exchanger of connections that were registered with one, in a process that finds them in the
    /// vault instead of connecting them.
    #[must_use]
    pub fn with_exchanger(mut self, exchanger: Arc<dyn TokenExchanger>) -> Self {
        self.exchanger = Some(exchanger);
        self
    }

    /// How long a log-in waits for the person; 10 minutes by default.
    #[must_use]
    pub fn login_within(mut self, time: Duration) -> Self {
        self.login_within = time;
        self
    }

    /// Asks the server at the registration's base what it offers, and makes a connection to it; one of the
    /// same base and client id is found again, and its next log-in renews it. The person is not asked yet.
    ///
    /// # Errors
    /// [`SyncError::BaseUrl`], [`SyncError::NotAServer`], [`SyncError::Http`]; [`chartkeep::Error::Invalid`]
    /// for an empty client id, a header that can't be one, or a name of a connection to another base, or of
    /// one that is logged in with another client id. After an error nothing was made.
    pub async fn connect(&self, registration: Registration) -> Result<Connection, SyncError> {
        let base = Base::parse(registration.brand.base_url()).map_err(SyncError::BaseUrl)?;
        valid(&registration)?;
        let access =
            Access { base: base.clone(), bearer: None, api_key: registration.header.clone() };
        let found = discover(&self.http, &access).await?;
        let id = self.find_or_make(&registration, &base)?;
        self.register(id, &registration, found)?;
        if let Some(exchanger) = registration.exchanger {
            self.shared(id).set_exchanger(exchanger);
        }
        self.by_id(id)
    }

    /// Every connection to a server, in order of creation.
    ///
    /// # Errors
    /// Those of reading the vault.
    pub fn connections(&self) -> Result<Vec<Connection>, SyncError> {
        let all = self.vault.connections()?.into_iter().filter(|c| c.base.is_some());
        all.map(|c| self.handle(c)).collect()
    }

    /// The connection of this name.
    ///
    /// # Errors
    /// Those of reading the vault; [`SyncError::NotAServer`] for a source without a server.
    pub fn connection(&self, name: &str) -> Result<Option<Connection>, SyncError> {
        self.vault.connection(name)?.map(|c| self.handle(c)).transpose()
    }

    pub(crate) fn by_id(&self, id: ConnectionId) -> Result<Connection, SyncError> {
        let found = self.vault.connections()?.into_iter().find(|c| c.id == id);
        self.handle(found.ok_or(chartkeep::Error::UnknownConnection)?)
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    pub(crate) fn now(&self) -> i64 {
        self.vault.clock().now_ms()
    }

    /// When a log-in that begins now ends.
    pub(crate) fn login_until(&self) -> i64 {
        let within = i64::try_from(self.login_within.as_millis()).unwrap_or(i64::MAX);
        self.now().saturating_add(within)
    }

    fn handle(&self, connection: chartkeep::Connection) -> Result<Connection, SyncError> {
        let shared = self.shared(connection.id);
        let session = Session::new(&self.vault, connection, &self.http)?.sharing(shared);
        Ok(Connection::new(self.clone(), session))
    }

    fn shared(&self, id: ConnectionId) -> Arc<Shared> {
        let mut all = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || {
            let shared = Shared::default();
            if let Some(exchanger) = &self.exchanger {
                shared.set_exchanger(Arc::clone(exchanger));
            }
            Arc::new(shared)
        };
        Arc::clone(all.entry(id).or_insert_with(made))
    }

    fn find_or_make(
        &self,
        registration: &Registration,
        base: &Base,
    ) -> Result<ConnectionId, SyncError> {
        if let Some(name) = &registration.name {
            return match self.vault.connection(name)? {
                Some(found) if found.base.as_deref() == Some(base.as_str()) => {
                    let details = Details::load(&self.vault, found.id)?;
                    // A mistyped client id must not end a log-in that works.
                    if details.state == ConnectionState::Connected
                        && details.client_id != registration.client_id
                    {
                        let expected = "a name that no connection of another client id has";
                        return Err(
                            chartkeep::Error::Invalid { argument: "connection", expected }.into()
                        );
                    }
                    Ok(found.id)
                }
                _ => Ok(self.vault.create_connection(name, base.as_str())?),
            };
        }
        for found in self.vault.connections()? {
            let client = || Ok::<_, SyncError>(Details::load(&self.vault, found.id)?.client_id);
            // One without a client was left by a `connect` that broke off.
            if found.base.as_deref() == Some(base.as_str())
                && [&registration.client_id, ""].contains(&client()?.as_str())
            {
                return Ok(found.id);
            }
        }
        self.make(registration.brand.name(), base)
    }

    /// Makes a connection, named `name` or, when that is taken, with a number after it.
    pub(crate) fn make(&self, name: &str, base: &Base) -> Result<ConnectionId, SyncError> {
        let taken = self.vault.connections()?;
        let is_free = |name: &String| taken.iter().all(|c| c.name != *name);
        let mut names = std::iter::once(name.to_owned())
            .chain((2_u32..).map(|number| format!("{name} {number}")));
        let free = names.find(is_free).unwrap_or_else(|| name.to_owned());
        Ok(self.vault.create_connection(&free, base.as_str())?)
    }

    /// Keeps what the next log-in uses. Tokens of another client id are of no use any more.
    fn register(
        &self,
        id: ConnectionId,
        registration: &Registration,
        found: Configuration,
    ) -> Result<(), SyncError> {
        Details::update(&self.vault, id, |details, txn| {
            if details.client_id != registration.client_id {
                details.client_id.clone_from(&registration.client_id);
                details.state = ConnectionState::NeedsAuthorization;
                txn.remove_token(TokenKind::Access);
                txn.remove_token(TokenKind::Refresh);
            }
            details.authentication = authentication(registration, &found);
            match &registration.secret {
                Some(secret) => {
                    txn.set_token(TokenKind::ClientSecret, secret.expose().as_bytes())?;
                }
                None => txn.remove_token(TokenKind::ClientSecret),
            }
            details.api_key_header = registration.header.as_ref().map(|(name, _)| name.clone());
            match &registration.header {
                Some((_, key)) => txn.set_token(TokenKind::ApiKey, key.expose().as_bytes())?,
                None => txn.remove_token(TokenKind::ApiKey),
            }
            details.redirect_uri = registration.redirect_uri.clone().unwrap_or_default();
            details.next.own_scopes = false;
            details.discovered(found, registration.scopes.clone(), self.now());
            Ok(())
        })
    }
}

fn authentication(registration: &Registration, found: &Configuration) -> ClientAuthentication {
    let supports = |method: &str| {
        found.methods.as_ref().is_some_and(|methods| methods.iter().any(|m| m == method))
    };
    match (&registration.exchanger, &registration.secret) {
        (Some(_), _) => ClientAuthentication::Exchanger,
        (None, None) => ClientAuthentication::None,
        (None, Some(_)) if supports("client_secret_basic") => ClientAuthentication::Basic,
        (None, Some(_)) if supports("client_secret_post") => ClientAuthentication::Post,
        (None, Some(_)) => ClientAuthentication::Basic,
    }
}

fn valid(registration: &Registration) -> Result<(), SyncError> {
    let wrong = |argument, expected| Err(chartkeep::Error::Invalid { argument, expected }.into());
    if registration.client_id.trim().is_empty() {
        return wrong("client_id", "the client id that the payer gave");
    }
    if let Some((name, value)) = &registration.header {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if name.is_empty() || !name.bytes().all(token) || name.eq_ignore_ascii_case("authorization")
        {
            return wrong("header", "the name of a header other than Authorization");
        }
        let text = value.expose();
        if text.is_empty() || !text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return wrong("header value", "one line of ASCII");
        }
    }
    Ok(())
}
