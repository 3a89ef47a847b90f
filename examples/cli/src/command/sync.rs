//! `chartkeep sync`

use std::collections::BTreeMap;

use chartkeep_sync::{Client, Connection, RunBudget, RunReport, SyncOptions, Verdict};
use serde::Serialize;

use crate::args::{Globals, Sync};
use crate::failure::{Failure, PARTLY, Stop};
use crate::progress::{Progress, Unit};
use crate::style::{Style, clean, count, paint, plural};
use crate::ui::Ui;
use crate::{advice, network, unlock};

#[derive(Serialize)]
struct Synced {
    state: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'static str,
    requests: u64,
    resources: Resources,
    quarantined: u64,
    refused: Vec<Refused>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<String>,
}

#[derive(Serialize)]
struct Resources {
    new: u64,
    changed: u64,
    same: u64,
    gone: u64,
}

#[derive(Serialize)]
struct Refused {
    what: String,
    code: &'static str,
    advice: &'static str,
}

#[derive(Serialize)]
struct All {
    state: &'static str,
    connections: BTreeMap<String, Synced>,
}

pub(crate) fn run(args: &Sync, globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let vault = unlock::open(globals, ui, false)?;
    network::run(async {
        let client = Client::new(&vault)?;
        let connections = chosen(&client, args, ui)?;
        let budget = RunBudget { seconds: args.budget_seconds, ..RunBudget::foreground() };
        let options = SyncOptions { budget, full: args.full, ..SyncOptions::default() };
        let mut reports = Vec::new();
        for connection in &connections {
            let report = one(connection, options, ui).await?;
            reports.push((connection.name().to_owned(), report));
        }
        tell(&reports, ui)
    })
}

/// The connections to sync: the named one, or all. One whose first log-in never came to its end has
/// nothing to sync, and counts only where there is no other.
fn chosen(client: &Client, args: &Sync, ui: &Ui) -> Result<Vec<Connection>, Stop> {
    let all = client.connections()?;
    let Some(name) = &args.connection else {
        if all.is_empty() {
            return Err(Failure::argument(
                "sync.no_connection",
                "no payer is connected",
                "--connection",
            )
            .with_advice("`chartkeep connect BASE_URL --client-id ID` makes a connection")
            .into());
        }
        let (mut used, mut unused) = (Vec::new(), Vec::new());
        for connection in all {
            let never = connection.subjects()?.is_empty();
            if never { unused.push(connection) } else { used.push(connection) }
        }
        if used.is_empty() {
            return Ok(unused);
        }
        for connection in unused {
            let name = clean(connection.name());
            ui.note(format!("{name} was never logged in to, and is left out."));
        }
        return Ok(used);
    };
    let found: Vec<_> = all.into_iter().filter(|c| c.name() == name).collect();
    match found.is_empty() {
        true => Err(Failure::from(chartkeep::Error::UnknownConnection).into()),
        false => Ok(found),
    }
}

/// Runs one sync with its bar.
pub(crate) async fn one(
    connection: &Connection,
    options: SyncOptions,
    ui: &Ui,
) -> Result<RunReport, Stop> {
    let progress = Progress::new(ui, Unit::Steps, Some(1_000));
    let mut run = connection.sync(options)?;
    while let Some(now) = run.next().await {
        let share = now.fraction.map_or(0.0, |fraction| fraction.clamp(0.0, 1.0));
        progress.set(per_mille(share), || {
            format!("{} {} new", plural(now.done, "resource"), count(now.new))
        });
    }
    Ok(run.report().await)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1,000")]
fn per_mille(share: f64) -> u64 {
    (share * 1_000.0) as u64
}

/// The worse comes later.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Complete => 0,
        Verdict::Paused => 1,
        Verdict::Partial => 2,
        _ => 3,
    }
}

fn tell(reports: &[(String, RunReport)], ui: &Ui) -> Result<(), Stop> {
    let worst = reports.iter().map(|(_, report)| report.verdict).max_by_key(|v| rank(*v));
    let worst = worst.unwrap_or(Verdict::Complete);
    match reports {
        [(name, report)] => ui.answer(&json(report), || text(name, report, ui))?,
        _ => {
            let connections = reports.iter().map(|(name, r)| (name.clone(), json(r))).collect();
            let all = All { state: worst.name(), connections };
            ui.answer(&all, || reports.iter().map(|(name, r)| text(name, r, ui)).collect())?;
        }
    }
    if rank(worst) < 2 {
        return Ok(());
    }
    let blocked = reports.iter().max_by_key(|(_, report)| rank(report.verdict));
    let mut failure = Failure::argument("sync.partly", "the sync is not complete", "")
        .with_advice("what came is kept; run it again to go on")
        .with_exit(PARTLY);
    failure.argument = None;
    if let Some((_, report)) = blocked {
        failure.code = report.reason;
        if let Some(action) = &report.needs {
            failure.action = action.name();
            failure.advice = advice::of(report.reason, action);
        }
    }
    Err(Stop::Reported(Box::new(failure)))
}

fn json(report: &RunReport) -> Synced {
    let counts = &report.counts;
    let refused = report.refused.iter().map(|refusal| Refused {
        what: refusal.what.clone(),
        code: refusal.code,
        advice: refusal.advice,
    });
    Synced {
        state: report.verdict.name(),
        reason: report.reason,
        requests: report.requests,
        resources: Resources {
            new: counts.new,
            changed: counts.changed,
            same: counts.same,
            gone: counts.gone,
        },
        quarantined: report.quarantined,
        refused: refused.collect(),
        needs: report.needs.as_ref().map(|action| match action {
            chartkeep::NeededAction::NeedsAuthorization { .. } => {
                "NeedsAuthorization: log in again with `chartkeep connect`".to_owned()
            }
            other => other.name().to_owned(),
        }),
    }
}

/// What people read of a run.
pub(crate) fn text(name: &str, report: &RunReport, ui: &Ui) -> String {
    let state = report.verdict.name();
    let style = if rank(report.verdict) < 2 { Style::Good } else { Style::Error };
    let counts = &report.counts;
    let mut text = format!(
        "{}: {}, {} new, {} changed, {} the same, {}\n",
        clean(name),
        paint(ui.color, style, state),
        count(counts.new),
        count(counts.changed),
        count(counts.same),
        plural(report.requests, "request")
    );
    if counts.gone > 0 {
        text.push_str(&format!("  {} no longer at the source, kept\n", count(counts.gone)));
    }
    if report.quarantined > 0 {
        text.push_str(&format!("  {} quarantined\n", count(report.quarantined)));
    }
    for refusal in &report.refused {
        text.push_str(&format!("  not given: {} ({})\n", clean(&refusal.what), refusal.code));
    }
    text
}
