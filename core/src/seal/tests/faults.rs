//! Storage that fails at any call: typed errors, no panic, nothing acknowledged is lost.

use std::io;
use std::sync::Arc;

use super::support::*;
use crate::error::{Error, OpenError};
use crate::seal::cipher::tests::RANDOM_FAILS;
use crate::seal::recording::{Change, Fault, RecordingMedium};
use crate::seal::rewrite::write_copy;
use crate::seal::{Event, Medium, Sealed, create_on, open_on};

const KINDS: [io::ErrorKind; 2] = [io::ErrorKind::StorageFull, io::ErrorKind::Other];

/// One more row than before, in a commit; every error is told as what it is.
fn try_put(sealed: &Sealed, key: u64) -> Result<(), Error> {
    let told = |error: redb::Error| sealed.handle.classify(error);
    let mut transaction = sealed.db.begin_write().map_err(|error| told(error.into()))?;
    transaction.set_two_phase_commit(true);
    {
        let mut table = transaction.open_table(TABLE).map_err(|error| told(error.into()))?;
        table.insert(key, [1; 20_000].as_slice()).map_err(|error| told(error.into()))?;
    }
    transaction.commit().map_err(|error| told(error.into()))
}

/// As a layer above does it: whatever redb answers, the layer below has the typed reason.
fn try_init(db: &redb::Database) -> Result<(), Error> {
    let told = |_: redb::Error| Error::Inconsistent("the typed reason is latched below");
    let transaction = db.begin_write().map_err(|error| told(error.into()))?;
    transaction.open_table(TABLE).map_err(|error| told(error.into()))?;
    transaction.commit().map_err(|error| told(error.into()))
}

fn expected(kind: io::ErrorKind) -> Error {
    match kind {
        io::ErrorKind::StorageFull => Error::NoSpace,
        kind => Error::Io(kind),
    }
}

fn faults() -> impl Iterator<Item = Fault> {
    KINDS.into_iter().flat_map(|kind| {
        [(false, false), (true, false), (true, true)].map(|(sticky, short)| Fault {
            at: 0,
            sticky,
            kind,
            short,
        })
    })
}

#[test]
fn creation_fails_typed_at_every_call() {
    for fault in faults() {
        let mut at = 1;
        loop {
            let medium = Arc::new(RecordingMedium::default());
            medium.arm(Some(Fault { at, ..fault }));
            match create_on(Arc::clone(&medium) as _, &key(), &options(), &clock(), try_init) {
                Ok(sealed) if medium.calls() < at => {
                    drop(sealed);
                    break;
                }
                // A failed sync at the end of creation opens what is durable, read only.
                Ok(sealed) => assert!(sealed.handle.is_read_only() || fault.at == 0),
                Err(error) => assert_eq!(error, OpenError::from_kind(fault.kind)),
            }
            at += 1;
            assert!(at < 200);
        }
    }
}

impl OpenError {
    fn from_kind(kind: io::ErrorKind) -> Self {
        match kind {
            io::ErrorKind::StorageFull => Self::NoSpace,
            kind => Self::Io(kind),
        }
    }
}

#[test]
fn sessions_fail_typed_at_every_call_and_lose_nothing() {
    for fault in faults() {
        for at in 1..80 {
            let medium = Arc::new(RecordingMedium::default());
            let sealed =
                create_on(Arc::clone(&medium) as _, &key(), &options(), &clock(), init).unwrap();
            let mut kept = Vec::new();
            medium.arm(Some(Fault { at, ..fault }));
            for key in 0..6 {
                match try_put(&sealed, key) {
                    Ok(()) => kept.push(key),
                    Err(error) => {
                        assert_eq!(error, expected(fault.kind));
                        // Told again, not as "previous error".
                        assert_eq!(try_put(&sealed, 99).unwrap_err(), expected(fault.kind));
                        break;
                    }
                }
            }
            let handle = sealed.handle.clone();
            medium.arm(None);
            if handle.backend.failure().is_some() {
                // The disk has room again: the same handle gives a working vault, no secret asked.
                let again = handle.reopen(&clock(), false).unwrap();
                drop(sealed);
                check_rows(&again, &kept);
                try_put(&again, 50).unwrap();
                kept.push(50);
            } else {
                drop(sealed);
            }
            let sealed = open_on(medium, &key(), &options(), &clock()).unwrap();
            check_rows(&sealed, &kept);
        }
    }
}

/// Every acknowledged row is there, and at most the one whose commit failed half way.
fn check_rows(sealed: &Sealed, kept: &[u64]) {
    let found: Vec<u64> = rows(&sealed.db).unwrap().into_iter().map(|row| row.0).collect();
    assert!(kept.iter().all(|key| found.contains(key)), "{kept:?} in {found:?}");
    assert!(found.len() <= kept.len() + 1);
}

#[test]
fn a_failing_close_costs_a_walk_only() {
    for at in 1..30 {
        let (medium, sealed) = {
            let medium = Arc::new(RecordingMedium::default());
            let sealed =
                create_on(Arc::clone(&medium) as _, &key(), &options(), &clock(), init).unwrap();
            (medium, sealed)
        };
        put(&sealed.db, &[(1, b"one")]);
        let kind = io::ErrorKind::Other;
        medium.arm(Some(Fault { at, sticky: true, kind, short: true }));
        drop(sealed);
        medium.arm(None);
        let sealed = open_on(medium, &key(), &options(), &clock()).unwrap();
        assert_eq!(rows(&sealed.db).unwrap(), [(1, b"one".to_vec())]);
    }
}

