//! The processes that are measured: this program again, with a command line of its own.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::Outcome;
use crate::record::Record;

/// An engine that waits for commands.
#[derive(Debug)]
pub(crate) struct Waiting {
    name: &'static str,
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Waiting {
    /// Starts an engine over a record, its store in `folder`.
    pub(crate) fn start(name: &'static str, record: &Record, folder: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(folder)?;
        let mut process = Command::new(std::env::current_exe()?)
            .args(["engine", name, record.kind.word()])
            .args([&record.path, folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let commands = process.stdin.take().ok_or("no way to the engine")?;
        let answers = process.stdout.take().ok_or("no way from the engine")?;
        Ok(Self { name, process, commands, answers: BufReader::new(answers) })
    }

    /// Has one command done.
    pub(crate) fn ask(&mut self, command: &str) -> Outcome<Value> {
        writeln!(self.commands, "{command}")?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer)? == 0 {
            return Err(format!("{} ended at `{command}`", self.name).into());
        }
        Ok(serde_json::from_str(&answer)?)
    }

    /// Lets it close its store and end.
    pub(crate) fn end(self) -> Outcome<()> {
        let Self { name, mut process, commands, answers: _ } = self;
        drop(commands);
        let status = process.wait()?;
        if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}").into()) }
    }
}

/// Runs a child to its end, which prints its figures as one line of JSON. `arenas`: how many arenas the C
/// library's allocator may keep; none for as many as it likes.
pub(crate) fn figures(arguments: &[impl AsRef<OsStr>], arenas: Option<&str>) -> Outcome<Value> {
    let child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .envs(arenas.map(|most| ("MALLOC_ARENA_MAX", most)))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !child.status.success() {
        return Err(format!("a measured process ended with {}", child.status).into());
    }
    Ok(serde_json::from_slice(&child.stdout)?)
}
