//! A life as a record of some size on some day: which facts are in it. Nothing is changed but what a
//! later day will tell.

use std::collections::BTreeSet;

use super::Life;
use super::lab::Found;
use super::visit::Weight;
use crate::date::{Date, TODAY};

/// The day on which the clinic deletes what was entered into the wrong chart.
const MISTAKE_DELETED: Date = TODAY.plus(9);

/// How far back a record goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First day of everything.
    pub since: Date,
    /// First day of essential facts.
    pub essential_since: Date,
}

impl Window {
    fn holds(self, date: Date, weight: Weight) -> bool {
        date >= self.since || (weight == Weight::Essential && date >= self.essential_since)
    }
}

/// The record of a life within a window, as it stands at the end of `today`. References between facts
/// stay within it.
#[must_use]
pub fn view(whole: &Life, window: Window, today: Date) -> Life {
    let mut life = whole.clone();
    life.today = today;
    life.since = window.since;
    life.visits.retain(|visit| visit.end.date <= today && window.holds(visit.date(), visit.weight));
    let visits: BTreeSet<String> = life.visits.iter().map(|visit| visit.id.clone()).collect();
    let has = |visit: &Option<String>| visit.as_ref().is_none_or(|visit| visits.contains(visit));
    for visit in &mut life.visits {
        visit.led_to = visit.led_to.take().filter(|stay| visits.contains(stay));
    }
    life.panels.retain(|panel| {
        visits.contains(&panel.visit)
            && panel.issued.date <= today
            && window.holds(panel.collected.date, panel.weight)
    });
    for result in life.panels.iter_mut().flat_map(|panel| &mut panel.results) {
        let unit = result.analyte;
        if let Some((_, before)) = result.amended.take_if(|(day, _)| *day > today) {
            result.found = Found::Amount(before, &unit.unit, None);
        }
    }
    life.vitals.retain(|vitals| visits.contains(&vitals.visit));
    life.surveys.retain(|survey| {
        visits.contains(&survey.visit) && window.holds(survey.when.date, survey.weight)
    });
    life.documents.retain(|document| {
        document.when.date <= today && document.visit.as_ref().is_some_and(|id| visits.contains(id))
    });
    life.social.retain(|social| social.when.date <= today && has(&social.visit));
    life.immunizations.retain(|shot| shot.when.date <= today && has(&shot.visit));
    medicines(&mut life, window, &visits);
    problems(&mut life, window);
    life
}

fn medicines(life: &mut Life, window: Window, visits: &BTreeSet<String>) {
    let today = life.today;
    life.prescriptions.retain(|prescription| {
        let end = prescription.stopped.map_or(prescription.end, |(day, _)| day);
        prescription.authored.date <= today && end >= window.since
    });
    let known: BTreeSet<String> = life.prescriptions.iter().map(|p| p.id.clone()).collect();
    for prescription in &mut life.prescriptions {
        prescription.visit = prescription.visit.take().filter(|visit| visits.contains(visit));
        prescription.renews = prescription.renews.take().filter(|before| known.contains(before));
        prescription.stopped = prescription.stopped.filter(|(day, _)| *day <= today);
    }
    life.fills.retain(|fill| {
        let date = fill.when.date;
        date <= today && date >= window.since && known.contains(&fill.prescription)
    });
}

fn problems(life: &mut Life, window: Window) {
    let today = life.today;
    for diagnosis in &mut life.diagnoses {
        diagnosis.abatement = diagnosis.abatement.filter(|day| *day <= today);
    }
    life.diagnoses.retain(|diagnosis| {
        diagnosis.recorded <= today
            && !(diagnosis.mistake && today >= MISTAKE_DELETED)
            && diagnosis.abatement.is_none_or(|day| day >= window.essential_since)
    });
    life.allergies.retain(|allergy| allergy.recorded <= today);
    life.devices.retain(|device| device.since <= today);
    life.goals.retain(|goal| goal.start <= today);
    for goal in &mut life.goals {
        goal.reached = goal.reached.filter(|day| *day <= today);
    }
    life.plans.retain(|plan| {
        plan.start <= today && plan.end.is_none_or(|end| end >= window.essential_since)
    });
    let goals: BTreeSet<&String> = life.plans.iter().flat_map(|plan| &plan.goals).collect();
    life.goals.retain(|goal| goals.contains(&goal.id));
    let goals: BTreeSet<&String> = life.goals.iter().map(|goal| &goal.id).collect();
    for plan in &mut life.plans {
        plan.goals.retain(|goal| goals.contains(goal));
    }
}
