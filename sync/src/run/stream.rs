//! One stream: page after page to its end, each page one transaction, the next one fetched meanwhile.

use std::collections::HashSet;

use chartkeep::{ConnectionId, Error, ImportReport, LedgerEntry, QuarantineReason, Vault};
use url::Url;

use super::ask::{Run, Stop};
use super::cycle::{self, Cycle, Place};
use super::page::{Page, PageFault};
use super::person::Person;
use super::report::Refusal;
use crate::error::SyncError;
use crate::http::Answer;
use crate::origin::Base;

const MAX_PAGES: u32 = 5_000;
const MAX_EMPTY: u32 = 20;
const MAX_RESTARTS: u32 = 2;
/// Tries of a page that is not JSON.
const READS: u32 = 3;

/// A paged query.
pub(crate) struct Stream<'s> {
    pub(crate) name: &'s str,
    /// Below the base.
    pub(crate) first: String,
    /// What stands in the ledger and in refusals.
    pub(crate) what: &'s str,
}

/// How a stream ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    Done,
    /// Its first page was refused with this status.
    Refused(u16),
}

/// What is written of one page.
struct Writing {
    vault: Vault,
    connection: ConnectionId,
    page: Page,
    patients: Vec<String>,
    base: Base,
    stream: String,
    place: Place,
    cycle: Cycle,
    ledger: Vec<LedgerEntry>,
}

/// Follows a stream from where it is to its end.
pub(crate) async fn follow(
    run: &mut Run,
    cycle: &mut Cycle,
    stream: &Stream<'_>,
) -> Result<Followed, Stop> {
    let (vault, connection) = (run.session.vault().clone(), run.session.connection().id);
    let base = run.session.base().clone();
    let first = base.below(&stream.first).map_err(SyncError::BaseUrl)?;
    let patients = vault.subjects(connection)?;
    let mut place = cycle.place(&vault, connection, stream.name)?;
    if place.done {
        return Ok(Followed::Done);
    }
    let mut url = match &place.next {
        // It was accepted when it was stored.
        Some(next) => base.accept(next).unwrap_or_else(|_| first.clone()),
        None => first.clone(),
    };
    let mut visited = HashSet::new();
    let mut answer = run.ask(stream.what, &url).await?;
    loop {
        if !(200..300).contains(&answer.status) {
            let status = answer.status;
            if status == 401 {
                return Err(run.session.needs_authorization().into());
            }
            if place.pages == 0 {
                return Ok(Followed::Refused(status));
            }
            // Cursors end; a stream that is begun again brings nothing twice.
            if place.restarts >= MAX_RESTARTS {
                return Err(blocked("sync.cursor_gone"));
            }
            place = Place { restarts: place.restarts + 1, ..cycle.start() };
            visited.clear();
            url = first.clone();
            answer = run.ask(stream.what, &url).await?;
            continue;
        }
        let page = match read(run, stream, &url, answer).await? {
            Some(page) => page,
            None if place.pages == 0 => return Ok(Followed::Refused(0)),
            None => return Err(blocked("sync.not_fhir")),
        };
        visited.insert(url.as_str().to_owned());
        if let Some(total) = page.total {
            run.progress.expected = Some(total);
        }
        place.pages += 1;
        place.empty = if page.len() == 0 { place.empty + 1 } else { 0 };
        let next = next(&page, &base, &visited, &place).unwrap_or_else(|code| {
            refuse(run, stream.what, code);
            cycle.cut = true;
            None
        });
        if page.cut {
            refuse(run, stream.what, "sync.link_omitted");
            cycle.cut = true;
        }
        place.next = page.next.clone().filter(|_| next.is_some());
        place.done = next.is_none();
        cycle.received += page.len() as u64;
        let mut ledger = std::mem::take(&mut run.unwritten);
        if let Some(last) = ledger.last_mut() {
            last.received = u32::try_from(page.len()).unwrap_or(u32::MAX);
        }
        let writing = Writing {
            vault: vault.clone(),
            connection,
            patients: patients.clone(),
            base: base.clone(),
            stream: stream.name.to_owned(),
            place: place.clone(),
            cycle: cycle.clone(),
            page,
            ledger,
        };
        let written = tokio::task::spawn_blocking(move || writing.write());
        let Some(next) = next else {
            count(run, written.await)?;
            return Ok(Followed::Done);
        };
        let (written, asked) = tokio::join!(written, run.ask(stream.what, &next));
        count(run, written)?;
        (url, answer) = (next, asked?);
    }
}

