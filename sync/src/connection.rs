//! One connection: its log-in, its state, whose data it brings, what was asked of the server.

use std::fmt;
use std::time::Duration;

use chartkeep::{ConnectionId, LedgerEntry, TokenKind};
use url::Url;

use crate::client::Client;
use crate::details::{ConnectionState, Details, Waiting};
use crate::discovery::discover;
use crate::error::SyncError;
use crate::http::Access;
use crate::oauth::{AuthorizationRequest, LoopbackListener, Pending};
use crate::origin::checked;
use crate::run::{self, Fetched, SyncOptions, SyncRun};
use crate::session::Session;

/// What was discovered is asked for again before a log-in when it is older, in milliseconds.
const FRESH: i64 = 3_600_000;
/// Log-ins of a connection that wait at once; the oldest go.
const MAX_WAITING: usize = 8;

/// A link to one server for one person's data. Clones share it.
#[derive(Clone)]
pub struct Connection {
    client: Client,
    session: Session,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("id", &self.id().get()).finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) fn new(client: Client, session: Session) -> Self {
        Self { client, session }
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Its number in the vault.
    pub fn id(&self) -> ConnectionId {
        self.session.connection().id
    }

    /// The name the app gave it, unique in the vault.
    pub fn name(&self) -> &str {
        &self.session.connection().name
    }

    /// FHIR base URL of its server.
    pub fn base(&self) -> &str {
        self.session.base().as_str()
    }

    /// What it is able to do now.
    ///
    /// # Errors
    /// Those of reading the vault.
    pub fn state(&self) -> Result<ConnectionState, SyncError> {
        Ok(self.session.details()?.state)
    }

    /// Begins a sync from whatever the last one reached; it needs a tokio runtime. One run at a time is at
    /// work on a connection; another waits for it.
    ///
    /// # Errors
    /// Those of reading the vault; what the server does is in the run's report.
    pub fn sync(&self, options: SyncOptions) -> Result<SyncRun, SyncError> {
        self.session.details()?;
        Ok(run::start(self.session.clone(), options))
    }

    /// Asks the server itself: `Type/id`, `Type?query`, or the `next` of a page. Nothing is stored but by
    /// [`Fetched::keep`].
    ///
    /// # Errors
    /// [`SyncError::Http`] also for an address at another server; [`SyncError::Status`];
    /// [`SyncError::NeedsAuthorization`].
    pub async fn fetch(&self, path: &str) -> Result<Fetched, SyncError> {
        run::fetch(&self.session, path).await
    }

    /// The people whose data it brings, by Patient id.
    ///
    /// # Errors
    /// Those of reading the vault.
    pub fn subjects(&self) -> Result<Vec<String>, SyncError> {
        Ok(self.client.vault().subjects(self.id())?)
    }

    /// The scopes that the last log-in asked for, or the first one will.
    ///
    /// # Errors
    /// Those of reading the vault.
    pub fn asked(&self) -> Result<Vec<String>, SyncError> {
        let details = self.session.details()?;
        let scopes = if details.asked.is_empty() { &details.next.scopes } else { &details.asked };
        Ok(words(scopes))
    }

    /// The scopes that the payer granted; none before the first log-in.
    ///
    /// # Errors
    /// Those of reading the vault.
    pub fn granted(&self) -> Result<Vec<String>, SyncError> {
        Ok(words(&self.session.details()?.granted))
    }

    /// What was asked of the server: entries after number `since`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Those of reading the vault.
    pub fn ledger(&self, since: u64, limit: usize) -> Result<Vec<(u64, LedgerEntry)>, SyncError> {
        Ok(self.client.vault().ledger(self.id(), since, limit)?)
    }

    /// Begins a log-in that comes back to the registration's redirect address. What it needs then is
    /// sealed in the vault, so that it can be finished in another process.
    ///
    /// # Errors
    /// [`chartkeep::Error::Invalid`] when the registration has no redirect address; those of discovery,
    /// which is asked again when the last one is old.
    pub async fn begin_authorization(&self) -> Result<AuthorizationRequest, SyncError> {
        let registered = self.session.details()?.redirect_uri;
        self.begin_authorization_at(&registered).await
    }

    /// The same, coming back to `redirect_uri`, which the payer must know too.
    ///
    /// # Errors
    /// [`chartkeep::Error::Invalid`] for an address that can't be one to come back to.
    pub async fn begin_authorization_at(
        &self,
        redirect_uri: &str,
    ) -> Result<AuthorizationRequest, SyncError> {
        redirect(redirect_uri)?;
        if self.client.now() - self.session.details()?.next.at > FRESH {
            self.discover_again().await?;
        }
        let (state, until) = (Pending::state()?, self.client.login_until());
        let pending = Details::update(self.client.vault(), self.id(), |details, txn| {
            let pending = Pending::new(&details.client_id, &details.next, redirect_uri, until)?;
            let now = self.client.now();
            let surplus = (details.waiting.len() + 1).saturating_sub(MAX_WAITING);
            let mut number = 0;
            details.waiting.retain(|waiting| {
                number += 1;
                let stays = waiting.until > now && number > surplus;
                if !stays {
                    txn.remove_pending(&waiting.state);
                }
                stays
            });
            details.waiting.push(Waiting { state: state.expose().to_owned(), until });
            txn.set_pending(state.expose(), &pending.to_json()?)?;
            Ok(pending)
        })?;
        pending.request(self.session.base(), &state)
    }

    /// Logs in on this machine: `open` shows the address to the person, whose browser comes back to a
    /// port of 127.0.0.1; the registered one if it has the path `/callback` there, else a free one.
    /// The connection of whoever logged in; see [`Client::finish_authorization`].
    ///
    /// # Errors
    /// [`SyncError::Listen`]; [`AuthorizationFault::Expired`](crate::AuthorizationFault::Expired) when
    /// nobody comes back in time; those of beginning and finishing a log-in.
    pub async fn authorize_on_loopback(
        &self,
        open: impl FnOnce(&str),
        within: Duration,
    ) -> Result<Self, SyncError> {
        let registered = Url::parse(&self.session.details()?.redirect_uri).ok();
        let port = registered.filter(|url| {
            url.scheme() == "http"
                && url.host_str() == Some("127.0.0.1")
                && url.path() == "/callback"
        });
        let listener = LoopbackListener::bind(port.and_then(|url| url.port()).unwrap_or(0)).await?;
        let request = self.begin_authorization_at(&listener.redirect_uri()).await?;
        open(&request.url);
        let callback = listener.callback(within).await?;
        self.client.finish_authorization(&callback).await
    }

    /// Ends the grant: asks the payer to revoke it, where that is possible, and forgets the tokens. Data
    /// stays. Says whether the payer confirmed; if not, the person can remove the app in their account
    /// there.
    ///
    /// # Errors
    /// Those of the vault; a payer that does not answer is none.
    pub async fn revoke(&self) -> Result<bool, SyncError> {
        let _turn = self.session.turn().lock().await;
        let details = self.session.details()?;
        let app = self.session.app(&details)?;
        let mut confirmed = false;
        // Both: not every server ends the access tokens of a refresh token.
        for (kind, hint) in
            [(TokenKind::Refresh, "refresh_token"), (TokenKind::Access, "access_token")]
        {
            if let (Some(endpoint), Some(token)) =
                (&details.endpoints.revocation, self.session.secret(kind)?)
            {
                let reply = app.revoke(endpoint, &token, hint).await;
                confirmed |= reply.is_ok_and(|reply| (200..300).contains(&reply.status));
            }
        }
        Details::update(self.client.vault(), self.id(), |details, txn| {
            details.end_grant(ConnectionState::NeedsAuthorization, txn);
            let reason = (!confirmed).then_some("revoke.not_confirmed");
            txn.ledger(self.session.entry("revoke", None, reason));
            Ok(())
        })?;
        Ok(confirmed)
    }

    async fn discover_again(&self) -> Result<(), SyncError> {
        let api_key = self.session.api_key(&self.session.details()?)?;
        let access = Access { base: self.session.base().clone(), bearer: None, api_key };
        let found = discover(self.session.http(), &access).await?;
        Details::update(self.client.vault(), self.id(), |details, _| {
            details.discovered(found, None, self.client.now());
            Ok(())
        })
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// An address that a browser or the system brings back to the app: no http but on this machine.
fn redirect(uri: &str) -> Result<(), SyncError> {
    let expected =
        "an https address, one of the app's own scheme, or http://127.0.0.1:PORT/callback";
    let good = Url::parse(uri).is_ok_and(|url| {
        let scheme = url.scheme();
        url.fragment().is_none()
            && !["javascript", "data", "file", "about", "blob"].contains(&scheme)
            && (!matches!(scheme, "http" | "https") || checked(uri).is_ok())
    });
    match good {
        true => Ok(()),
        false => Err(chartkeep::Error::Invalid { argument: "redirect_uri", expected }.into()),
    }
}
