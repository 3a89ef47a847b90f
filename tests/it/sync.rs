//! Whole syncs against the sandbox payer: its truth byte for byte, whatever goes wrong on the way.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use chartkeep::{NeededAction, Unlock, Vault};
use chartkeep_sandbox::{
    Fault, FaultKind, Nth, Route, Sandbox, SandboxBuilder, SandboxError, Since, Switches,
};
use chartkeep_sync::{
    Brand, Client, Connection, LoopbackListener, Registration, RunBudget, RunReport, SyncOptions,
    Verdict,
};
use chartkeep_tests::{files, pack, say, setting};

/// A runtime as an app on a phone has it.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub(crate) async fn connected(vault: &Vault, payer: &Sandbox, patient: &str) -> Connection {
    let client = Client::new(vault).unwrap();
    let listener = LoopbackListener::bind(0).await.unwrap();
    let registration = Registration::new(Brand::at(&payer.base()), payer.public_client())
        .redirect_uri(&listener.redirect_uri());
    let connection = client.connect(registration).await.unwrap();
    let request = connection.begin_authorization().await.unwrap();
    let callback = payer.approve_as(&request.url, patient).unwrap();
    client.finish_authorization(&callback).await.unwrap()
}

pub(crate) async fn synced(connection: &Connection) -> RunReport {
    connection.sync(SyncOptions::default()).unwrap().report().await
}

fn lines(bytes: &[u8]) -> BTreeSet<Vec<u8>> {
    bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

/// What the vault has, line breaks between tokens as spaces, as the truth has them.
pub(crate) fn exported(vault: &Vault) -> BTreeSet<Vec<u8>> {
    let mut all = BTreeSet::new();
    vault
        .export(false, |one| {
            let line =
                one.bytes().iter().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { *b });
            all.insert(line.collect());
            Ok(())
        })
        .unwrap();
    all
}

pub(crate) fn truth(payer: &Sandbox, patient: &str) -> BTreeSet<Vec<u8>> {
    lines(&payer.truth(Some(patient)))
}

pub(crate) fn assert_whole(vault: &Vault) {
    let problems = vault.check(&chartkeep::CancelToken::new(), |_| {}).unwrap().problems;
    assert!(problems.is_empty(), "{problems:?}");
}

/// A member with `count` observations.
fn member(count: usize) -> Vec<u8> {
    let mut all =
        r#"{"resourceType":"Patient","id":"me","name":[{"family":"Invented"}]}"#.to_owned();
    for at in 0..count {
        all.push_str(&format!(
            "\n{{\"resourceType\":\"Observation\",\"id\":\"o{at}\",\"status\":\"final\",\
             \"code\":{{\"text\":\"step {at}\"}},\"subject\":{{\"reference\":\"Patient/me\"}},\
             \"performer\":[{{\"reference\":\"Practitioner/dr{}\"}}]}}",
            at % 3
        ));
    }
    for at in 0..3 {
        all.push_str(&format!("\n{{\"resourceType\":\"Practitioner\",\"id\":\"dr{at}\"}}"));
    }
    all.into_bytes()
}

pub(crate) fn payer_with(count: usize) -> SandboxBuilder {
    Sandbox::builder().resources(member(count))
}

#[test]
fn a_sync_brings_the_payers_truth_and_the_next_changes_nothing() {
    let payer = Sandbox::builder().start().unwrap();
    for patient in payer.patients() {
        block_on(async {
            let vault = Vault::in_memory();
            let connection = connected(&vault, &payer, &patient.id).await;
            let report = synced(&connection).await;
            assert_eq!((report.verdict, report.reason), (Verdict::Complete, ""));
            assert_eq!(exported(&vault), truth(&payer, &patient.id));
            assert_eq!(report.counts.new, patient.resources as u64);
            let changes = vault.changes(0, 100_000).unwrap().cursor;
            for full in [false, true] {
                let options = SyncOptions { full, ..SyncOptions::default() };
                let again = connection.sync(options).unwrap().report().await;
                assert_eq!(again.verdict, Verdict::Complete);
                assert_eq!((again.counts.new, again.counts.changed), (0, 0));
            }
            assert_eq!(vault.changes(0, 100_000).unwrap().cursor, changes);
            assert!(!connection.ledger(0, 10).unwrap().is_empty());
            assert_whole(&vault);
        });
    }
    assert!(payer.leaks().is_empty());
}

