//! `chartkeep import`

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chartkeep::{ConnectionId, Error, ImportReport, Vault};
use serde::Serialize;

use super::sources::{Source, Sources};
use crate::args::{Globals, Import};
use crate::failure::{ErrorJson, Failure, Stop};
use crate::interrupt::Cancellable;
use crate::progress::{Counted, Progress, Unit};
use crate::style::{clean, count, plural};
use crate::ui::Ui;
use crate::unlock;

/// Broken files that are named one by one.
const NAMED: usize = 5;

#[derive(Serialize)]
struct Imported<'a> {
    new: u64,
    changed: u64,
    same: u64,
    quarantined: u64,
    without_id: u64,
    files: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson<'a>>,
    /// One for each broken file, where there is more than one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ErrorJson<'a>>,
}

/// All files of one call, in order.
struct Run<'a> {
    ui: &'a Ui,
    vault: &'a Vault,
    connection: ConnectionId,
    report: ImportReport,
    files: u64,
    faults: Vec<Failure>,
}

pub(crate) fn run(args: &Import, globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let stdin = args.paths.iter().filter(|path| path.as_os_str() == "-").count();
    if stdin > 1 {
        return Err(Failure::usage("usage.conflict", "`-` may stand once only", "PATH").into());
    }
    let vault = unlock::open(globals, ui, stdin > 0)?;
    let sources = Sources::collect(&args.paths);
    let connection = vault.local_connection(&args.connection)?;
    let mut run = Run {
        ui,
        vault: &vault,
        connection,
        report: ImportReport::default(),
        files: 0,
        faults: sources.unreadable.iter().map(|(path, error)| unreadable(path, error)).collect(),
    };
    run.all(&sources);
    let Run { report, files, faults, .. } = run;
    drop(vault);
    if sources.skipped > 0 {
        ui.note(format_args!(
            "Left out {} that hold no FHIR JSON.",
            plural(sources.skipped, "file")
        ));
    }
    tell(&args.connection, report, files, faults, ui)
}

impl Run<'_> {
    fn all(&mut self, sources: &Sources) {
        let cancel = Cancellable::begin();
        let progress = Progress::new(self.ui, Unit::Bytes, sources.bytes);
        let read = Arc::new(AtomicU64::new(0));
        for source in &sources.files {
            match self.one(source, &cancel, &progress, &read) {
                Ok(()) => {}
                // The input is at fault: the other files go in.
                Err(error @ (Error::BrokenInput { .. } | Error::Input(_))) => {
                    self.faults.push(broken(source, error));
                }
                // The vault is at fault, or the person has had enough.
                Err(error) => {
                    self.faults.push(error.into());
                    break;
                }
            }
        }
    }

    fn one(
        &mut self,
        source: &Source,
        cancel: &Cancellable,
        progress: &Progress,
        read: &Arc<AtomicU64>,
    ) -> Result<(), Error> {
        let input = source.open().map_err(|error| Error::Input(error.kind()))?;
        let input = Counted::new(input, Arc::clone(read));
        let before = self.report;
        let seen = Cell::new(0);
        let result = self.vault.import_bundle(self.connection, input, cancel.token(), |now| {
            seen.set(now.resources);
            progress.set(read.load(Ordering::Relaxed), || {
                plural(total(&before) + now.resources, "resource")
            });
        });
        self.files += 1;
        let (report, error) = match result {
            Ok(report) => (report, None),
            Err(stopped) => (stopped.report, Some(stopped.error)),
        };
        self.report.add(&report);
        self.ui.detail(format_args!("{}: {}", source.name(), plural(total(&report), "resource")));
        error.map_or(Ok(()), Err)
    }
}

fn total(report: &ImportReport) -> u64 {
    report.new + report.changed + report.same + report.quarantined
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    broken(&Source::File(path.to_owned()), Error::Input(error.kind()))
}

/// The fault of one file, which takes the place of the argument.
fn broken(source: &Source, error: Error) -> Failure {
    let mut failure = Failure::from(error);
    failure.what = format!("{}: {}", source.name(), failure.what);
    failure.argument = Some(source.name());
    failure
}

fn tell(
    connection: &str,
    report: ImportReport,
    files: u64,
    faults: Vec<Failure>,
    ui: &Ui,
) -> Result<(), Stop> {
    let ImportReport { new, changed, same, quarantined, without_id } = report;
    let error = faults.first().map(Failure::json);
    let errors = if faults.len() > 1 { faults.iter().map(Failure::json).collect() } else { vec![] };
    let json = Imported { new, changed, same, quarantined, without_id, files, error, errors };
    ui.answer(&json, || text(connection, report, files))?;
    match faults.len() {
        0 => Ok(()),
        1 => Err(Stop::Reported(Box::new(faults.into_iter().next().unwrap_or_else(Failure::bug)))),
        _ => Err(Stop::Reported(Box::new(together(&faults)))),
    }
}

fn text(connection: &str, report: ImportReport, files: u64) -> String {
    let ImportReport { new, changed, same, quarantined, without_id } = report;
    let mut text = format!(
        "{} into connection {}: {} new, {} changed, {} the same\n",
        plural(files, "file"),
        clean(connection),
        count(new),
        count(changed),
        count(same)
    );
    if without_id > 0 {
        text.push_str(&format!(
            "{} came without an id and got one here\n",
            plural(without_id, "resource")
        ));
    }
    if quarantined > 0 {
        text.push_str(&format!(
            "{} quarantined: kept, but not part of the record\n",
            count(quarantined)
        ));
    }
    text
}

/// Many faults as one error of at most eight lines.
fn together(faults: &[Failure]) -> Failure {
    // A fault of the vault ended the run and comes last; it names the error.
    let mut failure = faults.last().cloned().unwrap_or_else(Failure::bug);
    failure.details = faults.iter().take(NAMED).map(|fault| fault.what.clone()).collect();
    if faults.len() > NAMED {
        failure.details.push(format!("and {} more", faults.len() - NAMED));
    }
    failure.what =
        format!("{} went wrong; all other files are in", plural(faults.len() as u64, "file"));
    failure
}
