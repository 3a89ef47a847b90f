//! What goes wrong with claims: denials, corrections, duplicates, another payer, protected care. Owns
//! who gets which turn: by order among the claims that suit, so that even a small record has each kind,
//! and a later day adds turns without moving earlier ones.

use super::benefit::Service;
use super::cents::Cents;
use super::claim::{Claim, Denial, Fate, Kind};
use super::coverage::{CoverageFact, CoverageKind};
use super::denials;
use super::draft::{self, Source};
use super::pharmacy;
use crate::date::TODAY;
use crate::life::id;

/// A turn that comes to every `every`th claim that suits, beginning with number `first`.
struct Turn {
    first: usize,
    every: usize,
    seen: usize,
}

impl Turn {
    const fn new(first: usize, every: usize) -> Turn {
        Turn { first, every, seen: 0 }
    }

    /// Whether it is the turn of a claim that suits.
    fn comes(&mut self) -> bool {
        let seen = self.seen;
        self.seen += 1;
        seen >= self.first && (seen - self.first).is_multiple_of(self.every)
    }
}

/// Lets things happen to `claims`, which are in the order of decision, and adds the claims that follow.
pub(super) fn tell(source: Source<'_>, claims: &mut Vec<Claim>) {
    let mut month_only = Turn::new(0, usize::MAX);
    let mut masked = Turn::new(0, 2);
    let mut other = Turn::new(1, 6);
    let mut bundled = Turn::new(1, 19);
    let mut corrected = Turn::new(2, 23);
    let mut voided = Turn::new(3, 61);
    let mut duplicate = Turn::new(4, 47);
    let mut uncovered = Turn::new(5, 71);
    let mut untimely = Turn::new(7, 97);
    let mut unnecessary = Turn::new(1, 29);
    let mut reversed = Turn::new(4, 150);
    let mut too_soon = Turn::new(9, 200);
    let mut chains = 0_usize;
    let mut more = Vec::new();
    for claim in claims.iter_mut() {
        let usual = matches!(claim.kind, Kind::Professional | Kind::Outpatient | Kind::Inpatient)
            && claim.lines.iter().all(|line| line.service != Service::Preventive)
            && claim.totals().submitted > Cents::dollars(25);
        let plain = usual && claim.kind == Kind::Professional && claim.contracted;
        if claim.kind == Kind::Pharmacy {
            let script = claim.script.as_ref().filter(|script| script.prescription.is_some());
            let Some(script) = script.filter(|_| !claim.partly_denied()) else { continue };
            let refills = script.refill < script.refills_authorized;
            if reversed.comes() {
                let mut rng = source.rng("reversal", &claim.id);
                more.push(draft::successor(claim, &mut rng, source.life.seed));
            } else if refills && too_soon.comes() {
                more.extend(pharmacy::too_soon(source, claim));
            }
            continue;
        }
        if claim.kind == Kind::Professional && month_only.comes() {
            claim.month_only = true;
        } else if protected(claim) && masked.comes() {
            claim.masked = true;
        } else if plain && in_year_of_other(claim, source.coverages) && other.comes() {
            claim.other_coverage =
                source.coverages.iter().position(|fact| fact.kind == CoverageKind::Other);
        } else if plain && claim.lines.len() > 1 && bundled.comes() {
            let last = last_charge(claim);
            deny_from(claim, last, 1, &denials::BUNDLED);
        } else if usual && corrected.comes() {
            chains += 1;
            correct(source, claim, chains.is_multiple_of(2), &mut more);
        } else if plain && voided.comes() {
            more.push(mistaken(source, claim));
        } else if plain && duplicate.comes() {
            more.push(repeated(source, claim));
        } else if plain && small(claim) && uncovered.comes() {
            deny_from(claim, 0, usize::MAX, &denials::NOT_COVERED);
        } else if plain && small(claim) && untimely.comes() {
            claim.received = claim.service.1.plus(402);
            claim.adjudicated = claim.received.plus(6);
            deny_from(claim, 0, usize::MAX, &denials::UNTIMELY);
        } else if usual && claim.lines.len() > 1 && unnecessary.comes() {
            let last = last_charge(claim);
            deny_from(claim, last, 1, &denials::NOT_NECESSARY);
        }
    }
    later(source, claims, &mut more);
    claims.append(&mut more);
}

