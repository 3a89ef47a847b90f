//! What a connection keeps in the vault beside tokens: endpoints, client, grant, state. JSON, to which
//! fields can be added; a field that is not there has its default.

use chartkeep::{ConnectionId, Vault, WriteTxn};
use serde::{Deserialize, Serialize};

use crate::error::SyncError;

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
    /// The app's own [`TokenExchanger`](crate) talks to the token endpoint.
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

/// Endpoints, as discovered at log-in and kept until the next one.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Endpoints {
    pub(crate) issuer: Option<String>,
    pub(crate) authorization: String,
    pub(crate) token: String,
    pub(crate) revocation: Option<String>,
    pub(crate) jwks: Option<String>,
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
    pub(crate) endpoints: Endpoints,
    /// Scopes, each apart by a space.
    pub(crate) asked: String,
    pub(crate) granted: String,
    /// Patient id of whose record it is.
    pub(crate) patient: Option<String>,
    /// When the access token ends, in Unix milliseconds.
    pub(crate) access_until: Option<i64>,
    /// A refresh was begun then and its answer is not stored yet: the refresh token may be used up.
    pub(crate) refresh_began: Option<i64>,
}

impl Details {
    pub(crate) fn load(vault: &Vault, connection: ConnectionId) -> Result<Self, SyncError> {
        let json = vault.connection_details(connection)?.unwrap_or_else(|| "{}".to_owned());
        serde_json::from_str(&json).map_err(|_| chartkeep::Error::Inconsistent("source").into())
    }

    pub(crate) fn store(&self, txn: &mut WriteTxn<'_>) {
        // Only strings and numbers: it always becomes JSON.
        if let Ok(json) = serde_json::to_string(self) {
            txn.set_details(&json);
        }
    }
}
