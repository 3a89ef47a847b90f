//! A member's record over virtual days: after each sync the vault has the truth of that day, changes are
//! told by their kind, and what vanished is marked, never erased.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chartkeep::{ChangeKind, Clock, ResourceId, Vault};
use chartkeep_member::{Event, Member};
use chartkeep_sandbox::{Sandbox, Since, Switches};
use chartkeep_sync::{Connection, RunReport, SyncOptions, Verdict};

use crate::sync::{assert_whole, block_on, connected, exported, truth};

/// Type and id.
type Key = (String, String);

const SEED: u64 = 1;
const RESOURCES: usize = 300;

/// A payer, and a device whose clock goes with the payer's.
struct World {
    payer: Sandbox,
    patient: String,
    vault: Vault,
    ahead: Arc<AtomicI64>,
}

impl World {
    fn new(since: Since) -> Self {
        let switches = Switches { since, ..Switches::default() };
        let payer = Sandbox::builder().member(SEED, RESOURCES).page_size(100).switches(switches);
        let payer = payer.start().unwrap();
        let ahead = Arc::new(AtomicI64::new(0));
        let days = ahead.clone();
        let clock = Clock::from_fn(move || {
            Clock::system().now_ms() + days.load(Ordering::Relaxed) * 24 * 3600 * 1000
        });
        let vault = Vault::options().clock(clock).in_memory().unwrap();
        Self { patient: payer.patients()[0].id.clone(), payer, vault, ahead }
    }

    async fn connected(&self) -> Connection {
        connected(&self.vault, &self.payer, &self.patient).await
    }

    fn day(&self, day: u32) {
        self.payer.day(day).unwrap();
        self.ahead.store(i64::from(day), Ordering::Relaxed);
    }

    fn truth(&self) -> BTreeSet<Vec<u8>> {
        truth(&self.payer, &self.patient)
    }
}

async fn synced(connection: &Connection, full: bool) -> RunReport {
    let options = SyncOptions { full, ..SyncOptions::default() };
    let report = connection.sync(options).unwrap().report().await;
    assert_eq!((report.verdict, report.reason), (Verdict::Complete, ""));
    report
}

/// Changes since a cursor by resource, oldest first, and the cursor after them.
fn changes(vault: &Vault, since: u64) -> (Vec<(ChangeKind, ResourceId)>, u64) {
    let page = vault.changes(since, usize::MAX).unwrap();
    (page.changes.into_iter().map(|one| (one.kind, one.row.id)).collect(), page.cursor)
}

/// What is current and not marked as gone, byte for byte.
fn here(vault: &Vault) -> BTreeSet<Vec<u8>> {
    let mut all = exported(vault);
    for (kind, id) in changes(vault, 0).0 {
        if kind == ChangeKind::GoneAtSource {
            let bytes = vault.read(&id).unwrap().expect("nothing is erased").bytes().to_vec();
            assert!(all.remove(&bytes), "{} was not current", id.resource_type);
        }
    }
    all
}

/// What the days from one to another bring to a vault that is synced at both: what is put in the end,
/// by type and id, as JSON, and what is gone in the end.
fn between(from: u32, to: u32) -> (BTreeMap<Key, String>, BTreeSet<Key>) {
    let (mut put, mut gone) = (BTreeMap::new(), BTreeSet::new());
    let member = Member::builder().seed(SEED).resources(RESOURCES).build();
    for day in from + 1..=to {
        for event in member.day(day) {
            match event {
                Event::Put(it) => {
                    gone.remove(&(it.kind.to_owned(), it.id.clone()));
                    put.insert((it.kind.to_owned(), it.id), it.json);
                }
                Event::Gone { kind, id } => {
                    put.remove(&(kind.to_owned(), id.clone()));
                    gone.insert((kind.to_owned(), id));
                }
            }
        }
    }
    (put, gone)
}

/// The kind that a change of this resource has to have.
fn kind_of(json: &str, known: bool) -> ChangeKind {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    match value["status"].as_str() {
        _ if !known => ChangeKind::New,
        Some("amended" | "corrected" | "entered-in-error") => ChangeKind::Corrected,
        _ => ChangeKind::Changed,
    }
}

fn key(id: &ResourceId) -> Key {
    (id.resource_type.clone(), id.id.clone())
}

