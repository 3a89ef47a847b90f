//! `chartkeep search`, one query or a batch of them

use std::io::{self, BufRead, Write};

use chartkeep::{NeededAction, Vault};

use crate::args::{Globals, Search};
use crate::bundle::{self, Bases};
use crate::failure::{Failure, Stop};
use crate::style::{Style, clean, count, paint, plural};
use crate::ui::{Ui, error_json, stdout_failed, write_stdout};
use crate::{rows, unlock};

/// Longest QUERY that a batch takes; nothing in FHIR comes near.
const LONGEST: u64 = 1 << 20;

pub(crate) fn run(args: &Search, globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let vault = unlock::open(globals, ui, args.batch)?;
    match &args.query {
        Some(query) => one(&vault, query, ui),
        None => batch(&vault, ui),
    }
}

fn one(vault: &Vault, query: &str, ui: &Ui) -> Result<(), Stop> {
    let page = vault.search(query)?;
    if ui.json {
        return write_stdout(&bundle::searchset(query, &page, &Bases::of(vault)?, false));
    }
    let mut text = if page.rows.is_empty() { String::new() } else { rows::list(ui, &page.rows) };
    let shown = page.rows.len() as u64;
    let summary = if shown == page.total {
        plural(page.total, "match").replace("matchs", "matches")
    } else {
        format!("{} of {} matches", count(shown), count(page.total))
    };
    text.push_str(&paint(ui.color, Style::Heading, &summary));
    text.push('\n');
    if let Some(next) = &page.next {
        let next = format!("next page: chartkeep search '{}'", clean(&next.replace('\'', "'\\''")));
        text.push_str(&paint(ui.color, Style::Dim, &next));
        text.push('\n');
    }
    write_stdout(text.as_bytes())
}

/// Each line of stdin is answered by one line on stdout, in order and at once.
fn batch(vault: &Vault, ui: &Ui) -> Result<(), Stop> {
    let bases = Bases::of(vault)?;
    let (mut input, mut out) = (io::stdin().lock(), io::stdout().lock());
    let (mut asked, mut refused, mut broken) = (0u64, 0u64, None);
    let mut line = Vec::new();
    while read_line(&mut input, &mut line)? {
        asked += 1;
        let answer = answer(vault, &line, &bases).unwrap_or_else(|failure| {
            refused += 1;
            let answer = error_json(&failure);
            // A query that is wrong has had its answer; a vault that is damaged has not.
            if failure.action != invalid_call() {
                broken = Some(failure);
            }
            answer
        });
        out.write_all(&answer).and_then(|()| out.flush()).map_err(|error| stdout_failed(&error))?;
    }
    if refused > 0 {
        ui.note(format_args!("{} of {} were refused", count(refused), plural(asked, "line")));
    }
    broken.map_or(Ok(()), |failure| Err(Stop::Reported(failure)))
}

fn answer(vault: &Vault, line: &[u8], bases: &Bases) -> Result<Vec<u8>, Box<Failure>> {
    let query = std::str::from_utf8(line)
        .map_err(|_| Failure::argument("search.syntax", "the line is not UTF-8", "QUERY"))?;
    let page = vault.search(query)?;
    Ok(bundle::searchset(query, &page, bases, true))
}

fn invalid_call() -> &'static str {
    NeededAction::InvalidCall { argument: String::new(), position: None, expected: String::new() }
        .name()
}

/// The next line without its end; false at the end of stdin.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, Stop> {
    line.clear();
    let mut limited = io::Read::take(&mut *input, LONGEST);
    let read = limited
        .read_until(b'\n', line)
        .map_err(|error| Stop::from(chartkeep::Error::Input(error.kind())))?;
    if line.pop_if(|last| *last == b'\n').is_some() {
        line.pop_if(|last| *last == b'\r');
    } else if read as u64 == LONGEST {
        return Err(
            Failure::argument("search.syntax", "a line of stdin is too long", "QUERY").into()
        );
    }
    Ok(read > 0)
}
