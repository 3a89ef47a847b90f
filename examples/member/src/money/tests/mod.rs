//! What must hold for every claim of every record: the money identities, the limits of every benefit
//! period, the chains, one claim for each fill and visit, and the same bytes again.

mod days;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::benefit::{DENTAL_MAXIMUM, Network};
use super::book::book;
use super::cents::Cents;
use super::claim::{Claim, Fate, Kind, Line};
use super::coverage::CoverageKind;
use super::prior_auth::State;
use super::resources;
use crate::date::{Date, TODAY};
use crate::life::Life;
use crate::life::build::whole;
use crate::life::view::{Window, view};

/// Records of six seeds and three windows: some months, some years, all.
fn lives() -> Vec<Life> {
    (1..=6).flat_map(windows).collect()
}

/// Records of two seeds, for tests that read JSON.
fn few_lives() -> Vec<Life> {
    [2, 5].into_iter().flat_map(windows).collect()
}

/// The record of a seed in three windows.
fn windows(seed: u64) -> [Life; 3] {
    let (life, _) = whole(seed);
    [(2026, 1), (2023, 1), (2011, 7)].map(|(year, month)| {
        let since = Date::of(year, month, 1);
        view(&life, Window { since, essential_since: Date::of(2011, 7, 1) }, TODAY)
    })
}

/// All of a life on a day.
fn on(whole: &Life, day: Date) -> Life {
    let since = Date::of(2011, 7, 1);
    view(whole, Window { since, essential_since: since }, day)
}

#[test]
fn the_money_of_every_line_adds_up() {
    for life in lives() {
        let book = book(&life);
        assert!(book.claims.len() > 10);
        for claim in &book.claims {
            for line in &claim.lines {
                let money = line.money;
                assert!(money.adds_up(), "{claim:?}");
                if claim.contracted || !claim.balance_billed {
                    let all = line.denial.is_some() || money.noncovered == Cents::ZERO;
                    assert!(all, "in network nothing is left to the member but a denial: {line:?}");
                } else {
                    assert_eq!(money.discount, Cents::ZERO, "no contract, no discount");
                }
            }
            let paid = claim.script.as_ref().filter(|_| !claim.denied());
            if let Some(script) = paid {
                let parts: Cents = script.parts.iter().copied().sum();
                assert_eq!(claim.totals().eligible, parts, "drug cost is the sum of its parts");
            }
        }
    }
}

#[test]
fn no_benefit_period_goes_beyond_its_limits() {
    let mut met = 0;
    for life in lives() {
        let book = book(&life);
        let mut used: BTreeMap<(usize, usize), (Cents, Cents)> = BTreeMap::new();
        let mut dental: BTreeMap<usize, Cents> = BTreeMap::new();
        for claim in book.claims.iter().filter(|claim| claim.stands(life.today)) {
            let total = claim.totals();
            let sums = used.entry((claim.period, claim.network as usize)).or_default();
            sums.0 += total.deductible;
            sums.1 += total.share();
            if claim.kind == Kind::Oral {
                *dental.entry(claim.period).or_default() += total.benefit;
            }
        }
        for ((period, side), (deductible, out_of_pocket)) in used {
            let plan = book.coverages[period].plan;
            assert!(deductible <= plan.deductible[side], "{period} {side} {deductible}");
            assert!(out_of_pocket <= plan.limit[side], "{period} {side} {out_of_pocket}");
            met += u32::from(deductible == plan.deductible[side] && deductible.is_some());
        }
        assert!(dental.values().all(|paid| *paid <= DENTAL_MAXIMUM));
    }
    assert!(met > 20, "deductibles are met, and start anew every year: {met}");
}

#[test]
fn claims_are_paid_by_the_coverage_of_the_day() {
    for life in lives() {
        let book = book(&life);
        for claim in &book.claims {
            let coverage = &book.coverages[claim.coverage];
            let wanted = match claim.kind {
                Kind::Pharmacy => CoverageKind::Drug,
                Kind::Oral => CoverageKind::Dental,
                _ => CoverageKind::Medical,
            };
            assert_eq!(coverage.kind, wanted);
            assert!((coverage.period.0..=coverage.period.1).contains(&claim.service.0));
            assert!(claim.service.0 <= claim.service.1 && claim.service.1 <= claim.received);
            assert!(claim.received <= claim.adjudicated && claim.published() <= life.today);
        }
    }
}

#[test]
fn chains_of_claims_link_both_ways() {
    let mut longest = 0;
    for life in lives() {
        let book = book(&life);
        let by_uc: BTreeMap<&str, &Claim> =
            book.claims.iter().map(|claim| (claim.uc.as_str(), claim)).collect();
        assert_eq!(by_uc.len(), book.claims.len(), "claim numbers are unique");
        for claim in &book.claims {
            if let Some(next) = claim.replaced_by(life.today) {
                assert_eq!(by_uc[next].replaces.as_deref(), Some(claim.uc.as_str()));
                assert!(!claim.stands(life.today));
            }
            let mut length = 0;
            let mut here = claim;
            while let Some(before) = here.replaces.as_deref() {
                here = by_uc[before];
                assert!(matches!(here.fate, Fate::Replaced(..)));
                length += 1;
            }
            longest = longest.max(length);
        }
    }
    assert!(longest >= 2, "a chain of three");
}

