//! What later days of the view do to the money: new claims, corrections, a change of plan, decisions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::on;
use crate::date::{Date, TODAY};
use crate::life::Life;
use crate::life::build::whole;
use crate::life::view::{Window, view};
use crate::money::book::{Book, book};
use crate::money::coverage::{CHANGE, CoverageKind};
use crate::money::prior_auth::State;
use crate::money::resources;

/// Unique claim ids with status, and authorizations with outcome, of a day.
fn states(book: &Book, day: Date) -> (BTreeMap<String, bool>, BTreeMap<String, State>) {
    let claims = book.claims.iter().map(|claim| (claim.id.clone(), claim.stands(day))).collect();
    let requests = book
        .authorizations
        .iter()
        .filter_map(|request| Some((request.id.clone(), request.until(day).last()?.1)))
        .collect();
    (claims, requests)
}

#[test]
fn days_add_claims_and_never_take_one_away() {
    let mut new = 0;
    let mut ended = 0;
    let mut decided = 0;
    for seed in 1..=3 {
        let (all, _) = whole(seed);
        let mut before = states(&book(&on(&all, TODAY)), TODAY);
        for n in 1..=45 {
            let day = TODAY.plus(n);
            let life = on(&all, day);
            let after = states(&book(&life), day);
            for (id, stood) in &before.0 {
                let stands = after.0.get(id).expect("a claim stays in the record");
                assert!(*stood || !stands, "a cancelled claim stays cancelled");
                ended += u32::from(*stood && !stands);
            }
            decided +=
                before.1.iter().filter(|(id, state)| after.1.get(*id) != Some(state)).count();
            new += after.0.len() - before.0.len();
            before = after;
        }
        let plans = |day| {
            let coverages = book(&on(&all, day)).coverages.into_iter();
            let medical = coverages.filter(|fact| fact.kind == CoverageKind::Medical);
            medical
                .filter(|fact| fact.period.0.year() == 2026)
                .map(|fact| fact.period)
                .collect::<Vec<_>>()
        };
        let current = plans(CHANGE.0);
        assert_eq!(current.len(), 2, "the group changed its plan");
        assert_eq!(current[0].1.plus(1), current[1].0);
        assert_eq!(plans(CHANGE.0.plus(-1)).len(), 1);
    }
    assert!(new > 20 && ended > 0 && decided > 2, "{new} {ended} {decided}");
}

/// Version and day of the last update of a resource, and its text.
fn versions(life: &Life) -> BTreeMap<(&'static str, String), (u64, String, String)> {
    let mut all = resources(life);
    all.extend(crate::formulary::resources(life));
    all.into_iter()
        .map(|resource| {
            let value: Value = serde_json::from_str(&resource.json).expect("JSON");
            let version = value["meta"]["versionId"].as_str().and_then(|text| text.parse().ok());
            let updated = value["meta"]["lastUpdated"].as_str().map(str::to_owned);
            let entry = (version.expect("version"), updated.expect("time"), resource.json);
            ((resource.kind, resource.id), entry)
        })
        .collect()
}

#[test]
fn what_changes_has_a_new_version_of_the_day() {
    let mut changed = 0;
    for seed in 1..=2 {
        let (all, _) = whole(seed);
        let since = Date::of(2025, 7, 1);
        let on = |day| view(&all, Window { since, essential_since: since }, day);
        // The first weeks, the enrolment for the next year, the turn of the year.
        let mut before = versions(&on(TODAY));
        for n in (1..=30).chain(164..=166).chain(184..=186) {
            let day = TODAY.plus(n);
            if [164, 184].contains(&n) {
                before = versions(&on(day.plus(-1)));
            }
            let after = versions(&on(day));
            for (key, (version, updated, json)) in &before {
                let (next, when, text) = after.get(key).expect("nothing vanishes");
                if text == json {
                    continue;
                }
                changed += 1;
                assert!(
                    next > version && when > updated,
                    "{key:?} {updated} {when}\n{json}\n{text}"
                );
                assert!(*when >= day.to_string(), "{key:?} changed on {day}, says {when}");
            }
            for (key, (_, when, json)) in &after {
                let new = !before.contains_key(key) && key.0 != "InsurancePlan";
                assert!(
                    !new || *when >= day.plus(-1).to_string(),
                    "{key:?} came on {day}, says {when} {json}"
                );
            }
            before = after;
        }
    }
    assert!(changed > 10, "{changed}");
}

#[test]
fn what_was_decided_is_not_decided_anew_on_a_later_day() {
    let (all, _) = whole(2);
    let early = book(&on(&all, TODAY));
    let late = book(&on(&all, TODAY.plus(120)));
    for claim in &early.claims {
        let same = late.claims.iter().find(|other| other.id == claim.id).expect("still there");
        assert_eq!(claim.lines, same.lines, "{}", claim.uc);
        assert_eq!((&claim.uc, claim.adjudicated), (&same.uc, same.adjudicated));
    }
}