#[test]
fn published_members_come_byte_for_byte() {
    let Some(pack) = pack() else { return };
    let patients = pack.join("patients");
    let mut sources: Vec<std::path::PathBuf> = Vec::new();
    for folder in ["synthea-3x-uscore", "synthea-2021-hiv-uscore"] {
        sources.extend(files(&patients.join(folder)));
    }
    sources.push(patients.join("us-core"));
    for folder in std::fs::read_dir(patients.join("payer")).unwrap() {
        sources.push(folder.unwrap().path());
    }
    sources.push(patients.join("composite/composite-23k.ndjson.gz"));
    let (mut members, mut resources) = (0, 0);
    for source in sources {
        let started = Sandbox::builder().data(&source).page_size(100).start();
        let payer = match started {
            Ok(payer) => payer,
            // Samples of single types.
            Err(SandboxError::NoPatient) => {
                say(&format!("no member in {}", source.display()));
                continue;
            }
            Err(error) => panic!("{error}: {}", source.display()),
        };
        for patient in payer.patients() {
            resources += block_on(one_member(&payer, &patient.id, &source));
            members += 1;
        }
    }
    say(&format!("{members} members synced, {resources} resources"));
    assert!(members >= 25 && resources >= 30_000);
}

async fn one_member(payer: &Sandbox, patient: &str, source: &Path) -> usize {
    let vault = Vault::in_memory();
    let connection = connected(&vault, payer, patient).await;
    let report = synced(&connection).await;
    let place = source.display();
    assert_eq!((report.verdict, report.reason), (Verdict::Complete, ""), "{place}");
    let (have, want) = (exported(&vault), truth(payer, patient));
    let lost = want.difference(&have).count();
    let extra = have.difference(&want).count();
    assert_eq!((lost, extra), (0, 0), "{place}: {} of {}", have.len(), want.len());
    let changes = vault.changes(0, usize::MAX).unwrap().cursor;
    let full = SyncOptions { full: true, ..SyncOptions::default() };
    let again = connection.sync(full).unwrap().report().await;
    assert_eq!((again.verdict, again.counts.new), (Verdict::Complete, 0), "{place}");
    assert_eq!(vault.changes(0, usize::MAX).unwrap().cursor, changes, "{place}");
    want.len()
}

/// Kinds of faults that pass when the same page is asked for again.
fn passing() -> Vec<FaultKind> {
    vec![
        FaultKind::Status(503),
        FaultKind::RetryAfter { status: 429, seconds: 0 },
        FaultKind::Reset,
        FaultKind::LoseResponse,
        FaultKind::Truncate(100),
        FaultKind::SlowDrip,
        FaultKind::WrongLength,
        FaultKind::ExpiredToken,
        FaultKind::DuplicatePage,
        FaultKind::Html200,
        FaultKind::Bom,
        FaultKind::WrongContentType,
        FaultKind::OutcomeEntries,
        FaultKind::BadJson,
        FaultKind::ReorderedPage,
        FaultKind::CursorGone(410),
    ]
}

#[test]
fn each_fault_at_each_page_ends_in_the_truth() {
    const PAGES: u64 = 20;
    block_on(async {
        let mut all = tokio::task::JoinSet::new();
        for kind in passing() {
            for page in 1..=PAGES {
                let kind = kind.clone();
                all.spawn(async move {
                    let payer = payer_with(180).start().unwrap();
                    let vault = Vault::in_memory();
                    let connection = connected(&vault, &payer, "me").await;
                    payer.fail(Fault::once(Route::Everything, page, kind.clone()));
                    let report = synced(&connection).await;
                    assert_eq!(report.verdict, Verdict::Complete, "{kind:?} at {page}: {report:?}");
                    assert_eq!(exported(&vault), truth(&payer, "me"), "{kind:?} at {page}");
                });
                if all.len() >= 24 {
                    all.join_next().await.unwrap().unwrap();
                }
            }
        }
        while let Some(done) = all.join_next().await {
            done.unwrap();
        }
    });
}

