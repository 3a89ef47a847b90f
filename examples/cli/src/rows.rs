//! Lists of resources for people: a table where it fits the terminal, else two lines a resource.

use chartkeep::ResourceRow;
use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, Table, TableStyle};

use crate::style::{Style, clean, paint};
use crate::ui::Ui;

/// Columns that the title of a row needs at least to be worth a table.
const TITLE: usize = 24;
const GAP: usize = 2;

/// A table in the program's one look.
pub(crate) fn table(ui: &Ui, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_content_arrangement(ContentArrangement::Dynamic);
    if ui.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    if let Some(columns) = ui.columns {
        table.set_width(columns);
    }
    if !header.is_empty() {
        table.set_header(header.iter().map(|name| heading(ui, name)));
    }
    table
}

/// The table's text, columns apart, no space before the first or after the last.
pub(crate) fn render(table: &mut Table) -> String {
    let last = table.column_count().saturating_sub(1);
    for (i, column) in table.column_iter_mut().enumerate() {
        let gap = if i == last { 0 } else { 2 };
        column.set_padding((0, gap));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn heading(ui: &Ui, name: &str) -> Cell {
    let cell = Cell::new(name);
    if ui.color { cell.add_attribute(Attribute::Bold) } else { cell }
}

/// What a list shows of one row.
struct Shown {
    resource: String,
    title: String,
    date: String,
    status: String,
    connection: String,
}

impl Shown {
    fn of(row: &ResourceRow) -> Self {
        let text = |text: &str| clean(text).into_owned();
        Self {
            resource: text(&resource(row)),
            title: text(&row.title),
            date: day(row.date.as_deref()),
            status: text(row.status.as_deref().unwrap_or_default()),
            connection: text(&row.connection),
        }
    }
}

fn resource(row: &ResourceRow) -> String {
    format!("{}/{}", row.id.resource_type, row.id.id)
}

/// The day of a FHIR date.
fn day(date: Option<&str>) -> String {
    date.unwrap_or_default().chars().take(10).filter(|c| c.is_ascii_graphic()).collect()
}

/// The rows as people read them.
pub(crate) fn list(ui: &Ui, rows: &[ResourceRow]) -> String {
    let rows: Vec<Shown> = rows.iter().map(Shown::of).collect();
    if !rows.is_empty() && ui.columns.is_some_and(|columns| !fits(&rows, usize::from(columns))) {
        return rows.iter().map(|row| two_lines(ui, row)).collect();
    }
    let header = ["RESOURCE", "TITLE", "DATE", "STATUS", "CONNECTION"];
    let mut table = table(ui, &header);
    for row in rows {
        table.add_row([row.resource, row.title, row.date, row.status, row.connection]);
    }
    for (i, column) in table.column_iter_mut().enumerate() {
        if i != 1 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    render(&mut table)
}

fn fits(rows: &[Shown], columns: usize) -> bool {
    let widest = |header: &str, of: fn(&Shown) -> &str| {
        rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0).max(header.len()) + GAP
    };
    let fixed = widest("RESOURCE", |row| &row.resource)
        + widest("DATE", |row| &row.date)
        + widest("STATUS", |row| &row.status)
        + widest("CONNECTION", |row| &row.connection);
    fixed + TITLE.min(widest("TITLE", |row| &row.title)) <= columns
}

fn two_lines(ui: &Ui, row: &Shown) -> String {
    let mut text = paint(ui.color, Style::Heading, &row.title).into_owned();
    for part in [&row.date, &row.status].into_iter().filter(|part| !part.is_empty()) {
        text.push_str("  ");
        text.push_str(part);
    }
    let place = format!("  {} · {}", row.resource, row.connection);
    text.push('\n');
    text.push_str(&paint(ui.color, Style::Dim, &place));
    text.push('\n');
    text
}

/// The head of one hit of a text search.
pub(crate) fn head(ui: &Ui, row: &ResourceRow) -> String {
    two_lines(ui, &Shown::of(row))
}
