//! `connect`, `sync`, `sandbox` and `demo` as a script meets them, and syncs that are killed.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use chartkeep_sandbox::{Fault, FaultKind, Route, Sandbox};
use chartkeep_tests::{say, setting};

use crate::cli_run::Desk;

/// A payer with a small member, where nothing depends on the size.
fn payer() -> Sandbox {
    Sandbox::builder().member_and_another(1, 300).start().unwrap()
}

fn connect(desk: &Desk, payer: &Sandbox) {
    let words = ["connect", &payer.base(), "--client-id", payer.public_client(), "--auto-approve"];
    let ran = desk.run(&[&words[..], &["--connection", "plan", "--json"]].concat()).done();
    let lines = ran.json_lines();
    assert!(lines[0]["authorize"].as_str().unwrap().starts_with(&payer.base()[..20]));
    assert_eq!(
        (&lines[1]["connection"], &lines[1]["state"]),
        (&"plan".into(), &"connected".into())
    );
    assert_eq!(lines[1]["subjects"].as_array().unwrap().len(), 1);
    assert!(!lines[1]["granted"].as_array().unwrap().is_empty());
}

fn lines(bytes: &[u8]) -> BTreeSet<Vec<u8>> {
    bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

fn assert_truth(desk: &Desk, payer: &Sandbox) {
    let patient = payer.patients().remove(0).id;
    let export = desk.run(&["export", "-"]).done();
    assert_eq!(lines(&export.out), lines(&payer.truth(Some(&patient))));
}

#[test]
fn connect_and_sync_bring_the_payers_truth() {
    let (desk, payer) = (Desk::new(), Sandbox::builder().start().unwrap());
    connect(&desk, &payer);
    let first = desk.json(&["sync"]);
    assert_eq!((&first["state"], first.get("reason")), (&"complete".into(), None));
    assert_eq!(first["resources"]["new"], payer.patients()[0].resources as u64);
    assert!(first["requests"].as_u64().unwrap() > 3);
    let second = desk.json(&["sync", "--connection", "plan", "--full"]);
    assert_eq!(
        (&second["resources"]["new"], &second["resources"]["changed"]),
        (&0.into(), &0.into())
    );
    assert_truth(&desk, &payer);
    connect(&desk, &payer);
    assert_eq!(desk.json(&["info"])["connections"], 1);
}

#[test]
fn nothing_that_is_said_holds_a_secret() {
    let (desk, payer) = (Desk::new(), payer());
    let (id, secret) = payer.confidential_client();
    let file = desk.file("secret", format!("{secret}\n").as_bytes());
    let base = payer.base();
    let words = ["connect", &base, "--client-id", id, "--auto-approve", "-v", "-v"];
    let words = [&words[..], &["--client-secret-file", file.to_str().unwrap()]].concat();
    let mut said = Vec::new();
    for ran in [desk.run(&words).done(), desk.run(&["sync", "-v", "-v"]).done()] {
        said.extend(ran.out);
        said.extend(ran.err.into_bytes());
    }
    payer.expire_tokens();
    said.extend(desk.run(&["sync", "-v", "-v", "--json"]).done().out);
    payer.fail(Fault::every(Route::Any, FaultKind::Status(403)));
    said.extend(desk.run(&["sync", "-v", "-v"]).err.into_bytes());
    let said = String::from_utf8(said).unwrap();
    let secrets = payer.secrets();
    assert!(secrets.len() >= 5 && secrets.iter().any(|one| one == secret));
    assert!(secrets.iter().all(|one| !said.contains(one.as_str())), "{said}");
    assert!(said.contains("authorize: ") && said.contains("complete"), "{said}");
}

#[test]
fn a_withdrawn_consent_exits_3_and_says_what_to_do() {
    let (desk, payer) = (Desk::new(), payer());
    connect(&desk, &payer);
    desk.run(&["sync"]).done();
    payer.revoke_consent();
    let ran = desk.run(&["sync", "--json"]);
    assert_eq!((ran.code, &ran.json()["state"]), (Some(3), &"blocked".into()));
    assert!(ran.json()["needs"].as_str().unwrap().contains("log in again"));
    assert!(ran.err.contains("help: log in again"), "{}", ran.err);
    assert_truth(&desk, &payer);
}

#[test]
fn a_connection_that_was_never_logged_in_to_does_not_stand_in_the_way() {
    let (desk, payer) = (Desk::new(), payer());
    let (id, _) = payer.confidential_client();
    let wrong = desk.file("secret", b"not the secret\n");
    let words = ["connect", &payer.base(), "--client-id", id, "--auto-approve", "--quiet"];
    let more = ["--client-secret-file", wrong.to_str().unwrap(), "--connection", "first try"];
    desk.run(&[&words[..], &more[..]].concat()).refused(1, "login.bad_client");
    assert_eq!(desk.run(&["sync"]).code, Some(3));
    connect(&desk, &payer);
    let ran = desk.run(&["sync"]).done();
    assert!(ran.err.contains("first try was never logged in to"), "{}", ran.err);
    assert_truth(&desk, &payer);
}

#[test]
fn what_is_gone_at_the_source_is_counted_and_kept() {
    let (desk, payer) = (Desk::new(), payer());
    connect(&desk, &payer);
    let counts = |words: &[&str]| {
        let report = desk.json(&[&["sync"], words].concat());
        assert_eq!(report["state"], "complete");
        report["resources"].clone()
    };
    assert_eq!(counts(&["--full"])["gone"], 0);
    let found = desk.json(&["search", "Observation?_count=1"])["entry"][0]["resource"].clone();
    let id = found["id"].as_str().unwrap();
    let before = lines(&desk.run(&["export", "-"]).done().out);
    assert!(payer.remove("Observation", id));
    assert_eq!(counts(&["--full"])["gone"], 0, "missing once may be the server's fault");
    payer.advance(Duration::from_secs(24 * 3600));
    let ran = desk.run(&["sync", "--full"]).done();
    let said = String::from_utf8(ran.out).unwrap();
    assert!(said.contains("  1 no longer at the source, kept"), "{said}");
    let again = counts(&["--full"]);
    assert_eq!((&again["gone"], &again["changed"]), (&0.into(), &0.into()));
    assert_eq!(lines(&desk.run(&["export", "-"]).done().out), before);
}

#[test]
fn wrong_uses_say_what_to_do() {
    let (desk, payer) = (Desk::new(), payer());
    let refused = |base: &str, more: &[&str], code: &str| {
        let words = [&["connect", base, "--client-id", "x", "--no-browser"], more].concat();
        desk.run(&words).refused(1, code);
    };
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(&format!("http://{nobody}/fhir"), &[], "http.unreachable");
    refused("not an address", &[], "sync.base_url");
    refused("http://payer.example/fhir", &[], "sync.base_url");
    let elsewhere = payer.base().replace("/fhir", "/page");
    refused(&elsewhere, &[], "sync.not_a_server");
    payer.fail(Fault::every(Route::Discovery, FaultKind::Html200));
    payer.fail(Fault::every(Route::Metadata, FaultKind::Html200));
    refused(&payer.base(), &[], "sync.not_a_server");
    payer.clear_faults();
    let (id, _) = payer.confidential_client();
    let wrong = desk.file("secret", b"not the secret\n");
    let words = ["connect", &payer.base(), "--client-id", id, "--auto-approve", "--quiet"];
    let secret = ["--client-secret-file", wrong.to_str().unwrap()];
    desk.run(&[&words[..], &secret[..]].concat()).refused(1, "login.bad_client");
    desk.run(&["sync", "--connection", "nobody"]).refused(1, "connection.unknown");
    Desk::new().run(&["sync"]).refused(1, "sync.no_connection");
    let spare = desk.file("empty", b"\n");
    let words = ["connect", &payer.base(), "--client-id", id];
    let secret = ["--client-secret-file", spare.to_str().unwrap()];
    desk.run(&[&words[..], &secret[..]].concat()).refused(1, "connect.no_secret");
}

#[test]
fn killed_syncs_go_on_where_they_were() {
    let kills = setting("CHARTKEEP_KILLS", 25);
    let mut members = r#"{"resourceType":"Patient","id":"me"}"#.to_owned();
    // More pages than the runs between the kills can bring.
    for at in 0..kills * 120 {
        members.push_str(&format!(
            "\n{{\"resourceType\":\"Observation\",\"id\":\"o{at}\",\"status\":\"final\",\
             \"code\":{{\"text\":\"step {at}\"}},\"subject\":{{\"reference\":\"Patient/me\"}},\
             \"performer\":[{{\"reference\":\"Practitioner/dr{}\"}}]}}\n\
             {{\"resourceType\":\"Practitioner\",\"id\":\"dr{}\"}}",
            at % 40,
            at % 40
        ));
    }
    let latency = Duration::from_millis(3);
    let payer = Sandbox::builder().resources(members).latency(latency).start().unwrap();
    let desk = Desk::new();
    connect(&desk, &payer);
    let mut dice = setting("CHARTKEEP_SEED", 20_261_125);
    for _ in 0..kills {
        let mut child =
            desk.command(&["sync"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros(5_000 + (dice >> 33) % 60_000));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = desk.json(&["sync"]);
    assert_eq!(last["state"], "complete");
    assert_truth(&desk, &payer);
    desk.run(&["check"]).done();
    // Asked for again: a page that was there and not yet committed when its run was killed, and the one
    // that was being fetched meanwhile. Few kills meet both, many meet none.
    let mut pages: Vec<String> = Vec::new();
    for request in payer.requests() {
        if request.path.contains("$everything") && request.path.contains("ct=") {
            pages.push(request.path);
        }
    }
    let distinct: BTreeSet<&String> = pages.iter().collect();
    let again = pages.len() - distinct.len();
    say(&format!("{kills} kills, {again} pages of {} asked for again", distinct.len()));
    assert!(again as u64 <= 2 * kills, "{again} pages asked for again in {kills} kills");
}

#[test]
fn the_sandbox_serves_until_stdin_closes() {
    let desk = Desk::empty();
    let mut child = desk
        .bare()
        .args(["sandbox", "--until-stdin-closes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut base = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
    assert!(base.starts_with("http://127.0.0.1:"), "{base}");
    let vault = Desk::new();
    let words =
        ["connect", base.trim(), "--client-id", "chartkeep-sandbox-public", "--auto-approve"];
    vault.run(&words).done();
    assert_eq!(vault.json(&["sync"])["state"], "complete");
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    Desk::empty().run(&["sandbox", "--profile", "odd"]).refused(2, "usage.profile");
}

#[test]
fn the_demo_shows_the_whole_and_cleans_up() {
    let desk = Desk::empty();
    let before = desk.contents();
    let ran = desk.run(&["demo"]).done();
    let text = ran.text();
    for part in ["at a glance", "Claims", "offline", "Sizes", "Try next"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let last: Vec<&str> = text.lines().rev().take(3).collect();
    assert!(last.iter().all(|line| line.starts_with("chartkeep ")), "{last:?}");
    assert_eq!(desk.contents(), before);
    let kept = desk.path("kept");
    let text = desk.run(&["demo", "--keep", kept.to_str().unwrap()]).done();
    let last = text.text().lines().last().unwrap().replace("chartkeep ", "").replace('\'', "");
    let words: Vec<&str> = last.split(' ').collect();
    assert!(desk.bare().args(words).output().unwrap().status.success());
    desk.run(&["demo", "--keep", kept.to_str().unwrap()]).refused(1, "path.exists");
}
