//! Vaccines: flu and covid at the pharmacy, others at the clinic.

use super::draft::{Draft, Spec};
use super::routine::{near, years};
use crate::date::Date;
use crate::life::catalog::vaccines::{self, Vaccine};
use crate::life::catalog::{acts, dx};
use crate::life::provider::Role;
use crate::life::record::Immunization;
use crate::life::visit::{Setting, Topic, Weight};

/// Flu every October, covid since 2021, shingles at fifty: mostly at the pharmacy.
pub(super) fn vaccines(draft: &mut Draft) {
    let mut rng = draft.life.rng("vaccines");
    for year in years() {
        let date = near(&mut rng, year, 10, 25);
        if !Draft::within(date) {
            continue;
        }
        let flu =
            if (2015..2024).contains(&year) { &vaccines::FLU_QUAD } else { &vaccines::FLU_TRI_OLD };
        let mut shots = vec![(flu, 1)];
        if year >= 2022 {
            shots.push((
                if year >= 2023 { &vaccines::COVID_2023 } else { &vaccines::COVID_FIRST },
                i64::from(year) - 2018,
            ));
        }
        pharmacy(draft, date, &shots);
        if rng.chance(9) {
            let last = draft.life.immunizations.len() - 1;
            // Refused, and so recorded.
            draft.life.immunizations[last].refused = true;
        }
    }
    for (date, dose) in
        [(Date::of(2021, 4, 9), 1), (Date::of(2021, 4, 30), 2), (Date::of(2021, 11, 12), 3)]
    {
        pharmacy(draft, date, &[(&vaccines::COVID_FIRST, dose)]);
    }
    let fifty = draft.life.member.birth.plus_months(12 * 50 + 2).on_weekday();
    for (date, dose) in [(fifty, 1), (fifty.plus(94).on_weekday(), 2)] {
        if Draft::within(date) && date > Date::of(2018, 1, 1) {
            pharmacy(draft, date, &[(&vaccines::ZOSTER, dose)]);
        }
    }
}

fn pharmacy(draft: &mut Draft, date: Date, shots: &[(&'static Vaccine, i64)]) {
    let n = draft.visit(Spec {
        topic: Topic::Vaccination,
        date,
        setting: Setting::Pharmacy,
        role: Role::Pharmacist,
        reason: "Vaccination".to_owned(),
        dx: &[&dx::VACCINATION],
        acts: &[],
        weight: Weight::Essential,
    });
    for (vaccine, dose) in shots {
        give(draft, vaccine, n, *dose);
    }
}

/// Gives a vaccine at a visit: the shot, and what is billed for it.
pub(super) fn give(draft: &mut Draft, vaccine: &'static Vaccine, visit: usize, dose: i64) {
    let covid = vaccine.target.0 == "840539006";
    draft.perform(visit, vaccine.act, 1);
    draft.perform(visit, if covid { &acts::GIVE_COVID } else { &acts::GIVE_VACCINE }, 1);
    let at = &draft.life.visits[visit];
    let n = u64::from(at.start.date.0.unsigned_abs()) * 8
        + draft.life.immunizations.iter().filter(|i| i.visit.as_ref() == Some(&at.id)).count()
            as u64;
    let mut rng = draft.rng("lot", at.start.date);
    let lot = format!("{}{}", vaccine.lot, rng.between(1_000, 9_999));
    let shot = Immunization {
        id: draft.life.id("immunization", n),
        vaccine: vaccine.cvx,
        ndc: vaccine.ndc,
        maker: vaccine.maker,
        when: at.start.plus_minutes(8),
        visit: Some(at.id.clone()),
        organization: at.organization,
        by: at.practitioner,
        lot,
        dose,
        target: vaccine.target,
        refused: false,
        primary_source: true,
    };
    draft.life.immunizations.push(shot);
}
