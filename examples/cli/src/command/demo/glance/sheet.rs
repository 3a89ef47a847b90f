//! Lines of a sheet: a label at the left, beside it text that keeps to the width. Knows nothing of FHIR.

use crate::style::{Style, clean, cut, paint, width};
use crate::ui::Ui;

/// Columns where there is no terminal to ask.
const WIDTH: usize = 80;
/// Beyond it lines get hard to read.
const WIDEST: usize = 120;
/// Columns of the label, with the gap after it.
const LABEL: usize = 12;
/// Between the items of a list.
const BETWEEN: &str = " · ";

/// What has been written so far.
pub(super) struct Sheet {
    text: String,
    last: &'static str,
    width: usize,
    color: bool,
}

impl Sheet {
    pub(super) fn new(ui: &Ui) -> Self {
        let columns = ui.columns.map_or(WIDTH, usize::from);
        Self {
            text: String::new(),
            last: "",
            width: columns.clamp(LABEL + 20, WIDEST) - LABEL,
            color: ui.color,
        }
    }

    /// Columns beside the label.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// One line, cut where the width ends. A label stands before the first of its lines only.
    pub(super) fn line(&mut self, label: &'static str, text: &str) {
        let shown = if self.last == label { "" } else { label };
        let cell = format!("{shown:<LABEL$}");
        self.text.push_str(&paint(self.color, Style::Key, &cell));
        self.text.push_str(cut(&clean(text), self.width).trim_end());
        self.text.push('\n');
        self.last = label;
    }

    /// Items one after the other, on as many lines as they need.
    pub(super) fn list(&mut self, label: &'static str, items: &[String]) {
        let mut line = String::new();
        for item in items {
            if !line.is_empty() && width(&line) + width(BETWEEN) + width(item) > self.width {
                self.line(label, &line);
                line.clear();
            }
            if !line.is_empty() {
                line.push_str(BETWEEN);
            }
            line.push_str(item);
        }
        if !line.is_empty() {
            self.line(label, &line);
        }
    }

    pub(super) fn done(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_the_width() {
        let mut sheet = Sheet::new(&Ui::plain());
        let items: Vec<String> = (0..12).map(|at| format!("condition number {at}")).collect();
        sheet.list("Conditions", &items);
        sheet.line("Conditions", &"é".repeat(200));
        sheet.line("Other", "x\x1b[2J");
        let text = sheet.done();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6, "{text}");
        assert!(lines.iter().all(|line| width(line) <= WIDTH), "{text}");
        assert!(lines[0].starts_with("Conditions  condition number 0 · "));
        assert!(lines[1].starts_with("            condition"));
        assert!(lines[4].ends_with("é…"));
        assert_eq!(lines[5], "Other       x\u{fffd}[2J");
    }
}
