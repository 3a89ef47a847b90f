//! Screening for cancer: the breast and the colon.

use super::course::HORIZON;
use super::draft::{Draft, Spec};
use crate::life::catalog::{acts, dx};
use crate::life::person::Sex;
use crate::life::provider::Role;
use crate::life::visit::{Setting, Topic, Weight};

/// Screening for cancer, at the ages of the recommendations.
pub(super) fn screening(draft: &mut Draft) {
    let birth = draft.life.member.birth;
    let mut rng = draft.life.rng("screening");
    if draft.life.member.sex == Sex::Female {
        let mut date = birth.plus_months(12 * 40 + 3).on_weekday();
        while date <= HORIZON {
            if Draft::within(date) {
                let n = draft.visit(Spec {
                    topic: Topic::Screening,
                    date,
                    setting: Setting::Imaging,
                    role: Role::Radiology,
                    reason: "Screening mammogram".to_owned(),
                    dx: &[&dx::MAMMOGRAM],
                    acts: &[&acts::MAMMOGRAPHY],
                    weight: Weight::Essential,
                });
                draft.life.visits[n].organization = draft
                    .life
                    .providers
                    .practitioner(draft.life.visits[n].practitioner)
                    .organization;
            }
            date = date.plus(i32::try_from(rng.between(700, 760)).unwrap_or(730)).on_weekday();
        }
    }
    // Forty-five since 2021, fifty before.
    let at = if birth.year() >= 1974 { 45 } else { 50 };
    let date = birth.plus_months(12 * at + 5).on_weekday();
    if Draft::within(date) {
        let n = draft.visit(Spec {
            topic: Topic::Screening,
            date,
            setting: Setting::OutpatientHospital,
            role: Role::Gastroenterology,
            reason: "Screening colonoscopy".to_owned(),
            dx: &[&dx::COLON_SCREENING, &dx::POLYP],
            acts: &[&acts::POLYPECTOMY, &acts::COLON_ANESTHESIA, &acts::PATHOLOGY],
            weight: Weight::Essential,
        });
        let (pathologist, anesthesia) = (
            draft.life.providers.of(Role::Pathology),
            draft.life.providers.of(Role::Anesthesiology),
        );
        draft.life.visits[n].performed[1].by = Some(anesthesia);
        draft.life.visits[n].performed[2].by = Some(pathologist);
    }
}
