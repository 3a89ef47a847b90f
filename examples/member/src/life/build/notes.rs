//! Notes of visits: sentences made of the facts of the visit, in the words that clinicians use.

use super::draft::Draft;
use super::{reports, story};
use crate::date::Date;
use crate::life::catalog::dx;
use crate::life::code::{Code, System};
use crate::life::lab::{Found, Panel};
use crate::life::provider::Role;
use crate::life::record::{Document, Form};
use crate::life::visit::{Setting, Topic, Visit};
use crate::rng::Rng;

const PROGRESS: Code = Code::new(System::Loinc, "11506-3", "Progress note");
const HISTORY: Code = Code::new(System::Loinc, "34117-2", "History and physical note");
const CONSULT: Code = Code::new(System::Loinc, "11488-4", "Consult note");

/// Sections of a note: heading and text.
pub(super) type Sections = Vec<(&'static str, String)>;

/// Writes a document for every visit that a clinician would write one for.
pub(super) fn write(draft: &mut Draft) {
    let mut documents = Vec::new();
    for visit in &draft.life.visits {
        if matches!(visit.setting, Setting::Pharmacy | Setting::Imaging)
            || visit.topic == Topic::Teeth
        {
            reports::imaging(draft, visit, &mut documents);
            continue;
        }
        let mut rng =
            draft.rng(&format!("note/{:?}/{:?}", visit.topic, visit.setting), visit.date());
        let kind = match (visit.topic, visit.setting) {
            (Topic::Annual, _) | (_, Setting::Emergency) => HISTORY,
            (Topic::Skin | Topic::Eyes | Topic::Feet, _) => CONSULT,
            _ => PROGRESS,
        };
        let sections = sections(draft, visit, &mut rng);
        let form = match (visit.topic, rng.below(10)) {
            (Topic::Eyes, _) => Form::Pdf,
            (_, 0..=2) => Form::Html,
            _ => Form::Text,
        };
        documents.push(document(
            draft,
            visit,
            "note",
            kind,
            format!("{}: {}", kind.display, visit.reason),
            form,
            sections,
        ));
        reports::imaging(draft, visit, &mut documents);
        reports::special(draft, visit, &mut documents);
    }
    documents.sort_by_key(|document: &Document| document.when);
    draft.life.documents = documents;
}

/// A document of a visit.
pub(super) fn document(
    draft: &Draft,
    visit: &Visit,
    part: &str,
    kind: Code,
    title: String,
    form: Form,
    sections: Sections,
) -> Document {
    Document {
        id: draft.life.id(&format!("document/{}/{part}", visit.id), 0),
        kind,
        title,
        when: visit.end.plus_minutes(25),
        author: visit.practitioner,
        organization: visit.organization,
        visit: Some(visit.id.clone()),
        form,
        sections,
        report: None,
    }
}

/// A1c of the last panel before a day, in tenths of a percent.
pub(super) fn last_a1c(draft: &Draft, date: Date) -> Option<(String, Date)> {
    let panels = draft.life.panels.iter().rev();
    let panel: &Panel = panels
        .into_iter()
        .find(|panel| panel.kind.loinc == "4548-4" && panel.collected.date < date)?;
    match &panel.results.first()?.found {
        Found::Amount(amount, ..) => Some((amount.to_string(), panel.collected.date)),
        _ => None,
    }
}

/// Names of the drugs in force on a day.
pub(super) fn medicines(draft: &Draft, date: Date) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = draft
        .life
        .prescriptions
        .iter()
        .filter(|p| p.authored.date <= date && date <= p.stopped.map_or(p.end, |(day, _)| day))
        .map(|p| p.drug.name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn sections(draft: &Draft, visit: &Visit, rng: &mut Rng) -> Sections {
    let date = visit.date();
    let member = &draft.life.member;
    let (name, age) = (member.addressed(), date.years_since(member.birth));
    let mut sections: Sections = vec![("Reason for visit", format!("{}.", visit.reason))];
    sections.push(("History", history(draft, visit, &name, age, rng)));
    let drugs = medicines(draft, date);
    if matches!(visit.topic, Topic::Annual | Topic::Diabetes | Topic::Pneumonia)
        && !drugs.is_empty()
    {
        sections.push(("Medications", format!("{}. Reviewed and reconciled.", drugs.join("; "))));
    }
    if let Some(exam) = exam(draft, visit, rng) {
        sections.push(("Examination", exam));
    }
    let problems: Vec<String> =
        visit.diagnoses.iter().map(|dx| format!("{} ({})", dx.text, dx.icd10)).collect();
    sections.push(("Assessment", format!("{}.", problems.join("; "))));
    sections.push(("Plan", plan(draft, visit, rng)));
    sections
}

fn history(draft: &Draft, visit: &Visit, name: &str, age: i32, rng: &mut Rng) -> String {
    let date = visit.date();
    let t = &draft.course.turns;
    match visit.topic {
        Topic::Annual => {
            let extra = *rng.pick(&[
                "Sleeps seven hours, wakes once at night.",
                "Walks the dog every evening, about two miles on weekends.",
                "Eats out twice a week since the new shift began.",
                "Garden work on weekends; no chest pain and no shortness of breath on the stairs.",
            ]);
            format!("{name} is {age} years old and comes for the yearly preventive visit. {extra} Vaccines and screening were reviewed. The child is well and up to date with vaccinations.")
        }
        Topic::Diabetes if date < t.diabetes => format!("{name} is {age} years old. The last fasting sugar was raised; more thirst than usual, gets up at night to pass water. The mother and an uncle have type 2 diabetes."),
        Topic::Diabetes => {
            let sugar = match last_a1c(draft, date) {
                Some((value, day)) => format!("The last hemoglobin A1c was {value} % on {}.", day.in_words()),
                None => "No hemoglobin A1c is on file yet.".to_owned(),
            };
            let home = if date >= t.sensor {
                *rng.pick(&[
                    "The glucose sensor shows highs after the evening meal; no value under 70 this month.",
                    "Time in range on the glucose sensor is better than last time; two short lows after yard work.",
                    "Wears the sensor every day, alarms at night are rare now.",
                ])
            } else {
                *rng.pick(&[
                    "Checks the sugar before breakfast, mostly between 130 and 170.",
                    "Left the meter at home; remembers values around 150.",
                    "Checks twice a day, highs after pasta and rice.",
                ])
            };
            let adherence = *rng.pick(&[
                "Takes the tablets every day.",
                "Missed a few evening doses because of night shifts.",
                "No low blood sugar, no numbness that is new.",
                "Stomach upset in the first week only.",
            ]);
            format!("{name} returns for diabetes. {sugar} {home} {adherence}")
        }
        Topic::Pneumonia if visit.setting == Setting::Emergency => format!("{name} is {age} years old with type 2 diabetes and has had fever, productive cough and shortness of breath for four days. Could not keep down food since yesterday and drank little. Blood sugars at home above 300 since the fever began."),
        Topic::Pneumonia if visit.setting == Setting::Inpatient => format!("{name} was admitted from the emergency department with pneumonia of the right lower lobe, oxygen saturation under 92 percent on room air, dehydration and high blood sugar. Ceftriaxone and azithromycin were given intravenously, oxygen by nasal cannula for two days, basal insulin was begun."),
        Topic::Pneumonia => "Feels much better, walks to the mailbox without stopping. Finished the antibiotic, last tablet of prednisone today. Injects insulin at bedtime, sugars 140 to 190.".to_owned(),
        Topic::Knee => format!("{name}: {}. {}", visit.reason, story::knee(draft, date).0),
        Topic::Physiotherapy => format!("Pain {} of 10 today. {}", rng.between(1, 4), rng.pick(&["Did the home exercises on five of seven days.", "Slept through the night for the first time.", "Some swelling after a long shift, ice helped.", "Climbed stairs step over step."])),
        Topic::Pregnancy => format!("{name}, {}. {}", visit.reason, rng.pick(&["Good fetal movement, no bleeding, no contractions.", "Morning sickness is gone, appetite is back.", "Writes down the sugars, fasting under 95 and one hour after meals under 140 with food choices alone.", "Some swelling of the ankles in the evening, no headache."])),
        Topic::Depression => format!("{name}: {}. {}", visit.reason, rng.pick(&["Worries about the plant closing and about short staff.", "Walks in the morning with the dog, that helps.", "No thought of self-harm. The spouse is supportive.", "Sleeps six hours now, wakes at four."])),
        Topic::Eyes => format!("{name} has worn glasses since school. {}", if date >= t.diabetes { "Type 2 diabetes is known; no flashes, no floaters, reading is fine." } else { "No complaint." }),
        Topic::Feet => "Tingling in both feet at night, no wound. Wears wide shoes at work.".to_owned(),
        Topic::Education => format!("{name} came with the spouse. Food diary, labels, portions and what to do at low blood sugar were gone through with pictures."),
        Topic::Skin => "A rough, red spot of 6 mm on the left forearm for about a year. Much sun as a young adult.".to_owned(),
        Topic::Screening => "No bleeding, no change of bowel habits, no family history of colon cancer. Preparation was good.".to_owned(),
        _ => format!("{name}: {}. {} {}", visit.reason, story::illness(visit).0, rng.pick(&["Tried honey and tea at home.", "A coworker has the same.", "Went to work all the same.", "Took acetaminophen twice."])),
    }
}

fn exam(draft: &Draft, visit: &Visit, rng: &mut Rng) -> Option<String> {
    let vitals = draft.life.vitals.iter().find(|vitals| vitals.visit == visit.id);
    let signs = vitals.and_then(|v| {
        v.pressure.map(|(s, d)| {
            format!("Blood pressure {s}/{d} mmHg, heart rate {}. ", v.heart_rate.unwrap_or(72))
        })
    });
    let body = match visit.topic {
        Topic::Annual => {
            "Heart regular without murmur, lungs clear, abdomen soft, feet warm with palpable pulses."
        }
        Topic::Pneumonia if visit.setting == Setting::Office => {
            "Lungs clear but for a few crackles at the right base."
        }
        Topic::Pneumonia => {
            "Looks ill. Crackles and bronchial breath sounds over the right lower lobe, dry mucous membranes."
        }
        Topic::Knee => story::knee(draft, visit.date()).1,
        Topic::Physiotherapy => *rng.pick(&[
            "Flexion 95 degrees, extension lacks 5 degrees.",
            "Flexion 110 degrees, gait even without crutches.",
            "Single leg stance 20 seconds, slight quadriceps wasting.",
        ]),
        Topic::Eyes if visit.diagnoses.first() == Some(&&dx::RETINOPATHY) => {
            "Few microaneurysms in both eyes, no macular edema, pressure 15 mmHg both."
        }
        Topic::Eyes => {
            "Visual acuity 20/20 with correction, retina without signs of diabetes, pressure 14 mmHg both."
        }
        Topic::Feet => {
            "Monofilament felt at six of ten points, pulses palpable, thick yellow nails, no ulcer."
        }
        Topic::Depression => {
            "By video: tidy, speech somewhat slow, affect subdued but reactive, no psychotic signs."
        }
        Topic::Skin => {
            "Scaly erythematous papule, 6 mm, left dorsal forearm. Rest of the skin without suspicious lesion."
        }
        Topic::Acute => story::illness(visit).1,
        _ => return signs.map(|signs| signs.trim_end().to_owned()),
    };
    Some(format!("{}{body}", signs.unwrap_or_default()))
}

fn plan(draft: &Draft, visit: &Visit, rng: &mut Rng) -> String {
    let (date, t) = (visit.date(), &draft.course.turns);
    let ordered: Vec<&str> = draft
        .life
        .panels
        .iter()
        .filter(|panel| panel.visit == visit.id)
        .map(|panel| panel.kind.text)
        .collect();
    let started: Vec<&str> = draft
        .life
        .prescriptions
        .iter()
        .filter(|p| p.visit.as_ref() == Some(&visit.id))
        .map(|p| p.drug.name)
        .collect();
    let mut plan = match visit.topic {
        Topic::Diabetes if date < t.metformin => "Food, walking and weight first; metformin if the A1c stays above 6.5 percent in half a year.".to_owned(),
        Topic::Diabetes if date < t.empagliflozin => "Continue metformin. If the A1c rises above 7.5 percent add an SGLT2 inhibitor.".to_owned(),
        Topic::Diabetes if date < t.pneumonia => "Continue metformin and empagliflozin; drink enough, pause empagliflozin when ill.".to_owned(),
        Topic::Diabetes if date < t.semaglutide => "Insulin at bedtime goes on. Prior authorization for semaglutide was asked for.".to_owned(),
        Topic::Diabetes => "Continue metformin, empagliflozin and semaglutide. Keep the sensor.".to_owned(),
        Topic::Annual => "Continue as before. Yearly eye examination and dental visits. Return in a year, earlier if anything changes.".to_owned(),
        Topic::Pneumonia if visit.setting == Setting::Inpatient => "Discharged home with levofloxacin for 5 days, a prednisone taper, an albuterol inhaler and insulin glargine. Chest X-ray in six weeks if the cough stays.".to_owned(),
        Topic::Pneumonia => "Oxygen, intravenous fluids, antibiotics. See the orders.".to_owned(),
        Topic::Knee => story::knee(draft, date).2.to_owned(),
        Topic::Physiotherapy => format!("Next visit in about a week. Home program: {}.", rng.pick(&["quad sets, heel slides, straight leg raises", "step-ups, wall sits, balance board", "stationary bicycle for 20 minutes, hamstring curls"])),
        Topic::Pregnancy => "Next visit as scheduled. Call for bleeding, fever, or less movement of the baby.".to_owned(),
        Topic::Depression => "Sertraline as prescribed, psychotherapy by video, follow-up in six weeks. Crisis line 988 was given.".to_owned(),
        Topic::Eyes => "New glasses as prescribed. Return in a year; a letter goes to primary care.".to_owned(),
        Topic::Feet => "Daily foot check, urea cream, well-fitting shoes. Return in a year.".to_owned(),
        Topic::Skin => "Liquid nitrogen for 10 seconds. Sunscreen. Return if the spot comes back.".to_owned(),
        Topic::Education => "Next lesson in six weeks.".to_owned(),
        _ => story::illness(visit).2.to_owned(),
    };
    if !ordered.is_empty() {
        plan.push_str(&format!(" Ordered: {}.", ordered.join(", ")));
    }
    if !started.is_empty() {
        plan.push_str(&format!(" Prescribed: {}.", started.join(", ")));
    }
    if draft.life.providers.practitioner(visit.practitioner).role == Role::NursePractitioner {
        plan.push_str(" Discussed with Dr. Achterberg.");
    }
    plan
}
