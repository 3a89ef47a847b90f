//! Power cuts: whatever the disk kept, the vault opens and holds the last durable commit or the
//! one in flight. `CHARTKEEP_IMAGES` sets how many images are tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::ReadableDatabase;

use super::Control;
use super::support::*;
use crate::seal::failure::Failure;
use crate::seal::power_cut::{Dice, Disk, PowerCut};
use crate::seal::recording::{Change, RecordingMedium};
use crate::seal::{Opened, SealOptions, Sealed, create_on, open_on};

type State = BTreeMap<u64, Vec<u8>>;

#[derive(Clone, Copy)]
struct Workload {
    seed: u64,
    two_phase: bool,
    compact: bool,
    control: Option<Control>,
    sync_at_open: bool,
    stride: u32,
}

const SHIPPED: Workload = Workload {
    seed: 0,
    two_phase: true,
    compact: true,
    control: None,
    sync_at_open: true,
    stride: 4_608,
};

/// What happened: the changes, and which commits were begun and acknowledged where.
struct Run {
    before: Vec<u8>,
    changes: Vec<Change>,
    /// (position at which it may first be seen, position at which it is durable, state).
    commits: Vec<(usize, usize, State)>,
    options: SealOptions,
}

fn commit(db: &redb::Database, state: &mut State, two_phase: bool, dice: &mut Dice) {
    let mut transaction = db.begin_write().unwrap();
    transaction.set_two_phase_commit(two_phase);
    {
        let mut table = transaction.open_table(TABLE).unwrap();
        for _ in 0..1 + dice.below(6) {
            let key = dice.below(40);
            if dice.chance(25) {
                table.remove(key).unwrap();
                state.remove(&key);
            } else {
                let len = [10, 200, 3_000, 9_000, 40_000][dice.index(5)];
                let value = vec![dice.next().to_le_bytes()[0]; len];
                table.insert(key, value.as_slice()).unwrap();
                state.insert(key, value);
            }
        }
    }
    transaction.commit().unwrap();
}

/// Four sessions: commits, compaction, clean closes, and kills that leave the page cache behind.
fn run(workload: Workload) -> Run {
    let mut dice = Dice::new(workload.seed);
    let mut options = options();
    options.stride = workload.stride;
    options.cache_bytes = [0, 64 << 10, 8 << 20][dice.index(3)];
    let medium = Arc::new(RecordingMedium::default());
    let created = create_on(Arc::clone(&medium) as _, &key(), &options, &clock(), init).unwrap();
    drop(created);
    medium.take_changes();
    let before = medium.bytes();
    options.control = workload.control;

    let mut state = State::new();
    let mut commits = vec![(0, 0, state.clone())];
    for _ in 0..4 {
        if !workload.sync_at_open {
            medium.swallow_syncs(1);
        }
        let mut sealed = open_on(Arc::clone(&medium) as _, &key(), &options, &clock()).unwrap();
        for _ in 0..2 + dice.below(4) {
            let begun = medium.position();
            commit(&sealed.db, &mut state, workload.two_phase, &mut dice);
            commits.push((begun, medium.position(), state.clone()));
        }
        if workload.compact && dice.chance(60) {
            sealed.db.compact().unwrap();
        }
        if dice.chance(50) {
            kill(sealed);
        } else {
            drop(sealed);
        }
    }
    let changes = medium.take_changes();
    Run { before, changes, commits, options: SealOptions { control: None, ..options } }
}

/// Ends the process without a close: nothing more reaches the medium.
fn kill(sealed: Sealed) {
    sealed.handle.backend.latch(Failure::Closed);
    drop(sealed);
}

impl Run {
    fn allowed(&self, cut: usize) -> Vec<&State> {
        let durable = self.commits.iter().rposition(|commit| commit.1 <= cut).unwrap();
        let in_flight = self.commits[durable + 1..].iter().take_while(|commit| commit.0 < cut);
        std::iter::once(&self.commits[durable]).chain(in_flight).map(|commit| &commit.2).collect()
    }

    /// `None` if the image is as it must be, else what is wrong with it.
    fn fault(&self, cut: usize, image: Vec<u8>, dice: &mut Dice) -> Option<String> {
        let medium = Arc::new(RecordingMedium::new(image.clone()));
        let sealed = match open_on(Arc::clone(&medium) as _, &key(), &self.options, &clock()) {
            Ok(sealed) => sealed,
            Err(error) => return Some(format!("cannot be opened: {error:?}")),
        };
        let found: State = match rows(&sealed.db) {
            Ok(rows) => rows.into_iter().collect(),
            Err(error) => return Some(format!("cannot be read: {error:?}")),
        };
        if !self.allowed(cut).contains(&&found) {
            return Some("holds a state that is neither durable nor in flight".to_owned());
        }
        if dice.chance(10) {
            put(&sealed.db, &[(999, b"after")]);
            drop(sealed);
            let again = open_on(Arc::clone(&medium) as _, &key(), &self.options, &clock());
            let again = again.map_err(|error| format!("second open: {error:?}")).ok()?;
            let intact = again.handle.opened() == Opened::Table
                && again.handle.events().is_empty()
                && rows(&again.db).is_ok_and(|rows| rows.len() == found.len() + 1);
            return (!intact).then(|| "does not go on after recovery".to_owned());
        }
        if dice.chance(25) {
            if dice.chance(50) {
                kill(sealed);
            } else {
                drop(sealed);
            }
            return self.nested(image, &medium, &found, dice);
        }
        kill(sealed);
        None
    }

