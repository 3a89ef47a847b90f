//! `chartkeep check`

use chartkeep::CheckReport;
use serde::Serialize;

use crate::args::Globals;
use crate::failure::{ErrorJson, Failure, Stop};
use crate::interrupt::Cancellable;
use crate::progress::{Progress, Unit};
use crate::style::{Style, clean, count, paint, plural};
use crate::ui::Ui;
use crate::{rows, unlock};

/// Problems that people are shown.
const NAMED: usize = 100;

#[derive(Serialize)]
struct Checked<'a> {
    blocks: u64,
    resources: u64,
    problems: Vec<Problem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'a str,
    text: &'a str,
}

pub(crate) fn run(globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let vault = unlock::open(globals, ui, false)?;
    let report = {
        let cancel = Cancellable::begin();
        let progress = Progress::new(ui, Unit::Steps, Some(0));
        vault.check(cancel.token(), |now| {
            progress.set_total(now.total);
            progress.set(now.done, String::new);
        })?
    };
    let failure = (!report.problems.is_empty()).then(|| damaged(&report));
    let json = Checked {
        blocks: report.blocks,
        resources: report.resources,
        problems: report.problems.iter().map(|p| Problem { code: p.code, text: &p.text }).collect(),
        error: failure.as_ref().map(Failure::json),
    };
    ui.answer(&json, || text(ui, &report))?;
    failure.map_or(Ok(()), |failure| Err(Stop::Reported(Box::new(failure))))
}

fn damaged(report: &CheckReport) -> Failure {
    let mut failure = Failure::from(chartkeep::Error::Inconsistent("check"));
    failure.code = "vault.check_failed";
    failure.what = format!("the vault has {}", plural(report.problems.len() as u64, "problem"));
    failure
}

fn text(ui: &Ui, report: &CheckReport) -> String {
    let checked = format!(
        "{} and {} checked\n",
        plural(report.blocks, "block"),
        plural(report.resources, "resource")
    );
    if report.problems.is_empty() {
        return format!("{}: {checked}", paint(ui.color, Style::Good, "whole"));
    }
    let mut table = rows::table(ui, &["PROBLEM", "WHERE"]);
    for problem in report.problems.iter().take(NAMED) {
        table.add_row([problem.code.to_owned(), clean(&problem.text).into_owned()]);
    }
    let mut text = rows::render(&mut table);
    if report.problems.len() > NAMED {
        let more = (report.problems.len() - NAMED) as u64;
        text.push_str(&format!("and {} more; --json lists all\n", count(more)));
    }
    text + &checked
}
