//! Screenings: PHQ-9 of mood, Hunger Vital Sign and PRAPARE of daily life. Codes are LOINC's.

use super::draft::Draft;
use crate::date::Date;
use crate::life::code::{Code, System};
use crate::life::lab::Found;
use crate::life::record::{Answer, Survey};
use crate::life::visit::{Topic, Weight};
use crate::rng::Rng;

const fn loinc(code: &'static str, display: &'static str) -> Code {
    Code::new(System::Loinc, code, display)
}

static MOOD: [Code; 9] = [
    loinc("44250-9", "Little interest or pleasure in doing things in last 2 weeks"),
    loinc("44255-8", "Feeling down, depressed, or hopeless in last 2 weeks"),
    loinc("44259-0", "Trouble falling or staying asleep, or sleeping too much"),
    loinc("44254-1", "Feeling tired or having little energy"),
    loinc("44251-7", "Poor appetite or overeating"),
    loinc(
        "44258-2",
        "Feeling bad about yourself-or that you are a failure or have let yourself or your family down",
    ),
    loinc(
        "44252-5",
        "Trouble concentrating on things, such as reading the newspaper or watching television",
    ),
    loinc(
        "44253-3",
        "Moving or speaking so slowly that other people could have noticed. Or the opposite-being so fidgety or restless that you have been moving around a lot more than usual",
    ),
    loinc(
        "44260-8",
        "Thoughts that you would be better off dead, or of hurting yourself in some way",
    ),
];

static OFTEN: [Code; 4] = [
    loinc("LA6568-5", "Not at all"),
    loinc("LA6569-3", "Several days"),
    loinc("LA6570-1", "More than half the days"),
    loinc("LA6571-9", "Nearly every day"),
];

const YES: Code = loinc("LA33-6", "Yes");
const NO: Code = loinc("LA32-8", "No");
const OFTEN_TRUE: Code = loinc("LA28397-0", "Often true");
const SOMETIMES: Code = loinc("LA6729-3", "Sometimes true");
const NEVER: Code = loinc("LA28398-8", "Never true");
const AT_RISK: Code = loinc("LA19952-3", "At risk");
const NO_RISK: Code = loinc("LA19983-8", "No risk");

/// The score that the mood of a day would give, 0 to 27.
fn burden(draft: &Draft, date: Date) -> i64 {
    let days = date.since(draft.course.turns.depression);
    match days {
        ..-45 => 2,
        -45..=10 => 16,
        11..=60 => 11,
        61..=200 => 6,
        _ => 3,
    }
}

/// All screenings of the record.
pub(super) fn surveys(draft: &mut Draft) {
    let mut visits: Vec<usize> = (0..draft.life.visits.len()).collect();
    visits.sort_by_key(|n| draft.moment(*n));
    for visit in visits {
        let (topic, date) = (draft.life.visits[visit].topic, draft.moment(visit).date);
        let screens = draft.life.visits[visit]
            .performed
            .iter()
            .any(|performed| performed.act.billing.code == "96127");
        if screens {
            mood(draft, visit);
        }
        if topic == Topic::Annual && date.year() >= 2019 && date.year() % 2 == 1 {
            hunger(draft, visit);
            daily_life(draft, visit);
        }
    }
}

fn survey(
    draft: &mut Draft,
    visit: usize,
    panel: Code,
    questionnaire: &'static str,
    answers: Vec<Answer>,
    total: Option<(Code, i64)>,
    social: bool,
) {
    let n = draft.life.surveys.len() as u64;
    let total_of_mood = total.is_some();
    let at = &draft.life.visits[visit];
    draft.life.surveys.push(Survey {
        id: draft.life.id("survey", n),
        n,
        panel,
        questionnaire,
        when: at.start.plus_minutes(-10),
        visit: at.id.clone(),
        answers,
        total,
        social,
        weight: if total_of_mood { Weight::Usual } else { at.weight },
    });
}