#[test]
fn every_day_ends_in_its_truth() {
    let world = World::new(Since::Honoured);
    let mut told = BTreeSet::new();
    block_on(async {
        let vault = &world.vault;
        let connection = world.connected().await;
        synced(&connection, false).await;
        let (first, mut cursor) = changes(vault, 0);
        let mut known: BTreeSet<_> = first.iter().map(|(_, id)| key(id)).collect();
        assert!(first.iter().all(|(kind, _)| *kind == ChangeKind::New));
        let (mut last, mut gone_in_all) = (0, BTreeSet::new());
        // One by one, several at a time, and beyond the week after which everything is asked for.
        for day in [1, 2, 3, 4, 6, 9, 10, 11, 15, 24, 40, 41] {
            world.day(day);
            synced(&connection, false).await;
            let (now, next) = changes(vault, cursor);
            let (put, gone) = between(last, day);
            gone_in_all.extend(gone);
            for (kind, id) in now {
                let key = key(&id);
                told.insert(format!("{kind:?}"));
                match put.get(&key) {
                    _ if kind == ChangeKind::GoneAtSource => {
                        assert!(gone_in_all.contains(&key), "{} is not gone", key.0);
                    }
                    Some(json) => {
                        assert_eq!(kind, kind_of(json, known.contains(&key)), "day {day} {json}");
                    }
                    // Only now something refers to it.
                    None => assert_eq!(kind, ChangeKind::New, "day {day} {}", key.0),
                }
                known.insert(key);
            }
            let (have, want) = (exported(vault), world.truth());
            assert_eq!(want.difference(&have).count(), 0, "day {day}");
            // What is there beyond it vanished at the source.
            for extra in have.difference(&want) {
                let value: serde_json::Value = serde_json::from_slice(extra).unwrap();
                let text = |name: &str| value[name].as_str().unwrap().to_owned();
                let key = (text("resourceType"), text("id"));
                assert!(gone_in_all.contains(&key), "day {day}: {} is there", key.0);
            }
            (cursor, last) = (next, day);
        }
        // The full runs that come with the weeks have marked what vanished long ago.
        synced(&connection, true).await;
        assert_eq!(here(vault), world.truth());
        assert_whole(vault);
    });
    assert!(world.payer.leaks().is_empty());
    let all = ["Changed", "Corrected", "GoneAtSource", "New"].map(str::to_owned);
    assert!(told.iter().eq(&all), "{told:?}");
}

#[test]
fn what_vanished_is_marked_after_two_full_runs_a_day_apart() {
    let world = World::new(Since::Honoured);
    // The first day on which something vanishes.
    let (day, gone) = (1..60)
        .map(|day| (day, between(day - 1, day).1))
        .find(|(_, gone)| !gone.is_empty())
        .expect("something vanishes in two months");
    block_on(async {
        let vault = &world.vault;
        let connection = world.connected().await;
        world.day(day - 1);
        synced(&connection, true).await;
        assert_eq!(here(vault), world.truth());
        let before = exported(vault);
        world.day(day);
        let counts = synced(&connection, true).await.counts;
        assert_eq!(counts.gone, 0, "missing once may be the server's fault");
        let cursor = changes(vault, 0).1;
        world.day(day + 1);
        let counts = synced(&connection, true).await.counts;
        assert_eq!(counts.gone, gone.len() as u64);
        let (now, _) = changes(vault, cursor);
        let marked: BTreeSet<_> = now
            .iter()
            .filter(|(kind, _)| *kind == ChangeKind::GoneAtSource)
            .map(|(_, id)| key(id))
            .collect();
        assert_eq!(marked, gone);
        assert_eq!(here(vault), world.truth());
        // Marked is not erased: it reads, is exported, is found.
        for (_, id) in now.iter().filter(|(kind, _)| *kind == ChangeKind::GoneAtSource) {
            let bytes = vault.read(id).unwrap().expect("kept").bytes().to_vec();
            assert!(before.contains(&bytes) && exported(vault).contains(&bytes));
            let query = format!("{}?_id={}", id.resource_type, id.id);
            assert_eq!(vault.search(&query).unwrap().total, 1);
        }
        assert!(!changes(vault, 0).0.iter().any(|(kind, _)| *kind == ChangeKind::Erased));
        assert_eq!(synced(&connection, true).await.counts.gone, 0);
        assert_whole(vault);
    });
}

#[test]
fn a_payer_that_knows_no_since_ends_in_the_same_record() {
    let truths = [Since::Honoured, Since::Ignored, Since::Rejected].map(|since| {
        let world = World::new(since);
        block_on(async {
            let connection = world.connected().await;
            for day in [0, 2, 5, 7] {
                world.day(day);
                synced(&connection, false).await;
            }
            assert!(world.truth().is_subset(&exported(&world.vault)));
            exported(&world.vault)
        })
    });
    assert_eq!(truths[0], truths[1]);
    assert_eq!(truths[0], truths[2]);
}
