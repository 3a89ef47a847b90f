//! `chartkeep find`

use chartkeep::{FindHit, FindPage, SnippetPart};
use serde::Serialize;

use crate::args::{Find, Globals};
use crate::failure::Stop;
use crate::style::{Style, clean, count, paint};
use crate::ui::Ui;
use crate::{rows, unlock};

#[derive(Serialize)]
struct Found<'a> {
    total: u64,
    next: Option<&'a str>,
    hits: Vec<Hit<'a>>,
}

#[derive(Serialize)]
struct Hit<'a> {
    #[serde(rename = "type")]
    resource_type: &'a str,
    id: &'a str,
    connection: &'a str,
    title: &'a str,
    date: Option<&'a str>,
    status: Option<&'a str>,
    score: f32,
    snippet: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
    matched: bool,
}

impl<'a> Hit<'a> {
    fn of(hit: &'a FindHit) -> Self {
        let part = |part: &'a SnippetPart| Part { text: &part.text, matched: part.matched };
        Self {
            resource_type: &hit.row.id.resource_type,
            id: &hit.row.id.id,
            connection: &hit.row.connection,
            title: &hit.row.title,
            date: hit.row.date.as_deref(),
            status: hit.row.status.as_deref(),
            score: hit.score,
            snippet: hit.snippet.iter().map(part).collect(),
        }
    }
}

pub(crate) fn run(args: &Find, globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let vault = unlock::open(globals, ui, false)?;
    let mut find = chartkeep::Find::new(&args.text.join(" ")).limit(args.limit);
    if let Some(filter) = &args.filter {
        find = find.within(filter);
    }
    if let Some(cursor) = &args.after {
        find = find.after(cursor);
    }
    let page = vault.find(find)?;
    let json = Found {
        total: page.total,
        next: page.next.as_deref(),
        hits: page.hits.iter().map(Hit::of).collect(),
    };
    ui.answer(&json, || text(ui, &page))
}

fn text(ui: &Ui, page: &FindPage) -> String {
    let mut text = String::new();
    for hit in &page.hits {
        text.push_str(&rows::head(ui, &hit.row));
        text.push_str(&snippet(ui, &hit.snippet));
        text.push('\n');
    }
    let summary = format!("{} of {} hits", count(page.hits.len() as u64), count(page.total));
    text.push_str(&paint(ui.color, Style::Heading, &summary));
    text.push('\n');
    if let Some(next) = &page.next {
        let next = format!("next page: the same with --after '{}'", clean(next));
        text.push_str(&paint(ui.color, Style::Dim, &next));
        text.push('\n');
    }
    text
}

/// The words around the match, broken at the width of the terminal; matches are coloured, or
/// stand in brackets where there is no colour.
fn snippet(ui: &Ui, parts: &[SnippetPart]) -> String {
    let width = usize::from(ui.columns.unwrap_or(100)).max(24) - 2;
    let (mut text, mut used) = (String::new(), width);
    for part in parts {
        let shown = clean(&part.text);
        let marked = if part.matched && !ui.color { format!("[{shown}]").into() } else { shown };
        for (i, word) in marked.split(' ').enumerate() {
            let length = word.chars().count();
            let space = usize::from(i > 0);
            if used + space + length > width {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str("  ");
                used = 0;
            } else if i > 0 && used > 0 {
                text.push(' ');
                used += 1;
            }
            text.push_str(&paint(ui.color && part.matched && length > 0, Style::Match, word));
            used += length;
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}