fn mood(draft: &mut Draft, visit: usize) {
    let date = draft.moment(visit).date;
    let mut left = burden(draft, date) + draft.rng("mood", date).between(-1, 1);
    let mut rng = draft.rng("mood items", date);
    let mut scores = [0_i64; 9];
    // Self-harm, the last item, stays at zero.
    while left > 0 && scores[..8].iter().any(|score| *score < 3) {
        let n = usize::try_from(rng.below(8)).unwrap_or(0);
        if scores[n] < 3 {
            scores[n] += 1;
            left -= 1;
        }
    }
    let answers = MOOD
        .iter()
        .zip(scores)
        .map(|(question, score)| Answer {
            question: *question,
            answer: Found::Coded(OFTEN[usize::try_from(score).unwrap_or(0)]),
            score: Some(score),
        })
        .collect();
    let total = (
        loinc("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]"),
        scores.iter().sum(),
    );
    survey(
        draft,
        visit,
        loinc("44249-1", "PHQ-9 quick depression assessment panel [Reported.PHQ]"),
        "http://loinc.org/q/44249-1",
        answers,
        Some(total),
        false,
    );
}

fn hunger(draft: &mut Draft, visit: usize) {
    let year = draft.moment(visit).date.year();
    let risk = year >= 2023;
    let answer = |question, code| Answer { question, answer: Found::Coded(code), score: None };
    let answers = vec![
        answer(
            loinc(
                "88122-7",
                "(I/We) worried whether (my/our) food would run out before (I/we) got money to buy more.",
            ),
            if risk { OFTEN_TRUE } else { NEVER },
        ),
        answer(
            loinc(
                "88123-5",
                "The food that (I/we) bought just didn't last, and (I/we) didn't have money to get more.",
            ),
            if risk { SOMETIMES } else { NEVER },
        ),
        answer(
            loinc("88124-3", "Food insecurity risk [HVS]"),
            if risk { AT_RISK } else { NO_RISK },
        ),
    ];
    survey(
        draft,
        visit,
        loinc("88121-9", "Hunger Vital Sign [HVS]"),
        "http://loinc.org/q/88121-9",
        answers,
        None,
        true,
    );
}

fn daily_life(draft: &mut Draft, visit: usize) {
    let year = draft.moment(visit).date.year();
    let mut rng: Rng = draft.rng("daily life", draft.moment(visit).date);
    let answer = |question, code| Answer { question, answer: Found::Coded(code), score: None };
    let transport = if year == 2019 {
        loinc(
            "LA30133-5",
            "Yes, it has kept me from medical appointments or from getting my medications",
        )
    } else {
        NO
    };
    let stress = if year == 2021 {
        loinc("LA13902-4", "Quite a bit")
    } else {
        loinc("LA13863-8", "A little bit")
    };
    let answers = vec![
        Answer {
            question: loinc("63512-8", "How many people are living or staying at this address?"),
            answer: Found::Amount(
                crate::decimal::Decimal::whole(3),
                &crate::life::catalog::labs::PEOPLE,
                None,
            ),
            score: None,
        },
        answer(loinc("71802-3", "Housing status"), loinc("LA30189-7", "I have housing")),
        answer(
            loinc("93033-9", "Are you worried about losing your housing?"),
            if rng.chance(12) { YES } else { NO },
        ),
        answer(loinc("67875-5", "Employment status current"), loinc("LA30136-8", "Full-time work")),
        answer(
            loinc(
                "93030-5",
                "Has lack of transportation kept you from medical appointments, meetings, work, or from getting things needed for daily living",
            ),
            transport,
        ),
        answer(
            loinc(
                "93029-7",
                "How often do you see or talk to people that you care about and feel close to (For example: talking to friends on the phone, visiting friends or family, going to church or club meetings)?",
            ),
            loinc("LA30131-9", "3 to 5 times a week"),
        ),
        answer(loinc("93038-8", "Stress level"), stress),
        Answer {
            question: loinc(
                "63586-2",
                "What was your best estimate of the total income of all family members from all sources, before taxes, in last year?",
            ),
            answer: Found::Absent("asked-declined"),
            score: None,
        },
    ];
    survey(
        draft,
        visit,
        loinc(
            "93025-5",
            "Protocol for Responding to and Assessing Patients' Assets, Risks, and Experiences [PRAPARE]",
        ),
        "http://loinc.org/q/93025-5",
        answers,
        None,
        true,
    );
}
