//! The rules that hold for every command: streams, exit codes, keys, refusals, what is never said.

use std::fs;
use std::io::{Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use chartkeep::{Unlock, Vault};
use serde_json::Value;

use crate::cli_run::{Desk, Ran};

const COMMANDS: [&str; 11] = [
    "init",
    "info",
    "import",
    "show",
    "export",
    "search",
    "find",
    "check",
    "compact",
    "completions",
    "man",
];
const PATIENT: &str = r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Rivera"}]}"#;

#[test]
fn version_names_program_version_and_format() {
    let desk = Desk::new();
    let version = Ran::of(desk.bare().arg("--version")).done();
    let format = desk.json(&["info"])["format"].as_str().unwrap().to_owned();
    let name = format!("chartkeep {}", env!("CARGO_PKG_VERSION"));
    assert!(version.text().starts_with(&name), "{}", version.text());
    assert!(version.text().contains(&format), "{}", version.text());
    let json = Ran::of(desk.bare().args(["--version", "--json"])).done().json();
    assert_eq!(json["format"], format.as_str());
}

#[test]
fn help_has_two_lines_of_purpose_the_defaults_and_an_example() {
    let desk = Desk::empty();
    let main = Ran::of(desk.bare().arg("--help")).done();
    for command in COMMANDS {
        let mut lines = main.text().lines();
        assert!(lines.any(|line| line.starts_with(&format!("  {command} "))), "{command}");
        let help = Ran::of(desk.bare().args([command, "--help"])).done();
        assert!(help.err.is_empty());
        let text = help.text();
        assert_eq!(text.lines().position(str::is_empty), Some(2), "{text}");
        assert!(text.contains("\nExample:\n  chartkeep "), "{text}");
        assert!(text.contains("CHARTKEEP_VAULT") && text.contains("[default: auto]"), "{text}");
    }
    assert!(Ran::of(desk.bare().args(["find", "--help"])).text().contains("[default: 20]"));
}

#[test]
fn wrong_uses_exit_2_and_say_what_is_wrong() {
    let desk = Desk::empty();
    let before = desk.contents();
    let bare = |words: &[&str]| Ran::of(desk.bare().args(words));
    assert_eq!(bare(&[]).code, Some(2));
    bare(&["info"]).refused(2, "usage.no_vault");
    bare(&["frobnicate"]).refused(2, "usage.unknown_command");
    bare(&["info", "--frobnicate"]).refused(2, "usage.unknown_argument");
    bare(&["info", "--color", "blue"]).refused(2, "usage.invalid_value");
    desk.run(&["import"]).refused(2, "usage.missing");
    desk.run(&["search"]).refused(2, "usage.missing");
    desk.run(&["search", "Patient?", "--batch"]).refused(2, "usage.conflict");
    desk.run(&["show", "Patient"]).refused(2, "usage.invalid_value");
    desk.run(&["show", "/p1"]).refused(2, "usage.invalid_value");
    desk.run(&["find", "x", "--limit", "many"]).refused(2, "usage.invalid_value");
    desk.run(&["init", "--zone", "Mars"]).refused(2, "call.invalid");
    desk.run(&["info", "--passphrase-file", "x"]).refused(2, "usage.conflict");
    let json = bare(&["info", "--json"]).refused(2, "usage.no_vault").json();
    assert_eq!(json["error"]["action"], "InvalidCall");
    assert_eq!(json["error"]["argument"], "--vault");
    let json = bare(&["--json", "serach", "x"]).refused(2, "usage.unknown_command");
    assert!(json.err.contains("search"));
    json.json();
    assert_eq!(desk.contents(), before);
}

#[test]
fn global_options_stand_on_either_side_and_the_vault_comes_from_the_environment() {
    let desk = Desk::new();
    let (vault, key) = (desk.vault.to_str().unwrap(), desk.key.to_str().unwrap());
    let orders: [&[&str]; 3] = [
        &["--json", "--vault", vault, "--key-file", key, "info"],
        &["info", "--key-file", key, "--vault", vault, "--json"],
        &["--vault", vault, "info", "--json", "--key-file", key],
    ];
    for order in orders {
        assert_eq!(Ran::of(desk.bare().args(order)).done().json()["resources"], 0);
    }
    let mut command = desk.bare();
    command.env("CHARTKEEP_VAULT", vault).args(["info", "--key-file", key]);
    Ran::of(&mut command).done();
    let mut command = desk.bare();
    command.env("CHARTKEEP_VAULT", "").args(["info", "--key-file", key]);
    Ran::of(&mut command).refused(2, "usage.no_vault");
}

#[test]
fn without_key_and_terminal_it_never_waits() {
    let desk = Desk::new();
    for input in [Stdio::null(), Stdio::piped()] {
        let started = Instant::now();
        let mut command = desk.bare();
        command.arg("--vault").arg(&desk.vault).args(["info", "--json"]);
        let child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        // The child's stdin stays open while it runs.
        let mut child = child.unwrap();
        let (mut out, mut err) = (Vec::new(), String::new());
        child.stdout.take().unwrap().read_to_end(&mut out).unwrap();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let code = child.wait().unwrap().code();
        let json = Ran { code, out, err }.refused(2, "usage.no_key").json();
        assert_eq!(json["error"]["action"], "NeedsUnlock");
        assert!(started.elapsed() < Duration::from_secs(4));
    }
}

#[test]
fn key_files_in_each_form_open_the_same_vault() {
    let desk = Desk::new();
    let forms: [Vec<u8>; 4] = [
        vec![7; 32],
        "07".repeat(32).into_bytes(),
        format!("{}\r\n", "07".repeat(32)).into_bytes(),
        format!("{}\n", "07".repeat(32)).into_bytes(),
    ];
    for form in forms {
        let key = desk.file("other key", &form);
        let mut command = desk.bare();
        command.arg("--vault").arg(&desk.vault).arg("--key-file").arg(key).arg("info");
        Ran::of(&mut command).done();
    }
    for form in [&[7; 31][..], b"", b"not hex"] {
        let key = desk.file("other key", form);
        let mut command = desk.bare();
        command.arg("--vault").arg(&desk.vault).arg("--key-file").arg(key).arg("info");
        Ran::of(&mut command).refused(1, "unlock.invalid_key_file");
    }
    let mut command = desk.bare();
    command.arg("--vault").arg(&desk.vault).args(["--key-file", "absent", "info"]);
    Ran::of(&mut command).refused(1, "io.failed");
}

#[test]
fn a_passphrase_is_the_first_line_of_its_file() {
    let desk = Desk::empty();
    let with = |name: &str, text: &str, word: &str| {
        let file = desk.file(name, text.as_bytes());
        let mut command = desk.bare();
        command.arg("--vault").arg(&desk.vault).arg("--passphrase-file").arg(file).arg(word);
        Ran::of(&mut command)
    };
    with("a", "", "init").refused(1, "unlock.invalid_passphrase");
    assert!(!desk.vault.exists());
    with("a", "two words \nnot this\n", "init").done();
    with("b", "two words \r\n", "info").done();
    let before = desk.contents();
    let wrong = with("a", "two words \nnot this\n", "info").done();
    assert!(wrong.err.is_empty(), "{}", wrong.err);
    with("c", "two words", "info").refused(1, "vault.wrong_key");
    let vault = |contents: &[(std::path::PathBuf, Vec<u8>)]| {
        contents.iter().find(|(path, _)| *path == desk.vault).map(|(_, bytes)| bytes.clone())
    };
    // A clean session may have been written in between; the refusal itself wrote nothing.
    let after = desk.contents();
    with("c", "two words", "info").refused(1, "vault.wrong_key");
    assert_eq!(vault(&after), vault(&desk.contents()));
    assert_eq!(before.len() + 1, after.len());
}

#[test]
fn refusals_before_unlocking_leave_every_byte() {
    let desk = Desk::new();
    let key = desk.file("wrong key", &[8; 32]);
    let text = desk.file("text", PATIENT.as_bytes());
    let short = desk.file("short", &fs::read(&desk.vault).unwrap()[..100]);
    let link = desk.path("link");
    std::os::unix::fs::symlink(&desk.vault, &link).unwrap();
    let dangling = desk.path("dangling");
    std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
    let before = desk.contents();
    let at = |path: &std::path::Path, key: &std::path::Path, word: &str| {
        let mut command = desk.bare();
        command.arg("--vault").arg(path).arg("--key-file").arg(key).args([word, "--json"]);
        Ran::of(&mut command)
    };
    let wrong = at(&desk.vault, &key, "info").refused(1, "vault.wrong_key").json();
    assert_eq!(wrong["error"]["action"], "NeedsUnlock");
    assert!(!wrong["error"]["advice"].as_str().unwrap().is_empty());
    let not = at(&text, &desk.key, "check").refused(1, "vault.not_a_vault").json();
    assert_eq!(not["error"]["action"], "NeedsRestore");
    assert_eq!(at(&short, &desk.key, "info").code, Some(1));
    at(&desk.path("absent"), &desk.key, "info").refused(1, "vault.not_found");
    at(desk.folder.path(), &desk.key, "info").refused(1, "vault.not_a_file");
    at(&desk.path("absent/me.vault"), &desk.key, "init").refused(1, "io.failed");
    for path in [&desk.vault, &text, &link, &dangling, &desk.folder.path().to_owned()] {
        let json = at(path, &desk.key, "init").refused(1, "vault.exists").json();
        assert_eq!(json["error"]["action"], "InvalidCall");
    }
    let out = text.to_str().unwrap();
    desk.run(&["export", out]).refused(1, "path.exists");
    desk.run(&["export", dangling.to_str().unwrap()]).refused(1, "path.exists");
    assert_eq!(desk.contents(), before);
}

#[test]
fn new_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with(&[("p.json", PATIENT)]);
    let out = desk.path("out.ndjson");
    desk.run(&["export", out.to_str().unwrap()]).done();
    for path in [&desk.vault, &out] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let names: Vec<_> = desk.contents().into_iter().map(|(path, _)| path).collect();
    assert_eq!(names, ["key", "me.vault", "out.ndjson", "p.json"].map(|name| desk.path(name)));
}