#[test]
fn a_vault_that_cannot_be_made_durable_opens_for_reading() {
    let (medium, sealed) = {
        let medium = Arc::new(RecordingMedium::default());
        let sealed =
            create_on(Arc::clone(&medium) as _, &key(), &options(), &clock(), init).unwrap();
        (medium, sealed)
    };
    put(&sealed.db, &[(1, b"one")]);
    let medium2 = Arc::new(RecordingMedium::new(medium.bytes()));
    drop(sealed);
    let kind = io::ErrorKind::Other;
    medium2.arm(Some(Fault { at: 1, sticky: true, kind, short: false }));
    let before = medium2.bytes();
    let sealed = open_on(Arc::clone(&medium2) as _, &key(), &options(), &clock()).unwrap();
    assert!(sealed.handle.is_read_only());
    assert_eq!(sealed.handle.events(), [Event::SyncFailed]);
    assert_eq!(rows(&sealed.db).unwrap(), [(1, b"one".to_vec())]);
    drop(sealed);
    assert_eq!(medium2.bytes(), before);
}

#[test]
fn without_random_numbers_nothing_is_written() {
    let medium = Arc::new(RecordingMedium::default());
    let sealed = create_on(Arc::clone(&medium) as _, &key(), &options(), &clock(), init).unwrap();
    put(&sealed.db, &[(1, b"one")]);
    medium.take_changes();
    RANDOM_FAILS.set(true);
    let failed = try_put(&sealed, 2).unwrap_err();
    let created =
        create_on(Arc::new(RecordingMedium::default()), &key(), &options(), &clock(), init);
    RANDOM_FAILS.set(false);
    assert_eq!(failed, Error::NoRandomness);
    assert_eq!(created.unwrap_err(), OpenError::NoRandomness);
    drop(sealed);
    let written = medium.take_changes();
    assert!(!written.iter().any(|change| matches!(change, Change::Write { .. })));
    let sealed = open_on(medium, &key(), &options(), &clock()).unwrap();
    assert_eq!(rows(&sealed.db).unwrap(), [(1, b"one".to_vec())]);
}

#[test]
fn no_nonce_is_used_twice() {
    let medium = Arc::new(RecordingMedium::default());
    let sealed = create_on(Arc::clone(&medium) as _, &key(), &options(), &clock(), init).unwrap();
    for key in 0..100 {
        put(&sealed.db, &[(key % 7, &[5; 9_000])]);
    }
    drop(sealed);
    let mut nonces = Vec::new();
    for change in medium.take_changes() {
        if let Change::Write { offset, data } = change
            && offset >= 40_960
        {
            let stride = if offset < 49_152 { 4_096 } else { 4_608 };
            nonces.extend(data.chunks(stride).map(|record| record[..24].to_vec()));
        }
    }
    let all = nonces.len();
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), all);
    assert!(all > 500);
}

/// Rule W with a held image: blocks and one slot, a sync each.
#[test]
fn a_commit_that_does_not_grow_the_file_costs_two_syncs_and_one_slot() {
    let medium = Arc::new(RecordingMedium::default());
    let sealed = create_on(Arc::clone(&medium) as _, &key(), &options(), &clock(), init).unwrap();
    for key in 0..50 {
        put(&sealed.db, &[(key, &[5; 2_000])]);
    }
    let len = sealed.handle.file_len().unwrap();
    medium.take_changes();
    for _ in 0..10 {
        put(&sealed.db, &[(1, b"one")]);
    }
    assert_eq!(sealed.handle.file_len().unwrap(), len, "the workload must not grow the file");
    let changes = medium.take_changes();
    let syncs = changes.iter().filter(|change| matches!(change, Change::Sync)).count();
    let slots = changes
        .iter()
        .filter(|change| matches!(change, Change::Write { offset, .. } if *offset < 49_152));
    assert_eq!((syncs, slots.count()), (20, 10));
}

#[test]
fn a_rewrite_that_fails_at_any_call_leaves_the_old_vault_alone() {
    for fault in faults() {
        let mut at = 1;
        loop {
            let medium = Arc::new(RecordingMedium::default());
            let sealed =
                create_on(Arc::clone(&medium) as _, &key(), &options(), &clock(), init).unwrap();
            put(&sealed.db, &[(1, &[1; 9_000]), (2, b"two")]);
            let position = medium.position();
            let target = Arc::new(RecordingMedium::default());
            target.arm(Some(Fault { at, ..fault }));
            let copy = |_: &redb::Database, new: &redb::Database| {
                try_init(new)?;
                put_or(new, 1)
            };
            let as_medium: Arc<dyn Medium> = Arc::clone(&target) as _;
            let written = write_copy(&sealed.handle, &sealed.db, &as_medium, None, copy);
            assert_eq!(medium.position(), position);
            try_put(&sealed, 3).unwrap();
            drop(sealed);
            let sealed = open_on(medium, &key(), &options(), &clock()).unwrap();
            assert_eq!(rows(&sealed.db).unwrap().len(), 3);
            match written {
                Err(error) => assert_eq!(error, expected(fault.kind)),
                Ok(_) if target.calls() < at => break,
                Ok(_) => panic!("call {at} failed and the rewrite did not"),
            }
            at += 1;
            assert!(at < 300);
        }
    }
}

/// A commit whose error only the layer below can name.
fn put_or(db: &redb::Database, key: u64) -> Result<(), Error> {
    let told = |_: redb::Error| Error::Inconsistent("the typed reason is latched below");
    let mut transaction = db.begin_write().map_err(|error| told(error.into()))?;
    transaction.set_two_phase_commit(true);
    {
        let mut table = transaction.open_table(TABLE).map_err(|error| told(error.into()))?;
        table.insert(key, [1; 20_000].as_slice()).map_err(|error| told(error.into()))?;
    }
    transaction.commit().map_err(|error| told(error.into()))
}
