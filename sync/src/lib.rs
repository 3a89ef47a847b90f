//! SMART on FHIR client and sync engine: a person's record, from a payer's Patient Access API into the
//! vault. The only crate with a network, and the only async one.
#![forbid(unsafe_code)]

mod brand;
mod client;
mod connection;
mod details;
mod discovery;
mod error;
mod finish;
mod http;
mod oauth;
mod origin;
mod patient;
mod refresh;
mod registration;
mod run;
mod scopes;
mod secret;
mod session;
#[cfg(test)]
mod tests;

pub use brand::Brand;
pub use client::Client;
pub use connection::Connection;
pub use details::{ClientAuthentication, ConnectionState};
pub use error::{AuthorizationFault, SyncError};
pub use http::HttpFault;
pub use oauth::{
    AuthorizationRequest, CodeExchange, Exchange, LoopbackListener, TokenExchanger, TokenReply,
    TokenUse,
};
pub use origin::{AddressFault, Base};
pub use registration::Registration;
pub use run::{
    Counts, Fetched, Refusal, RunBudget, RunReport, Stage, SyncOptions, SyncProgress, SyncRun,
    Verdict,
};
pub use secret::Secret;