/// What the days after the record's end will tell: every week one of the claims of its last weeks is
/// corrected, and another is cancelled.
fn later(source: Source<'_>, claims: &mut [Claim], more: &mut Vec<Claim>) {
    let recent = TODAY.plus(-60)..TODAY.plus(-1);
    let quiet = |claim: &&mut Claim| {
        recent.contains(&claim.adjudicated)
            && claim.fate == Fate::Stands
            && claim.replaces.is_none()
            && !claim.partly_denied()
    };
    for (claim, n) in claims.iter_mut().filter(quiet).zip(0_i32..) {
        let day = TODAY.plus(2 + 7 * (n / 2));
        let mut rng = source.rng("later", &claim.id);
        if n % 2 == 0 {
            let mut next = draft::successor(claim, &mut rng, source.life.seed);
            next.received = day.plus(-5).max(claim.adjudicated);
            next.adjudicated = day.plus(-1);
            for line in &mut next.lines {
                line.money.submitted += line.money.submitted.percent(10);
            }
            claim.fate = Fate::Replaced(next.published(), next.uc.clone());
            more.push(next);
        } else {
            claim.fate = Fate::Voided(day.plus(2));
        }
    }
}

/// Whether the care is specially protected: mental health and what touches reproduction.
fn protected(claim: &Claim) -> bool {
    claim.kind == Kind::Professional
        && (claim.lines.iter().any(|line| line.service == Service::MentalHealth)
            || claim.diagnoses.iter().any(|diagnosis| diagnosis.code.starts_with("F1")))
}

/// Whether it is about a visit and not about an operation.
fn small(claim: &Claim) -> bool {
    claim.lines.len() < 4 && claim.totals().submitted < Cents::dollars(900)
}

/// Whether another payer came first on the day of service.
fn in_year_of_other(claim: &Claim, coverages: &[CoverageFact]) -> bool {
    coverages.iter().any(|fact| {
        fact.kind == CoverageKind::Other
            && (fact.period.0..=fact.period.1).contains(&claim.service.0)
    })
}

/// The last line that charges something.
fn last_charge(claim: &Claim) -> usize {
    claim.lines.iter().rposition(|line| line.money.submitted.is_some()).unwrap_or(0)
}

/// Denies `count` lines from line `first` on.
fn deny_from(claim: &mut Claim, first: usize, count: usize, why: &'static Denial) {
    for line in claim.lines.iter_mut().skip(first).take(count) {
        line.denial = Some(why);
    }
}

/// The claim came incomplete, was denied in part, and is replaced; at times the replacement is replaced
/// again, with more units found in the records.
fn correct(source: Source<'_>, claim: &mut Claim, twice: bool, more: &mut Vec<Claim>) {
    let mut rng = source.rng("correction", &claim.id);
    let mut next = draft::successor(claim, &mut rng, source.life.seed);
    let last = last_charge(claim);
    deny_from(claim, last, 1, &denials::INCOMPLETE);
    if twice {
        let third = draft::successor(&mut next, &mut rng, source.life.seed);
        deny_from(&mut next, last, 1, &denials::NOT_NECESSARY);
        more.push(third);
    }
    more.push(next);
}

/// A claim for a visit that was another person's: cancelled when it was noticed.
fn mistaken(source: Source<'_>, claim: &Claim) -> Claim {
    let mut rng = source.rng("mistake", &claim.id);
    let mut wrong = claim.clone();
    wrong.id = id(source.life.seed, &format!("claim-mistaken:{}", claim.id), 0);
    wrong.uc = draft::number(claim.kind, claim.received, rng.draw());
    wrong.encounter = None;
    wrong.prior_auth = None;
    wrong.lines.truncate(1);
    wrong.fate = Fate::Voided(claim.adjudicated.plus(draft::days(rng.between(9, 30))));
    wrong
}

/// The same claim sent again.
fn repeated(source: Source<'_>, claim: &Claim) -> Claim {
    let mut rng = source.rng("duplicate", &claim.id);
    let mut again = claim.clone();
    again.id = id(source.life.seed, &format!("claim-duplicate:{}", claim.id), 0);
    again.received = claim.received.plus(draft::days(rng.between(10, 25)));
    again.adjudicated = again.received.plus(1);
    again.uc = draft::number(claim.kind, again.received, rng.draw());
    deny_from(&mut again, 0, usize::MAX, &denials::DUPLICATE);
    again
}
