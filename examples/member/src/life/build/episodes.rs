//! What happens once: the knee, the pneumonia, the pregnancy, the depression.

use super::draft::{Draft, Spec};
use crate::date::Date;
use crate::life::catalog::{acts, dx, labs};
use crate::life::code::{Act, Dx};
use crate::life::provider::{OrganizationKind, Role};
use crate::life::visit::{Setting, Topic, Weight};
use crate::rng::Rng;

static LESSON_ONE: [&Act; 2] = [&acts::THERAPY_FIRST, &acts::EXERCISES];
static LESSON: [&Act; 2] = [&acts::EXERCISES, &acts::MANUAL_THERAPY];
static TALK_ONE: [&Act; 1] = [&acts::PSYCHIATRIC_FIRST];
static TALK: [&Act; 1] = [&acts::PSYCHOTHERAPY];

/// The day on which the child of a seed was born.
pub(super) fn birth_of_child(seed: u64) -> Date {
    let mut rng = Rng::named(seed, "birth");
    Date::of(2012, 11, 1).plus(i32::try_from(rng.between(0, 240)).unwrap_or(0))
}

/// A knee hurt at play: X-ray, MRI after the plan was asked, an operation, physical therapy.
pub(super) fn knee(draft: &mut Draft) {
    let start = draft.course.turns.knee;
    let spec = |date: Date,
                setting,
                role,
                reason: &str,
                dx: &'static [&'static Dx],
                acts: &'static [&'static Act]| {
        (date.on_weekday(), setting, role, reason.to_owned(), dx, acts)
    };
    static HURT: [&Dx; 1] = [&dx::KNEE_PAIN];
    static TORN: [&Dx; 2] = [&dx::CRUCIATE, &dx::MENISCUS];
    static HEALING: [&Dx; 1] = [&dx::CRUCIATE_LATER];
    static FIRST: [&Act; 4] =
        [&acts::OFFICE_SHORT, &acts::KNEE_XRAY, &acts::KNEE_BRACE, &acts::CRUTCHES];
    static IMAGE: [&Act; 1] = [&acts::KNEE_MRI];
    static CONSULT: [&Act; 1] = [&acts::OFFICE_NEW];
    static OPERATION: [&Act; 3] =
        [&acts::CRUCIATE_REPAIR, &acts::MENISCECTOMY, &acts::KNEE_ANESTHESIA];
    static AFTER: [&Act; 1] = [&acts::OFFICE_SHORT];
    let visits = [
        spec(
            start,
            Setting::UrgentCare,
            Role::NursePractitioner,
            "Twisted the right knee playing soccer, heard a pop",
            &HURT,
            &FIRST,
        ),
        spec(
            start.plus(9),
            Setting::Imaging,
            Role::Radiology,
            "MRI of the right knee",
            &HURT,
            &IMAGE,
        ),
        spec(
            start.plus(16),
            Setting::Office,
            Role::Orthopedics,
            "Unstable right knee",
            &TORN,
            &CONSULT,
        ),
        spec(
            start.plus(41),
            Setting::SurgeryCenter,
            Role::Orthopedics,
            "Reconstruction of the anterior cruciate ligament",
            &TORN,
            &OPERATION,
        ),
        spec(
            start.plus(55),
            Setting::Office,
            Role::Orthopedics,
            "Two weeks after the knee operation",
            &HEALING,
            &AFTER,
        ),
        spec(
            start.plus(132),
            Setting::Office,
            Role::Orthopedics,
            "Three months after the knee operation",
            &HEALING,
            &AFTER,
        ),
        spec(
            start.plus(310),
            Setting::Office,
            Role::Orthopedics,
            "Last check of the knee",
            &HEALING,
            &AFTER,
        ),
    ];
    for (date, setting, role, reason, problems, act) in visits {
        let n = draft.visit(Spec {
            topic: Topic::Knee,
            date,
            setting,
            role,
            reason,
            dx: problems,
            acts: act,
            weight: Weight::Essential,
        });
        match setting {
            Setting::Imaging | Setting::SurgeryCenter => {
                draft.life.visits[n].prior_authorization = true
            }
            Setting::UrgentCare => draft.vitals(n),
            _ => {}
        }
        if setting == Setting::SurgeryCenter {
            let anesthesia = draft.life.providers.of(Role::Anesthesiology);
            draft.life.visits[n].performed[2].by = Some(anesthesia);
        }
    }
    let mut rng = draft.life.rng("physiotherapy");
    let mut date = start.plus(58).on_weekday();
    for lesson in 0..14_u32 {
        let first = lesson == 0;
        let n = draft.visit(Spec {
            topic: Topic::Physiotherapy,
            date,
            setting: Setting::Therapy,
            role: Role::PhysicalTherapy,
            reason: if first {
                "First visit after the knee operation".to_owned()
            } else {
                format!("Knee exercises, visit {} of 14", lesson + 1)
            },
            dx: &HEALING,
            acts: if first { &LESSON_ONE } else { &LESSON },
            weight: Weight::Usual,
        });
        let units = if first { [1, 2] } else { [3, 1] };
        for (service, units) in draft.life.visits[n].performed.iter_mut().zip(units) {
            service.units = units;
        }
        draft.life.visits[n].prior_authorization = lesson >= 12;
        date = date.plus(i32::try_from(rng.between(4, 9)).unwrap_or(7)).on_weekday();
    }
}

