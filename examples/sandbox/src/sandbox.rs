//! The handle: drives the payer from a test or a program, and stops it when dropped.

use std::fmt;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::SandboxError;
use crate::builder::{CONFIDENTIAL_CLIENT, PUBLIC_CLIENT, SandboxBuilder};
use crate::clock::http_date;
use crate::data::load;
use crate::days;
use crate::fault::Fault;
use crate::log::{Leak, LoggedRequest};
use crate::oauth::authorize::{self, Refusal};
use crate::server::Shared;
use crate::state::{PatientSummary, State};
use crate::switches::Switches;

/// A payer that serves on loopback until this handle is dropped.
///
/// ```
/// # fn main() -> Result<(), chartkeep_sandbox::SandboxError> {
/// let sandbox = chartkeep_sandbox::Sandbox::builder().start()?;
/// assert!(sandbox.base().starts_with("http://127.0.0.1:"));
/// assert_eq!(sandbox.patients().len(), 2);
/// sandbox.day(1)?;
/// assert_eq!(sandbox.today(), Some(1));
/// assert!(sandbox.leaks().is_empty());
/// # Ok(())
/// # }
/// ```
#[must_use = "the payer stops when its handle is dropped"]
pub struct Sandbox {
    pub(crate) base: String,
    pub(crate) attacker: String,
    pub(crate) secret: String,
    pub(crate) shared: Shared,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic there was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Sandbox {
    /// A perfect payer with generated members on a free port, to be changed as wanted.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    /// The FHIR base, without a slash at its end.
    pub fn base(&self) -> String {
        self.base.clone()
    }

    /// The id of the client without a secret.
    pub fn public_client(&self) -> &str {
        PUBLIC_CLIENT
    }

    /// Id and secret of the other client; the secret is another one at every start.
    pub fn confidential_client(&self) -> (&str, &str) {
        (CONFIDENTIAL_CLIENT, &self.secret)
    }

    /// The people whose records are served, in the order of the data.
    pub fn patients(&self) -> Vec<PatientSummary> {
        self.shared.lock().patients()
    }

    /// The origin at which nothing secret may arrive. It answers everything with an empty searchset.
    pub fn attacker(&self) -> String {
        self.attacker.clone()
    }

    /// The requests at the attacker's origin that carried something secret.
    pub fn leaks(&self) -> Vec<Leak> {
        self.shared.lock().leaks.clone()
    }

    /// All requests at the attacker's origin: a test of leaks that never got there proves nothing.
    pub fn attacker_requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().attacker_requests.clone()
    }

