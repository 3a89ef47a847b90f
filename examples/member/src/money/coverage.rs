//! The member's coverages: a medical and a dental one for every benefit year, one for drugs for every
//! time with the same plan, and for one year the plan of another payer that pays first. Owns the plan
//! changes. A coverage is a benefit period: deductible and limit start anew with it.

use super::benefit::{DENTAL, HDHP_SAVER, HMO_LOCAL, PPO_CHOICE, PPO_GOLD, Plan};
use crate::date::{Date, Moment};
use crate::life::Life;

/// What a coverage pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CoverageKind {
    /// Physicians and hospitals.
    Medical,
    /// Drugs (`DRUGPOL`).
    Drug,
    /// Teeth.
    Dental,
    /// Physicians and hospitals, by another payer who comes first.
    Other,
}

/// One coverage.
#[derive(Clone, Debug)]
pub(crate) struct CoverageFact {
    /// FHIR id.
    pub id: String,
    /// What for.
    pub kind: CoverageKind,
    /// Benefit design.
    pub plan: &'static Plan,
    /// First and last day.
    pub period: (Date, Date),
    /// Version and time of the last change.
    pub changed: (u32, Moment),
}

/// The day on which the payer hears that the group changes its plan, and the first day of the new one.
/// Both are after the "today" of the generator: a later day of the view shows the change.
pub(super) const CHANGE: (Date, Date) = (Date::of(2026, 7, 6), Date::of(2026, 8, 1));

/// First year in which the member is known to the payer.
const FIRST_YEAR: i32 = 2010;

/// When the payer gets the enrolment for a year.
const fn enrolment(year: i32) -> Moment {
    Date::of(year - 1, 12, 12).at(3, 20)
}

/// The medical plan of a year. The seed turns the order of the earlier plans.
fn plan_of(seed: u64, year: i32) -> &'static Plan {
    let earlier = [&PPO_CHOICE, &HMO_LOCAL, &HDHP_SAVER];
    if year > CHANGE.1.year() {
        return &PPO_CHOICE;
    }
    if year >= 2022 {
        return &PPO_GOLD;
    }
    let turn = usize::try_from(seed % 3).unwrap_or(0);
    let stint = usize::try_from((year - FIRST_YEAR).max(0) / 4).unwrap_or(0);
    earlier[(stint + turn) % 3]
}

/// The coverages that a view of a life needs: of the years of its window, of the years in `used`, and
/// the year of another payer (`other`), if there is one. By kind and time.
pub(super) fn of(life: &Life, used: &[i32], other: Option<i32>) -> Vec<CoverageFact> {
    // The next year is known from the day of enrolment.
    let last = life.today.year() + i32::from(life.today >= enrolment(life.today.year() + 1).date);
    let years: Vec<i32> = (FIRST_YEAR..=last)
        .filter(|&year| year >= life.since.year() || used.contains(&year))
        .collect();
    let mut facts = Vec::new();
    for &year in &years {
        let whole = (Date::of(year, 1, 1), Date::of(year, 12, 31));
        let enrolled = enrolment(year);
        let changes = year == CHANGE.1.year() && life.today >= CHANGE.0;
        let end = if changes { CHANGE.1.plus(-1) } else { whole.1 };
        let changed = if changes { (2, CHANGE.0.at(3, 20)) } else { (1, enrolled) };
        facts.push(CoverageFact {
            id: life.id("coverage-medical", year.unsigned_abs().into()),
            kind: CoverageKind::Medical,
            plan: plan_of(life.seed, year),
            period: (whole.0, end),
            changed,
        });
        if changes {
            facts.push(CoverageFact {
                id: life.id("coverage-medical-new", year.unsigned_abs().into()),
                kind: CoverageKind::Medical,
                plan: &PPO_CHOICE,
                period: (CHANGE.1, whole.1),
                changed: (1, CHANGE.0.at(3, 20)),
            });
        }
        facts.push(CoverageFact {
            id: life.id("coverage-dental", year.unsigned_abs().into()),
            kind: CoverageKind::Dental,
            plan: &DENTAL,
            period: whole,
            changed: (1, enrolled),
        });
        if other == Some(year) {
            facts.push(CoverageFact {
                id: life.id("coverage-other", year.unsigned_abs().into()),
                kind: CoverageKind::Other,
                plan: &PPO_CHOICE,
                period: whole,
                changed: (1, Date::of(year, 2, 3).at(10, 5)),
            });
        }
    }
    facts.extend(drug_coverages(life, &facts));
    facts.sort_by_key(|fact| (fact.kind, fact.period.0));
    facts
}

/// One coverage for drugs for each run of medical coverages with the same plan.
fn drug_coverages(life: &Life, facts: &[CoverageFact]) -> Vec<CoverageFact> {
    let mut drugs: Vec<CoverageFact> = Vec::new();
    for medical in facts.iter().filter(|fact| fact.kind == CoverageKind::Medical) {
        match drugs.last_mut() {
            Some(last)
                if last.plan.code == medical.plan.code
                    && last.period.1.plus(1) == medical.period.0 =>
            {
                last.period.1 = medical.period.1;
                last.changed = (last.changed.0 + medical.changed.0, medical.changed.1);
            }
            _ => drugs.push(CoverageFact {
                id: life.id("coverage-drug", u64::from(medical.period.0.0.unsigned_abs())),
                kind: CoverageKind::Drug,
                plan: medical.plan,
                period: medical.period,
                changed: medical.changed,
            }),
        }
    }
    drugs
}

/// Index of the coverage of a kind on a day.
pub(super) fn at(facts: &[CoverageFact], kind: CoverageKind, day: Date) -> Option<usize> {
    facts
        .iter()
        .position(|fact| fact.kind == kind && (fact.period.0..=fact.period.1).contains(&day))
}