#[test]
fn a_vault_in_use_is_waited_for_and_then_refused() {
    let desk = Desk::new();
    let held = Vault::open(&desk.vault, Unlock::key([7; 32])).unwrap();
    let started = Instant::now();
    let json = desk.run(&["info", "--json"]).refused(1, "vault.in_use").json();
    assert_eq!(json["error"]["action"], "TryLater");
    let waited = started.elapsed();
    assert!(waited >= Duration::from_secs(5) && waited < Duration::from_secs(10), "{waited:?}");
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        drop(held);
    });
    desk.run(&["info"]).done();
    release.join().unwrap();
}

#[test]
fn json_is_one_value_and_quiet_is_quiet() {
    let desk = Desk::with(&[("p.json", PATIENT)]);
    let out = desk.path("out").to_str().unwrap().to_owned();
    let file = desk.path("p.json").to_str().unwrap().to_owned();
    let lines: [&[&str]; 9] = [
        &["info"],
        &["import", &file],
        &["show", "Patient/p1"],
        &["export", &out],
        &["search", "Patient?"],
        &["find", "Rivera"],
        &["check"],
        &["compact"],
        &["compact", "--deep"],
    ];
    for line in lines {
        let ran = desk.run(&[line, &["--json", "--quiet"]].concat()).done();
        ran.json();
        assert_eq!(ran.err, "", "{line:?}");
        assert!(!ran.text().contains('\x1b'));
    }
}

