//! Reports and letters besides the notes: imaging, the operation, pathology, the discharge summary,
//! the yearly summary (C-CDA), what the member signed.

use super::draft::Draft;
use super::notes::{document, last_a1c, medicines};
use crate::life::code::{Act, Code, Sort, System};
use crate::life::record::{Document, Form};
use crate::life::visit::{Setting, Topic, Visit};

const IMAGING: Code = Code::new(System::Loinc, "18748-4", "Diagnostic imaging study");
const OPERATION: Code = Code::new(System::Loinc, "11504-8", "Surgical operation note");
const PATHOLOGY: Code = Code::new(System::Loinc, "11526-1", "Pathology study");
const DISCHARGE: Code = Code::new(System::Loinc, "18842-5", "Discharge summary");
const SUMMARY: Code = Code::new(System::Loinc, "34133-9", "Summary of episode note");
const PROCEDURE: Code = Code::new(System::Loinc, "28570-0", "Procedure note");
const REFERRAL: Code = Code::new(System::Loinc, "57133-1", "Referral note");

/// Reports of the images taken at a visit.
pub(super) fn imaging(draft: &Draft, visit: &Visit, documents: &mut Vec<Document>) {
    let radiologist = draft.life.providers.of(crate::life::provider::Role::Radiology);
    for service in visit.performed.iter().filter(|service| service.act.sort == Sort::Imaging) {
        let (findings, impression) = read(service.act);
        let sections = vec![
            ("Examination", format!("{}, {}.", service.act.text, visit.date().in_words())),
            ("Indication", format!("{}.", visit.reason)),
            ("Findings", findings.to_owned()),
            ("Impression", impression.to_owned()),
        ];
        let part = format!("imaging/{}", service.act.billing.code);
        let title = format!("Report: {}", service.act.text);
        let mut report = document(draft, visit, &part, IMAGING, title, Form::Text, sections);
        report.author = radiologist;
        report.when = visit.start.plus_minutes(95);
        report.report = Some(service.act);
        documents.push(report);
    }
}

/// Findings and impression of an image.
fn read(act: &Act) -> (&'static str, &'static str) {
    match act.billing.code {
        "73721" => (
            "Complete tear of the anterior cruciate ligament in its middle third. Bone bruise of the lateral femoral condyle and the posterolateral tibial plateau. Vertical tear of the posterior horn of the medial meniscus. Posterior cruciate and collateral ligaments intact. Large joint effusion.",
            "1. Complete ACL tear. 2. Tear of the posterior horn of the medial meniscus. 3. Joint effusion.",
        ),
        "73562" => (
            "Suprapatellar effusion. No fracture, no dislocation, joint spaces preserved.",
            "Joint effusion without fracture.",
        ),
        "71046" => (
            "Dense consolidation in the right lower lobe with air bronchograms. Small right pleural effusion. Heart size normal. No pneumothorax.",
            "Right lower lobe pneumonia with a small parapneumonic effusion.",
        ),
        "73610" => (
            "Soft tissue swelling over the lateral malleolus. No fracture, mortise congruent.",
            "No fracture.",
        ),
        "77067" => (
            "Scattered areas of fibroglandular density. No suspicious mass, no architectural distortion, no suspicious calcifications.",
            "BI-RADS 1, negative. Return to routine screening.",
        ),
        "76801" | "76805" => (
            "Single living intrauterine pregnancy, growth consistent with dates, placenta posterior and away from the cervix, amniotic fluid normal.",
            "Normal obstetric ultrasound for the gestational age.",
        ),
        _ => ("No abnormality is seen.", "Normal study."),
    }
}

