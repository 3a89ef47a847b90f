//! Reads, versions, the change log, write transactions, feeds and locks.

use std::time::Duration;

use chartkeep::{
    CancelToken, ChangeKind, Error, LedgerEntry, NeededAction, QuarantineReason, ResourceId,
    TokenKind, Unlock, Vault,
};

fn observation(id: &str, value: &str) -> Vec<u8> {
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","valueQuantity":{{"value":{value}}}}}"#
    )
    .into_bytes()
}

#[test]
fn versions_keep_every_content_and_the_last_is_current() {
    let vault = Vault::in_memory();
    let here = vault.local_connection("here").unwrap();
    for value in ["1.0", "1.00", "2"] {
        vault.write(here, |tx| tx.put(&observation("a", value))).unwrap();
    }
    let id = ResourceId::new(here, "Observation", "a");
    let versions = vault.versions(&id).unwrap();
    let bytes: Vec<&[u8]> = versions.iter().map(chartkeep::StoredResource::bytes).collect();
    assert_eq!(bytes, [observation("a", "1.0"), observation("a", "1.00"), observation("a", "2")]);
    assert_eq!(
        versions.iter().map(chartkeep::StoredResource::version).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(versions[2].is_current() && !versions[0].is_current());
    assert_eq!(vault.search("Observation").unwrap().total, 1);
    let kinds: Vec<ChangeKind> =
        vault.changes(0, 10).unwrap().changes.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [ChangeKind::New, ChangeKind::Changed, ChangeKind::Changed]);
}

#[test]
fn the_built_in_member_is_whole_and_the_same_everywhere() {
    let vault = Vault::sample();
    let info = vault.info().unwrap();
    assert_eq!((info.resources, info.versions, info.quarantined), (1_000, 1_000, 0));
    assert_eq!(vault.check(&CancelToken::new(), |_| {}).unwrap().problems, []);
    let again = Vault::sample();
    for search in ["Patient", "ExplanationOfBenefit?_sort=-_lastUpdated&_count=5"] {
        let titles = |vault: &Vault| -> Vec<String> {
            vault.search(search).unwrap().rows.into_iter().map(|row| row.title).collect()
        };
        assert!(!titles(&vault).is_empty());
        assert_eq!(titles(&vault), titles(&again));
    }
}

#[test]
fn a_restamped_resource_takes_no_row() {
    let vault = Vault::in_memory();
    let here = vault.local_connection("here").unwrap();
    let stamped = |n: u32| {
        format!(
            r#"{{"resourceType":"Patient","id":"p","meta":{{"versionId":"{n}","lastUpdated":"2024-01-0{n}T00:00:00Z"}},"active":true}}"#
        )
    };
    for n in 1..=3 {
        vault.write(here, |tx| tx.put(stamped(n).as_bytes())).unwrap();
    }
    let info = vault.info().unwrap();
    assert_eq!((info.resources, info.versions), (1, 1));
    let stored = vault.read(&ResourceId::new(here, "Patient", "p")).unwrap().unwrap();
    assert_eq!(stored.json(), stamped(1));
}

#[test]
fn a_file_with_a_repeated_id_changes_nothing_when_read_again() {
    let vault = Vault::in_memory();
    let here = vault.local_connection("here").unwrap();
    let file = [observation("a", "1"), observation("a", "2"), observation("b", "1")].join(&b'\n');
    let first = vault.import_bundle(here, &file[..], &CancelToken::new(), |_| {}).unwrap();
    assert_eq!((first.new, first.changed, first.same), (2, 1, 0));
    let counter = vault.info().unwrap().counter;
    let again = vault.import_bundle(here, &file[..], &CancelToken::new(), |_| {}).unwrap();
    assert_eq!((again.new, again.changed, again.same), (0, 0, 3));
    assert_eq!(vault.info().unwrap().counter, counter);
    let back = observation("a", "1");
    let report = vault.import_bundle(here, &back[..], &CancelToken::new(), |_| {}).unwrap();
    assert_eq!(report.changed, 1, "a real step back is a change");
}

#[test]
fn a_failed_write_stores_nothing_and_a_good_one_all() {
    let vault = Vault::in_memory();
    let here = vault.local_connection("here").unwrap();
    let failed: Result<(), Error> = vault.write(here, |tx| {
        tx.put(&observation("a", "1"))?;
        tx.set_cursor("everything", "page 2");
        Err(Error::Cancelled)
    });
    assert_eq!(failed, Err(Error::Cancelled));
    assert_eq!(vault.info().unwrap().resources, 0);
    assert_eq!(vault.cursor(here, "everything").unwrap(), None);

    vault
        .write(here, |tx| {
            tx.put(&observation("a", "1"))?;
            tx.set_cursor("everything", "page 2");
            tx.set_token(TokenKind::Refresh, b"secret")?;
            tx.ledger(LedgerEntry { run: 1, received: 1, ..LedgerEntry::default() });
            Ok::<(), Error>(())
        })
        .unwrap();
    assert_eq!(vault.info().unwrap().resources, 1);
    assert_eq!(vault.cursor(here, "everything").unwrap().as_deref(), Some("page 2"));
    let token = vault.token(here, TokenKind::Refresh).unwrap();
    assert_eq!(token.as_ref().map(|t| t.as_slice()), Some(&b"secret"[..]));
    assert_eq!(vault.token(here, TokenKind::Access).unwrap(), None);
    assert_eq!(vault.ledger(here, 0, 10).unwrap().len(), 1);
}