#[test]
fn colour_needs_a_terminal_or_a_word() {
    let desk = Desk::with(&[("p.json", PATIENT)]);
    let lines: [&[&str]; 4] =
        [&["search", "Patient?"], &["show", "Patient/p1"], &["find", "Rivera"], &["info"]];
    for line in lines {
        let escapes =
            |words: &[&str]| desk.run(&[line, words].concat()).done().text().contains('\x1b');
        assert!(!escapes(&[]), "{line:?}");
        assert!(!escapes(&["--color", "never"]), "{line:?}");
        assert!(escapes(&["--color", "always"]), "{line:?}");
        assert!(!escapes(&["--color", "always", "--json"]), "{line:?}");
        let mut command = desk.command(line);
        assert!(!Ran::of(command.env("NO_COLOR", "1")).text().contains('\x1b'));
    }
    let failed = desk.run(&["show", "Patient/none", "--color", "always"]);
    assert!(failed.err.starts_with("\x1b["), "{}", failed.err);
    desk.run(&["show", "Patient/none"]).refused(1, "resource.not_found");
}

#[test]
fn a_broken_pipe_ends_quietly() {
    let many: String = (0..3_000)
        .map(|i| {
            format!(
                "{{\"resourceType\":\"Basic\",\"id\":\"b{i}\",\"code\":{{\"text\":\"{i}\"}}}}\n"
            )
        })
        .collect();
    let desk = Desk::with(&[("many.ndjson", &many)]);
    let lines: [&[&str]; 3] = [
        &["export", "-"],
        &["search", "Basic?_count=3000", "--json"],
        &["search", "Basic?_count=3000"],
    ];
    for line in lines {
        let mut command = desk.command(line);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 10];
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut first).unwrap();
        drop(out);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{line:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{line:?}");
    }
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = Ran::of(desk.command(&["export", "-"]).stdout(full));
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.starts_with("error[io.no_space]: stdout: "), "{}", ran.err);
}

