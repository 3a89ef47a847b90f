//! Searches within one type, by patient, id and time of change; pages by place.

use super::bundle::Page;
use super::cursor::{COMPARTMENT, Cursor, Position};
use super::outcome::failure;
use super::query::Query;
use super::{Access, answer};
use crate::clock::{Millis, parse_instant};
use crate::data::{Record, elements};
use crate::fault::FaultKind;
use crate::http::Response;
use crate::state::{State, random_id};
use crate::switches::{Since, Total};

/// Parameters that name the patient whose record is meant.
const PATIENT_PARAMETERS: &[&str] = &["patient", "subject", "beneficiary", "individual"];

/// The answer to a search or to one of its next links.
pub(crate) fn search(
    state: &State,
    access: &Access,
    kind: &str,
    raw_query: &str,
    fault: Option<&FaultKind>,
) -> Response {
    if !access.may(kind, 's') {
        return failure(403, "forbidden", "The scopes of the token do not allow this.");
    }
    let mut known = vec!["_id", "_lastUpdated", "_count", "_format"];
    if !elements(kind).is_empty() {
        known.extend(PATIENT_PARAMETERS);
    }
    let query = Query::read(raw_query, &known);
    for name in PATIENT_PARAMETERS {
        let foreign =
            |value: &str| value.strip_prefix("Patient/").unwrap_or(value) != access.patient;
        if query.all(name).any(foreign) {
            return failure(
                state.switches.foreign_status,
                "forbidden",
                "Not this patient's token.",
            );
        }
    }
    let bounds = match bounds(state.switches.since, &query) {
        Ok(bounds) => bounds,
        Err(refusal) => return *refusal,
    };
    let size = match query.get("_count").map(str::parse::<usize>) {
        None => state.page_size,
        Some(Ok(count)) => count.clamp(1, state.switches.search_count_max),
        Some(Err(_)) => return failure(400, "invalid", "_count is not a number."),
    };
    let cursor = match query.get("ct").map(Cursor::decode) {
        None => Cursor::new(start(0), start(0)),
        Some(Some(cursor)) => cursor,
        Some(None) => return failure(400, "invalid", "The continuation token is not valid."),
    };
    let ids: Option<Vec<&str>> = query.get("_id").map(|list| list.split(',').collect());
    let of_patient = PATIENT_PARAMETERS.iter().any(|name| query.get(name).is_some());
    let takes = |record: &Record| {
        access.sees(record)
            && ids.as_ref().is_none_or(|ids| ids.contains(&record.id.as_str()))
            && (!of_patient || record.is_of(&access.patient))
            && bounds.iter().all(|bound| bound.holds(record.updated))
    };
    let duplicate = fault == Some(&FaultKind::DuplicatePage);
    let from = if duplicate { cursor.before } else { cursor.at };
    let mut matching = state.store.of_type(kind, from.after).filter(|record| takes(record));
    let records: Vec<&Record> = matching.by_ref().take(size).collect();
    let next = match records.last() {
        _ if duplicate => Some(cursor.renewed()),
        Some(last) if matching.next().is_some() => Some(Cursor::new(start(last.place), cursor.at)),
        _ => None,
    };
    let total = (state.switches.total == Total::Exact)
        .then(|| state.store.of_type(kind, 0).filter(|record| takes(record)).count());
    let target = format!("{}/{kind}", state.base);
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

fn start(after: u64) -> Position {
    Position { phase: COMPARTMENT, after }
}

enum Bound {
    From(Millis),
    After(Millis),
    Until(Millis),
    Before(Millis),
}

impl Bound {
    fn holds(&self, at: Millis) -> bool {
        match *self {
            Self::From(bound) => at >= bound,
            Self::After(bound) => at > bound,
            Self::Until(bound) => at <= bound,
            Self::Before(bound) => at < bound,
        }
    }
}

fn bounds(switch: Since, query: &Query) -> Result<Vec<Bound>, Box<Response>> {
    let mut bounds = Vec::new();
    for text in query.all("_lastUpdated") {
        match switch {
            Since::Ignored => continue,
            Since::Rejected => {
                let text = "This server cannot filter by time of change.";
                return Err(failure(400, "not-supported", text).into());
            }
            Since::Honoured => {}
        }
        let (prefix, value) = text.split_at_checked(2).unwrap_or((text, ""));
        let at = parse_instant(value);
        bounds.push(match (prefix, at) {
            ("ge", Some(at)) => Bound::From(at),
            ("gt", Some(at)) => Bound::After(at),
            ("le", Some(at)) => Bound::Until(at),
            ("lt", Some(at)) => Bound::Before(at),
            _ => {
                let text = "_lastUpdated takes ge, gt, le or lt and an instant.";
                return Err(failure(400, "invalid", text).into());
            }
        });
    }
    Ok(bounds)
}
