//! Runs: one sync of one connection, from whatever the last one reached. A run asks for `$everything` or
//! type by type, then for what that refers to, and at the end of a full cycle looks at what is missing.

mod ask;
mod crawl;
mod cycle;
mod fetch;
mod page;
mod person;
mod plan;
mod reconcile;
mod report;
mod stream;
mod wait;

use std::fmt;

use chartkeep::{CancelToken, NeededAction, Vault};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::details::ConnectionState;
use crate::error::SyncError;
use crate::session::Session;
use ask::{Run, Stop};
use cycle::Cycle;
use stream::{Followed, Stream, follow, refuse};
use wait::DAY;

pub use fetch::Fetched;
pub(crate) use fetch::fetch;
pub use report::{
    Counts, Refusal, RunBudget, RunReport, Stage, SyncOptions, SyncProgress, Verdict,
};

/// Data is published within a business day; what is asked for again costs little.
const OVERLAP: i64 = 3 * DAY;
/// A full cycle comes at least so often.
const FULL_EVERY: i64 = 7 * DAY;

/// A sync that is on its way. It goes on when this is dropped only as far as the page it is at.
pub struct SyncRun {
    progress: watch::Receiver<SyncProgress>,
    cancel: CancelToken,
    task: JoinHandle<RunReport>,
}

impl fmt::Debug for SyncRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncRun")
            .field("progress", &*self.progress.borrow())
            .finish_non_exhaustive()
    }
}

impl SyncRun {
    /// How far it is, once that changed; none at its end.
    pub async fn next(&mut self) -> Option<SyncProgress> {
        self.progress.changed().await.ok()?;
        Some(*self.progress.borrow_and_update())
    }

    /// Ends it after the page that is being written. The report says `Paused`.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// How it ended.
    ///
    /// # Panics
    /// When the run itself did.
    pub async fn report(mut self) -> RunReport {
        match (&mut self.task).await {
            Ok(report) => report,
            Err(fault) => std::panic::resume_unwind(fault.into_panic()),
        }
    }
}

