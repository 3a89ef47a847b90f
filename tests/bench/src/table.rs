//! Tables of figures in Markdown, with a goal beside a figure where the project has one.

use std::fmt::Write as _;

/// Stands after a figure that misses its goal.
pub(crate) const MISSED: &str = "✗";

/// A table: a first column of labels, then figures, then goals.
#[derive(Debug)]
pub(crate) struct Table {
    /// Heads of all columns but the last, which is the goals'.
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// A line of figures.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) cells: Vec<Option<Cell>>,
    /// In words; empty for none.
    pub(crate) goal: String,
}

/// One figure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) value: f64,
    pub(crate) decimals: usize,
    /// What stands right after it.
    pub(crate) unit: &'static str,
    /// It compares two figures of the same run, so it must come again in the next one.
    pub(crate) ratio: bool,
    pub(crate) missed: bool,
}

impl Cell {
    pub(crate) const fn figure(value: f64, decimals: usize) -> Self {
        Self { value, decimals, unit: "", ratio: false, missed: false }
    }

    pub(crate) const fn ratio(value: f64, decimals: usize, unit: &'static str) -> Self {
        Self { value, decimals, unit, ratio: true, missed: false }
    }

    /// A figure that is no number misses every goal.
    pub(crate) fn at_most(mut self, goal: f64) -> Self {
        self.missed = self.value.is_nan() || self.value > goal;
        self
    }

    pub(crate) fn at_least(mut self, goal: f64) -> Self {
        self.missed = self.value.is_nan() || self.value < goal;
        self
    }

    fn words(&self) -> String {
        let mut words = grouped(self.value, self.decimals);
        words.push_str(self.unit);
        if self.missed {
            let _ = write!(words, " {MISSED}");
        }
        words
    }
}

impl Table {
    /// In Markdown, its columns aligned for a terminal too.
    pub(crate) fn markdown(&self) -> String {
        let mut lines: Vec<Vec<String>> = vec![self.head.clone()];
        lines[0].push("goal".to_owned());
        for row in &self.rows {
            let cells = row.cells.iter().map(|cell| cell.map_or_else(String::new, |c| c.words()));
            lines.push(
                [row.label.clone()].into_iter().chain(cells).chain([row.goal.clone()]).collect(),
            );
        }
        let columns = lines[0].len();
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default().max(3)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut out = String::new();
        for (at, line) in lines.iter().enumerate() {
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                // Labels and goals to the left, figures to the right.
                let _ = if column == 0 || column == columns - 1 {
                    write!(out, "| {cell:<width$} ")
                } else {
                    write!(out, "| {cell:>width$} ")
                };
            }
            out.push_str("|\n");
            if at == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let end = if column == 0 || column == columns - 1 { '-' } else { ':' };
                    let _ = write!(out, "|{}{end}", "-".repeat(width + 1));
                }
                out.push_str("|\n");
            }
        }
        out
    }

    /// Every ratio, under the words of its row and column.
    pub(crate) fn ratios(&self) -> impl Iterator<Item = (String, f64)> {
        self.rows.iter().flat_map(|row| {
            let cells = row.cells.iter().zip(&self.head[1..]);
            cells.filter_map(|(cell, head)| {
                let cell = cell.filter(|cell| cell.ratio)?;
                Some((format!("{} ({head})", row.label), cell.value))
            })
        })
    }
}

/// A figure with its thousands apart.
pub(crate) fn grouped(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let digits = plain.find('.').unwrap_or(plain.len());
    let mut out = String::new();
    for (at, sign) in plain.chars().enumerate() {
        let after_digit = out.ends_with(|sign: char| sign.is_ascii_digit());
        if at < digits && after_digit && (digits - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(sign);
    }
    out
}
