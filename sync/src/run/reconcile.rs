//! What a source no longer has: absent from two complete full cycles a day apart, then asked for by
//! itself. Marked, never erased; and nothing is marked when much is gone at once.

use std::collections::{BTreeMap, BTreeSet};

use super::ask::{Run, Stop};
use super::cycle::{self, Cycle};
use super::report::Stage;
use super::stream::refuse;
use super::wait::DAY;
use crate::error::SyncError;

/// More than so many vanished resources are a fault of the server.
const MOST: usize = 50;
/// So are more than this share of a type, from a handful on.
const SHARE: usize = 5;
const HANDFUL: usize = 5;

/// Path and since when it is missing.
type Missing = BTreeMap<String, i64>;

/// Compares a complete full cycle with the one before, and closes it. One transaction does both: a cycle
/// that is still open but has forgotten what its pages held would take everything for missing.
pub(crate) async fn reconcile(run: &mut Run, closed: &Cycle) -> Result<(), Stop> {
    run.progress.stage = Stage::Reconciling;
    let (vault, connection) = (run.session.vault().clone(), run.session.connection().id);
    let (seen, names) = cycle::seen(&vault, connection)?;
    let present: BTreeSet<String> = cycle::load(&vault, connection, cycle::PRESENT)?;
    let before: Missing = cycle::load(&vault, connection, cycle::MISSING)?;
    let (mut missing, due) = compare(&seen, &present, &before, closed.began);
    let mut gone = Vec::new();
    if too_many(&missing, &present) {
        refuse(run, "everything", "sync.vanished");
        missing = before;
    } else {
        for path in due {
            if is_gone(run, &path).await? {
                missing.remove(&path);
                gone.push(path);
            }
        }
    }
    // What is missing stays known as present until it is decided.
    let present: BTreeSet<String> = seen.into_iter().chain(missing.keys().cloned()).collect();
    let ledger = std::mem::take(&mut run.unwritten);
    run.report.counts.gone += gone.len() as u64;
    vault.write(connection, |txn| {
        for path in &gone {
            if let Some((resource_type, id)) = path.split_once('/') {
                txn.mark_gone(resource_type, id)?;
            }
        }
        names.iter().for_each(|name| txn.remove_cursor(name));
        cycle::store(txn, cycle::CYCLE, closed);
        cycle::store(txn, cycle::PRESENT, &present);
        cycle::store(txn, cycle::MISSING, &missing);
        ledger.into_iter().for_each(|entry| txn.ledger(entry));
        Ok::<_, SyncError>(())
    })?;
    Ok(())
}

/// What is missing now, and of it what was missing a day ago already.
fn compare(
    seen: &BTreeSet<String>,
    present: &BTreeSet<String>,
    before: &Missing,
    now: i64,
) -> (Missing, Vec<String>) {
    let absent = present.iter().filter(|path| !seen.contains(*path));
    let missing: Missing =
        absent.map(|path| (path.clone(), before.get(path).copied().unwrap_or(now))).collect();
    let due = missing.iter().filter(|(_, since)| now.saturating_sub(**since) >= DAY);
    let due = due.map(|(path, _)| path.clone()).collect();
    (missing, due)
}

fn too_many(missing: &Missing, present: &BTreeSet<String>) -> bool {
    let by_type = |paths: &mut dyn Iterator<Item = &String>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for path in paths {
            let kind = path.split('/').next().unwrap_or_default();
            *counts.entry(kind.to_owned()).or_default() += 1;
        }
        counts
    };
    let (vanished, all) = (by_type(&mut missing.keys()), by_type(&mut present.iter()));
    missing.len() > MOST
        || vanished.iter().any(|(kind, count)| {
            *count >= HANDFUL && count * SHARE > all.get(kind).copied().unwrap_or(0)
        })
}

/// Whether the server says that it is not there.
async fn is_gone(run: &mut Run, path: &str) -> Result<bool, Stop> {
    let kind = path.split('/').next().unwrap_or_default();
    let url = run.session.base().below(path).map_err(SyncError::BaseUrl)?;
    let answer = run.ask(&format!("{kind}/{{id}}"), &url).await?;
    Ok(matches!(answer.status, 404 | 410))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn absent_twice_a_day_apart_is_due() {
        let present = set(&["A/1", "A/2"]);
        let (missing, due) = compare(&set(&["A/1"]), &present, &Missing::new(), 1_000);
        assert_eq!((missing.clone(), due), (Missing::from([("A/2".into(), 1_000)]), vec![]));
        let (again, due) = compare(&set(&["A/1"]), &present, &missing, 1_000 + DAY - 1);
        assert_eq!((again, due.len()), (missing.clone(), 0));
        let (_, due) = compare(&set(&["A/1"]), &present, &missing, 1_000 + DAY);
        assert_eq!(due, ["A/2"]);
        let (none, due) = compare(&present, &present, &missing, 1_000 + DAY);
        assert!(none.is_empty() && due.is_empty());
    }

    #[test]
    fn much_at_once_is_no_ones_decision() {
        let path = |kind: &str, at: usize| format!("{kind}/{at}");
        let present: BTreeSet<String> =
            (0..100).map(|at| path("A", at)).chain((0..10).map(|at| path("B", at))).collect();
        let missing = |kind: &str, count: usize| -> Missing {
            (0..count).map(|at| (path(kind, at), 0)).collect()
        };
        assert!(!too_many(&missing("A", 20), &present));
        assert!(too_many(&missing("A", 21), &present));
        assert!(!too_many(&missing("B", 4), &present));
        assert!(too_many(&missing("B", 5), &present));
        let many: BTreeSet<String> = (0..1_000).map(|at| path("A", at)).collect();
        assert!(!too_many(&missing("A", 50), &many));
        assert!(too_many(&missing("A", 51), &many));
    }
}