/// The page in an answer; one that is not JSON is asked for again. None where it never is.
async fn read(
    run: &mut Run,
    stream: &Stream<'_>,
    url: &Url,
    answer: Answer,
) -> Result<Option<Page>, Stop> {
    let mut body = answer.body;
    for tried in 1.. {
        match Page::read(body) {
            Ok(page) => return Ok(Some(page)),
            Err(PageFault::NotJson) if tried < READS => {
                let again = run.ask(stream.what, url).await?;
                if !(200..300).contains(&again.status) {
                    return Ok(None);
                }
                body = again.body;
            }
            Err(PageFault::NotJson | PageFault::NotFhir | PageFault::TooLarge) => break,
        }
    }
    Ok(None)
}

/// The address of the next page, if there is one; why it is not followed, where it must not be.
fn next(
    page: &Page,
    base: &Base,
    visited: &HashSet<String>,
    place: &Place,
) -> Result<Option<Url>, &'static str> {
    let Some(link) = &page.next else { return Ok(None) };
    let url = base.accept(link).map_err(|_| "sync.foreign_link")?;
    if visited.contains(url.as_str()) {
        return Err("sync.link_loop");
    }
    match place.pages >= MAX_PAGES || place.empty >= MAX_EMPTY {
        true => Err("sync.too_many_pages"),
        false => Ok(Some(url)),
    }
}

fn blocked(reason: &'static str) -> Stop {
    Stop::Blocked { reason, needs: None, until: None }
}

/// Notes that something was not given.
pub(crate) fn refuse(run: &mut Run, what: &str, code: &'static str) {
    let advice = match code {
        "sync.foreign_link" => "the server's link leads to another server and was not followed",
        "sync.link_loop" | "sync.too_many_pages" => "the server's pages do not end",
        "sync.link_omitted" => "the server left a link out; there may be more than came",
        "sync.empty" => "the server gave nothing at all; the access may have been withdrawn",
        "sync.vanished" => "much is gone at the server at once; nothing was marked",
        _ => "the server does not give this to the app",
    };
    let refusal = Refusal { what: what.to_owned(), code, advice };
    if !run.report.refused.contains(&refusal) {
        run.report.refused.push(refusal);
    }
}

/// Adds what a page brought.
pub(crate) fn count(
    run: &mut Run,
    written: Result<Result<ImportReport, SyncError>, tokio::task::JoinError>,
) -> Result<(), Stop> {
    let report = written.map_err(|_| Stop::Failed(Error::Inconsistent("sync").into()))??;
    let counts = &mut run.report.counts;
    counts.new += report.new;
    counts.changed += report.changed;
    counts.same += report.same;
    run.report.quarantined += report.quarantined;
    run.progress.new = counts.new;
    run.progress.changed = counts.changed;
    run.progress.done = counts.new + counts.changed + counts.same + run.report.quarantined;
    run.tell();
    Ok(())
}

impl Writing {
    fn write(self) -> Result<ImportReport, SyncError> {
        let mut paths = Vec::new();
        self.vault.write(self.connection, |txn| {
            for bytes in self.page.resources() {
                let person = Person::of(bytes);
                if person.is_foreign(&self.patients, &self.base) {
                    txn.quarantine(QuarantineReason::OtherSubject, bytes)?;
                    continue;
                }
                txn.put(bytes)?;
                paths.extend(person.identity().map(|target| target.path()));
            }
            if self.cycle.is_full() {
                cycle::store_seen(txn, &self.stream, self.place.pages, &paths);
            }
            cycle::store_place(txn, &self.stream, &self.place);
            cycle::store(txn, cycle::CYCLE, &self.cycle);
            self.ledger.iter().for_each(|entry| txn.ledger(entry.clone()));
            Ok(txn.report())
        })
    }
}
