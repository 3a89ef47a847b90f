//! The book of the payer: every coverage, claim and authorization of a life, adjudicated in the order in
//! which the payer decided, as it stands on the day of the view.

use std::collections::{BTreeMap, BTreeSet};

use super::adjudicate::{Burden, Charge, Ledger, Money};
use super::benefit::{DENTAL_MAXIMUM, Share};
use super::cents::Cents;
use super::claim::{Claim, Fate, Kind};
use super::coverage::{self, CoverageFact};
use super::draft::Source;
use super::prior_auth::{self, PriorAuth};
use super::{denials, institutional, oral, pharmacy, professional, story};
use crate::date::{Date, TODAY};
use crate::life::Life;
use crate::life::drug::Prescription;
use crate::life::lab::Panel;
use crate::life::visit::Setting;

/// What the other payer paid of the allowed amount, in percent.
const OTHER_PAYER: i64 = 70;

/// All that the payer knows.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    /// Coverages, by kind and time.
    pub(crate) coverages: Vec<CoverageFact>,
    /// Claims decided up to the day, by service.
    pub(crate) claims: Vec<Claim>,
    /// Authorizations asked for up to the day, by time.
    pub(crate) authorizations: Vec<PriorAuth>,
}

/// Makes the book of a life as it stands on its day.
pub(crate) fn book(life: &Life) -> Book {
    let mut used: Vec<i32> = life
        .visits
        .iter()
        .map(|visit| visit.date().year())
        .chain(life.fills.iter().map(|fill| fill.when.date.year()))
        .collect();
    used.sort_unstable();
    used.dedup();
    // A year of its own, the same on every day of the view.
    let other = (TODAY.year() - 3).max(life.since.year());
    let coverages = coverage::of(life, &used, Some(other));
    let source = Source { life, coverages: &coverages };

    let mut claims = drafts(source);
    // All that a claim is made of is known before it is decided. So in this order a later day only adds
    // claims after those that are in the record already.
    claims.sort_by(|a, b| (a.adjudicated, &a.id).cmp(&(b.adjudicated, &b.id)));
    story::tell(source, &mut claims);
    adjudicate(&coverages, &mut claims);
    claims.retain(|claim| claim.published() <= life.today);
    claims.sort_by(|a, b| {
        (a.service.0, a.adjudicated, &a.id).cmp(&(b.service.0, b.adjudicated, &b.id))
    });
    let authorizations = prior_auth::of(source);
    Book { coverages, claims, authorizations }
}

/// Claims of all visits and fills, with nothing decided.
fn drafts(source: Source<'_>) -> Vec<Claim> {
    let life = source.life;
    let mut panels: BTreeMap<&str, Vec<&Panel>> = BTreeMap::new();
    for panel in &life.panels {
        panels.entry(&panel.visit).or_default().push(panel);
    }
    let led: BTreeSet<&str> =
        life.visits.iter().filter_map(|visit| visit.led_to.as_deref()).collect();
    let prescriptions: BTreeMap<&str, &Prescription> = life
        .prescriptions
        .iter()
        .map(|prescription| (prescription.id.as_str(), prescription))
        .collect();

    let mut claims = Vec::new();
    for visit in &life.visits {
        let own = panels.get(visit.id.as_str()).map_or(&[][..], Vec::as_slice);
        if visit.setting == Setting::Dental {
            claims.extend(oral::of_visit(source, visit));
            continue;
        }
        if visit.setting == Setting::Pharmacy
            && let Some(claim) = pharmacy::of_vaccine(source, visit)
        {
            claims.push(claim);
            continue;
        }
        claims.extend(professional::of_visit(source, visit, own));
        let emergency = led.contains(visit.id.as_str());
        claims.extend(institutional::of_visit(source, visit, emergency, own));
    }
    for prescription in &life.prescriptions {
        let new = prescription.renews.is_none() && !prescription.reported;
        if prescription.drug.prior_authorization && new {
            claims.extend(pharmacy::unasked(source, prescription));
        }
    }
    for fill in &life.fills {
        if let Some(prescription) = prescriptions.get(fill.prescription.as_str()) {
            claims.extend(pharmacy::of_fill(source, fill, prescription));
        }
    }
    claims
}

/// Decides all claims day by day. What ends on a day is given back before anything new is decided.
fn adjudicate(coverages: &[CoverageFact], claims: &mut [Claim]) {
    let mut events: Vec<(Date, bool, usize)> = Vec::new();
    for (index, claim) in claims.iter().enumerate() {
        events.push((claim.adjudicated, true, index));
        if let Fate::Voided(day) | Fate::Replaced(day, _) = claim.fate {
            // It shows a day after the decision, as everything does.
            events.push((day.plus(-1), false, index));
        }
    }
    events.sort_unstable();
    let mut ledgers: BTreeMap<usize, Ledger> = BTreeMap::new();
    for (_, decide, index) in events {
        let claim = &mut claims[index];
        let ledger = ledgers.entry(claim.period).or_default();
        if decide {
            decided(coverages, ledger, claim);
        } else {
            for line in &claim.lines {
                ledger.give_back(claim.network, &line.money);
            }
        }
    }
}

/// Decides one claim.
fn decided(coverages: &[CoverageFact], ledger: &mut Ledger, claim: &mut Claim) {
    let plan = coverages[claim.period].plan;
    let mut copaid = Cents::ZERO;
    for line in &mut claim.lines {
        if let Some(denial) = line.denial {
            // Without a contract nobody but the member is left to bear it.
            let burden = if claim.balance_billed { Burden::Member } else { denial.burden };
            line.money = Money::denied(line.money.submitted, burden);
            continue;
        }
        let share = match &claim.script {
            Some(script) => script.share,
            None => plan.share(line.service, claim.network),
        };
        // A visit has one copay, however many services were done; behind another payer the member owes
        // a part of what is left instead.
        let left = |copay: Cents| Cents((copay - copaid).0.max(0));
        let share = match share {
            Share::Copay(_) if claim.other_coverage.is_some() => Share::Coinsurance(20),
            Share::Copay(copay) => Share::Copay(left(copay)),
            Share::CopayAfterDeductible(copay) => Share::CopayAfterDeductible(left(copay)),
            share => share,
        };
        let dental = claim.kind == Kind::Oral;
        let prior = if claim.other_coverage.is_some() { OTHER_PAYER } else { 0 };
        let charge = Charge {
            submitted: line.money.submitted,
            allowed: line.allowed,
            prior_paid: line.allowed.percent(prior),
            contracted: !claim.balance_billed,
            network: claim.network,
            share,
            maximum: dental.then_some(DENTAL_MAXIMUM),
        };
        line.money = ledger.adjudicate(plan, &charge);
        copaid += line.money.copay;
        if share == Share::NotCovered {
            line.denial = Some(&denials::OUT_OF_NETWORK);
        } else if dental && line.money.eligible < line.allowed {
            line.denial = Some(&denials::MAXIMUM_REACHED);
        }
    }
    let total = claim.totals();
    claim.paid = total.benefit.is_some().then(|| claim.adjudicated.plus(1));
    claim.paid_by_member = match claim.kind {
        Kind::Pharmacy => total.member_liability(),
        Kind::Professional | Kind::Vision => total.copay,
        _ => Cents::ZERO,
    };
}