#[test]
fn a_snapshot_stays_at_its_moment() {
    let vault = Vault::in_memory();
    let here = vault.local_connection("here").unwrap();
    vault.write(here, |tx| tx.put(&observation("a", "1"))).unwrap();
    let before = vault.snapshot().unwrap();
    vault.write(here, |tx| tx.put(&observation("b", "1"))).unwrap();
    assert_eq!(before.search("Observation").unwrap().total, 1);
    assert_eq!(vault.search("Observation").unwrap().total, 2);
    assert_eq!(vault.compact(&CancelToken::new(), |_| {}), Err(Error::Busy));
    drop(before);
    vault.compact(&CancelToken::new(), |_| {}).unwrap();
}

#[test]
fn a_feed_tells_of_commits_and_ends_with_the_lock() {
    let vault = Vault::in_memory();
    let here = vault.local_connection("here").unwrap();
    let mut feed = vault.feed().unwrap();
    assert_eq!(feed.next(Duration::from_millis(1)).unwrap(), None);
    let writer = vault.clone();
    let thread = std::thread::spawn(move || {
        writer.write(here, |tx| tx.put(&observation("a", "1"))).unwrap();
    });
    let set = feed.next(Duration::from_secs(60)).unwrap().unwrap();
    thread.join().unwrap();
    assert_eq!(vault.changes(set.since, 10).unwrap().changes.len(), 1);

    let locker = vault.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        locker.lock();
    });
    assert_eq!(feed.next(Duration::from_secs(60)), Err(Error::Locked));
    thread.join().unwrap();
    let error = vault.search("Observation").unwrap_err();
    assert_eq!((error.code(), error.action()), ("vault.locked", NeededAction::NeedsUnlock));
}

#[test]
fn a_lock_also_ends_snapshots() {
    let vault = Vault::in_memory();
    let here = vault.local_connection("here").unwrap();
    vault.write(here, |tx| tx.put(&observation("a", "1"))).unwrap();
    let snapshot = vault.snapshot().unwrap();
    vault.lock();
    assert_eq!(
        snapshot.read(&ResourceId::new(here, "Observation", "a")).unwrap_err(),
        Error::Locked
    );
}

#[test]
fn what_is_no_resource_is_quarantined_once() {
    let vault = Vault::in_memory();
    let here = vault.local_connection("here").unwrap();
    let odd: [&[u8]; 3] = [
        br#"{"foo":1}"#,
        br#"{"resourceType":"Patient","id":"p","active":true,"active":false}"#,
        br#"{"resourceType":"Patient","id":"q""#,
    ];
    for _ in 0..2 {
        vault.write(here, |tx| odd.iter().try_for_each(|bytes| tx.put(bytes))).unwrap();
    }
    let info = vault.info().unwrap();
    assert_eq!((info.resources, info.quarantined), (0, 3));
}

#[test]
fn references_inside_a_bundle_resolve_whatever_their_order() {
    for (urn, found) in [("urn:uuid:2", 1), ("urn:oid:1.2", 1), ("urn:x:2", 0)] {
        let vault = Vault::in_memory();
        let here = vault.local_connection("here").unwrap();
        let bundle = format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[
            {{"fullUrl":"urn:uuid:1","resource":{{"resourceType":"Observation","id":"o","status":"final",
            "identifier":[{{"system":"urn:oid:9"}}],"subject":{{"reference" : "{urn}"}}}}}},
            {{"fullUrl":"{urn}","resource":{{"resourceType":"Patient","id":"p"}}}},
            {{"fullUrl":"urn:uuid:3","resource":{{"resourceType":"Observation","id":"o3","status":"final",
            "subject":{{"reference":"{urn}"}}}}}}]}}"#
        );
        vault.import_bundle(here, bundle.as_bytes(), &CancelToken::new(), |_| {}).unwrap();
        let totals = || {
            ["subject=Patient/p", "patient=p"]
                .map(|query| vault.search(&format!("Observation?{query}")).unwrap().total)
        };
        assert_eq!(totals(), [2 * found; 2], "{urn}");
        vault.rebuild_index().unwrap();
        assert_eq!(totals(), [2 * found; 2], "{urn}");
        assert!(vault.check(&CancelToken::new(), |_| {}).unwrap().problems.is_empty());
    }
}

