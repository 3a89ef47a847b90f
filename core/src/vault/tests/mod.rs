//! Faults below the whole vault: power cuts and failing disks over create, write, import, flush, merge,
//! compact, close and reopen.

mod crash;
mod faults;
mod plaintext;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::seal::{Dice, Medium, RecordingMedium};
use crate::{CancelToken, Clock, ConnectionId, Error, OpenError, Unlock, Vault};

/// What the record is: id and bytes of every current resource.
type Record = BTreeMap<String, Vec<u8>>;

fn open(medium: &Arc<RecordingMedium>, create: bool) -> Result<Vault, OpenError> {
    let medium = Arc::clone(medium) as Arc<dyn Medium>;
    let options = Vault::options().clock(Clock::fixed(1_700_000_000_000));
    options.on_medium(medium, create, &Unlock::key([7; 32]))
}

fn record(vault: &Vault) -> Result<Record, Error> {
    let mut found = Record::new();
    vault.export(false, |resource| {
        found.insert(resource.id().id.clone(), resource.bytes().to_vec());
        Ok(())
    })?;
    Ok(found)
}

fn observation(id: usize, value: u64, filler: usize) -> Vec<u8> {
    let note = "lorem ipsum ".repeat(filler);
    format!(
        r#"{{"resourceType":"Observation","id":"o{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"c{}"}}]}},"effectiveDateTime":"2020-01-{:02}","valueInteger":{value},"note":[{{"text":"{note}"}}]}}"#,
        id % 7,
        id % 28 + 1,
    )
    .into_bytes()
}

/// One step of a workload. Answers the record as it is when the step is done.
fn step(
    vault: &Vault,
    here: ConnectionId,
    before: &Record,
    dice: &mut Dice,
) -> Result<Record, Error> {
    let mut after = before.clone();
    match dice.index(10) {
        0 => {
            vault.0.flush(&*vault.0.state()?)?;
        }
        1 => {
            let state = vault.0.state()?;
            vault.0.merge_all(&state)?;
        }
        2 => {
            vault.compact(&CancelToken::new(), |_| {})?;
        }
        3 => {
            let mut ndjson = Vec::new();
            for _ in 0..super::commit::DIRECT_ROWS + dice.index(100) {
                let (id, value) = (dice.index(2_000), dice.next());
                let bytes = observation(id, value, 0);
                ndjson.extend_from_slice(&bytes);
                ndjson.push(b'\n');
                after.insert(format!("o{id}"), bytes);
            }
            vault
                .import_bundle(here, &ndjson[..], &CancelToken::new(), |_| {})
                .map_err(|e| e.error)?;
        }
        _ => vault.write(here, |tx| {
            for _ in 0..=dice.index(12) {
                let id = dice.index(60);
                let bytes = observation(id, dice.next(), dice.index(9));
                tx.put(&bytes)?;
                after.insert(format!("o{id}"), bytes);
            }
            Ok::<(), Error>(())
        })?,
    }
    Ok(after)
}

/// Ends the process without a close: nothing more reaches the medium.
fn kill(vault: Vault) {
    vault.0.db.die();
    drop(vault);
}
