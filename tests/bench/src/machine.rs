//! What the figures were taken on: processor, load, what other processes used, build, commit.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::Outcome;

/// Clock ticks a second in `/proc`, fixed by the kernel's interface on every platform in use.
const TICKS: f64 = 100.0;

/// The machine when the measuring began.
#[derive(Debug)]
pub(crate) struct Started {
    at: Instant,
    load: String,
    busy: f64,
    own: f64,
}

impl Started {
    pub(crate) fn now() -> Self {
        Self { at: Instant::now(), load: load(), busy: busy(), own: own() }
    }

    /// Processor, load then and now, and how many cores other processes used meanwhile on average.
    pub(crate) fn words(&self) -> String {
        let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = model
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .and_then(|rest| rest.split_once(':'))
            .map_or("unknown processor", |(_, name)| name.trim());
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let others = (busy() - self.busy) - (own() - self.own);
        let others = (others / TICKS / self.at.elapsed().as_secs_f64()).max(0.0);
        format!(
            "{model}, {cores} cores; load {} at the start and {} at the end, other processes used {others:.2} cores",
            self.load,
            load()
        )
    }
}

/// The profile that this program was built with: the folder it lies in.
pub(crate) fn profile() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    folder.unwrap_or("unknown").to_owned()
}

/// The commit of the working tree, and whether it differs from it.
pub(crate) fn commit() -> Outcome<String> {
    let git = |arguments: &[&str]| -> Outcome<String> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let output = Command::new("git").arg("-C").arg(root).args(arguments).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    // The figures' own place in the README is no change of what is measured.
    let changes = git(&["status", "--porcelain", "--untracked-files=no", "--", ":!README.md"])?;
    let commit = git(&["rev-parse", "--short=10", "HEAD"])?;
    Ok(if changes.is_empty() { commit } else { format!("{commit} with changes") })
}

/// Load of the last minute.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_owned()
}

/// Ticks that all processors spent on anything so far.
fn busy() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq; what a guest used is in user.
    ticks.iter().take(7).enumerate().filter(|(at, _)| *at != 3 && *at != 4).map(|(_, t)| t).sum()
}

/// Ticks that this process and its ended children spent so far.
fn own() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = after_name.split_whitespace().skip(11).take(4);
    fields.filter_map(|word| word.parse::<f64>().ok()).sum()
}
