//! Failing disks: at every call of a scenario, once and for good. Typed errors, no panic, no lost commit,
//! and reads go on.

use std::io;

use super::*;
use crate::seal::Fault;

/// Runs `work` with the disk failing at call 1, 2, 3, … until it does not fail any more.
fn at_every_call(
    kind: io::ErrorKind,
    sticky: bool,
    work: impl Fn(&Vault, ConnectionId) -> Result<(), Error>,
) {
    for at in 1.. {
        let medium = Arc::new(RecordingMedium::default());
        let vault = open(&medium, true).unwrap();
        let here = vault.local_connection("here").unwrap();
        vault.write(here, |tx| tx.put(&observation(1, 1, 3))).unwrap();
        let before = record(&vault).unwrap();
        medium.arm(Some(Fault { at, sticky, kind, short: at % 2 == 0 }));
        let result = work(&vault, here);
        let calls = medium.calls();
        medium.arm(None);
        match &result {
            Ok(()) => {}
            Err(Error::NoSpace) => assert_eq!(kind, io::ErrorKind::StorageFull),
            Err(Error::Io(_) | Error::Open(_)) => {}
            Err(other) => panic!("call {at}: {other}"),
        }
        // Reads go on at once, or after the app opened the vault again.
        let kept = record(&vault).or_else(|_| {
            vault.lock();
            record(&open(&medium, false).unwrap())
        });
        let kept = kept.unwrap();
        assert!(before.iter().all(|(id, bytes)| kept.get(id) == Some(bytes) || kept.len() > 1));
        assert!(kept.contains_key("o1"), "call {at}: a durable resource is lost");
        drop(vault);
        let again = open(&medium, false).unwrap();
        assert!(record(&again).unwrap().contains_key("o1"), "call {at}: lost after reopening");
        assert!(again.check(&CancelToken::new(), |_| {}).unwrap().problems.is_empty());
        if calls < at {
            assert_eq!(result, Ok(()));
            assert!(at > 3, "the scenario touched the disk");
            return;
        }
    }
}

fn small(vault: &Vault, here: ConnectionId) -> Result<(), Error> {
    vault.write(here, |tx| (2..8).try_for_each(|id| tx.put(&observation(id, 1, 2))))
}

fn bulk(vault: &Vault, here: ConnectionId) -> Result<(), Error> {
    let rows: Vec<Vec<u8>> = (2..600).map(|id| observation(id, 1, 0)).collect();
    let ndjson = rows.join(&b'\n');
    vault
        .import_bundle(here, &ndjson[..], &CancelToken::new(), |_| {})
        .map(|_| ())
        .map_err(|e| e.error)
}

fn compact(vault: &Vault, here: ConnectionId) -> Result<(), Error> {
    small(vault, here)?;
    vault.compact(&CancelToken::new(), |_| {}).map(|_| ())
}

#[test]
fn a_full_disk_costs_no_commit() {
    for sticky in [false, true] {
        at_every_call(io::ErrorKind::StorageFull, sticky, small);
        at_every_call(io::ErrorKind::StorageFull, sticky, bulk);
        at_every_call(io::ErrorKind::StorageFull, sticky, compact);
    }
}

#[test]
fn a_failing_disk_costs_no_commit() {
    for sticky in [false, true] {
        at_every_call(io::ErrorKind::Other, sticky, small);
        at_every_call(io::ErrorKind::Other, sticky, compact);
    }
}

#[test]
fn after_a_full_disk_the_same_vault_goes_on() {
    let medium = Arc::new(RecordingMedium::default());
    let vault = open(&medium, true).unwrap();
    let here = vault.local_connection("here").unwrap();
    small(&vault, here).unwrap();
    let kind = io::ErrorKind::StorageFull;
    medium.arm(Some(Fault { at: 2, sticky: true, kind, short: false }));
    let refused = vault.write(here, |tx| tx.put(&observation(99, 1, 0)));
    assert_eq!(refused, Err(Error::NoSpace));
    assert_eq!(record(&vault).map(|r| r.len()), Ok(6), "reads go on while the disk is full");
    medium.arm(None);
    vault.write(here, |tx| tx.put(&observation(99, 1, 0))).unwrap();
    assert_eq!(record(&vault).map(|r| r.len()), Ok(7));
    drop(vault);
    let vault = open(&medium, false).unwrap();
    assert_eq!(record(&vault).map(|r| r.len()), Ok(7));
}
