//! The table: both engines, their ratio, and the goal; fit for the README.

use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::Value;

use crate::{Outcome, meter};

/// How the two figures of a row compare.
#[derive(Clone, Copy)]
enum Ratio {
    /// More is better: so many times the peer's.
    More,
    /// Less is better: so many times less than the peer's.
    Less,
    /// Less is better: this share of the peer's.
    Share,
}

/// One line of the table.
struct Row {
    label: String,
    vault: f64,
    peer: f64,
    decimals: usize,
    ratio: Ratio,
    goal: String,
}

/// Prints the table; answers that differ are an error, a missed goal is said.
pub(crate) fn print(vault: &Value, peer: &Value) -> Outcome<()> {
    let mut rows = store_rows(vault, peer);
    let mut differ = Vec::new();
    let searches = |engine: &Value| engine["searches"].as_array().cloned().unwrap_or_default();
    for (ours, theirs) in searches(vault).iter().zip(&searches(peer)) {
        let name = ours["name"].as_str().unwrap_or_default();
        for counted in ["total", "rows"] {
            if ours[counted] != theirs[counted] {
                differ.push(format!("{name}: {counted} {} and {}", ours[counted], theirs[counted]));
            }
        }
        let label = format!("{name} ({} matches), µs", ours["total"]);
        let figure = |search: &Value| number(search, "us");
        let row = Row::of(&label, 1, Ratio::Less, [ours, theirs].map(figure));
        rows.push(row.goal("≥ 5×", |vault, peer| peer >= 5.0 * vault));
    }
    let mut out = heading(vault, peer);
    rows.iter().for_each(|row| row.write(&mut out));
    std::io::stdout().write_all(out.as_bytes())?;
    if differ.is_empty() {
        return Ok(());
    }
    Err(format!("the engines' answers differ: {}", differ.join("; ")).into())
}

fn number(figures: &Value, name: &str) -> f64 {
    figures[name].as_f64().unwrap_or(f64::NAN)
}

fn heading(vault: &Value, peer: &Value) -> String {
    let profile = std::env::current_exe().ok();
    let profile = profile.as_deref().and_then(|path| path.parent()?.file_name()?.to_str());
    format!(
        "{} resources, {:.1} MB of JSON; {}; profile {}; {} against\n\
         {} + FTS5 in the layout of Android's FHIR engine.\n\
         Processor time unless wall is said; searches warm, total and bytes of the first 20.\n\n\
         | | Chartkeep | SQLCipher + FTS5 | ratio | goal |\n|---|---:|---:|---:|---:|\n",
        vault["resources"],
        number(vault, "raw") / 1e6,
        meter::machine(),
        profile.unwrap_or("unknown"),
        vault["version"].as_str().unwrap_or_default(),
        peer["version"].as_str().unwrap_or_default(),
    )
}

/// The figures of the stores themselves.
fn store_rows(vault: &Value, peer: &Value) -> Vec<Row> {
    let row = |label, decimals, ratio, figure: &dyn Fn(&Value) -> f64| {
        Row::of(label, decimals, ratio, [vault, peer].map(figure))
    };
    let each = |engine: &Value, name| number(engine, name) / number(engine, "resources");
    let raw = |engine: &Value, name| number(engine, name) / number(engine, "raw");
    vec![
        row("import, resources a second, wall", 0, Ratio::More, &|e| 1e6 / each(e, "import_wall"))
            .goal("≥ 8×", |vault, peer| vault >= 8.0 * peer),
        row("import, µs a resource", 1, Ratio::Less, &|e| each(e, "import_cpu"))
            .goal("≤ 25", |vault, _| vault <= 25.0),
        row("import, most memory, MiB", 1, Ratio::Share, &|e| number(e, "peak_kib") / 1024.0)
            .goal("≤ 64", |vault, _| vault <= 64.0),
        row("import, written, MiB", 1, Ratio::Share, &|e| number(e, "import_written") / MIB),
        row("file, MiB", 1, Ratio::Share, &|e| number(e, "file") / MIB)
            .goal("≤ 0.15", |vault, peer| vault <= 0.15 * peer),
        row("file against the JSON", 2, Ratio::Share, &|e| raw(e, "file"))
            .goal("≤ 0.35", |vault, _| vault <= 0.35),
        row("the same before compaction", 2, Ratio::Share, &|e| raw(e, "grown")),
        row("compaction, ms", 0, Ratio::Less, &|e| number(e, "compact_cpu") / 1e3),
        row("open, ms", 2, Ratio::Less, &|e| number(e, "open_cpu") / 1e3),
        row("open, ms, wall", 2, Ratio::Less, &|e| number(e, "open_wall") / 1e3),
        row("commit of 10, ms", 2, Ratio::Less, &|e| number(e, "commit_cpu") / 1e3)
            .goal("≤ 2", |vault, _| vault <= 2.0),
        row("commit of 10, ms, wall", 2, Ratio::Less, &|e| number(e, "commit_wall") / 1e3),
        row("commit of 10, written, KiB", 0, Ratio::Share, &|e| number(e, "commit_bytes") / 1024.0)
            .goal("≤ 128", |vault, _| vault <= 128.0),
    ]
}

const MIB: f64 = (1 << 20) as f64;

impl Row {
    fn of(label: &str, decimals: usize, ratio: Ratio, [vault, peer]: [f64; 2]) -> Self {
        Self { label: label.to_owned(), vault, peer, decimals, ratio, goal: String::new() }
    }

    /// Names a goal, and says so when these figures miss it.
    fn goal(mut self, words: &str, met: impl Fn(f64, f64) -> bool) -> Self {
        let missed = if met(self.vault, self.peer) { "" } else { " **missed**" };
        self.goal = format!("{words}{missed}");
        self
    }

    fn write(&self, out: &mut String) {
        let Self { label, vault, peer, decimals, ratio, goal } = self;
        let ratio = match ratio {
            Ratio::More => format!("{:.1}×", vault / peer),
            Ratio::Less => format!("{:.1}×", peer / vault),
            Ratio::Share => format!("{:.2}", vault / peer),
        };
        let _ = writeln!(
            out,
            "| {label} | {vault:.decimals$} | {peer:.decimals$} | {ratio} | {goal} |"
        );
    }
}
