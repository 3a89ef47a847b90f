//! Suspension and live values: an app that goes to the background and comes back.

use std::io::Read;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use chartkeep::{CancelToken, Error, OpenError, ResourceId, Unlock, Vault, VaultState};

const SOON: Duration = Duration::from_millis(50);
const LATER: Duration = Duration::from_secs(20);

fn key() -> Unlock {
    Unlock::key([5; 32])
}

fn patient(id: &str) -> Vec<u8> {
    format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#).into_bytes()
}

fn put(vault: &Vault, id: &str) {
    let here = vault.local_connection("here").unwrap();
    vault.write(here, |txn| txn.put(&patient(id))).unwrap();
}

#[test]
fn a_suspended_vault_lets_go_of_its_file_and_comes_back_with_what_others_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("me.vault");
    let vault = Vault::create(&path, key()).unwrap();
    put(&vault, "a");
    let here = vault.local_connection("here").unwrap();
    let before = vault.snapshot().unwrap();
    assert_eq!(Vault::open(&path, key()).unwrap_err(), OpenError::InUse);

    vault.suspend(LATER).unwrap();
    vault.suspend(Duration::ZERO).unwrap();
    assert_eq!(vault.state(), VaultState::Suspended);
    assert_eq!(vault.search("Patient").unwrap_err(), Error::Suspended);
    assert_eq!(before.search("Patient").unwrap_err(), Error::Suspended);
    assert_eq!(vault.write(here, |txn| txn.put(&patient("x"))).unwrap_err(), Error::Suspended);
    assert_eq!(vault.local_connection("new").unwrap_err(), Error::Suspended);
    let cancel = CancelToken::new();
    let refused = vault.import_bundle(here, &patient("x")[..], &cancel, |_| {}).unwrap_err();
    assert_eq!(refused.error, Error::Suspended);
    assert_eq!(vault.compact(&cancel, |_| {}).unwrap_err(), Error::Suspended);
    assert_eq!(vault.check(&cancel, |_| {}).unwrap_err(), Error::Suspended);

    let other = Vault::open(&path, key()).unwrap();
    assert_eq!(vault.resume(key()).unwrap_err(), Error::Open(OpenError::InUse));
    put(&other, "b");
    other.lock();
    let wrong = vault.resume(Unlock::key([6; 32])).unwrap_err();
    assert_eq!(wrong, Error::Open(OpenError::WrongKey));
    assert_eq!(vault.state(), VaultState::Suspended);
    vault.resume(key()).unwrap();
    vault.resume(Unlock::key([6; 32])).unwrap();
    assert_eq!(vault.search("Patient").unwrap().total, 2);
    assert_eq!(before.search("Patient").unwrap_err(), Error::Suspended);
    put(&vault, "c");
    assert_eq!(vault.check(&cancel, |_| {}).unwrap().problems, []);
    vault.lock();
    assert_eq!(vault.resume(key()).unwrap_err(), Error::Locked);
    assert_eq!(vault.suspend(LATER).unwrap_err(), Error::Locked);
}

#[test]
fn a_file_that_was_put_back_or_exchanged_is_not_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("me.vault");
    let vault = Vault::create(&path, key()).unwrap();
    put(&vault, "a");
    vault.suspend(LATER).unwrap();
    let older = std::fs::read(&path).unwrap();
    vault.resume(key()).unwrap();
    put(&vault, "b");
    vault.suspend(LATER).unwrap();
    let newer = std::fs::read(&path).unwrap();
    std::fs::write(&path, older).unwrap();
    let refused = vault.resume(key()).unwrap_err();
    assert!(matches!(refused, Error::Open(OpenError::RolledBack { .. })), "{refused:?}");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(vault.resume(key()).unwrap_err(), Error::Open(OpenError::NotFound));
    Vault::create(&path, key()).unwrap().lock();
    assert_eq!(vault.resume(key()).unwrap_err(), Error::Open(OpenError::WrongVault));
    std::fs::write(&path, newer).unwrap();
    vault.resume(key()).unwrap();
    assert_eq!(vault.search("Patient").unwrap().total, 2);
}

/// Patients without end.
struct Endless(u64, Vec<u8>);

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.1.is_empty() {
            self.0 += 1;
            self.1 = patient(&self.0.to_string());
            self.1.push(b'\n');
        }
        let length = out.len().min(self.1.len());
        out[..length].copy_from_slice(&self.1[..length]);
        self.1.drain(..length);
        Ok(length)
    }
}