/// Addresses that end in `path` and lead elsewhere, or out of the base, or nowhere.
fn hostile(payer: &Sandbox, path: &str) -> Vec<String> {
    let (attacker, base) = (payer.attacker(), payer.base());
    let authority = attacker.strip_prefix("http://").unwrap();
    let port = authority.split(':').nth(1).unwrap();
    let own = base.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let all = vec![
        format!("{attacker}{path}"),
        format!("//{authority}{path}"),
        format!("///{authority}{path}"),
        format!("/\\{authority}{path}"),
        format!("\\\\{authority}{path}"),
        format!("http:\\\\{authority}{path}"),
        format!("http:/{authority}{path}"),
        format!("http:{authority}{path}"),
        format!("http://{own}@{authority}{path}"),
        format!("http://{own}:x@{authority}{path}"),
        format!("http://{authority}\\@{own}{path}"),
        format!("http://{authority}#@{own}{path}"),
        format!("http://{authority}?@{own}{path}"),
        format!("http://{own}.{authority}{path}"),
        format!("http://127.1:{}{path}", port),
        format!("http://0x7f000001:{}{path}", port),
        format!("http://2130706433:{}{path}", port),
        format!("http://[::ffff:127.0.0.1]:{}{path}", port),
        format!("http://[::1]:{}{path}", port),
        format!("http://localhost:{}{path}", port),
        format!("http://localhost.:{}{path}", port),
        format!("http://127.0.0.1.:{}{path}", port),
        format!("https://{authority}{path}"),
        format!("HTTP://{authority}{path}"),
        format!(" {attacker}{path}"),
        format!("\t{attacker}{path}"),
        format!("ht\ntp://{authority}{path}"),
        format!("ftp://{authority}{path}"),
        format!("ws://{authority}{path}"),
        format!("file://{authority}{path}"),
        "javascript:1".to_owned(),
        "data:application/json,{}".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        format!("http://{own}/other{path}"),
        format!("http://{own}/interop/external/fhir/../../../admin"),
        format!("http://{own}/interop/external/fhir/%2e%2e/%2e%2e/admin"),
        format!("http://{own}/interop/external/fhirevil/Patient"),
        "../../../admin".to_owned(),
        "?ct=1".to_owned(),
        "#x".to_owned(),
        format!("http://user@{own}{path}"),
        format!("http://{own}%2f@{authority}{path}"),
    ];
    assert!(all.len() >= 40);
    all
}

#[test]
fn no_token_follows_a_link_elsewhere() {
    let payer = payer_with(30).start().unwrap();
    let hostile = hostile(&payer, "/interop/external/fhir/Patient/me/$everything?ct=1");
    block_on(async {
        for link in &hostile {
            payer.clear_faults();
            payer.fail(Fault::once(Route::Everything, 2, FaultKind::NextLink(link.clone())));
            let vault = Vault::in_memory();
            let connection = connected(&vault, &payer, "me").await;
            let report = synced(&connection).await;
            assert_ne!(report.verdict, Verdict::Complete, "{link}");
            // What the link hid came type by type.
            assert_eq!(exported(&vault), truth(&payer, "me"), "{link}");
        }
    });
    block_on(async {
        for link in &hostile {
            payer.clear_faults();
            payer.fail(Fault::every(Route::Everything, FaultKind::Redirect(302, link.clone())));
            payer.fail(Fault::every(Route::Read, FaultKind::Redirect(307, link.clone())));
            let vault = Vault::in_memory();
            let connection = connected(&vault, &payer, "me").await;
            assert_eq!(synced(&connection).await.verdict, Verdict::Blocked, "{link}");
        }
    });
    assert_eq!(payer.leaks().len(), 0);
    assert_eq!(payer.attacker_requests().len(), 0);
}

