//! The published figures: the vault and SQLCipher + FTS5 over two large records, side by side; a sync over
//! a slow network; growth; size. Each engine runs in a process of its own, which is this program again.
//!
//! `cargo run --profile dist -p chartkeep-bench`, and after `--`:
//!
//! - nothing: prints the tables;
//! - `--repeat`: measures twice and prints how far apart each ratio is; more than 20 % is an error;
//! - `--readme`: puts the tables into README.md too, if nothing failed and the profile is `dist`;
//! - `--large N`: a large record of N resources in place of 200,000, to try something out.

mod child;
mod compare;
mod engine;
mod growth;
mod machine;
mod meter;
mod publish;
mod record;
mod repeat;
mod report;
mod searches;
mod size;
mod sqlcipher;
mod sync;
mod table;
mod vault;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use crate::record::Record;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What the command line asks for.
#[derive(Clone, Copy)]
struct Options {
    repeat: bool,
    readme: bool,
    large: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["engine", name, kind, record, folder] => {
            run_engine(name, kind, Path::new(record), Path::new(folder))
        }
        ["growth", name, small, large] => run_growth(name, Path::new(small), Path::new(large)),
        ["sync", what, base] => sync::run(what, base),
        ref words => options(words).and_then(publish::publish),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "error: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn options(words: &[&str]) -> Outcome<Options> {
    let mut options = Options { repeat: false, readme: false, large: publish::LARGE };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--repeat" => options.repeat = true,
            "--readme" => options.readme = true,
            "--large" => options.large = words.next().ok_or("--large needs a number")?.parse()?,
            _ => return Err("expected --repeat, --readme or --large N".into()),
        }
    }
    Ok(options)
}

/// Serves one engine in this process.
fn run_engine(name: &str, kind: &str, record: &Path, folder: &Path) -> Outcome<()> {
    let record = Record::at(kind, record)?;
    match name {
        "chartkeep" => engine::serve::<vault::Chartkeep>(&record, folder),
        "sqlcipher" => engine::serve::<sqlcipher::SqlCipher>(&record, folder),
        _ => Err(format!("no engine {name}").into()),
    }
}

/// Compares two stores of one engine and prints the figures as one line of JSON.
fn run_growth(name: &str, small: &Path, large: &Path) -> Outcome<()> {
    let figures = match name {
        "chartkeep" => engine::growth::<vault::Chartkeep>(small, large)?,
        "sqlcipher" => engine::growth::<sqlcipher::SqlCipher>(small, large)?,
        _ => return Err(format!("no engine {name}").into()),
    };
    writeln!(std::io::stdout(), "{figures}")?;
    Ok(())
}
