//! Power cuts under the whole vault. `CHARTKEEP_IMAGES` sets how many images are tried; a third of them
//! here, the others below redb alone (`seal::tests::crash`).

use std::sync::Arc;

use super::*;
use crate::seal::{Change, Disk, PowerCut};

/// What happened, and which records were durable, or in flight, at which position.
struct Run {
    changes: Vec<Change>,
    before: Vec<u8>,
    durable: Vec<(usize, Record)>,
    in_flight: Vec<(usize, usize, Record)>,
}

fn run(seed: u64) -> Run {
    let mut dice = Dice::new(seed);
    let medium = Arc::new(RecordingMedium::default());
    let vault = open(&medium, true).unwrap();
    let here = vault.local_connection("here").unwrap();
    drop(vault);
    medium.take_changes();
    let before = medium.bytes();
    let mut current = Record::new();
    let (mut durable, mut in_flight) = (vec![(0, Record::new())], Vec::new());
    for _ in 0..3 {
        let vault = open(&medium, false).unwrap();
        for _ in 0..3 + dice.index(5) {
            let begun = medium.position();
            let after = step(&vault, here, &current, &mut dice).unwrap();
            in_flight.push((begun, medium.position(), after.clone()));
            durable.push((medium.position(), after.clone()));
            current = after;
        }
        if dice.chance(50) { kill(vault) } else { drop(vault) }
    }
    Run { changes: medium.take_changes(), before, durable, in_flight }
}

impl Run {
    /// `None` if the image is as it must be, else what is wrong with it.
    fn fault(&self, cut: usize, image: Vec<u8>, dice: &mut Dice) -> Option<String> {
        let medium = Arc::new(RecordingMedium::new(image));
        let vault = match open(&medium, false) {
            Ok(vault) => vault,
            Err(error) => return Some(format!("cannot be opened: {error}")),
        };
        let found = match record(&vault) {
            Ok(found) => found,
            Err(error) => return Some(format!("cannot be read: {error}")),
        };
        let is_durable =
            self.durable.iter().rfind(|entry| entry.0 <= cut).is_some_and(|e| e.1 == found);
        let is_in_flight =
            self.in_flight.iter().any(|(from, to, r)| (*from..*to).contains(&cut) && *r == found);
        if !is_durable && !is_in_flight {
            return Some("holds a record that is neither durable nor in flight".to_owned());
        }
        // The indexes say what the bodies say, and the vault goes on.
        if dice.chance(10) {
            let problems = vault.check(&CancelToken::new(), |_| {}).unwrap().problems;
            if !problems.is_empty() {
                return Some(format!("is not whole: {problems:?}"));
            }
            let here = vault.connection("here").unwrap().unwrap().id;
            vault.write(here, |tx| tx.put(&observation(9_999, 1, 0))).unwrap();
            drop(vault);
            let vault = open(&medium, false).unwrap();
            let goes_on = record(&vault).unwrap().len() == found.len() + 1;
            return (!goes_on).then(|| "does not go on".to_owned());
        }
        kill(vault);
        None
    }
}

#[test]
fn whatever_a_power_cut_leaves_is_the_last_commit_or_the_one_in_flight() {
    let wanted: usize =
        std::env::var("CHARTKEEP_IMAGES").map_or(1_500, |count| count.parse().unwrap());
    let wanted = wanted / 3;
    let (mut tried, mut seed) = (0, 0);
    while tried < wanted {
        seed += 1;
        let run = run(seed);
        let mut dice = Dice::new(seed ^ 0x5EED);
        let mut power = PowerCut::new(run.before.clone(), &run.changes);
        let rounds = (wanted - tried).min(3 * run.changes.len()).min(600);
        let mut cuts: Vec<usize> = (0..rounds).map(|_| 1 + dice.index(run.changes.len())).collect();
        cuts.sort_unstable();
        for cut in cuts {
            let sector = [512, 4_096][dice.index(2)];
            let disk = Disk { sector, garbage: false };
            let image = power.image(cut, disk, &mut dice);
            if let Some(fault) = run.fault(cut, image, &mut dice) {
                panic!("seed {seed}, cut {cut} of {}, {disk:?}: {fault}", run.changes.len());
            }
            tried += 1;
        }
    }
}
