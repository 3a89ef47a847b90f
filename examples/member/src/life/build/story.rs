//! What notes say along the story of the knee and in small illnesses: what the member tells, what is
//! found, what is planned.

use super::draft::Draft;
use crate::date::Date;
use crate::life::visit::Visit;

/// Told, found, planned.
type Note = (&'static str, &'static str, &'static str);

/// The knee on a day.
pub(super) fn knee(draft: &Draft, date: Date) -> Note {
    match date.since(draft.course.turns.knee) {
        ..=8 => (
            "Swelling came within two hours, pain 7 of 10 on stairs. No numbness.",
            "Large effusion, range 10 to 80 degrees, Lachman test positive as far as pain allows.",
            "X-ray today, MRI as soon as the plan agrees. Brace, crutches, ice, ibuprofen with food.",
        ),
        9..=30 => (
            "The knee gives way when turning. Pain 3 of 10 at rest.",
            "Effusion smaller, Lachman test two plus, positive pivot shift, medial joint line tender.",
            "MRI shows the torn ligament and meniscus. Reconstruction with a hamstring graft was discussed and agreed, authorization was asked for.",
        ),
        31..=50 => (
            "Ready for the operation, fasting since midnight.",
            "Right knee marked. Heart and lungs normal.",
            "See the operation note. Home with crutches, hydrocodone for five days at most, first dressing in two days.",
        ),
        51..=90 => (
            "Pain under control, the last hydrocodone was ten days ago.",
            "Wound dry, sutures out, full extension, flexion to 90 degrees.",
            "Begin physical therapy this week. Brace for four more weeks.",
        ),
        91..=200 => (
            "Walks without crutches, bicycle three times a week.",
            "Stable Lachman test, flexion 130 degrees, quadriceps strength four of five.",
            "Running on even ground from the fourth month.",
        ),
        _ => (
            "Has played soccer again for a month, no giving way.",
            "Stable knee, full range, equal strength.",
            "No further visit needed. Keep up the exercises.",
        ),
    }
}

/// The small illness of a visit.
pub(super) fn illness(visit: &Visit) -> Note {
    match visit.diagnoses.first().map_or("", |dx| dx.icd10) {
        "J06.9" => (
            "No shortness of breath, slept badly because of the cough.",
            "Throat red without exudate, ears clear, lungs clear.",
            "Rest, fluids, acetaminophen for fever. Return if short of breath or not better within ten days.",
        ),
        "J01.90" => (
            "Worse again after the fifth day, thick discharge.",
            "Tender over both cheeks, purulent discharge, eardrums normal.",
            "Amoxicillin for ten days, saline rinses. Return for swelling around the eye or a stiff neck.",
        ),
        "N39.0" => (
            "No fever, no flank pain, no blood seen.",
            "Abdomen soft, slight suprapubic tenderness, no flank tenderness.",
            "Nitrofurantoin for five days. Return for fever or flank pain.",
        ),
        "M54.50" => (
            "No leg pain, no weakness, bladder and bowels normal.",
            "Paraspinal muscles tense, straight leg raise negative, reflexes equal.",
            "Ibuprofen for a week, keep moving, heat. No imaging needed.",
        ),
        "K52.9" => (
            "Six loose stools, no blood, keeps down sips of water.",
            "Abdomen soft, bowel sounds lively, mucous membranes a little dry.",
            "Oral rehydration, bland food, watch the blood sugar. Return for blood or if nothing stays down.",
        ),
        _ => (
            "Could bear weight at once, swelling in the evening.",
            "Tender over the lateral ligament, no bony tenderness.",
            "Wrap, ice, elevation; ibuprofen for a week. Exercises for balance from the third day.",
        ),
    }
}
