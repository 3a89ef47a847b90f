//! `Patient/[id]/$everything` in phases: the Patient, the compartment, the Devices. Every phase that
//! is not the last has a next link, even to a phase that turns out to be empty.

use super::bundle::Page;
use super::cursor::{COMPARTMENT, Cursor, DEVICES, PATIENT, Position};
use super::outcome::failure;
use super::query::Query;
use super::{Access, answer, since};
use crate::clock::Millis;
use crate::data::Record;
use crate::fault::FaultKind;
use crate::http::Response;
use crate::state::{State, random_id};
use crate::switches::{Everything, Total};

const PARAMETERS: &[&str] = &["_since", "_type", "_format"];

/// What of a patient's record is asked for.
struct Filter<'a> {
    access: &'a Access,
    types: Vec<&'a str>,
    since: Option<Millis>,
}

impl Filter<'_> {
    fn takes(&self, record: &Record) -> bool {
        (self.types.is_empty() || self.types.contains(&record.kind.as_str()))
            && self.since.is_none_or(|since| record.updated >= since)
            && self.access.sees(record)
    }
}

/// The answer to the operation or to one of its next links.
pub(crate) fn everything(
    state: &State,
    access: &Access,
    patient: &str,
    raw_query: &str,
    fault: Option<&FaultKind>,
) -> Response {
    match state.switches.everything {
        Everything::Off => return failure(404, "not-supported", "There is no such operation."),
        Everything::Forbidden => {
            return failure(403, "forbidden", "The scopes of the token do not allow this.");
        }
        Everything::Microsoft | Everything::SingleBundle => {}
    }
    if patient != access.patient {
        return failure(state.switches.foreign_status, "forbidden", "Not this patient's token.");
    }
    if !access.may("Patient", 'r') {
        return failure(403, "forbidden", "The scopes of the token do not allow this.");
    }
    let query = Query::read(raw_query, PARAMETERS);
    let since = match since(state.switches.since, query.get("_since")) {
        Ok(since) => since,
        Err(refusal) => return *refusal,
    };
    let types = query.all("_type").flat_map(|list| list.split(',')).collect();
    let filter = Filter { access, types, since };
    let cursor = match query.get("ct") {
        None => Cursor::new(Position::default(), Position::default()),
        Some(text) => match Cursor::decode(text) {
            Some(cursor) => cursor,
            None => return failure(400, "invalid", "The continuation token is not valid."),
        },
    };
    let single = state.switches.everything == Everything::SingleBundle;
    let size = if single { usize::MAX } else { state.page_size };

    let duplicate = fault == Some(&FaultKind::DuplicatePage);
    let (at, records, next) = if duplicate {
        let (_, records, _) = page(state, patient, cursor.before, size, &filter);
        (cursor.at, records, Some(cursor.renewed()))
    } else {
        let (at, records, next) = page(state, patient, cursor.at, size, &filter);
        (at, records, next.map(|next| Cursor::new(next, cursor.at)))
    };
    let total = match state.switches.total {
        Total::None => None,
        Total::Exact => {
            Some(state.store.of_patient(patient, 0).filter(|it| filter.takes(it)).count())
        }
    };
    let target = format!("{}/Patient/{patient}/$everything", state.base);
    let mut records = records;
    if single && at.phase == PATIENT {
        // The later phases follow in the same Bundle.
        let mut rest = next;
        while let Some(cursor) = rest {
            let (_, more, next) = page(state, patient, cursor.at, size, &filter);
            records.extend(more);
            rest = next.map(|next| Cursor::new(next, cursor.at));
        }
    }
    let next = if single { None } else { next };
    let page = Page {
        base: &state.base,
        now: state.clock.now(),
        id: random_id(),
        total,
        self_link: query.link(&target, query.get("ct")),
        next_link: next.map(|cursor| query.link(&target, Some(&cursor.encode()))),
        records,
        extra: None,
        outcomes: query.warnings(),
    };
    answer(state, page, fault)
}

/// The page at a position: where it really starts, its records, where the next one starts. Empty
/// phases are passed over.
fn page<'a>(
    state: &'a State,
    patient: &str,
    mut at: Position,
    size: usize,
    filter: &Filter<'_>,
) -> (Position, Vec<&'a Record>, Option<Position>) {
    if at.phase == PATIENT {
        let own = state.store.get("Patient", patient);
        let carers = own
            .filter(|_| state.switches.everything_carers)
            .into_iter()
            .flat_map(|own| &own.carers)
            .filter_map(|(kind, id)| state.store.get(kind, id));
        let records: Vec<&Record> =
            own.into_iter().chain(carers).filter(|record| filter.takes(record)).collect();
        if !records.is_empty() {
            return (at, records, Some(Position { phase: COMPARTMENT, after: 0 }));
        }
        at = Position { phase: COMPARTMENT, after: 0 };
    }
    if at.phase == COMPARTMENT {
        let (records, more) = slice(state, patient, at.after, size, |record| {
            record.kind != "Patient" && record.kind != "Device" && filter.takes(record)
        });
        if let (true, Some(last)) = (more, records.last()) {
            let next = Position { phase: COMPARTMENT, after: last.place };
            return (at, records, Some(next));
        }
        if !records.is_empty() {
            return (at, records, Some(Position { phase: DEVICES, after: 0 }));
        }
        at = Position { phase: DEVICES, after: 0 };
    }
    let (records, more) = slice(state, patient, at.after, size, |record| {
        record.kind == "Device" && filter.takes(record)
    });
    let next =
        records.last().filter(|_| more).map(|last| Position { phase: DEVICES, after: last.place });
    (at, records, next)
}

/// Up to `size` of a patient's records after a place, and whether there are more.
fn slice<'a>(
    state: &'a State,
    patient: &str,
    after: u64,
    size: usize,
    takes: impl Fn(&Record) -> bool,
) -> (Vec<&'a Record>, bool) {
    let mut matching = state.store.of_patient(patient, after).filter(|record| takes(record));
    let records: Vec<&Record> = matching.by_ref().take(size).collect();
    let more = matching.next().is_some();
    (records, more)
}
