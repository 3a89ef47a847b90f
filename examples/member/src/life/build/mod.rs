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
mod staff;
mod surveys;
mod therapies;
mod vaccination;

use course::{Course, HORIZON, START};
use draft::Draft;

use super::Life;
use super::person::Sex;

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
    routine::screening(&mut draft);
    episodes::knee(&mut draft);
    episodes::pneumonia(&mut draft);
    if sex == Sex::Female {
        episodes::pregnancy(&mut draft);
    }
    episodes::depression(&mut draft);
    vaccination::vaccines(&mut draft);
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