    /// The requests that were answered, `/_sandbox` left out.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().requests.clone()
    }

    /// Forgets the requests and leaks so far.
    pub fn clear_log(&self) {
        let mut state = self.shared.lock();
        state.requests.clear();
        state.attacker_requests.clear();
        state.leaks.clear();
    }

    /// Sets a fault. Faults count independently; at each request the first that strikes wins.
    pub fn fail(&self, fault: Fault) {
        self.shared.lock().faults.add(fault);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// The switches as they are now.
    pub fn switches(&self) -> Switches {
        self.shared.lock().switches.clone()
    }

    /// Changes switches while the payer runs.
    pub fn set_switches(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.shared.lock().switches);
    }

    /// Changes how many entries a page has.
    pub fn set_page_size(&self, size: usize) {
        self.shared.lock().page_size = size.max(1);
    }

    /// What a complete sync must yield, as NDJSON: a patient's own resources and, to a depth of three
    /// references, what those refer to and the patient may see. Without a patient: that of all.
    pub fn truth(&self, patient: Option<&str>) -> Vec<u8> {
        self.shared.lock().store.truth(patient)
    }

    /// Acts as the person's browser: allows everything, for the default patient, and returns the
    /// callback URL without visiting it. No request is made, so faults and the log do not see it.
    pub fn approve(&self, authorize_url: &str) -> Result<String, SandboxError> {
        self.decide(authorize_url, |state, query| authorize::approve(state, query, None))
    }

    /// As [`Sandbox::approve`], for this patient.
    pub fn approve_as(&self, authorize_url: &str, patient: &str) -> Result<String, SandboxError> {
        self.decide(authorize_url, |state, query| authorize::approve(state, query, Some(patient)))
    }

    /// Acts as a person who says no; the callback URL carries `access_denied`.
    pub fn deny(&self, authorize_url: &str) -> Result<String, SandboxError> {
        self.decide(authorize_url, authorize::deny)
    }

    fn decide(
        &self,
        url: &str,
        decision: impl FnOnce(&mut State, &str) -> Result<String, Refusal>,
    ) -> Result<String, SandboxError> {
        let mut state = self.shared.lock();
        let (endpoint, query) = url.split_once('?').unwrap_or((url, ""));
        if endpoint != crate::oauth::Endpoints::of(&state).authorize {
            let reason = "not this sandbox's authorization endpoint".to_owned();
            return Err(SandboxError::Authorization(reason));
        }
        decision(&mut state, query).or_else(|refusal| match refusal {
            Refusal::Redirect(location) => Ok(location),
            Refusal::Page(reason) => Err(SandboxError::Authorization(reason)),
        })
    }

    /// Moves the payer's clock forward: tokens, codes and cookies age.
    pub fn advance(&self, by: Duration) {
        self.shared.lock().clock.advance(by);
    }

    /// Goes on to a virtual day of the generated members (0 is the day of the start, unless the builder said
    /// otherwise): all that happened up to then is served, and what is gone no more. The clock goes on
    /// by 24 hours a day, so tokens, codes and cookies age; whoever reckons in days has to move the
    /// client's clock too.
    ///
    /// # Errors
    /// [`SandboxError::NoDays`] without a generated member; [`SandboxError::Day`] for a day that is past
    /// or beyond the last.
    pub fn day(&self, day: u32) -> Result<(), SandboxError> {
        days::advance(&mut self.shared.lock(), day)
    }

    /// The virtual day; `None` where no member was generated.
    pub fn today(&self) -> Option<u32> {
        self.shared.lock().days.today()
    }

    /// The time so long from now, by the payer's clock, in the form of a `Retry-After` date.
    pub fn http_date(&self, from_now: Duration) -> String {
        let ahead = i64::try_from(from_now.as_millis()).unwrap_or(i64::MAX / 2);
        http_date(self.shared.lock().clock.now().saturating_add(ahead))
    }

    /// The person withdraws their consent at the payer: every login ends.
    pub fn revoke_consent(&self) {
        self.shared.lock().oauth.revoke_all();
    }

    /// Every access token expires; refresh tokens stay good.
    pub fn expire_tokens(&self) {
        self.shared.lock().oauth.expire_tokens();
    }

    /// Takes in new or changed resources (NDJSON, a resource or a Bundle) as of now.
    pub fn replace(&self, resources: impl AsRef<[u8]>) -> Result<(), SandboxError> {
        let mut bodies = Vec::new();
        load::text(resources.as_ref(), "resources", &mut bodies)?;
        let mut state = self.shared.lock();
        let now = state.clock.now();
        for (position, body) in bodies.iter().enumerate() {
            state.store.put(body, now).map_err(|reason| SandboxError::Data {
                source_name: "resources".to_owned(),
                line: position + 1,
                reason,
            })?;
        }
        Ok(())
    }

    /// Removes a resource without a trace; whether there was one.
    pub fn remove(&self, kind: &str, id: &str) -> bool {
        self.shared.lock().store.remove(kind, id)
    }

    /// Every secret there has been (client secret, codes, verifiers, tokens, id_tokens), for tests
    /// that look for them where they must not be.
    pub fn secrets(&self) -> Vec<String> {
        self.shared.lock().oauth.secrets().to_vec()
    }
}
