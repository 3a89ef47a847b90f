//! The published figures: the vault and SQLCipher + FTS5 over one large record, side by side.
//! `cargo run --profile dist -p chartkeep-bench`; with `-- sync` a sync over a slow network. Each engine
//! runs in a process of its own, which is this program again, and the totals of their answers must agree.

mod engine;
mod meter;
mod record;
mod report;
mod searches;
mod sqlcipher;
mod sync;
mod vault;

use std::io::Write as _;
use std::process::{Command, ExitCode, Stdio};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const ENGINES: [&str; 2] = ["chartkeep", "sqlcipher"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(),
        ["engine", name] => run_engine(name),
        ["sync"] => sync::compare(),
        ["sync", what, base] => sync::run(what, base),
        _ => Err("no arguments are expected, or `sync`".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "error: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one engine in this process and prints its figures as one line of JSON.
fn run_engine(name: &str) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let figures = match name {
        "chartkeep" => engine::measure::<vault::Chartkeep>(folder.path())?,
        "sqlcipher" => engine::measure::<sqlcipher::SqlCipher>(folder.path())?,
        _ => return Err(format!("no engine {name}").into()),
    };
    writeln!(std::io::stdout(), "{figures}")?;
    Ok(())
}

/// Runs every engine, one after another, and prints the table.
fn compare() -> Outcome<()> {
    let [vault, peer] = ENGINES.map(figures_of);
    report::print(&vault?, &peer?)
}

/// The figures of an engine, from a process of its own.
fn figures_of(engine: &str) -> Outcome<serde_json::Value> {
    let child = Command::new(std::env::current_exe()?)
        .args(["engine", engine])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !child.status.success() {
        return Err(format!("engine {engine} ended with {}", child.status).into());
    }
    Ok(serde_json::from_slice(&child.stdout)?)
}