#[test]
fn no_token_follows_a_reference_elsewhere() {
    let payer = payer_with(0).start().unwrap();
    let refer = |path: &str, wrap: &dyn Fn(&str) -> String| {
        let all: Vec<String> = hostile(&payer, path)
            .iter()
            .map(|address| wrap(&serde_json::to_string(address).unwrap()))
            .collect();
        all.join(",")
    };
    let references = refer("/interop/external/fhir/Practitioner/1", &|address| {
        format!(r#"{{"reference":{address}}}"#)
    });
    let documents = refer("/interop/external/fhir/Binary/1", &|address| {
        format!(r#"{{"attachment":{{"contentType":"text/plain","url":{address}}}}}"#)
    });
    let about = r#""status":"current","subject":{"reference":"Patient/me"}"#;
    let traps = r#"{"reference":"Practitioner/../../../x"},{"reference":"Practitioner/.."},{"reference":"Binary/%2e%2e"}"#;
    for evil in [
        format!(
            r#"{{"resourceType":"Observation","id":"evil",{about},"performer":[{references},{traps}]}}"#
        ),
        format!(
            r#"{{"resourceType":"DocumentReference","id":"evil",{about},"content":[{documents}]}}"#
        ),
    ] {
        payer.replace(evil).unwrap();
    }
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        payer.clear_log();
        assert_eq!(synced(&connection).await.verdict, Verdict::Complete);
        assert_eq!(exported(&vault), truth(&payer, "me"));
    });
    assert_eq!((payer.leaks().len(), payer.attacker_requests().len()), (0, 0));
    // What does lead to the payer by its own name is asked for there, and nothing else.
    for request in payer.requests() {
        let path = request.path.strip_prefix("/interop/external/fhir/").unwrap_or("elsewhere");
        let expected = ["Patient/me", "Practitioner/1", "Binary/1", "metadata"];
        let everything = path.starts_with("Patient/me/$everything");
        assert!(everything || expected.contains(&path), "{}", request.path);
    }
}

#[test]
fn another_persons_data_is_quarantined() {
    let payer = payer_with(5).start().unwrap();
    let other =
        r#"{"resourceType":"Condition","id":"theirs","subject":{"reference":"Patient/other"}}"#;
    payer.fail(Fault::every(Route::Everything, FaultKind::ExtraEntry(other.to_owned())));
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        let report = synced(&connection).await;
        assert!(report.quarantined > 0);
        assert_eq!(exported(&vault), truth(&payer, "me"));
        assert_eq!(vault.search("Condition").unwrap().total, 0);
        assert_eq!(vault.info().unwrap().quarantined, 1);
    });
}

#[test]
fn where_everything_is_refused_types_are_asked_one_by_one() {
    let payer =
        payer_with(250).switches(Switches::profile("search-only").unwrap()).start().unwrap();
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        let report = synced(&connection).await;
        assert_eq!((report.verdict, report.reason), (Verdict::Complete, ""));
        assert_eq!(exported(&vault), truth(&payer, "me"));
    });
}

#[test]
fn a_run_that_was_cut_off_goes_on_where_it_was() {
    let kills = setting("CHARTKEEP_CUTS", 40);
    let folder = tempfile::tempdir().unwrap();
    let payer = payer_with(200).latency(Duration::from_millis(1)).start().unwrap();
    let path = folder.path().join("me.vault");
    block_on(async {
        let vault = Vault::create(&path, Unlock::key([5; 32])).unwrap();
        connected(&vault, &payer, "me").await;
    });
    for cut in 0..kills {
        // Dropping the runtime ends the run wherever it is.
        let vault = Vault::open(&path, Unlock::key([5; 32])).unwrap();
        let before = payer.requests().len();
        block_on(async {
            let client = Client::new(&vault).unwrap();
            let connection = client.connections().unwrap().remove(0);
            let run = connection.sync(SyncOptions::default()).unwrap();
            let short = Duration::from_micros(2_000 + cut * 977 % 9_000);
            let _ = tokio::time::timeout(short, run.report()).await;
        });
        assert!(payer.requests().len() - before < 40);
        drop(vault);
    }
    let vault = Vault::open(&path, Unlock::key([5; 32])).unwrap();
    block_on(async {
        let connection = Client::new(&vault).unwrap().connections().unwrap().remove(0);
        assert_eq!(synced(&connection).await.verdict, Verdict::Complete);
    });
    assert_eq!(exported(&vault), truth(&payer, "me"));
    let kinds = vault.changes(0, 10_000).unwrap().changes;
    assert!(kinds.iter().all(|change| change.kind == chartkeep::ChangeKind::New));
    assert_whole(&vault);
}

