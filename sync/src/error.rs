//! Errors of log-ins and syncs. Each has a stable dotted code and names what the app does next; none
//! holds an address, a token or a person's data.

use chartkeep::NeededAction;

use crate::http::HttpFault;
use crate::origin::AddressFault;

/// Why something with a server did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The vault's own error.
    #[error(transparent)]
    Vault(#[from] chartkeep::Error),
    /// The exchange did not take place, or broke off.
    #[error(transparent)]
    Http(#[from] HttpFault),
    /// The base URL is none that a server can be asked at.
    #[error("the base URL is {0}")]
    BaseUrl(AddressFault),
    /// What answers at the base URL is no FHIR server with SMART on FHIR.
    #[error(
        "no FHIR server with SMART on FHIR answers at this base URL; check it, it often ends in /fhir or /r4"
    )]
    NotAServer,
    /// The server answered a status that says no.
    #[error("the server answered {status}")]
    Status {
        /// HTTP status.
        status: u16,
    },
    /// The server said when to come again.
    #[error("the server asks to wait")]
    NotBefore {
        /// Unix milliseconds.
        at: i64,
    },
    /// The log-in did not succeed; see the reason.
    #[error(transparent)]
    Authorization(#[from] AuthorizationFault),
    /// The grant ended: the person must log in again. Data stays readable.
    #[error("the log-in at this connection ended; log in again")]
    NeedsAuthorization {
        /// Number of the connection.
        connection: u32,
    },
    /// This machine gives no port to listen on for the browser.
    #[error("listening on 127.0.0.1 failed: {0}; try another port")]
    Listen(std::io::ErrorKind),
    /// Another call of this program cancelled it.
    #[error("cancelled")]
    Cancelled,
}

/// Why a log-in was refused, by the server or by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationFault {
    /// The callback's `state` belongs to no log-in that waits.
    #[error("this callback belongs to no log-in that waits; start the log-in again")]
    UnknownState,
    /// The log-in waited too long.
    #[error("the log-in took too long; start it again")]
    Expired,
    /// The person, or the payer for them, said no.
    #[error("access was denied at the payer")]
    Denied,
    /// `iss` of the callback or the id_token is another one than the server's.
    #[error("the answer comes from another authorization server")]
    WrongIssuer,
    /// The callback has neither a code nor an error, or one of them twice.
    #[error("the callback is not one of an authorization server")]
    BadCallback,
    /// The authorization server refused the request; the code is OAuth's.
    #[error("the authorization server refused the request: {0}")]
    Refused(&'static str),
    /// Client id or secret are not accepted.
    #[error("the payer does not accept this client id or secret")]
    BadClient,
    /// The token answer lacks something, or redirects.
    #[error("the token endpoint's answer is not one of OAuth 2.0")]
    BadTokenAnswer,
    /// The id_token is forged, for somebody else, or expired.
    #[error("the id_token is not valid")]
    BadIdToken,
    /// Nothing tells whose record it is, or a person who may not be asked for.
    #[error("the payer did not say whose record this is")]
    NoPatient,
}

impl AuthorizationFault {
    /// Stable, dotted, the same in every language.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownState => "login.unknown_state",
            Self::Expired => "login.expired",
            Self::Denied => "login.denied",
            Self::WrongIssuer => "login.wrong_issuer",
            Self::BadCallback => "login.bad_callback",
            Self::Refused(_) => "login.refused",
            Self::BadClient => "login.bad_client",
            Self::BadTokenAnswer => "login.bad_token_answer",
            Self::BadIdToken => "login.bad_id_token",
            Self::NoPatient => "login.no_patient",
        }
    }
}

impl SyncError {
    /// Stable, dotted, the same in every language.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Vault(error) => error.code(),
            Self::Http(fault) => fault.code(),
            Self::BaseUrl(_) => "sync.base_url",
            Self::NotAServer => "sync.not_a_server",
            Self::Status { .. } => "sync.status",
            Self::NotBefore { .. } => "sync.not_before",
            Self::Authorization(fault) => fault.code(),
            Self::NeedsAuthorization { .. } => "login.needed",
            Self::Listen(_) => "login.listen",
            Self::Cancelled => "call.cancelled",
        }
    }

    /// What the app does next.
    pub fn action(&self) -> NeededAction {
        let invalid = |argument: &str, expected: &str| NeededAction::InvalidCall {
            argument: argument.to_owned(),
            position: None,
            expected: expected.to_owned(),
        };
        match self {
            Self::Vault(error) => error.action(),
            Self::Http(fault) => fault.action(),
            Self::BaseUrl(_) | Self::NotAServer => invalid("base_url", "a FHIR base URL, https"),
            Self::Status { status: 500.. } => NeededAction::TryLater { after_ms: 60_000 },
            Self::Status { .. } => NeededAction::NeedsSupport { reference: self.code() },
            Self::NotBefore { .. } => NeededAction::TryLater { after_ms: 60_000 },
            Self::Authorization(
                AuthorizationFault::BadCallback | AuthorizationFault::UnknownState,
            ) => invalid("callback_url", "the address that the payer sent the browser back to"),
            Self::Authorization(AuthorizationFault::BadClient) => {
                invalid("client_id", "the client id and secret that the payer gave")
            }
            Self::Authorization(AuthorizationFault::Denied | AuthorizationFault::Expired) => {
                NeededAction::Cancelled
            }
            Self::Authorization(_) => NeededAction::NeedsSupport { reference: self.code() },
            Self::NeedsAuthorization { connection } => {
                NeededAction::NeedsAuthorization { connection: *connection }
            }
            Self::Listen(_) => invalid("redirect_port", "a free port, or 0"),
            Self::Cancelled => NeededAction::Cancelled,
        }
    }
}
