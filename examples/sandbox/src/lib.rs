//! A payer on loopback that behaves like a real one: SMART on FHIR discovery, a consent page, tokens
//! with rotation and revocation, reads, searches and `$everything` in phases over data of your
//! choice, and faults at the request of your choice.
//!
//! Everything in it is for tests and demonstrations: it listens on 127.0.0.1 only, its built-in
//! members are invented, and whoever can reach it can ask `/_sandbox` for anything.

mod builder;
mod clock;
pub mod command;
mod data;
mod fault;
mod fhir;
mod http;
mod log;
mod member;
mod oauth;
mod sandbox;
mod server;
mod spoil;
mod state;
mod switches;

pub use builder::{SandboxBuilder, SandboxError};
pub use fault::{Fault, FaultKind, Nth, Route};
pub use log::{Leak, LeakKind, LoggedRequest};
pub use sandbox::Sandbox;
pub use state::PatientSummary;
pub use switches::{
    ApiKey, Everything, Granted, IdToken, Iss, Members, Metadata, NextLinks, Refresh, ScopeSyntax,
    Since, SmartConfig, Switches, Total,
};
