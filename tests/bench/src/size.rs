//! Size of what an app ships: the library of the bindings, and what the vault adds to a Rust program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Outcome;
use crate::table::{Cell, Row, Table};

const MIB: f64 = (1 << 20) as f64;

/// Builds both with the profile `mobile` and without symbols, and looks how large they are.
pub(crate) fn measure() -> Outcome<Table> {
    let library =
        build(&["-p", "chartkeep-ffi", "--lib", "--crate-type", "cdylib"], "chartkeep_ffi")?;
    let program = build(&["-p", "chartkeep", "--example", "minimal"], "minimal")?;
    let empty = empty()?;
    let row = |label: &str, bytes: f64| Row {
        label: label.to_owned(),
        cells: vec![Some(Cell::figure(bytes / MIB, 2))],
        goal: String::new(),
    };
    Ok(Table {
        head: ["size³, MiB", "figure"].map(String::from).into(),
        rows: vec![
            row("library of the bindings for Swift, Kotlin and Python", bytes(&library)?),
            row("what a Rust program that writes and searches grows by", bytes(&program)? - empty),
        ],
    })
}

/// Builds one target and gives its file.
fn build(what: &[&str], target: &str) -> Outcome<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["rustc", "--locked", "--quiet", "--profile", "mobile", "--message-format", "json"])
        .args(["--config", "profile.mobile.strip = 'symbols'"])
        .args(what)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{target} could not be built").into());
    }
    let messages = output.stdout.split(|byte| *byte == b'\n');
    messages
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == target)
        .filter_map(|message| message["filenames"][0].as_str().map(PathBuf::from))
        .next_back()
        .ok_or_else(|| format!("the build of {target} named no file").into())
}

/// Bytes of a program that does nothing, built in the same way.
fn empty() -> Outcome<f64> {
    let folder = tempfile::tempdir()?;
    let [source, program] = ["empty.rs", "empty"].map(|name| folder.path().join(name));
    std::fs::write(&source, "fn main() {}\n")?;
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(compiler)
        .args(["--edition", "2024", "-C", "opt-level=z", "-C", "lto=fat", "-C", "codegen-units=1"])
        .args(["-C", "strip=symbols", "-o"])
        .args([&program, &source])
        .status()?;
    if status.success() { bytes(&program) } else { Err("an empty program did not build".into()) }
}

fn bytes(path: &Path) -> Outcome<f64> {
    Ok(std::fs::metadata(path)?.len() as f64)
}
