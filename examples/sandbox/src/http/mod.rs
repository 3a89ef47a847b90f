//! HTTP/1.1 by hand over loopback sockets: the faults need to cut, stall and falsify responses below
//! the level at which an HTTP library lets go of its socket.

mod connection;
mod request;
mod response;

pub(crate) use connection::accept;
pub(crate) use request::{Request, form_pairs, percent_encode};
pub(crate) use response::{Body, Delivery, Response};

/// Answers one request; called on the server's thread and must not block.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The answer, and how it is to be sent.
    fn answer(&self, request: &Request) -> Response;
    /// How long an answer waits before its first byte.
    fn latency(&self) -> std::time::Duration;
    /// The value of the `Date` header.
    fn date(&self) -> String;
}
