//! Log-ins and refreshes against a small authorization server on loopback, and attacks on them.

mod attacks;
mod login;
mod payer;
mod refresh;
mod sandbox;
pub(crate) mod signer;