#[test]
fn what_is_missing_and_the_end_of_its_cycle_are_one_commit() {
    let payer = payer_with(60).start().unwrap();
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        synced(&connection).await;
        let (before, asked) = (vault.info().unwrap().counter, connection.ledger(0, 1_000).unwrap());
        let full = SyncOptions { full: true, ..SyncOptions::default() };
        assert_eq!(connection.sync(full).unwrap().report().await.verdict, Verdict::Complete);
        let last = asked.last().unwrap().0;
        let asked = connection.ledger(last, 1_000).unwrap();
        let pages = asked.iter().filter(|(_, entry)| entry.request.ends_with("$everything"));
        // One to begin, one for each page, one to compare and end.
        assert_eq!(vault.info().unwrap().counter - before, pages.count() as u64 + 2);
    });
}

#[test]
fn a_budget_pauses_and_the_next_run_ends_it() {
    let payer = payer_with(300).latency(Duration::from_millis(60)).start().unwrap();
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        let budget = RunBudget { seconds: Some(1), bytes: None };
        let began = std::time::Instant::now();
        let run = connection.sync(SyncOptions { budget, ..SyncOptions::default() }).unwrap();
        let report = run.report().await;
        assert_eq!((report.verdict, report.reason), (Verdict::Paused, "sync.budget"));
        assert!(report.counts.new > 0 && began.elapsed() < Duration::from_secs(4));
        let budget = RunBudget { seconds: None, bytes: Some(1_000) };
        let run = connection.sync(SyncOptions { budget, ..SyncOptions::default() }).unwrap();
        assert_eq!(run.report().await.verdict, Verdict::Paused);
        let run = connection.sync(SyncOptions::default()).unwrap();
        run.cancel();
        assert_eq!(run.report().await.reason, "call.cancelled");
        assert_eq!(synced(&connection).await.verdict, Verdict::Complete);
        assert_eq!(exported(&vault), truth(&payer, "me"));
    });
}

#[test]
fn a_payer_that_asks_to_wait_is_left_alone() {
    let payer = payer_with(5).start().unwrap();
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        let date = payer.http_date(Duration::from_secs(2));
        let kind = FaultKind::RetryAfterDate { status: 503, date };
        payer.fail(Fault::once(Route::Everything, 1, kind));
        let began = std::time::Instant::now();
        assert_eq!(synced(&connection).await.verdict, Verdict::Complete);
        assert!(began.elapsed() >= Duration::from_millis(900));

        let hours = FaultKind::RetryAfter { status: 429, seconds: 7_200 };
        payer.fail(Fault { route: Route::Any, nth: Nth::Every, kind: hours });
        let report = synced(&connection).await;
        assert_eq!((report.verdict, report.reason), (Verdict::Blocked, "sync.not_before"));
        assert!(matches!(report.needs, Some(NeededAction::TryLater { .. })));
        let asked = payer.requests().len();
        assert_eq!(synced(&connection).await.verdict, Verdict::Blocked);
        assert!(payer.requests().len() <= asked + 1);
    });
}

#[test]
fn a_payer_that_only_fails_is_given_up() {
    let payer = payer_with(5).start().unwrap();
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        payer.fail(Fault::every(Route::Any, FaultKind::Status(500)));
        let (began, asked) = (std::time::Instant::now(), payer.requests().len());
        let report = synced(&connection).await;
        assert_eq!((report.verdict, report.reason), (Verdict::Blocked, "sync.outage"));
        assert!(began.elapsed() < Duration::from_secs(60));
        assert!(payer.requests().len() - asked <= 40);
    });
}

