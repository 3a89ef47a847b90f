//! The table of both records: each engine's figures, their ratio, and the goal.

use crate::compare::{Compared, Store};
use crate::table::{Cell, Row, Table, grouped};

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

/// What the project wants of a row.
#[derive(Clone, Copy)]
enum Goal {
    None,
    /// The vault's figure is at most this.
    Figure(f64),
    /// The vault is so many times better.
    Times(f64),
    /// The vault's figure is at most this share of the peer's.
    Share(f64),
}

const MIB: f64 = (1 << 20) as f64;

/// The records' figures beside each other.
pub(crate) fn table(records: &[Compared]) -> Table {
    let mut head = vec![String::new()];
    for record in records {
        let size = grouped(record.resources as f64, 0);
        head.extend(["Chartkeep", "SQLCipher", "ratio"].map(|what| format!("{size}: {what}")));
    }
    let mut rows = stores(records);
    rows.extend(searches(records));
    Table { head, rows }
}

/// The figures of the stores themselves.
fn stores(records: &[Compared]) -> Vec<Row> {
    let row = |label: &str, decimals, ratio, goal, of: &dyn Fn(&Compared, &Store) -> f64| {
        let pairs = records.iter().map(|record| record.stores.map(|store| of(record, &store)));
        line(label, decimals, ratio, goal, pairs)
    };
    let each = |record: &Compared, figure: f64| figure / record.resources as f64;
    let raw = |record: &Compared, figure: f64| figure / record.raw as f64;
    let (none, ms, kib) = (Goal::None, 1e3, 1024.0);
    vec![
        row("import, resources a second, wall", 0, Ratio::More, Goal::Times(8.0), &|r, s| {
            1e6 / each(r, s.import_wall)
        }),
        row("import, µs a resource", 1, Ratio::Less, Goal::Figure(25.0), &|r, s| {
            each(r, s.import_cpu)
        }),
        row("import, most memory, MiB", 1, Ratio::Share, Goal::Figure(64.0), &|_, s| {
            s.peak_kib / 1024.0
        }),
        row("import, written, MiB", 1, Ratio::Share, none, &|_, s| s.import_written / MIB),
        row("file, MiB", 1, Ratio::Share, Goal::Share(0.15), &|_, s| s.file / MIB),
        row("file against the JSON", 2, Ratio::Share, Goal::Figure(0.35), &|r, s| raw(r, s.file)),
        row("the same before compaction", 2, Ratio::Share, none, &|r, s| raw(r, s.grown)),
        row("compaction, ms", 0, Ratio::Less, none, &|_, s| s.compact_cpu / ms),
        row("open, ms", 2, Ratio::Less, none, &|_, s| s.open_cpu / ms),
        row("open, ms, wall", 2, Ratio::Less, none, &|_, s| s.open_wall / ms),
        row("commit of 10, ms", 2, Ratio::Less, Goal::Figure(2.0), &|_, s| s.commit_cpu / ms),
        row("commit of 10, ms, wall", 2, Ratio::Less, none, &|_, s| s.commit_wall / ms),
        row("commit of 10, written, KiB", 0, Ratio::Share, Goal::Figure(128.0), &|_, s| {
            s.commit_written / kib
        }),
    ]
}

/// The ten searches, with how many each found.
fn searches(records: &[Compared]) -> Vec<Row> {
    let Some(first) = records.first() else { return Vec::new() };
    let row = |at: usize| {
        let each = || records.iter().filter_map(|record| record.searches.get(at));
        let totals: Vec<String> = each().map(|one| grouped(one.total as f64, 0)).collect();
        let label = format!("{}, µs; {} found", first.searches[at].name, totals.join(" and "));
        line(&label, 1, Ratio::Less, Goal::Times(5.0), each().map(|one| one.us))
    };
    (0..first.searches.len()).map(row).collect()
}

/// A row from the pairs of the records.
fn line(
    label: &str,
    decimals: usize,
    ratio: Ratio,
    goal: Goal,
    pairs: impl Iterator<Item = [f64; 2]>,
) -> Row {
    let cells = pairs.flat_map(|[vault, peer]| {
        let mut figure = Cell::figure(vault, decimals);
        let mut compared = match ratio {
            Ratio::More => Cell::ratio(vault / peer, 1, "×"),
            Ratio::Less => Cell::ratio(peer / vault, 1, "×"),
            Ratio::Share => Cell::ratio(vault / peer, 2, ""),
        };
        match goal {
            Goal::None => {}
            Goal::Figure(most) => figure = figure.at_most(most),
            Goal::Times(least) => compared = compared.at_least(least),
            Goal::Share(most) => compared = compared.at_most(most),
        }
        [figure, Cell::figure(peer, decimals), compared]
    });
    let words = match goal {
        Goal::None => String::new(),
        Goal::Figure(most) => format!("≤ {most}"),
        Goal::Times(least) => format!("≥ {least}×"),
        Goal::Share(most) => format!("≤ {most} of the peer's"),
    };
    Row { label: label.to_owned(), cells: cells.map(Some).collect(), goal: words }
}
