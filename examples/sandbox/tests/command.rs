//! The command as a script uses it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod client;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use client::*;

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartkeep-sandbox"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn started(args: &[&str]) -> (Child, BufReader<ChildStdout>, String) {
    let mut child = command().args(args).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut base = String::new();
    stdout.read_line(&mut base).unwrap();
    (child, stdout, base.trim_end().to_owned())
}

#[test]
fn it_serves_until_stdin_closes() {
    let (mut child, mut stdout, base) = started(&["--until-stdin-closes"]);
    assert_eq!(send("GET", &format!("{base}/metadata"), &[], None).unwrap().status, 200);
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "the base stands alone on stdout");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(
        said.contains("chartkeep-sandbox-public") && said.contains("client secret: "),
        "{said}"
    );
}

#[test]
fn it_serves_until_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let (mut child, _stdout, base) = started(&["--profile", "search-only"]);
        drop(child.stdin.take());
        assert_eq!(send("GET", &format!("{base}/metadata"), &[], None).unwrap().status, 200);
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn wrong_uses_say_so() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (args, code, words) in [
        (&["--prot", "1"][..], 2, "'--prot' means nothing here"),
        (&["--profile", "imaginary"], 2, "there is no profile 'imaginary'"),
        (&["--data", "/does/not/exist"], 1, "cannot read /does/not/exist: "),
        (&["--data", "Cargo.toml"], 1, "Cargo.toml, line 1: "),
        (&["--port", &port], 1, "cannot serve on 127.0.0.1: "),
    ] {
        let output = command().args(args).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.starts_with("error: ") && said.contains(words), "{said}");
        assert!(output.stdout.is_empty());
    }
    let help = command().arg("--help").output().unwrap();
    assert!(help.status.success() && help.stdout.starts_with(b"A payer on loopback"));
}