#[test]
fn every_fill_and_every_visit_has_its_claim() {
    // What the pharmacy tried in vain before the fill.
    let rejected =
        |line: &Line| line.denial.is_some_and(|denial| ["75", "79"].contains(&denial.reason));
    for life in lives() {
        let book = book(&life);
        let late = life.today.plus(-60);
        for fill in life.fills.iter().filter(|fill| fill.when.date < late) {
            let prescription = format!("MedicationRequest/{}", fill.prescription);
            let same = |claim: &&Claim| {
                claim
                    .script
                    .as_ref()
                    .is_some_and(|script| script.prescription.as_ref() == Some(&prescription))
                    && claim.service.0 == fill.when.date
                    && claim.stands(life.today)
                    && !claim.lines.iter().any(rejected)
            };
            assert_eq!(book.claims.iter().filter(same).count(), 1, "{fill:?}");
        }
        for visit in life.visits.iter().filter(|visit| visit.end.date < late) {
            let encounter = format!("Encounter/{}", visit.id);
            let own = |claim: &&Claim| claim.encounter.as_ref() == Some(&encounter);
            let standing = book.claims.iter().filter(own).any(|claim| claim.stands(life.today));
            assert!(standing || visit.date() > life.today.plus(-500), "{visit:?}");
        }
    }
}

#[test]
fn the_whole_record_has_every_kind_of_trouble() {
    let life = on(&whole(1).0, TODAY);
    let book = book(&life);
    let claims = &book.claims;
    let any = |what: &dyn Fn(&Claim) -> bool| claims.iter().any(what);
    for kind in [
        Kind::Inpatient,
        Kind::Outpatient,
        Kind::Professional,
        Kind::Vision,
        Kind::Pharmacy,
        Kind::Oral,
    ] {
        assert!(any(&|claim| claim.kind == kind), "{kind:?}");
    }
    assert!(any(&|claim| claim.denied() && claim.totals().noncovered.is_some()));
    assert!(any(&|claim| claim.denied() && claim.totals().member_liability() == Cents::ZERO));
    assert!(any(&|claim| claim.partly_denied() && !claim.denied()));
    assert!(any(&|claim| claim.masked) && any(&|claim| claim.month_only));
    assert!(any(&|claim| claim.other_coverage.is_some() && claim.totals().prior_paid.is_some()));
    assert!(any(&|claim| matches!(claim.fate, Fate::Voided(_))));
    assert!(any(&|claim| claim.kind == Kind::Pharmacy && !claim.stands(TODAY)), "a reversal");
    assert!(any(&|claim| claim.kind == Kind::Pharmacy && claim.denied()), "a rejection");
    assert!(any(&|claim| claim.network == Network::Out && claim.pay_member));
    assert!(any(&|claim| claim.stay.as_ref().is_some_and(|stay| stay.header_level)));
    assert!(any(&|claim| claim.stay.as_ref().is_some_and(|stay| !stay.header_level)));
    let decided = |state: State| {
        book.authorizations
            .iter()
            .any(|request| request.until(TODAY).last().is_some_and(|last| last.1 == state))
    };
    for state in [State::Approved, State::Denied, State::Pended, State::Cancelled] {
        assert!(decided(state), "{state:?}");
    }
    assert!(book.authorizations.iter().any(|request| request.appeals.is_some()));
    assert!(book.authorizations.iter().any(|request| request.consumed(TODAY) > 0));
}

/// Every reference of a resource, without versions.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("reference") {
                let whole = reference.split("/_history").next().unwrap_or_default();
                found.push(whole.to_owned());
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn references_resolve_and_ids_are_unique() {
    for life in few_lives() {
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut all = resources(&life);
        all.extend(crate::formulary::resources(&life));
        for resource in &all {
            assert!(known.insert(format!("{}/{}", resource.kind, resource.id)), "{}", resource.id);
        }
        // The clinical side writes these; here they are taken from the facts.
        known.insert(format!("Patient/{}", life.member.id));
        known.insert(format!("RelatedPerson/{}", life.spouse.id));
        known.extend(life.visits.iter().map(|visit| format!("Encounter/{}", visit.id)));
        known.extend(life.prescriptions.iter().map(|one| format!("MedicationRequest/{}", one.id)));
        known.extend(
            life.providers.practitioners.iter().map(|one| format!("Practitioner/{}", one.id)),
        );
        for one in &life.providers.organizations {
            known.insert(format!("Organization/{}", one.id));
            known.insert(format!("Location/{}", one.location_id));
        }
        for resource in &all {
            let value: Value = serde_json::from_str(&resource.json).expect("JSON");
            assert_eq!(value["id"], resource.id.as_str());
            let mut found = Vec::new();
            references(&value, &mut found);
            for reference in found {
                assert!(known.contains(&reference), "{reference} in {}", resource.json);
            }
        }
    }
}

#[test]
fn the_same_life_has_the_same_bytes() {
    let of = |seed| {
        let life = on(&whole(seed).0, TODAY);
        let mut all = resources(&life);
        all.extend(crate::formulary::resources(&life));
        all
    };
    assert_eq!(of(3), of(3));
    assert_ne!(of(3), of(4));
}