/// Documents that only some visits bring.
pub(super) fn special(draft: &Draft, visit: &Visit, documents: &mut Vec<Document>) {
    let name = draft.life.member.full_name();
    match (visit.topic, visit.setting) {
        (Topic::Knee, Setting::SurgeryCenter) => {
            let sections = vec![
                ("Preoperative diagnosis", "Tear of the anterior cruciate ligament and of the medial meniscus, right knee.".to_owned()),
                ("Procedure", "Arthroscopic reconstruction of the anterior cruciate ligament with a hamstring tendon graft; partial medial meniscectomy. General anesthesia with a femoral nerve block.".to_owned()),
                ("Description", "After time-out and preparation diagnostic arthroscopy confirmed a complete tear of the ligament. The torn part of the meniscus was trimmed to a stable rim. Semitendinosus and gracilis were harvested and prepared to a graft of 8.5 mm. Femoral and tibial tunnels were drilled, the graft was passed and fixed with a cortical button on the femur and a bioabsorbable interference screw of 9 x 25 mm in the tibia. Full extension without impingement. Blood loss 30 mL, no complication.".to_owned()),
                ("Implants", "Kestrel BIO interference screw 9 x 25 mm.".to_owned()),
                ("After the operation", "Brace in extension, weight bearing as tolerated with crutches, physical therapy from the second week.".to_owned()),
            ];
            documents.push(document(
                draft,
                visit,
                "operation",
                OPERATION,
                "Operation note: right knee".to_owned(),
                Form::Pdf,
                sections,
            ));
        }
        (Topic::Screening, Setting::OutpatientHospital) => {
            let scope = vec![
                ("Procedure", "Colonoscopy to the cecum with snare removal of a polyp of 7 mm in the sigmoid colon. Bowel preparation good (Boston score 8).".to_owned()),
                ("Findings", "One sessile polyp, removed completely. Otherwise normal mucosa, small internal hemorrhoids.".to_owned()),
                ("Recommendation", "Next colonoscopy in seven years if the polyp is a tubular adenoma.".to_owned()),
            ];
            documents.push(document(
                draft,
                visit,
                "scope",
                PROCEDURE,
                "Colonoscopy report".to_owned(),
                Form::Html,
                scope,
            ));
            let cells = vec![
                (
                    "Specimen",
                    "Sigmoid colon, polyp, snare polypectomy: one tan fragment, 0.7 cm.".to_owned(),
                ),
                (
                    "Diagnosis",
                    "Tubular adenoma. No high-grade dysplasia, no malignancy.".to_owned(),
                ),
            ];
            let mut report = document(
                draft,
                visit,
                "pathology",
                PATHOLOGY,
                "Pathology: polyp of the colon".to_owned(),
                Form::Text,
                cells,
            );
            report.author = draft.life.providers.of(crate::life::provider::Role::Pathology);
            report.when = visit.date().plus(3).at(15, 40);
            documents.push(report);
        }
        (Topic::Pneumonia | Topic::Pregnancy, Setting::Inpatient) => {
            let problems: Vec<&str> = visit.diagnoses.iter().map(|dx| dx.text).collect();
            let course = if visit.topic == Topic::Pneumonia {
                "Ceftriaxone and azithromycin, oxygen for two days, three liters of fluid, insulin glargine 16 units at bedtime. Afebrile from the second day, saturation 95 percent on room air at discharge. Blood cultures stayed negative."
            } else {
                "Spontaneous labor at 39 weeks, vaginal birth of a living child, Apgar 8 and 9. Blood sugars normal after birth. Mother and child went home on the second day."
            };
            let sections = vec![
                (
                    "Dates",
                    format!(
                        "Admitted {}, discharged {}.",
                        visit.date().in_words(),
                        visit.end.date.in_words()
                    ),
                ),
                ("Diagnoses", format!("{}.", problems.join("; "))),
                ("Hospital course", course.to_owned()),
                (
                    "Medications at discharge",
                    format!("{}.", medicines(draft, visit.end.date).join("; ")),
                ),
                ("Follow-up", "Primary care within two weeks.".to_owned()),
            ];
            documents.push(document(
                draft,
                visit,
                "discharge",
                DISCHARGE,
                format!("Discharge summary: {name}"),
                Form::Ccda,
                sections,
            ));
        }
        (Topic::Annual, _) if visit.date().year() >= 2014 => {
            let allergies: Vec<&str> = draft
                .life
                .allergies
                .iter()
                .filter(|a| a.recorded <= visit.date())
                .map(|a| a.text)
                .collect();
            let problems: Vec<&str> = draft
                .life
                .diagnoses
                .iter()
                .filter(|d| {
                    !d.mistake
                        && d.recorded <= visit.date()
                        && d.abatement.is_none_or(|end| end > visit.date())
                })
                .map(|d| d.dx.text)
                .collect();
            let sugar = last_a1c(draft, visit.date()).map_or_else(
                || "No results.".to_owned(),
                |(value, day)| format!("Hemoglobin A1c {value} % on {}.", day.in_words()),
            );
            let sections = vec![
                ("Allergies", format!("{}.", allergies.join("; "))),
                ("Medications", format!("{}.", medicines(draft, visit.date()).join("; "))),
                ("Problems", format!("{}.", problems.join("; "))),
                ("Results", sugar),
            ];
            documents.push(document(
                draft,
                visit,
                "summary",
                SUMMARY,
                format!("Continuity of care document: {name}"),
                Form::Ccda,
                sections,
            ));
        }
        (Topic::Knee, Setting::UrgentCare) => {
            let sections = vec![
                ("Referral", "Dear colleague, please see this patient with suspected rupture of the anterior cruciate ligament of the right knee. MRI was ordered, prior authorization was sent to the plan.".to_owned()),
                ("Question", "Operation or exercises?".to_owned()),
            ];
            documents.push(document(
                draft,
                visit,
                "referral",
                REFERRAL,
                "Referral to orthopedics".to_owned(),
                Form::Pdf,
                sections,
            ));
        }
        _ => {}
    }
}
