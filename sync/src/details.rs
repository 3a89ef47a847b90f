//! What a connection keeps in the vault beside tokens: endpoints, client, grant, state. JSON, to which
//! fields can be added; a field that is not there has its default.

use chartkeep::{ConnectionId, TokenKind, Vault, WriteTxn};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::discovery::Configuration;
use crate::error::SyncError;
use crate::scopes;

/// How long before its end an access token is renewed, in milliseconds.
const RENEW_BEFORE: i64 = 30_000;

/// How a client proves itself at the token endpoint (OAuth 2.0, 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// A public client: PKCE alone.
    #[default]
    None,
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
    /// The app's own [`TokenExchanger`](crate::TokenExchanger) talks to the token endpoint.
    Exchanger,
}

/// What a connection is able to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionState {
    /// The person has not logged in yet, or must do so again.
    #[default]
    NeedsAuthorization,
    /// It can be synced.
    Connected,
    /// The person withdrew the app's access at the payer.
    ConsentEnded,
    /// The payer does not accept this app's client id or secret.
    AppProblem,
    /// The server has failed for a while.
    Outage,
    /// Its endpoints are at another host than before: the person is asked again.
    Moved,
    /// The server said when to come again, in Unix milliseconds.
    NotBefore(i64),
}

impl ConnectionState {
    /// In lower case, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Self::NeedsAuthorization => "needs_authorization",
            Self::Connected => "connected",
            Self::ConsentEnded => "consent_ended",
            Self::AppProblem => "app_problem",
            Self::Outage => "outage",
            Self::Moved => "moved",
            Self::NotBefore(_) => "not_before",
        }
    }
}

/// Endpoints, as discovered at log-in and kept until the next one.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Endpoints {
    pub(crate) issuer: Option<String>,
    pub(crate) authorization: String,
    pub(crate) token: String,
    pub(crate) revocation: Option<String>,
    pub(crate) jwks: Option<String>,
    /// Every callback of this server says `iss`: one without it is another's.
    pub(crate) names_issuer: bool,
}

/// What the next log-in uses, as discovered at the last `connect`; the grant in use keeps its own.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct NextLogin {
    pub(crate) endpoints: Endpoints,
    pub(crate) scopes: String,
    /// The app chose the scopes itself.
    pub(crate) own_scopes: bool,
    /// When it was discovered, in Unix milliseconds.
    pub(crate) at: i64,
}

/// A log-in that waits for the person, so that forgotten ones are removed from the vault.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) state: String,
    pub(crate) until: i64,
}

/// All of it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    pub(crate) state: ConnectionState,
    pub(crate) client_id: String,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) redirect_uri: String,
    /// Header of the payer's gateway; its value is a token of the vault.
    pub(crate) api_key_header: Option<String>,
    /// Those of the grant in use: where its refresh token goes.
    pub(crate) endpoints: Endpoints,
    pub(crate) next: NextLogin,
    pub(crate) waiting: Vec<Waiting>,
    /// Scopes, each apart by a space.
    pub(crate) asked: String,
    pub(crate) granted: String,
    /// Patient id of whose record it is.
    pub(crate) patient: Option<String>,
    /// When the access token ends, in Unix milliseconds.
    pub(crate) access_until: Option<i64>,
    /// From when on a request renews it first, in Unix milliseconds.
    pub(crate) renew_from: Option<i64>,
    /// A refresh was begun then and its answer is not stored yet: the refresh token may be used up.
    pub(crate) refresh_began: Option<i64>,
    /// How often that refresh token was sent without an answer that is stored.
    pub(crate) refresh_tries: u8,
}

impl Details {
    /// Takes what was discovered for the next log-in. The grant in use keeps its own endpoints; where they
    /// are at other hosts now, the person is asked again.
    pub(crate) fn discovered(
        &mut self,
        found: Configuration,
        own_scopes: Option<String>,
        now: i64,
    ) {
        let own_scopes = own_scopes.or_else(|| {
            let kept = self.next.own_scopes.then(|| self.next.scopes.clone());
            kept.filter(|scopes| !scopes.is_empty())
        });
        let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
        let moved = |old: &str, new: &str| !old.is_empty() && origin(old) != origin(new);
        if self.state == ConnectionState::Connected
            && (moved(&self.endpoints.token, &found.endpoints.token)
                || moved(&self.endpoints.authorization, &found.endpoints.authorization))
        {
            self.state = ConnectionState::Moved;
        }
        self.next = NextLogin {
            own_scopes: own_scopes.is_some(),
            scopes: own_scopes.unwrap_or_else(|| scopes::to_ask(&found)),
            endpoints: found.endpoints,
            at: now,
        };
    }

    /// Takes the life of a new access token, begun now.
    pub(crate) fn renewed(&mut self, life_seconds: i64, now: i64) {
        let life = life_seconds * 1000;
        self.access_until = Some(now.saturating_add(life));
        // A token that lives shorter than that is not renewed at every request.
        self.renew_from = Some(now.saturating_add(life - RENEW_BEFORE.min(life / 2)));
        self.refresh_began = None;
        self.refresh_tries = 0;
    }

    pub(crate) fn load(vault: &Vault, connection: ConnectionId) -> Result<Self, SyncError> {
        let json = vault.connection_details(connection)?.unwrap_or_else(|| "{}".to_owned());
        serde_json::from_str(&json).map_err(|_| chartkeep::Error::Inconsistent("source").into())
    }

    /// Changes them in one transaction, together with what `work` writes beside them. Reading them inside
    /// the transaction keeps what another task changed meanwhile.
    pub(crate) fn update<T>(
        vault: &Vault,
        connection: ConnectionId,
        work: impl FnOnce(&mut Self, &mut WriteTxn<'_>) -> Result<T, SyncError>,
    ) -> Result<T, SyncError> {
        vault.write(connection, |txn| {
            let mut details = Self::load(vault, connection)?;
            let value = work(&mut details, txn)?;
            details.store(txn);
            Ok(value)
        })
    }

    /// The grant is over: its tokens go, whatever was written down about renewing them too.
    pub(crate) fn end_grant(&mut self, state: ConnectionState, txn: &mut WriteTxn<'_>) {
        self.state = state;
        (self.access_until, self.renew_from) = (None, None);
        (self.refresh_began, self.refresh_tries) = (None, 0);
        txn.remove_token(TokenKind::Access);
        txn.remove_token(TokenKind::Refresh);
    }

    pub(crate) fn store(&self, txn: &mut WriteTxn<'_>) {
        // Only strings and numbers: it always becomes JSON.
        if let Ok(json) = serde_json::to_string(self) {
            txn.set_details(&json);
        }
    }
}