#[test]
fn a_vault_on_disk_opens_again_with_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("me.vault");
    {
        let vault = Vault::create(&path, Unlock::key([1; 32])).unwrap();
        let here = vault.local_connection("here").unwrap();
        vault.write(here, |tx| tx.put(&observation("a", "1"))).unwrap();
    }
    let vault = Vault::open(&path, Unlock::key([1; 32])).unwrap();
    assert_eq!(vault.search("Observation").unwrap().total, 1);
    let here = vault.connection("here").unwrap().unwrap().id;
    assert!(vault.read(&ResourceId::new(here, "Observation", "a")).unwrap().is_some());
    assert_eq!(Vault::open(&path, Unlock::key([1; 32])).unwrap_err().code(), "vault.in_use");
    drop(vault);
    assert_eq!(Vault::open(&path, Unlock::key([2; 32])).unwrap_err().code(), "vault.wrong_key");
}

#[test]
fn what_a_sync_keeps_is_committed_together_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("me.vault");
    let payer = {
        let vault = Vault::create(&path, Unlock::key([1; 32])).unwrap();
        let payer = vault.create_connection("payer", "https://payer.example/fhir/").unwrap();
        let taken = vault.create_connection("payer", "https://other.example/fhir").unwrap_err();
        assert_eq!(taken.code(), "call.invalid");
        let write = |fail: bool| {
            vault.write(payer, |tx| {
                tx.put(&observation("a", "1"))?;
                tx.quarantine(QuarantineReason::OtherSubject, b"{\"resourceType\":\"Patient\"}")?;
                tx.set_details(r#"{"state":"connected"}"#);
                tx.add_subject("p1");
                tx.set_cursor("everything", "page 2");
                tx.set_cursor("claims", "");
                tx.set_token(TokenKind::Access, b"secret")?;
                tx.set_pending("state-1", b"verifier")?;
                tx.ledger(LedgerEntry { run: 1, received: 1, ..LedgerEntry::default() });
                if fail { Err(Error::Cancelled) } else { Ok(()) }
            })
        };
        assert_eq!(write(true), Err(Error::Cancelled));
        assert_eq!(vault.connection_details(payer).unwrap(), None);
        assert_eq!(vault.info().unwrap().quarantined, 0);
        write(false).unwrap();
        payer
    };
    let vault = Vault::open(&path, Unlock::key([1; 32])).unwrap();
    let cursors = vault.cursors(payer).unwrap();
    let pairs =
        [("claims", ""), ("everything", "page 2")].map(|(s, c)| (s.to_owned(), c.to_owned()));
    assert_eq!(cursors, pairs);
    assert_eq!(vault.connection_details(payer).unwrap().unwrap(), r#"{"state":"connected"}"#);
    assert_eq!(vault.subjects(payer).unwrap(), ["p1"]);
    assert_eq!(&**vault.token(payer, TokenKind::Access).unwrap().unwrap(), b"secret");
    let (connection, request) = vault.pending("state-1").unwrap().unwrap();
    assert_eq!((connection, &request[..]), (payer, &b"verifier"[..]));
    assert!(vault.pending("state-2").unwrap().is_none());
    assert_eq!(vault.quarantined().unwrap()[0].reason, QuarantineReason::OtherSubject);
    assert_eq!(vault.ledger(payer, 0, 9).unwrap().len(), 1);
    vault
        .write(payer, |tx| {
            tx.remove_pending("state-1");
            tx.remove_token(TokenKind::Access);
            tx.remove_cursor("claims");
            Ok::<_, Error>(())
        })
        .unwrap();
    assert!(vault.pending("state-1").unwrap().is_none());
    assert!(vault.token(payer, TokenKind::Access).unwrap().is_none());
    assert_eq!(vault.cursors(payer).unwrap().len(), 1);
}

#[test]
fn what_is_gone_at_its_source_stays_until_it_comes_again() {
    let vault = Vault::in_memory();
    let payer = vault.create_connection("payer", "https://payer.example/fhir").unwrap();
    let id = ResourceId::new(payer, "Observation", "a");
    let put = || vault.write(payer, |tx| tx.put(&observation("a", "1"))).unwrap();
    let kinds = || {
        let changes = vault.changes(0, 9).unwrap().changes;
        changes.iter().map(|change| change.kind).collect::<Vec<_>>()
    };
    put();
    for _ in 0..2 {
        vault.write(payer, |tx| tx.mark_gone("Observation", "a")).unwrap();
        vault.write(payer, |tx| tx.mark_gone("Observation", "unknown")).unwrap();
    }
    assert!(vault.read(&id).unwrap().unwrap().is_gone());
    assert_eq!(vault.search("Observation").unwrap().total, 1);
    assert_eq!(kinds(), [ChangeKind::New, ChangeKind::GoneAtSource]);
    put();
    put();
    assert!(!vault.read(&id).unwrap().unwrap().is_gone());
    assert_eq!(kinds(), [ChangeKind::New, ChangeKind::GoneAtSource, ChangeKind::Changed]);
    let mut ids = Vec::new();
    let local = vault.local_connection("files").unwrap();
    vault.write(local, |tx| tx.put(&observation("b", "1"))).unwrap();
    let snapshot = vault.snapshot().unwrap();
    let each = |one: &chartkeep::StoredResource| {
        ids.push(one.id().id.clone());
        Ok(())
    };
    snapshot.each_of(payer, each).unwrap();
    assert_eq!(ids, ["a"]);
}