#[test]
fn signals_end_in_an_exit_code() {
    let desk = Desk::with(&[("p.json", PATIENT)]);
    let signal = |name: &str, pid: u32| {
        let sent = std::process::Command::new("kill").arg(name).arg(pid.to_string()).status();
        assert!(sent.unwrap().success());
    };
    let start = |words: &[&str]| {
        let mut command = desk.command(words);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    for name in ["-TERM", "-INT"] {
        let mut child = start(&["search", "--batch"]);
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"Patient?_count=0\n").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0; 10]).unwrap();
        signal(name, child.id());
        assert_eq!(child.wait().unwrap().code(), Some(1), "{name}");
    }
    let mut child = start(&["import", "-", "--json"]);
    let (id, mut stdin) = (child.id(), child.stdin.take().unwrap());
    let feed = std::thread::spawn(move || {
        for i in 0..60_000 {
            let line = format!("{{\"resourceType\":\"Basic\",\"id\":\"b{i}\"}}\n");
            if i == 30_000 {
                signal("-INT", id);
            }
            if stdin.write_all(line.as_bytes()).is_err() {
                break;
            }
        }
    });
    let ran = Ran::from(child.wait_with_output().unwrap()).refused(1, "call.cancelled");
    feed.join().unwrap();
    let json = ran.json();
    assert_eq!(json["error"]["action"], "Cancelled");
    let kept = json["new"].as_u64().unwrap();
    assert!(kept > 0 && kept < 60_000, "{kept}");
    assert_eq!(desk.json(&["info"])["by_type"]["Basic"], kept);
    assert_eq!(desk.json(&["check"])["problems"], Value::Array(vec![]));
}

#[test]
fn errors_hold_no_query_value_and_no_word_of_the_record() {
    let record = PATIENT.replace("Rivera", "Canarybird").replace("p1", "canary-1");
    let desk = Desk::with(&[("p.json", &record)]);
    let broken = desk.file("broken.json", &record.as_bytes()[..record.len() - 4]);
    let broken = broken.to_str().unwrap();
    let lines: [&[&str]; 9] = [
        &["search", "Patient?birthdate=canary"],
        &["search", "Patient?canary"],
        &["search", "Patient?family=canary&_sort=-canary!"],
        &["search", "Patient?family:canary!=canary"],
        &["search", "Patient?family=Canarybird", "canary"],
        &["find", "canary", "--filter", "Patient?birthdate=canary"],
        &["find", "--limit", "canary", "x"],
        &["show", "Patient/canary-2"],
        &["import", broken],
    ];
    for line in lines {
        for verbose in [&[][..], &["-vvv"], &["--json"]] {
            let ran = desk.run(&[line, verbose].concat());
            assert!(matches!(ran.code, Some(1 | 2)), "{line:?}");
            // The name of a parameter may be repeated, without anything but letters in it.
            let said = ran.err.replace("family:canary", "").replace("parameter canary", "");
            assert!(!said.to_lowercase().contains("canary"), "{line:?}: {}", ran.err);
            if verbose.contains(&"--json") {
                let json = ran.json();
                assert!(json["error"]["code"].is_string(), "{json}");
            }
        }
    }
}

#[test]
fn an_error_of_a_search_names_the_parameter() {
    let desk = Desk::with(&[("p.json", PATIENT)]);
    let error = |query: &str| -> Value {
        let ran = desk.run(&["search", query, "--json"]);
        assert_eq!(ran.code, Some(1), "{query}");
        ran.json()["error"].clone()
    };
    let wrong = error("Patient?birthdate=x");
    assert_eq!(
        (&wrong["code"], &wrong["argument"]),
        (&"search.invalid_value".into(), &"birthdate".into())
    );
    assert!(wrong["position"].is_u64());
    assert_eq!(error("Patient?frob=x")["code"], "search.unknown_parameter");
    assert_eq!(error("Frob?x=y")["code"], "search.unknown_type");
    assert_eq!(error("Patient?_has:Observation:patient:code=x")["code"], "search.not_supported");
    assert_eq!(error("Patient?family=a&_page=frob")["action"], "InvalidCall");
}
