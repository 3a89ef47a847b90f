//! What a sandbox is to be like, and its start on a thread of its own.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::data::{Store, load};
use crate::days::{self, Days};
use crate::fault::Faults;
use crate::http;
use crate::oauth::{Client, OAuth};
use crate::sandbox::Sandbox;
use crate::server::{Attacker, BASE_PATH, Payer, Shared};
use crate::state::{State, random};
use crate::switches::Switches;

pub(crate) const PUBLIC_CLIENT: &str = "chartkeep-sandbox-public";
pub(crate) const CONFIDENTIAL_CLIENT: &str = "chartkeep-sandbox-confidential";

/// The payer got its data so long before it started, so that a filter by time of change is effective
/// from the first sync on.
const DATA_AGE: i64 = 30 * 24 * 3600 * 1000;

/// Why a sandbox could not start, or could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// A path of the data could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The data is not FHIR as JSON or NDJSON.
    #[error("{source_name}, line {line}: {reason}")]
    Data {
        /// File or other source.
        source_name: String,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// There is nobody whose record could be asked for.
    #[error("the data holds no Patient")]
    NoPatient,
    /// Days were asked of data that stays as it is.
    #[error("virtual days are those of generated members, and none is served")]
    NoDays,
    /// Days go forward only, and end.
    #[error("day {asked} cannot be reached from day {now}; the last is day {last}")]
    Day {
        /// The day that was asked for.
        asked: u32,
        /// The day that it is.
        now: u32,
        /// The last day that there is.
        last: u32,
    },
    /// The port cannot be had, or the server's thread.
    #[error("cannot serve on 127.0.0.1: {0}")]
    Serve(#[source] io::Error),
    /// The authorization request was refused without a redirect.
    #[error("the authorization request was refused: {0}")]
    Authorization(String),
}

/// What a sandbox is to be like.
#[derive(Clone)]
#[must_use]
pub struct SandboxBuilder {
    paths: Vec<PathBuf>,
    resources: Vec<Vec<u8>>,
    members: Vec<(u64, usize)>,
    day: u32,
    port: u16,
    page_size: usize,
    auto_approve: bool,
    patient: Option<String>,
    latency: Duration,
    redirect_uris: Vec<String>,
    switches: Switches,
}

impl fmt::Debug for SandboxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxBuilder")
            .field("paths", &self.paths)
            .field("members", &self.members)
            .field("port", &self.port)
            .field("switches", &self.switches)
            .finish_non_exhaustive()
    }
}

impl SandboxBuilder {
    pub(crate) fn new() -> Self {
        Self {
            paths: Vec::new(),
            resources: Vec::new(),
            members: Vec::new(),
            day: 0,
            port: 0,
            page_size: 10,
            auto_approve: false,
            patient: None,
            latency: Duration::ZERO,
            redirect_uris: Vec::new(),
            switches: Switches::default(),
        }
    }

    /// Serves a Bundle, a resource or NDJSON, plain or gzip, or all such files below a folder. May be
    /// called again.
    pub fn data(mut self, path: impl AsRef<Path>) -> Self {
        self.paths.push(path.as_ref().to_owned());
        self
    }

    /// Serves these resources: NDJSON, one resource or one Bundle.
    pub fn resources(mut self, ndjson: impl Into<Vec<u8>>) -> Self {
        self.resources.push(ndjson.into());
        self
    }

    /// Serves the generated member of a seed, with a record of so many resources. May be called again, with
    /// another seed. Without any data and any member it is seed 1 at 2,000 resources, and a second, small
    /// member.
    pub fn member(mut self, seed: u64, resources: usize) -> Self {
        self.members.push((seed, resources));
        self
    }

    /// Serves the generated member of a seed, and a second, small one: another person, whose data this
    /// one's token must not reach.
    pub fn member_and_another(self, seed: u64, resources: usize) -> Self {
        let (other, few) = days::beside(seed);
        self.member(seed, resources).member(other, few)
    }

    /// The virtual day on which the generated members stand at the start; 0 unless set.
    pub fn day(mut self, day: u32) -> Self {
        self.day = day;
        self
    }

    /// Listens on this port instead of a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Entries on a page of `$everything`, and of a search without `_count`; 10 unless set.
    pub fn page_size(mut self, size: usize) -> Self {
        self.page_size = size.max(1);
        self
    }

