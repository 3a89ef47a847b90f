//! The person's log-in by OAuth 2.0 with PKCE, as SMART on FHIR profiles it: the request, the callback,
//! the token endpoint, the id_token, and the listener that a desktop's browser comes back to.

mod app;
mod callback;
mod exchanger;
mod id_token;
mod loopback;
mod pending;
mod pkce;
mod token;

pub(crate) use app::App;
pub(crate) use callback::Callback;
pub use exchanger::{CodeExchange, Exchange, TokenExchanger, TokenReply, TokenUse};
pub(crate) use id_token::{FhirUser, verified};
pub use loopback::LoopbackListener;
pub use pending::AuthorizationRequest;
pub(crate) use pending::Pending;
pub(crate) use token::{TokenFault, Tokens};
