//! One request of a run: with the token, again where that helps, and never longer than the run may take.

use std::time::{Duration, Instant};

use chartkeep::{CancelToken, LedgerEntry, NeededAction};
use url::Url;

use super::report::{RunBudget, RunReport, SyncProgress, Verdict};
use super::wait;
use crate::details::{ConnectionState, Details};
use crate::error::SyncError;
use crate::http::{Answer, HttpFault, RawBinary};
use crate::session::Session;

const FHIR: &str = "application/fhir+json, application/json;q=0.9";
const BINARY: &str = "application/fhir+json, application/json;q=0.9, */*;q=0.5";
/// Longest time for one answer.
const ANSWER: Duration = Duration::from_secs(120);
/// What a request may take beyond the budget.
const GRACE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(100);

/// Why a run ends before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The budget is spent.
    Spent,
    Cancelled,
    /// The server is left alone until then (Unix milliseconds), or until the app did something.
    Blocked {
        reason: &'static str,
        needs: Option<NeededAction>,
        until: Option<i64>,
    },
    Failed(SyncError),
}

impl From<SyncError> for Stop {
    fn from(error: SyncError) -> Self {
        Self::Failed(error)
    }
}

impl From<chartkeep::Error> for Stop {
    fn from(error: chartkeep::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// A run on its way: its connection, its limits and what it tells.
pub(crate) struct Run {
    pub(crate) session: Session,
    pub(crate) number: u64,
    pub(crate) report: RunReport,
    pub(crate) progress: SyncProgress,
    /// Exchanges that no transaction has stored yet.
    pub(crate) unwritten: Vec<LedgerEntry>,
    budget: RunBudget,
    began: Instant,
    cancel: CancelToken,
    tell: tokio::sync::watch::Sender<SyncProgress>,
}

impl Run {
    pub(crate) fn new(
        session: Session,
        number: u64,
        budget: RunBudget,
        cancel: CancelToken,
        tell: tokio::sync::watch::Sender<SyncProgress>,
    ) -> Self {
        let report = RunReport {
            verdict: Verdict::Complete,
            reason: "",
            requests: 0,
            counts: Default::default(),
            quarantined: 0,
            refused: Vec::new(),
            needs: None,
            resume_after: None,
        };
        Self {
            session,
            number,
            report,
            progress: SyncProgress::default(),
            unwritten: Vec::new(),
            budget,
            began: Instant::now(),
            cancel,
            tell,
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.session.vault().clock().now_ms()
    }

    pub(crate) fn tell(&mut self) {
        let seconds = self.began.elapsed().as_secs_f64();
        self.progress.per_second = self.progress.done as f64 / seconds.max(1e-3);
        self.tell.send_replace(self.progress);
    }

    /// Whether another request may be begun.
    pub(crate) fn may_go_on(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let bytes = self.budget.bytes.is_some_and(|most| self.progress.bytes >= most);
        match bytes || self.left().is_some_and(|left| left.is_zero()) {
            true => Err(Stop::Spent),
            false => Ok(()),
        }
    }

    fn left(&self) -> Option<Duration> {
        let seconds = self.budget.seconds?;
        Some(Duration::from_secs(seconds).saturating_sub(self.began.elapsed()))
    }

    /// Asks until there is an answer that another try would not change. `what` stands in the ledger in
    /// place of the address.
    pub(crate) async fn ask(&mut self, what: &str, url: &Url) -> Result<Answer, Stop> {
        self.ask_for(what, url, None).await
    }

    /// The same; a Binary may come raw.
    pub(crate) async fn ask_for(
        &mut self,
        what: &str,
        url: &Url,
        raw: Option<&RawBinary<'_>>,
    ) -> Result<Answer, Stop> {
        let accept = if raw.is_some() { BINARY } else { FHIR };
        let began = Instant::now();
        let mut renewed = false;
        let mut tries = 0;
        loop {
            self.may_go_on()?;
            let access = self.session.access().await?;
            let within = self.left().map_or(ANSWER, |left| (left + GRACE).min(ANSWER));
            let outcome = self.session.http().get_for(&access, url, accept, within, raw);
            let outcome = self.unless_cancelled(outcome).await?;
            self.report.requests += 1;
            self.note(what, &outcome);
            let wanted = match outcome {
                Ok(answer) if answer.status == 401 && !renewed => {
                    renewed = true;
                    self.session.renewed(&access).await?;
                    continue;
                }
                Ok(answer) if wait::is_passing(answer.status) => {
                    let header = |name: &str| answer.header(name).map(str::to_owned);
                    wait::retry_after(header, self.now())
                }
                Ok(answer) => {
                    self.progress.bytes += answer.length;
                    return Ok(answer);
                }
                Err(fault) if fault.is_passing() => {
                    // The window of the run ended, not the server.
                    self.may_go_on()?;
                    None
                }
                Err(fault) => return Err(SyncError::Http(fault).into()),
            };
            tries += 1;
            self.rest(tries, began, wanted).await?;
        }
    }

    /// Waits before the next try, or ends the run.
    async fn rest(
        &mut self,
        tries: u32,
        began: Instant,
        wanted: Option<Duration>,
    ) -> Result<(), Stop> {
        let too_long = wanted.is_some_and(|wanted| wanted > wait::LONGEST);
        if too_long || tries >= wait::TRIES || began.elapsed() >= wait::PATIENCE {
            let pause = wanted.filter(|_| too_long).unwrap_or(wait::OUTAGE);
            let ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
            let until = self.now().saturating_add(ms);
            let reason = if too_long { "sync.not_before" } else { "sync.outage" };
            return Err(Stop::Blocked { reason, needs: None, until: Some(until) });
        }
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(|_| chartkeep::Error::NoRandomness)?;
        let pause = wanted.unwrap_or_else(|| wait::backoff(tries, u32::from_le_bytes(random)));
        if self.left().is_some_and(|left| left < pause) {
            return Err(Stop::Spent);
        }
        self.unless_cancelled(tokio::time::sleep(pause)).await
    }

    async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::select! {
            done = work => Ok(done),
            () = async {
                while !self.cancel.is_cancelled() {
                    tokio::time::sleep(LOOK).await;
                }
            } => Err(Stop::Cancelled),
        }
    }

    fn note(&mut self, what: &str, outcome: &Result<Answer, HttpFault>) {
        self.unwritten.push(LedgerEntry {
            run: self.number,
            at: self.now(),
            request: what.to_owned(),
            status: outcome.as_ref().ok().map(|answer| answer.status),
            received: 0,
            reason: outcome.as_ref().err().map(|fault| fault.code().to_owned()),
        });
    }

    /// Notes the end of a run that came before its end.
    pub(crate) fn stopped(&mut self, stop: Stop) {
        let connection = self.session.connection().id.get();
        let (verdict, reason, needs) = match stop {
            Stop::Spent => (Verdict::Paused, "sync.budget", None),
            Stop::Cancelled => (Verdict::Paused, "call.cancelled", None),
            Stop::Failed(SyncError::Vault(chartkeep::Error::Suspended)) => {
                (Verdict::Paused, "vault.suspended", None)
            }
            Stop::Blocked { reason, needs, until } => {
                self.report.resume_after = until;
                let later = until.map(|until| NeededAction::TryLater {
                    after_ms: u64::try_from(until.saturating_sub(self.now())).unwrap_or(0),
                });
                (Verdict::Blocked, reason, needs.or(later))
            }
            Stop::Failed(error) => {
                let needs = match error {
                    SyncError::Status { status: 401 } => {
                        NeededAction::NeedsAuthorization { connection }
                    }
                    _ => error.action(),
                };
                if let SyncError::NotBefore { at } = error {
                    self.report.resume_after = Some(at);
                }
                (Verdict::Blocked, error.code(), Some(needs))
            }
        };
        (self.report.verdict, self.report.reason, self.report.needs) = (verdict, reason, needs);
    }

    /// Stores what is left for the ledger, and when the server wants to be asked again.
    pub(crate) fn write_rest(&mut self) -> Result<(), SyncError> {
        let entries = std::mem::take(&mut self.unwritten);
        let (vault, connection) = (self.session.vault(), self.session.connection().id);
        let (report, works) = (&self.report, self.progress.done > 0);
        let after = |state| match (report.reason, report.resume_after, state) {
            ("sync.consent_ended", ..) => ConnectionState::ConsentEnded,
            (_, Some(until), ConnectionState::Connected | ConnectionState::NotBefore(_)) => {
                ConnectionState::NotBefore(until)
            }
            (_, None, ConnectionState::NotBefore(_) | ConnectionState::ConsentEnded) if works => {
                ConnectionState::Connected
            }
            _ => state,
        };
        let now = self.session.details()?.state;
        if entries.is_empty() && after(now) == now {
            return Ok(());
        }
        Details::update(vault, connection, |details, txn| {
            details.state = after(details.state);
            entries.into_iter().for_each(|entry| txn.ledger(entry));
            Ok(())
        })
    }
}