impl Drop for SyncRun {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Begins a run; it needs a tokio runtime.
pub(crate) fn start(session: Session, options: SyncOptions) -> SyncRun {
    let (tell, progress) = watch::channel(SyncProgress::default());
    let cancel = CancelToken::new();
    let task = tokio::spawn(whole(session, options, cancel.clone(), tell));
    SyncRun { progress, cancel, task }
}

async fn whole(
    session: Session,
    options: SyncOptions,
    cancel: CancelToken,
    tell: watch::Sender<SyncProgress>,
) -> RunReport {
    let vault = session.vault().clone();
    let alone = session.clone();
    let _alone = alone.run().lock().await;
    let number = u64::try_from(vault.clock().now_ms()).unwrap_or(0);
    let mut run = Run::new(session, number, options.budget, cancel, tell);
    if let Err(stop) = go(&mut run, options, &vault).await {
        run.stopped(stop);
    } else if let Some(refusal) = run.report.refused.first() {
        (run.report.verdict, run.report.reason) = (Verdict::Partial, refusal.code);
    }
    // A vault that was locked meanwhile has no room for the rest; what was committed is there.
    if let Err(error) = run.write_rest()
        && run.report.verdict < Verdict::Blocked
    {
        run.stopped(Stop::Failed(error));
    }
    run.progress.stage = Stage::Done;
    run.tell();
    run.report
}

async fn go(run: &mut Run, options: SyncOptions, vault: &Vault) -> Result<(), Stop> {
    let connection = run.session.connection().id;
    let details = run.session.details()?;
    if let ConnectionState::NotBefore(until) = details.state
        && run.now() < until
    {
        let reason = "sync.not_before";
        return Err(Stop::Blocked { reason, needs: None, until: Some(until) });
    }
    let patient = details.patient.clone().ok_or_else(|| run.session.needs_authorization())?;
    run.tell();
    let mut cycle: Cycle = cycle::load(vault, connection, cycle::CYCLE)?;
    if !cycle.open {
        begin(run, &mut cycle, options.full, &patient).await?;
    }
    run.progress.stage = Stage::Record;
    record(run, &mut cycle, &details.granted, &patient).await?;
    crawl::crawl(run, options.attachments).await?;
    let whole = !cycle.cut && run.report.refused.is_empty();
    cycle.open = false;
    if whole && (cycle.received > 0 || !cycle.is_full()) {
        cycle.complete = Some(cycle.began);
        cycle.full = if cycle.is_full() { Some(cycle.began) } else { cycle.full };
    }
    if cycle.is_full() && cycle.received > 0 && whole {
        return reconcile::reconcile(run, &cycle).await;
    }
    if cycle.is_full() && cycle.received == 0 {
        refuse(run, "everything", "sync.empty");
    }
    vault.write(connection, |txn| {
        cycle::store(txn, cycle::CYCLE, &cycle);
        Ok::<_, SyncError>(())
    })?;
    Ok(())
}

/// Begins a cycle with a read of the Patient, which tells whether the person still agrees.
async fn begin(run: &mut Run, cycle: &mut Cycle, full: bool, patient: &str) -> Result<(), Stop> {
    let connection = run.session.connection().id;
    let base = run.session.base().clone();
    let url = base.below(&format!("Patient/{patient}")).map_err(SyncError::BaseUrl)?;
    let answer = run.ask("Patient/{id}", &url).await?;
    if matches!(answer.status, 401 | 403 | 404 | 410) {
        let needs = Some(NeededAction::NeedsAuthorization { connection: connection.get() });
        return Err(Stop::Blocked { reason: "sync.consent_ended", needs, until: None });
    }
    let began = answer.header("date").and_then(wait::http_date).unwrap_or_else(|| run.now());
    // A clock that is far off says nothing about when things changed.
    let began = if (began - run.now()).abs() > DAY { run.now() } else { began };
    let due = cycle.full.is_none_or(|last| began.saturating_sub(last) >= FULL_EVERY);
    let mut since = None;
    if !full && !due && cycle.searches.is_none() {
        if cycle.since_works.is_none() {
            cycle.since_works = Some(since_works(run, patient, began).await?);
        }
        if let (Some(true), Some(complete)) = (cycle.since_works, cycle.complete) {
            since = Some(wait::instant(complete.saturating_sub(OVERLAP)));
        }
    }
    let number = cycle.number + 1;
    *cycle = Cycle { number, began, open: true, since, ..cycle.clone() };
    (cycle.cut, cycle.received) = (false, 0);
    // Pages of a full cycle that did not come to its end say nothing.
    let (_, old) = cycle::seen(run.session.vault(), connection)?;
    run.session.vault().write(connection, |txn| {
        old.iter().for_each(|name| txn.remove_cursor(name));
        cycle::store(txn, cycle::CYCLE, cycle);
        Ok::<_, SyncError>(())
    })?;
    Ok(())
}

/// Whether what changed since tomorrow is nothing, as it must be.
async fn since_works(run: &mut Run, patient: &str, now: i64) -> Result<bool, Stop> {
    let tomorrow = wait::instant(now.saturating_add(DAY));
    let path = format!("Patient/{patient}/$everything?_since={tomorrow}");
    let url = run.session.base().below(&path).map_err(SyncError::BaseUrl)?;
    let answer = run.ask("Patient/$everything", &url).await?;
    let page = page::Page::read(answer.body);
    Ok(answer.status == 200
        && page.is_ok_and(|page| {
            let kept = page.own.as_deref().is_none_or(|own| own.contains("_since"));
            page.len() == 0 && kept && page.next.is_none()
        }))
}

/// The person's own resources: `$everything`; type by type where that is refused, and beside it where it
/// was cut off.
async fn record(
    run: &mut Run,
    cycle: &mut Cycle,
    granted: &str,
    patient: &str,
) -> Result<(), Stop> {
    let mut searches = cycle.searches.clone();
    if searches.is_none() {
        let since = cycle.since.as_ref().map(|since| format!("?_since={since}"));
        let first = format!("Patient/{patient}/$everything{}", since.unwrap_or_default());
        let everything = Stream { name: "everything", first, what: "Patient/$everything" };
        let followed = follow(run, cycle, &everything).await?;
        if followed == Followed::Done && !cycle.cut {
            return Ok(());
        }
        let metadata = metadata(run).await?;
        searches = Some(plan::searches(metadata.as_ref(), granted, patient));
        if followed != Followed::Done {
            // Later cycles need not try again what this server does not do.
            cycle.searches.clone_from(&searches);
            cycle.since = None;
        }
    }
    for (kind, path) in searches.unwrap_or_default() {
        let what = format!("{kind}?patient");
        let stream = Stream { name: &kind, first: path, what: &what };
        match follow(run, cycle, &stream).await? {
            Followed::Done => {}
            // A type that the server does not have, or not by person.
            Followed::Refused(400 | 404 | 405 | 501) => {}
            Followed::Refused(_) => refuse(run, &kind, "sync.refused"),
        }
    }
    Ok(())
}

async fn metadata(run: &mut Run) -> Result<Option<Value>, Stop> {
    let url = run.session.base().below("metadata").map_err(SyncError::BaseUrl)?;
    let answer = run.ask("metadata", &url).await?;
    let statement: Option<Value> = serde_json::from_slice(&answer.body).ok();
    Ok(statement.filter(|s| s["resourceType"] == "CapabilityStatement"))
}
