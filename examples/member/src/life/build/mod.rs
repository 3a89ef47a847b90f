//! The writing of a life: every fact from the first day to the horizon, of a seed alone. Size and day
//! of the record come later, as a view of it.

pub mod course;
mod draft;
mod episodes;
mod labs;
mod notes;
mod people;
mod pharmacy;
mod plans;
mod records;
mod reports;
mod routine;
mod screening;
mod staff;
mod story;
mod surveys;
mod therapies;
mod vaccination;

use course::{Course, HORIZON, START};
use draft::Draft;

use super::Life;
use super::lab::Found;
use super::person::Sex;
use super::visit::Weight;
use crate::date::TODAY;
use crate::decimal::Decimal;

/// The whole life of a seed, up to the horizon, with the course that it followed.
#[must_use]
pub fn whole(seed: u64) -> (Life, Course) {
    let (member, spouse, child, spouse_subscribes) = people::family(seed);
    let sex = member.sex;
    let life = Life {
        seed,
        today: HORIZON,
        since: START,
        member,
        spouse,
        child,
        spouse_subscribes,
        providers: staff::providers(seed),
        visits: Vec::new(),
        diagnoses: Vec::new(),
        prescriptions: Vec::new(),
        fills: Vec::new(),
        panels: Vec::new(),
        vitals: Vec::new(),
        immunizations: Vec::new(),
        allergies: Vec::new(),
        documents: Vec::new(),
        surveys: Vec::new(),
        social: Vec::new(),
        devices: Vec::new(),
        goals: Vec::new(),
        plans: Vec::new(),
    };
    let mut draft = Draft { life, course: course::course(seed, sex) };
    routine::annual(&mut draft);
    routine::diabetes(&mut draft);
    routine::teeth(&mut draft);
    routine::eyes(&mut draft);
    routine::acute(&mut draft);
    screening::screening(&mut draft);
    episodes::knee(&mut draft);
    episodes::pneumonia(&mut draft);
    if sex == Sex::Female {
        episodes::pregnancy(&mut draft);
    }
    episodes::depression(&mut draft);
    vaccination::vaccines(&mut draft);
    draft.begin_at_visits();
    therapies::lasting(&mut draft);
    therapies::short(&mut draft);
    surveys::surveys(&mut draft);
    records::problems(&mut draft);
    records::allergies(&mut draft);
    records::social(&mut draft);
    plans::devices(&mut draft);
    plans::plans(&mut draft);
    draft.life.visits.retain(|visit| Draft::within(visit.date()));
    in_order(&mut draft.life);
    misread(&mut draft.life);
    notes::write(&mut draft);
    (draft.life, draft.course)
}

/// Puts the facts in the order of time; those of one moment keep the order of writing.
fn in_order(life: &mut Life) {
    life.visits.sort_by_key(|visit| visit.start);
    life.prescriptions.sort_by_key(|prescription| prescription.authored);
    life.fills.sort_by_key(|fill| fill.when);
    life.panels.sort_by_key(|panel| panel.collected);
    life.vitals.sort_by_key(|vitals| vitals.when);
    life.immunizations.sort_by_key(|shot| shot.when);
    life.social.sort_by_key(|social| social.when);
}

/// A digit of the last yearly A1c before today was misread; the laboratory amends it four days after
/// today.
fn misread(life: &mut Life) {
    let panels = life.panels.iter_mut().rev();
    let last = panels.into_iter().find(|panel| {
        panel.kind.loinc == "4548-4"
            && panel.weight == Weight::Essential
            && panel.issued.date <= TODAY
    });
    let Some(result) = last.and_then(|panel| panel.results.first_mut()) else { return };
    if let Found::Amount(before, unit, comparator) = result.found {
        result.amended = Some((TODAY.plus(4), before));
        let right = Decimal::new(before.units + 3, before.places);
        result.found = Found::Amount(right, unit, comparator);
    }
}