    /// Power goes again while the vault recovers, or closes after it: the state must stay.
    fn nested(
        &self,
        image: Vec<u8>,
        medium: &RecordingMedium,
        found: &State,
        dice: &mut Dice,
    ) -> Option<String> {
        let changes = medium.take_changes();
        let cut = dice.index(changes.len() + 1);
        let disk = Disk { sector: 512, garbage: false };
        let image = PowerCut::new(image, &changes).image(cut, disk, dice);
        let medium = Arc::new(RecordingMedium::new(image));
        match open_on(medium, &key(), &self.options, &clock()) {
            Err(error) => Some(format!("cannot be opened after a second cut: {error:?}")),
            Ok(sealed) => {
                let rows: State = rows(&sealed.db).unwrap_or_default().into_iter().collect();
                kill(sealed);
                (rows != *found).then(|| "lost its state in a second cut".to_owned())
            }
        }
    }
}

fn images() -> usize {
    match std::env::var("CHARTKEEP_IMAGES") {
        Ok(count) => count.parse().expect("CHARTKEEP_IMAGES is a number"),
        Err(_) => 3_000,
    }
}

/// Tries images of one workload after another; answers how many were faulty, and the first fault.
fn faults_in(
    workload: Workload,
    images: usize,
    disks: &[Disk],
    seed: u64,
) -> (usize, Option<String>) {
    let (mut faulty, mut first, mut tried) = (0, None, 0);
    let mut workload = Workload { seed, ..workload };
    while tried < images {
        workload.seed += 1;
        let run = run(workload);
        let mut dice = Dice::new(workload.seed ^ 0x5EED);
        let mut power = PowerCut::new(run.before.clone(), &run.changes);
        // Every position a few times, in rising order.
        let rounds = (images - tried).min(3 * run.changes.len());
        let mut cuts: Vec<usize> = (0..rounds).map(|_| 1 + dice.index(run.changes.len())).collect();
        cuts.sort_unstable();
        for cut in cuts {
            let disk = disks[dice.index(disks.len())];
            let image = power.image(cut, disk, &mut dice);
            if let Some(fault) = run.fault(cut, image, &mut dice) {
                faulty += 1;
                first.get_or_insert_with(|| {
                    format!("seed {}, cut {cut}, {disk:?}: {fault}", workload.seed)
                });
            }
            tried += 1;
        }
    }
    (faulty, first)
}

const WHOLE: [Disk; 2] =
    [Disk { sector: 512, garbage: false }, Disk { sector: 4_096, garbage: false }];

#[test]
fn power_cuts_lose_nothing() {
    let (faulty, first) = faults_in(SHIPPED, images(), &WHOLE, 1_000);
    assert_eq!(faulty, 0, "{first:?}");
}

#[test]
fn power_cuts_lose_nothing_even_with_one_phase_commits() {
    let workload = Workload { two_phase: false, ..SHIPPED };
    let (faulty, first) = faults_in(workload, images() / 4, &WHOLE, 2_000);
    assert_eq!(faulty, 0, "{first:?}");
}

#[test]
fn garbage_sectors_lose_nothing_where_the_stride_is_whole_sectors() {
    for (stride, sector) in [(4_608, 512), (8_192, 4_096)] {
        let disks = [Disk { sector, garbage: true }];
        let workload = Workload { stride, ..SHIPPED };
        let (faulty, first) = faults_in(workload, images() / 8, &disks, 3_000);
        assert_eq!(faulty, 0, "{first:?}");
    }
}

#[test]
fn negative_controls_fail() {
    let controls = [
        ("one page-0 slot, written through", Control::OneSlot, true, true),
        ("one-phase commits, written through", Control::TwoSlots, false, false),
    ];
    for (name, control, two_phase, compact) in controls {
        let workload = Workload { control: Some(control), two_phase, compact, ..SHIPPED };
        let (faulty, first) = faults_in(workload, 2_000, &WHOLE, 4_000);
        assert!(faulty > 0, "{name} was not caught");
        assert!(first.is_some());
    }
}

/// redb's compaction commits in one phase whatever the caller sets.
#[test]
fn the_negative_control_with_compaction_fails() {
    let workload = Workload { control: Some(Control::TwoSlots), ..SHIPPED };
    let (faulty, _) = faults_in(workload, 5_000, &WHOLE, 5_000);
    assert!(faulty > 0, "compaction with page 0 written through was not caught");
}

/// Killed, opened again without a sync, and then the power goes.
#[test]
fn the_negative_control_without_a_sync_at_open_fails() {
    let workload = Workload { control: Some(Control::TwoSlots), sync_at_open: false, ..SHIPPED };
    let (faulty, _) = faults_in(workload, 5_000, &WHOLE, 6_000);
    assert!(faulty > 0, "opening without a sync was not caught");
}

/// The suite's own ground: without any cut every commit is there.
#[test]
fn the_workload_ends_in_its_last_state() {
    let run = run(Workload { seed: 77, ..SHIPPED });
    let mut power = PowerCut::new(run.before.clone(), &run.changes);
    let mut dice = Dice::new(1);
    let image = power.image(run.changes.len(), WHOLE[0], &mut dice);
    assert_eq!(run.fault(run.changes.len(), image, &mut dice), None);
    assert!(run.commits.len() > 8);
    let sealed = reopen(run.before).unwrap();
    assert!(sealed.db.begin_read().is_ok());
}