#[test]
fn an_answer_without_measure_ends_the_run_and_loses_nothing() {
    let payer = payer_with(15).start().unwrap();
    block_on(async {
        for kind in [FaultKind::HugeBody(100 << 20), FaultKind::GzipBomb] {
            let vault = Vault::in_memory();
            let connection = connected(&vault, &payer, "me").await;
            payer.fail(Fault::once(Route::Everything, 2, kind));
            let report = synced(&connection).await;
            assert_eq!((report.verdict, report.reason), (Verdict::Blocked, "http.too_large"));
            assert_eq!(synced(&connection).await.verdict, Verdict::Complete);
            assert_eq!(exported(&vault), truth(&payer, "me"));
        }
    });
}

#[test]
fn withdrawn_consent_is_never_complete_and_loses_nothing() {
    let payer = payer_with(5).start().unwrap();
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        synced(&connection).await;
        let before = exported(&vault);
        payer.set_switches(|switches| switches.empty_account = true);
        let full = SyncOptions { full: true, ..SyncOptions::default() };
        let empty = connection.sync(full).unwrap().report().await;
        assert_ne!(empty.verdict, Verdict::Complete);
        payer.set_switches(|switches| switches.empty_account = false);
        payer.revoke_consent();
        let report = synced(&connection).await;
        assert_eq!(report.verdict, Verdict::Blocked);
        assert!(matches!(report.needs, Some(NeededAction::NeedsAuthorization { .. })));
        assert_eq!(exported(&vault), before);
    });
}

#[test]
fn what_changed_comes_and_what_is_gone_is_marked_after_two_days() {
    let payer = payer_with(30).start().unwrap();
    let hours = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
    let clock = {
        let hours = std::sync::Arc::clone(&hours);
        let system = chartkeep::Clock::system();
        chartkeep::Clock::from_fn(move || {
            system.now_ms() + hours.load(std::sync::atomic::Ordering::SeqCst) * 3_600_000
        })
    };
    let wait = |more: i64| {
        hours.fetch_add(more, std::sync::atomic::Ordering::SeqCst);
        payer.advance(Duration::from_secs(more.unsigned_abs() * 3_600));
    };
    block_on(async {
        let vault = Vault::options().clock(clock.clone()).in_memory().unwrap();
        let connection = connected(&vault, &payer, "me").await;
        synced(&connection).await;
        let changed = r#"{"resourceType":"Observation","id":"o1","status":"amended","code":{"text":"new"},"subject":{"reference":"Patient/me"}}"#;
        payer.replace(changed).unwrap();
        let report = synced(&connection).await;
        assert_eq!((report.verdict, report.counts.changed), (Verdict::Complete, 1));
        assert!(payer.remove("Observation", "o7"));
        let full = SyncOptions { full: true, ..SyncOptions::default() };
        let gone = |vault: &Vault| {
            let all = vault.search("Observation?_id=o7").unwrap();
            all.resources[0].is_gone()
        };
        for (after, marked) in [(0, false), (2, false), (30, true)] {
            wait(after);
            let report = connection.sync(full).unwrap().report().await;
            assert_eq!(report.verdict, Verdict::Complete, "{report:?}");
            assert_eq!(gone(&vault), marked, "after {after} h");
        }
        let since = payer.requests().iter().any(|request| request.path.contains("_since="));
        assert!(since && payer.switches().since == Since::Honoured);
    });
}

#[test]
fn no_secret_lies_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let payer = payer_with(20).start().unwrap();
    block_on(async {
        let vault = Vault::create(folder.path().join("me.vault"), Unlock::key([5; 32])).unwrap();
        let connection = connected(&vault, &payer, "me").await;
        synced(&connection).await;
        payer.expire_tokens();
        synced(&connection).await;
    });
    let secrets = payer.secrets();
    assert!(secrets.len() >= 4);
    let mut control = secrets.join("\n").into_bytes();
    let hits = |bytes: &[u8]| {
        secrets.iter().filter(|s| bytes.windows(s.len()).any(|w| w == s.as_bytes())).count()
    };
    assert_eq!(hits(&control), secrets.len());
    control.clear();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        assert_eq!(hits(&std::fs::read(file.unwrap().path()).unwrap()), 0);
    }
}
