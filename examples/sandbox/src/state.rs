//! Everything the payer knows, behind one lock.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::clock::{Clock, Millis};
use crate::data::Store;
use crate::days::Days;
use crate::fault::Faults;
use crate::log::{Leak, LoggedRequest};
use crate::oauth::OAuth;
use crate::switches::Switches;

/// The state. Not `Debug`: it holds tokens.
pub(crate) struct State {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// The FHIR base, below the origin.
    pub(crate) base: String,
    /// The other origin, at which no secret may arrive.
    pub(crate) attacker: String,
    pub(crate) page_size: usize,
    pub(crate) auto_approve: bool,
    pub(crate) default_patient: Option<String>,
    pub(crate) latency: Duration,
    pub(crate) started: Millis,
    pub(crate) clock: Clock,
    pub(crate) switches: Switches,
    pub(crate) store: Store,
    pub(crate) days: Days,
    pub(crate) oauth: OAuth,
    pub(crate) faults: Faults,
    pub(crate) requests: Vec<LoggedRequest>,
    pub(crate) attacker_requests: Vec<LoggedRequest>,
    pub(crate) leaks: Vec<Leak>,
}

/// A patient, as the consent page offers them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PatientSummary {
    /// Logical id.
    pub id: String,
    /// Given and family name.
    pub name: String,
    /// As written in the resource.
    pub birth_date: Option<String>,
    /// How many resources a complete sync yields.
    pub resources: usize,
}

impl State {
    /// The patients there are, in the order of the input.
    pub(crate) fn patients(&self) -> Vec<PatientSummary> {
        self.store
            .patients()
            .map(|record| {
                let value: Value = serde_json::from_str(&record.body).unwrap_or_default();
                PatientSummary {
                    id: record.id.clone(),
                    name: name(&value),
                    birth_date: value["birthDate"].as_str().map(str::to_owned),
                    resources: self.store.closure(&record.id).len(),
                }
            })
            .collect()
    }
}

fn name(patient: &Value) -> String {
    let name = &patient["name"][0];
    let given = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let parts: Vec<&str> = given.chain(name["family"].as_str()).collect();
    match (parts.is_empty(), name["text"].as_str()) {
        (false, _) => parts.join(" "),
        (true, Some(text)) => text.to_owned(),
        (true, None) => "without a name".to_owned(),
    }
}

/// 256 random bits as text for URLs.
pub(crate) fn random() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An id for a Bundle.
pub(crate) fn random_id() -> String {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
