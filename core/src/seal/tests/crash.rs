//! Power cuts: whatever the disk kept, the vault opens and holds the last durable commit or the
//! one in flight. `CHARTKEEP_IMAGES` sets how many images are tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::ReadableDatabase;

use super::Control;
use super::support::*;
use crate::seal::failure::Failure;
use crate::seal::power_cut::{Dice, Disk, PowerCut};
use crate::seal::recording::{Change, Fault, RecordingMedium};
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

/// What happened: the changes, and where which state may or must be found.
struct Run {
    before: Vec<u8>,
    changes: Vec<Change>,
    /// From this position on, until the next entry, this state is durable.
    durable: Vec<(usize, State)>,
    /// Between these positions this state may already be there.
    in_flight: Vec<(usize, usize, State)>,
    options: SealOptions,
}

fn commit(
    db: &redb::Database,
    state: &mut State,
    two_phase: bool,
    dice: &mut Dice,
) -> Result<(), redb::Error> {
    let mut transaction = db.begin_write()?;
    transaction.set_two_phase_commit(two_phase);
    {
        let mut table = transaction.open_table(TABLE)?;
        for _ in 0..1 + dice.below(6) {
            let key = dice.below(40);
            if dice.chance(25) {
                table.remove(key)?;
                state.remove(&key);
            } else {
                let len = [10, 200, 3_000, 9_000, 40_000][dice.index(5)];
                let value = vec![dice.next().to_le_bytes()[0]; len];
                table.insert(key, value.as_slice())?;
                state.insert(key, value);
            }
        }
    }
    Ok(transaction.commit()?)
}

/// Six sessions of commits and compactions. They end with a clean close, or with a kill: between
/// two commits, at any call of a commit, at any call of the close. It leaves the page cache behind.
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
    let mut durable = vec![(0, state.clone())];
    let mut in_flight = Vec::new();
    let mut killed: Option<(usize, State)> = None;
    for _ in 0..6 {
        medium.arm(None);
        if !workload.sync_at_open {
            medium.swallow_syncs(1);
        }
        let mut sealed = open_on(Arc::clone(&medium) as _, &key(), &options, &clock()).unwrap();
        if let Some((begun, half)) = killed.take() {
            let found: State = rows(&sealed.db).unwrap().into_iter().collect();
            assert!(found == state || found == half, "a kill left neither state");
            in_flight.push((begun, medium.position(), half));
            durable.push((medium.position(), found.clone()));
            state = found;
        }
        for _ in 0..1 + dice.below(4) {
            let begun = medium.position();
            commit(&sealed.db, &mut state, workload.two_phase, &mut dice).unwrap();
            in_flight.push((begun, medium.position(), state.clone()));
            durable.push((medium.position(), state.clone()));
        }
        if workload.compact && dice.chance(60) {
            sealed.db.compact().unwrap();
        }
        let fault = |at| {
            let kind = std::io::ErrorKind::Other;
            Some(Fault { at, sticky: true, kind, short: false })
        };
        match dice.below(4) {
            0 => drop(sealed),
            1 => kill(sealed),
            2 => {
                medium.arm(fault(1 + dice.below(16)));
                drop(sealed);
            }
            _ => {
                let (begun, mut half) = (medium.position(), state.clone());
                medium.arm(fault(1 + dice.below(14)));
                if commit(&sealed.db, &mut half, workload.two_phase, &mut dice).is_ok() {
                    in_flight.push((begun, medium.position(), half.clone()));
                    durable.push((medium.position(), half.clone()));
                    state = half;
                } else {
                    killed = Some((begun, half));
                }
                kill(sealed);
            }
        }
    }
    if let Some((begun, half)) = killed {
        in_flight.push((begun, usize::MAX, half));
    }
    let changes = medium.take_changes();
    Run { before, changes, durable, in_flight, options: SealOptions { control: None, ..options } }
}

/// Ends the process without a close: nothing more reaches the medium.
fn kill(sealed: Sealed) {
    sealed.handle.backend.latch(Failure::Closed);
    drop(sealed);
}

impl Run {
    fn allows(&self, cut: usize, found: &State) -> bool {
        let durable = self.durable.iter().rfind(|entry| entry.0 <= cut);
        durable.is_some_and(|entry| entry.1 == *found)
            || self
                .in_flight
                .iter()
                .any(|(from, to, state)| (*from..*to).contains(&cut) && state == found)
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
        if !self.allows(cut, &found) {
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

/// How many of `images` a wrong order of writes loses.
fn lost(images: usize, seed: u64, wrong: Workload) -> usize {
    faults_in(wrong, images, &WHOLE, seed).0
}

#[test]
fn negative_control_one_slot() {
    let wrong = Workload { control: Some(Control::OneSlot), compact: false, ..SHIPPED };
    assert!(lost(2_000, 4_000, wrong) > 0, "one page-0 slot, written through, was not caught");
}

#[test]
fn negative_control_one_phase() {
    let control = Some(Control::TwoSlots);
    let wrong = Workload { control, two_phase: false, compact: false, ..SHIPPED };
    assert!(lost(2_000, 5_000, wrong) > 0, "one-phase commits, written through, were not caught");
}

/// redb's compaction commits in one phase whatever the caller sets.
#[test]
fn negative_control_compaction() {
    let wrong = Workload { control: Some(Control::TwoSlots), ..SHIPPED };
    assert!(lost(5_000, 6_000, wrong) > 0, "compaction with page 0 written through was not caught");
}

/// Killed, opened again without a sync, and then the power goes.
#[test]
fn negative_control_no_sync_at_open() {
    let wrong = Workload { sync_at_open: false, ..SHIPPED };
    assert!(lost(5_000, 7_000, wrong) > 0, "opening without a sync was not caught");
}

/// The ground of the controls: what is left when each one's fault is taken away is safe.
#[test]
fn two_phases_without_compaction_are_safe_even_written_through() {
    let right = Workload { control: Some(Control::TwoSlots), compact: false, ..SHIPPED };
    assert_eq!(lost(5_000, 8_000, right), 0);
}

/// The suite's own ground: without any cut every commit is there.
#[test]
fn the_workload_ends_in_its_last_state() {
    let run = run(Workload { seed: 77, ..SHIPPED });
    let mut power = PowerCut::new(run.before.clone(), &run.changes);
    let mut dice = Dice::new(1);
    let image = power.image(run.changes.len(), WHOLE[0], &mut dice);
    assert_eq!(run.fault(run.changes.len(), image, &mut dice), None);
    assert!(run.durable.len() > 8);
    let sealed = reopen(run.before).unwrap();
    assert!(sealed.db.begin_read().is_ok());
}
