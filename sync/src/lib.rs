//! SMART on FHIR client and sync engine: a person's record, from a payer's Patient Access API into the
//! vault. The only crate with a network, and the only async one.
#![forbid(unsafe_code)]

mod details;
mod error;
mod http;
mod origin;
mod run;
mod secret;
mod session;

pub use details::{ClientAuthentication, ConnectionState};
pub use error::{AuthorizationFault, SyncError};
pub use http::HttpFault;
pub use origin::{AddressFault, Base};
pub use run::{
    Counts, Fetched, Refusal, RunBudget, RunReport, Stage, SyncOptions, SyncProgress, SyncRun,
    Verdict,
};
pub use secret::Secret;