/// Pneumonia: the emergency department late in the evening, three nights in hospital, a check after.
pub(super) fn pneumonia(draft: &mut Draft) {
    let start = draft.course.turns.pneumonia;
    let problems: &[&'static Dx] = &[&dx::PNEUMONIA, &dx::DEHYDRATION, &dx::HYPERGLYCEMIA];
    let emergency = draft.visit(Spec {
        topic: Topic::Pneumonia,
        date: start,
        setting: Setting::Emergency,
        role: Role::Emergency,
        reason: "Fever, cough and shortness of breath for four days".to_owned(),
        dx: problems,
        acts: &[
            &acts::EMERGENCY_VISIT,
            &acts::CHEST_XRAY,
            &acts::ECG,
            &acts::FLUIDS,
            &acts::INFUSION,
        ],
        weight: Weight::Essential,
    });
    draft.vitals(emergency);
    for panel in [
        &labs::METABOLIC,
        &labs::BLOOD_COUNT,
        &labs::INFLAMMATION,
        &labs::HEART,
        &labs::VIRUS,
        &labs::CULTURE,
    ] {
        draft.panel(emergency, panel);
    }
    let stay = draft.visit(Spec {
        topic: Topic::Pneumonia,
        date: start,
        setting: Setting::Inpatient,
        role: Role::Hospitalist,
        reason: "Pneumonia with low oxygen".to_owned(),
        dx: problems,
        acts: &[
            &acts::STAY,
            &acts::HOSPITAL_FIRST,
            &acts::HOSPITAL_NEXT,
            &acts::HOSPITAL_NEXT,
            &acts::DISCHARGE,
        ],
        weight: Weight::Essential,
    });
    let days = 3;
    let visit = &mut draft.life.visits[stay];
    visit.end = start.plus(days).at(13, 20);
    visit.drg = Some(("194", "Simple pneumonia and pleurisy with CC"));
    visit.performed[0].units = 3;
    for (service, day) in visit.performed.iter_mut().skip(1).zip(0..) {
        service.date = start.plus(day);
    }
    let id = visit.id.clone();
    draft.life.visits[emergency].led_to = Some(id);
    draft.vitals(stay);
    draft.panel(stay, &labs::A1C_PANEL);
    let after = draft.visit(Spec {
        topic: Topic::Pneumonia,
        date: start.plus(10).on_weekday(),
        setting: Setting::Office,
        role: Role::PrimaryCare,
        reason: "After the hospital stay".to_owned(),
        dx: &[&dx::PNEUMONIA, &dx::HYPERGLYCEMIA, &dx::INSULIN_USE],
        acts: &[&acts::OFFICE_LONG, &acts::VENIPUNCTURE],
        weight: Weight::Essential,
    });
    draft.vitals(after);
    draft.panel(after, &labs::BLOOD_COUNT);
}

/// A pregnancy with diabetes of pregnancy, controlled by food; the birth; the visit after.
pub(super) fn pregnancy(draft: &mut Draft) {
    let birth = draft.life.child.birth;
    // Forty weeks less two days, counted from the last period.
    let first_day = birth.plus(-278);
    for week in [9, 13, 17, 21, 25, 28, 30, 32, 34, 36, 37, 38] {
        let date = first_day.plus(7 * week).on_weekday();
        let problems: &[&'static Dx] =
            if week >= 28 { &[&dx::GESTATIONAL] } else { &[&dx::PREGNANCY] };
        let act: &[&'static Act] = match week {
            9 => &[&acts::PRENATAL, &acts::EARLY_ULTRASOUND, &acts::VENIPUNCTURE],
            21 => &[&acts::PRENATAL, &acts::ULTRASOUND],
            34 | 36 | 38 => &[&acts::PRENATAL, &acts::NONSTRESS_TEST],
            _ => &[&acts::PRENATAL],
        };
        let n = draft.visit(Spec {
            topic: Topic::Pregnancy,
            date,
            setting: Setting::Office,
            role: Role::Obstetrics,
            reason: format!("Prenatal visit, week {week}"),
            dx: problems,
            acts: act,
            weight: if week == 9 || week == 28 { Weight::Essential } else { Weight::Usual },
        });
        draft.vitals(n);
        match week {
            9 => draft.panel(n, &labs::BLOOD_COUNT),
            25 => draft.panel(n, &labs::CHALLENGE),
            30 | 36 => draft.panel(n, &labs::A1C_PANEL),
            _ => {}
        }
    }
    let delivery = draft.visit(Spec {
        topic: Topic::Pregnancy,
        date: birth,
        setting: Setting::Inpatient,
        role: Role::Obstetrics,
        reason: "Labor at 39 weeks".to_owned(),
        dx: &[&dx::CHILDBIRTH, &dx::LIVE_BIRTH],
        acts: &[&acts::STAY, &acts::OBSTETRIC_CARE],
        weight: Weight::Essential,
    });
    let visit = &mut draft.life.visits[delivery];
    visit.start = birth.at(4, 15);
    visit.end = birth.plus(2).at(11, 0);
    visit.drg = Some(("806", "Vaginal delivery without sterilization or D&C with CC"));
    visit.performed[0].units = 2;
    let after = draft.visit(Spec {
        topic: Topic::Pregnancy,
        date: birth.plus(44).on_weekday(),
        setting: Setting::Office,
        role: Role::Obstetrics,
        reason: "Six weeks after birth".to_owned(),
        dx: &[&dx::POSTPARTUM],
        acts: &[&acts::POSTPARTUM_VISIT],
        weight: Weight::Usual,
    });
    draft.vitals(after);
    draft.panel(after, &labs::A1C_PANEL);
}

/// A depression that is treated and passes.
pub(super) fn depression(draft: &mut Draft) {
    let start = draft.course.turns.depression;
    let telehealth = draft.life.providers.kind(OrganizationKind::Telehealth);
    for (after, role, reason) in [
        (0, Role::PrimaryCare, "No joy, poor sleep, tired for two months"),
        (35, Role::PrimaryCare, "Mood, five weeks on sertraline"),
        (120, Role::PrimaryCare, "Mood, better"),
        (395, Role::PrimaryCare, "Mood, wants to stop sertraline"),
    ] {
        draft.visit(Spec {
            topic: Topic::Depression,
            date: start.plus(after).on_weekday(),
            setting: Setting::Virtual,
            role,
            reason: reason.to_owned(),
            dx: &[&dx::DEPRESSION],
            acts: &[&acts::OFFICE_LONG, &acts::DEPRESSION_SCREEN],
            weight: if after == 0 { Weight::Essential } else { Weight::Usual },
        });
    }
    let mut date = start.plus(12).on_weekday();
    let mut rng = draft.life.rng("psychotherapy");
    for lesson in 0..12 {
        let n = draft.visit(Spec {
            topic: Topic::Depression,
            date,
            setting: Setting::Virtual,
            role: Role::Psychology,
            reason: if lesson == 0 {
                "First talk".to_owned()
            } else {
                format!("Psychotherapy, session {lesson}")
            },
            dx: &[&dx::DEPRESSION, &dx::WORK_STRESS],
            acts: if lesson == 0 { &TALK_ONE } else { &TALK },
            weight: Weight::Usual,
        });
        draft.life.visits[n].organization = telehealth;
        date = date.plus(i32::try_from(rng.between(7, 21)).unwrap_or(14)).on_weekday();
    }
}