#[test]
fn an_import_stops_for_a_suspension_and_keeps_what_it_committed() {
    let vault = Vault::in_memory();
    let here = vault.local_connection("here").unwrap();
    let importer = vault.clone();
    let (began, begins) = mpsc::channel();
    let import = thread::spawn(move || {
        let input = Endless(0, Vec::new());
        importer.import_bundle(here, input, &CancelToken::new(), |now| {
            let _ = began.send(now.resources);
        })
    });
    begins.recv().unwrap();
    let asked = Instant::now();
    vault.suspend(LATER).unwrap();
    assert!(asked.elapsed() < LATER);
    let stopped = import.join().unwrap().unwrap_err();
    assert_eq!(stopped.error, Error::Suspended);
    assert!(stopped.report.new > 0);
    vault.resume(key()).unwrap();
    assert_eq!(vault.search("Patient?_count=0").unwrap().total, stopped.report.new);
    assert!(vault.read(&ResourceId::new(here, "Patient", "1")).unwrap().is_some());
}

#[test]
fn a_live_value_comes_first_at_once_and_then_only_when_it_differs() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path().join("me.vault"), key()).unwrap();
    let mut count = vault.live(|now| Ok(now.search("Patient")?.total));
    assert_eq!(count.next_within(Duration::ZERO).unwrap(), Some(0));
    assert_eq!(count.next_within(SOON).unwrap(), None);
    put(&vault, "a");
    assert_eq!(count.next_within(LATER).unwrap(), Some(1));
    put(&vault, "a");
    assert_eq!(count.next_within(4 * SOON).unwrap(), None);

    // Many commits are few values, and the last one is among them.
    let writer = vault.clone();
    let writing = thread::spawn(move || (0..60).for_each(|n| put(&writer, &format!("p{n}"))));
    let (began, mut values) = (Instant::now(), Vec::new());
    while values.last() != Some(&61) {
        values.push(count.next_within(LATER).unwrap().unwrap());
    }
    writing.join().unwrap();
    let most = began.elapsed().as_millis() / 100 + 2;
    assert!(values.len() as u128 <= most, "{} values in {:?}", values.len(), began.elapsed());
    assert!(values.windows(2).all(|pair| pair[0] < pair[1]));

    // Suspended it is silent; afterwards it speaks only of what is different.
    vault.suspend(LATER).unwrap();
    assert_eq!(count.next_within(SOON).unwrap(), None);
    vault.resume(key()).unwrap();
    assert_eq!(count.next_within(4 * SOON).unwrap(), None);
    vault.suspend(LATER).unwrap();
    let waiting = thread::spawn(move || (count.next_within(LATER).unwrap(), count));
    thread::sleep(SOON);
    vault.resume(key()).unwrap();
    put(&vault, "z");
    let (value, mut count) = waiting.join().unwrap();
    assert_eq!(value, Some(62));

    let ends = thread::spawn(move || count.next().is_none());
    thread::sleep(SOON);
    vault.lock();
    assert!(ends.join().unwrap());
}

#[test]
fn a_live_value_that_is_first_asked_for_while_suspended_comes_after() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path().join("me.vault"), key()).unwrap();
    put(&vault, "a");
    vault.suspend(LATER).unwrap();
    let mut count = vault.live(|now| Ok(now.search("Patient")?.total));
    assert_eq!(count.next_within(SOON).unwrap(), None);
    vault.resume(key()).unwrap();
    assert_eq!(count.next_within(LATER).unwrap(), Some(1));
    let mut wrong = vault.live(|now| now.search("Patient?no-such-parameter=1").map(|p| p.total));
    assert_eq!(wrong.next_within(SOON).unwrap_err().code(), "search.unknown_parameter");
}

#[test]
fn a_sync_pauses_when_the_vault_is_suspended_and_the_next_one_goes_on() {
    use crate::sync::{assert_whole, block_on, connected, exported, payer_with, truth};
    let payer = payer_with(300).latency(Duration::from_millis(5)).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path().join("me.vault"), key()).unwrap();
    block_on(async {
        let connection = connected(&vault, &payer, "me").await;
        let mut run = connection.sync(chartkeep_sync::SyncOptions::default()).unwrap();
        while run.next().await.is_some_and(|now| now.done < 30) {}
        let app = vault.clone();
        tokio::task::spawn_blocking(move || app.suspend(LATER)).await.unwrap().unwrap();
        let report = run.report().await;
        let ended = (report.verdict, report.reason);
        assert_eq!(ended, (chartkeep_sync::Verdict::Paused, "vault.suspended"));
        vault.resume(key()).unwrap();
        assert!(vault.info().unwrap().resources >= 30);
        let report = crate::sync::synced(&connection).await;
        assert_eq!((report.verdict, report.reason), (chartkeep_sync::Verdict::Complete, ""));
        assert!(report.counts.new < 304);
        assert_eq!(exported(&vault), truth(&payer, "me"));
        assert_whole(&vault);
    });
}