    /// The authorization endpoint redirects at once, as if the person had allowed everything.
    pub fn auto_approve(mut self, on: bool) -> Self {
        self.auto_approve = on;
        self
    }

    /// The patient that is approved where nobody chooses; the first unless set.
    pub fn patient(mut self, id: impl Into<String>) -> Self {
        self.patient = Some(id.into());
        self
    }

    /// Every answer waits for so long.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Registers one more redirect URI, to be matched exactly. Loopback addresses with the path
    /// `/callback` or `/` are registered for every port.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// How the payer behaves.
    pub fn switches(mut self, switches: Switches) -> Self {
        self.switches = switches;
        self
    }

    /// Loads the data and starts to serve.
    pub fn start(self) -> Result<Sandbox, SandboxError> {
        let listen = |port| {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
            listener.set_nonblocking(true)?;
            let origin = format!("http://{}", listener.local_addr()?);
            Ok((listener, origin))
        };
        let (payer, origin) = listen(self.port).map_err(SandboxError::Serve)?;
        let (foreign, attacker) = listen(0).map_err(SandboxError::Serve)?;
        let base = format!("{origin}{BASE_PATH}");
        let clock = Clock::default();
        let days = self.days()?;
        let store = self.store(&base, clock.now() - DATA_AGE, &days)?;
        let secret = random();
        let clients = vec![
            Client { id: PUBLIC_CLIENT.to_owned(), name: "Chartkeep", secret: None },
            Client {
                id: CONFIDENTIAL_CLIENT.to_owned(),
                name: "Chartkeep (with a secret)",
                secret: Some(secret.clone()),
            },
        ];
        let shared = Shared::new(State {
            base: base.clone(),
            attacker: attacker.clone(),
            page_size: self.page_size,
            auto_approve: self.auto_approve,
            default_patient: self.patient,
            latency: self.latency,
            started: clock.now(),
            clock,
            switches: self.switches,
            store,
            days,
            oauth: OAuth::new(clients, self.redirect_uris),
            faults: Faults::default(),
            requests: Vec::new(),
            attacker_requests: Vec::new(),
            leaks: Vec::new(),
            origin,
        });
        let (stop, stopped) = oneshot::channel();
        let thread = serve(payer, foreign, shared.clone(), stopped).map_err(SandboxError::Serve)?;
        Ok(Sandbox { base, attacker, secret, shared, stop: Some(stop), thread: Some(thread) })
    }

    fn days(&self) -> Result<Days, SandboxError> {
        let given = !self.paths.is_empty() || !self.resources.is_empty();
        let default = [days::DEFAULT, days::beside(days::DEFAULT.0)];
        match self.members.as_slice() {
            [] if given && self.day > 0 => Err(SandboxError::NoDays),
            [] if given => Days::new(&[], 0),
            [] => Days::new(&default, self.day),
            members => Days::new(members, self.day),
        }
    }

    fn store(&self, base: &str, at: i64, days: &Days) -> Result<Store, SandboxError> {
        let mut bodies = Vec::new();
        for path in &self.paths {
            load::path(path, &mut bodies)?;
        }
        for bytes in &self.resources {
            load::text(bytes, "resources", &mut bodies)?;
        }
        let mut store = Store::new(base);
        days.load(&mut store, at)?;
        for (position, body) in bodies.iter().enumerate() {
            store.put(body, at).map_err(|reason| SandboxError::Data {
                source_name: "the resources".to_owned(),
                line: position + 1,
                reason,
            })?;
        }
        if store.patients().next().is_none() {
            return Err(SandboxError::NoPatient);
        }
        Ok(store)
    }
}

fn serve(
    payer: TcpListener,
    foreign: TcpListener,
    shared: Shared,
    stopped: oneshot::Receiver<()>,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (payer, foreign) = {
        let _inside = runtime.enter();
        (tokio::net::TcpListener::from_std(payer)?, tokio::net::TcpListener::from_std(foreign)?)
    };
    std::thread::Builder::new().name("chartkeep-sandbox".to_owned()).spawn(move || {
        runtime.block_on(async move {
            let attacker = http::accept(foreign, Arc::new(Attacker(shared.clone())));
            tokio::select! {
                () = http::accept(payer, Arc::new(Payer(shared))) => {}
                () = attacker => {}
                // Also when the handle is gone.
                _ = stopped => {}
            }
        });
        // Open connections end with the runtime.
        drop(runtime);
    })
}
