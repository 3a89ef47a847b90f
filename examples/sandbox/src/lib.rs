//! A payer on loopback that behaves like a real one: SMART on FHIR discovery, a consent page, tokens
//! with rotation and revocation, reads, searches and `$everything` in phases over data of your
//! choice, and faults at the request of your choice.
//!
//! Without data of your own it serves members that never were (crate `chartkeep-member`), whose records
//! go on from one virtual day to the next.
//!
//! Everything in it is for tests and demonstrations: it listens on 127.0.0.1 only, and whoever can reach
//! it can ask `/_sandbox` for anything.

mod approve;
mod builder;
mod clock;
pub mod command;
mod data;
mod days;
mod fault;
mod fhir;
mod http;
mod log;
mod oauth;
mod sandbox;
mod server;
mod spoil;
mod state;
mod switches;

pub use approve::approve;
pub use builder::{SandboxBuilder, SandboxError};
pub use fault::{Fault, FaultKind, Nth, Route};
pub use log::{Leak, LeakKind, LoggedRequest};
pub use sandbox::Sandbox;
pub use state::PatientSummary;
pub use switches::{
    ApiKey, Everything, Granted, IdToken, Iss, Members, Metadata, NextLinks, Refresh, ScopeSyntax,
    Since, SmartConfig, Switches, Total,
};
