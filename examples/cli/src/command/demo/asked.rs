//! What the demo asks of the record, and how it shows the answers: a line a hit, and the words around a
//! match.

use std::time::Duration;

use chartkeep::{FindHit, ResourceRow};

use crate::style::{Style, clean, count, cut, paint};
use crate::ui::Ui;

/// FHIR searches, each with what it asks in words.
pub(super) const SEARCHES: [(&str, &str); 3] = [
    (
        "Hemoglobin A1c of 8 % and more",
        "Observation?code-value-quantity=4548-4$ge8&_sort=-date&_count=3",
    ),
    (
        "What the pharmacy handed over last",
        "MedicationDispense?status=completed&_sort=-whenhandedover&_count=3",
    ),
    (
        "Notes since 2026 began",
        "DocumentReference?category=clinical-note&date=ge2026&_sort=-date&_count=3",
    ),
];
/// Words, the last of them a beginning: in a note, and all over the record.
pub(super) const WORDS: [&str; 2] = ["foot exam", "knee liga"];
/// Hits of a text search that are shown.
pub(super) const HITS: u32 = 3;

/// Columns where there is no terminal to ask, and before lines.
const WIDTH: usize = 80;
const INDENT: usize = 2;

/// What was asked, how much there is, how long it took.
pub(super) fn head(ui: &Ui, what: &str, total: u64, took: Duration) -> String {
    let what = paint(ui.color, Style::Key, what);
    format!("{what}: {} in {}\n", count(total), time(took))
}

/// The query as it is typed.
pub(super) fn query(ui: &Ui, query: &str) -> String {
    format!("  {}\n", paint(ui.color, Style::Dim, query))
}

/// A line a row: date, title, status.
pub(super) fn rows<'a>(ui: &Ui, rows: impl IntoIterator<Item = &'a ResourceRow>) -> String {
    rows.into_iter().map(|one| row(ui, one)).collect()
}

fn row(ui: &Ui, row: &ResourceRow) -> String {
    let date: String = row.date.as_deref().unwrap_or_default().chars().take(10).collect();
    let status = row.status.as_deref().map_or_else(String::new, |status| format!(", {status}"));
    let text = format!("{date:<10}  {}{status}", row.title);
    format!("  {}\n", cut(&clean(&text), columns(ui)))
}

/// A row, and the first words around its match on one line.
pub(super) fn hit(ui: &Ui, hit: &FindHit) -> String {
    let mut left = columns(ui).saturating_sub(12);
    let mut words = String::new();
    for part in &hit.snippet {
        let shown = clean(&part.text);
        let marked = if part.matched && !ui.color { format!("[{shown}]").into() } else { shown };
        let kept = cut(&marked, left);
        left -= kept.chars().count().min(left);
        words.push_str(&paint(ui.color && part.matched, Style::Match, &kept));
        if left == 0 {
            break;
        }
    }
    let words = if words.is_empty() { words } else { format!("{:14}{words}\n", "") };
    row(ui, &hit.row) + &words
}

fn columns(ui: &Ui) -> usize {
    ui.columns.map_or(WIDTH, usize::from).saturating_sub(INDENT).max(20)
}

pub(super) fn time(took: Duration) -> String {
    match took.as_micros() {
        micros @ 0..1_000 => format!("{micros} µs"),
        micros @ 1_000..10_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        micros => format!("{} ms", micros / 1_000),
    }
}
