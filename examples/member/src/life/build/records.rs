//! Problem list, allergies, social history.

use super::draft::Draft;
use crate::date::Date;
use crate::life::catalog::dx;
use crate::life::code::{Code, Dx, System};
use crate::life::person::Sex;
use crate::life::provider::Role;
use crate::life::record::{Allergy, Social, SocialKind};
use crate::life::visit::{Onset, ProblemList, Setting, Topic};

/// Problem, onset, day of recording, abatement, who, which list.
type Entry = (&'static Dx, Onset, Date, Option<Date>, Role, ProblemList);

/// The problem list.
pub(super) fn problems(draft: &mut Draft) {
    use ProblemList::{HealthConcern, Problem, Social};
    let t = draft.course.turns.clone();
    let pc = Role::PrimaryCare;
    let first = Date::of(2011, 9, 12);
    let child = draft.life.child.birth;
    let last_knee = t.knee.plus(310).on_weekday();
    let mut list: Vec<Entry> = vec![
        (&dx::OBESITY, Onset::Year(Date::of(2009, 1, 1)), first, None, pc, Problem),
        (&dx::RHINITIS, Onset::Age(17), first, None, pc, Problem),
        (&dx::PREDIABETES, Onset::Day(first), first, Some(t.diabetes), pc, Problem),
        (&dx::HYPERTENSION, Onset::Month(t.pressure), t.pressure, None, pc, Problem),
        (&dx::HYPERLIPIDEMIA, Onset::Day(t.statin), t.statin, None, pc, Problem),
        (&dx::DIABETES, Onset::Day(t.diabetes), t.diabetes, None, pc, Problem),
        (
            &dx::CRUCIATE,
            Onset::Day(t.knee),
            t.knee.plus(16),
            Some(last_knee),
            Role::Orthopedics,
            Problem,
        ),
        (
            &dx::MENISCUS,
            Onset::Day(t.knee),
            t.knee.plus(16),
            Some(t.knee.plus(41)),
            Role::Orthopedics,
            Problem,
        ),
        (
            &dx::ALBUMINURIA,
            Onset::Month(t.empagliflozin),
            t.empagliflozin,
            None,
            Role::Endocrinology,
            Problem,
        ),
        (
            &dx::NEUROPATHY,
            Onset::Year(Date::of(2019, 1, 1)),
            Date::of(2019, 4, 20),
            None,
            Role::Podiatry,
            Problem,
        ),
        (
            &dx::RETINOPATHY,
            Onset::Day(t.retinopathy),
            t.retinopathy.plus(40),
            None,
            Role::Optometry,
            Problem,
        ),
        (
            &dx::DEPRESSION,
            Onset::Month(t.depression.plus(-60)),
            t.depression,
            Some(t.depression.plus(400)),
            pc,
            Problem,
        ),
        (
            &dx::PNEUMONIA,
            Onset::Day(t.pneumonia.plus(-4)),
            t.pneumonia,
            Some(t.pneumonia.plus(24)),
            Role::Hospitalist,
            Problem,
        ),
        (
            &dx::INSULIN_USE,
            Onset::Day(t.pneumonia.plus(3)),
            t.pneumonia.plus(10),
            Some(t.insulin_stop),
            pc,
            HealthConcern,
        ),
        (
            &dx::WORK_STRESS,
            Onset::Year(Date::of(2020, 1, 1)),
            t.depression.plus(12),
            Some(t.depression.plus(300)),
            Role::Psychology,
            Social,
        ),
        (
            &dx::TRANSPORT,
            Onset::Month(Date::of(2019, 6, 1)),
            Date::of(2019, 9, 20),
            Some(Date::of(2021, 9, 20)),
            pc,
            Social,
        ),
        (&dx::FOOD, Onset::Month(Date::of(2023, 3, 1)), Date::of(2023, 9, 20), None, pc, Social),
    ];
    if draft.life.member.sex == Sex::Female {
        list.push((
            &dx::GESTATIONAL,
            Onset::Day(child.plus(-84)),
            child.plus(-84),
            Some(child.plus(44)),
            Role::Obstetrics,
            Problem,
        ));
    }
    for (problem, onset, recorded, abatement, role, kind) in list {
        draft.problem(problem, onset, recorded, abatement, role, kind);
    }
    // Entered into the wrong chart, and marked so.
    draft.problem(
        &dx::COVID,
        Onset::Day(Date::of(2022, 8, 4)),
        Date::of(2022, 8, 4),
        None,
        Role::NursePractitioner,
        Problem,
    );
    if let Some(last) = draft.life.diagnoses.last_mut() {
        last.mistake = true;
    }
}

/// Allergies and intolerances.
pub(super) fn allergies(draft: &mut Draft) {
    let losartan = draft.course.turns.losartan;
    let pc = draft.life.providers.of(Role::PrimaryCare);
    let nurse = draft.life.providers.of(Role::NursePractitioner);
    let id = |n| draft.life.id("allergy", n);
    let code = |system, code, display| Some(Code::new(system, code, display));
    let allergies = vec![
        Allergy {
            id: id(0),
            substance: code(System::RxNorm, "10180", "sulfamethoxazole"),
            text: "Sulfamethoxazole",
            category: "medication",
            kind: "allergy",
            criticality: "high",
            reactions: vec![("247472004", "Hives", "moderate")],
            onset: Some(1996),
            recorded: Date::of(2011, 9, 12),
            by: pc,
            refuted: None,
        },
        Allergy {
            id: id(1),
            substance: code(System::RxNorm, "29046", "lisinopril"),
            text: "Lisinopril",
            category: "medication",
            kind: "intolerance",
            criticality: "low",
            reactions: vec![("49727002", "Cough", "mild")],
            onset: Some(losartan.year()),
            recorded: losartan,
            by: pc,
            refuted: None,
        },
        Allergy {
            id: id(2),
            substance: code(System::Snomed, "256277009", "Grass pollen"),
            text: "Grass pollen",
            category: "environment",
            kind: "allergy",
            criticality: "low",
            reactions: vec![("70076002", "Rhinitis", "mild")],
            onset: None,
            recorded: Date::of(2011, 9, 12),
            by: pc,
            refuted: None,
        },
        Allergy {
            id: id(3),
            substance: None,
            text: "Some antibiotic as a child, name not remembered",
            category: "medication",
            kind: "allergy",
            criticality: "unable-to-assess",
            reactions: vec![],
            onset: None,
            recorded: Date::of(2012, 3, 6),
            by: nurse,
            refuted: Some(Date::of(2016, 10, 4)),
        },
    ];
    draft.life.allergies = allergies;
}

/// Smoking, work, pregnancy and the like.
pub(super) fn social(draft: &mut Draft) {
    let never = Code::new(System::Snomed, "266919005", "Never smoked tobacco");
    let former = Code::new(System::Snomed, "8517006", "Ex-smoker");
    let mut rng = draft.life.rng("social");
    let smoking = if rng.chance(40) { former } else { never };
    let annual: Vec<usize> = visits(draft, |topic, _| topic == Topic::Annual);
    for visit in &annual {
        add(draft, SocialKind::Smoking, smoking, *visit);
        let drinks = Code::new(System::Snomed, "228276006", "Occasional drinker");
        add(draft, SocialKind::Habit, drinks, *visit);
    }
    let jobs = [
        (
            Code::new(System::Snomed, "159026005", "Machine tool operator"),
            Date::of(2008, 5, 5),
            Some(Date::of(2019, 5, 3)),
        ),
        (Code::new(System::Snomed, "265919006", "Clerical supervisor"), Date::of(2019, 5, 6), None),
    ];
    for (n, (job, from, until)) in jobs.into_iter().enumerate() {
        if let Some(visit) = annual.get(if n == 0 { 0 } else { 8 }) {
            add(draft, SocialKind::Occupation, job, *visit);
            if let Some(last) = draft.life.social.last_mut() {
                last.period = Some((from, until));
            }
        }
    }
    if let Some(visit) = annual.get(6) {
        let orientation = Code::new(System::Snomed, "20430005", "Heterosexual");
        add(draft, SocialKind::Orientation, orientation, *visit);
    }
    if draft.life.member.sex == Sex::Male {
        return;
    }
    let prenatal =
        visits(draft, |topic, setting| topic == Topic::Pregnancy && setting == Setting::Office);
    let pregnant = Code::new(System::Snomed, "77386006", "Pregnant");
    let not_pregnant = Code::new(System::Snomed, "60001007", "Not pregnant");
    for (n, visit) in prenatal.iter().enumerate() {
        let last = n + 1 == prenatal.len();
        add(draft, SocialKind::Pregnancy, if last { not_pregnant } else { pregnant }, *visit);
    }
    let unsure =
        Code::new(System::Snomed, "454381000124105", "Not sure of desire to become pregnant");
    if let Some(visit) = annual.first() {
        add(draft, SocialKind::PregnancyIntent, unsure, *visit);
    }
}

fn visits(draft: &Draft, keep: impl Fn(Topic, Setting) -> bool) -> Vec<usize> {
    let all = draft.life.visits.iter().enumerate();
    let mut found: Vec<usize> =
        all.filter(|(_, visit)| keep(visit.topic, visit.setting)).map(|(n, _)| n).collect();
    found.sort_by_key(|n| draft.moment(*n));
    found
}

fn add(draft: &mut Draft, kind: SocialKind, value: Code, visit: usize) {
    let n = draft.life.social.iter().filter(|social| social.kind == kind).count() as u64;
    let at = &draft.life.visits[visit];
    draft.life.social.push(Social {
        id: draft.life.id(&format!("social/{kind:?}"), n),
        kind,
        when: at.start.plus_minutes(10),
        period: None,
        value,
        visit: Some(at.id.clone()),
        by: at.practitioner,
    });
}
