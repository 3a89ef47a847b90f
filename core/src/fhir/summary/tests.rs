use super::*;
use crate::fhir::json::Tape;

fn row(text: &str) -> (String, Option<String>, Option<String>) {
    let tape = Tape::parse(text.as_bytes()).unwrap();
    let Summary { title, date, status } = summary(tape.root());
    (title, date, status)
}

#[track_caller]
fn check(text: &str, title: &str, date: &str, status: &str) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    assert_eq!(row(text), (title.to_owned(), some(date), some(status)));
}

#[test]
fn rows_of_the_common_types() {
    check(
        r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"4548-4"},
            {"display":"Hemoglobin A1c"}]},"effectiveDateTime":"2020-01-02","issued":"2021"}"#,
        "Hemoglobin A1c",
        "2020-01-02",
        "final",
    );
    check(
        r#"{"resourceType":"Patient","name":[{"family":"Ng","given":["Ann","B."]}],"birthDate":"1980"}"#,
        "Ann B. Ng",
        "1980",
        "",
    );
    check(
        r#"{"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"active"}]},
            "code":{"text":"  Hay\n fever "},"onsetPeriod":{"start":"2019"},"recordedDate":"2020"}"#,
        "Hay fever",
        "2019",
        "active",
    );
    check(
        r#"{"resourceType":"MedicationRequest","status":"active","authoredOn":"2020-03",
            "medicationReference":{"reference":"Medication/1","display":"Ibuprofen"}}"#,
        "Ibuprofen",
        "2020-03",
        "active",
    );
    check(
        r#"{"resourceType":"ExplanationOfBenefit","status":"active","use":"claim",
            "type":{"coding":[{"code":"pharmacy"}]},"billablePeriod":{"end":"2020-05"},"created":"2021"}"#,
        "pharmacy",
        "2020-05",
        "active",
    );
    check(
        r#"{"resourceType":"Immunization","vaccineCode":{"text":"Flu"},"occurrenceDateTime":"2018"}"#,
        "Flu",
        "2018",
        "",
    );
    check(
        r#"{"resourceType":"DocumentReference","status":"current","date":"2020",
            "content":[{"attachment":{"title":"Letter"}}]}"#,
        "Letter",
        "2020",
        "current",
    );
    check(
        r#"{"resourceType":"Encounter","class":{"code":"AMB"},"period":{"start":"2011"},"status":"finished"}"#,
        "AMB",
        "2011",
        "finished",
    );
    check(r#"{"resourceType":"Coverage","payor":[{"display":"Plan A"}]}"#, "Plan A", "", "");
    check(r#"{"resourceType":"Organization","name":"Clinic"}"#, "Clinic", "", "");
    check(
        r#"{"resourceType":"Specimen","collection":{"collectedDateTime":"2015"}}"#,
        "Specimen",
        "2015",
        "",
    );
    check(
        r#"{"resourceType":"Goal","lifecycleStatus":"active","description":{"text":"Walk"}}"#,
        "Walk",
        "",
        "active",
    );
}

#[test]
fn odd_shapes_fall_back_to_the_type() {
    check(
        r#"{"resourceType":"Basic","code":{"coding":[]},"created":7,"status":[]}"#,
        "Basic",
        "",
        "",
    );
    check(r#"{"resourceType":"Observation","code":{"text":" "},"name":""}"#, "Observation", "", "");
    check(r#"{"resourceType":""}"#, "Resource", "", "");
    let long = format!(r#"{{"resourceType":"List","title":"{}"}}"#, "é".repeat(300));
    assert_eq!(row(&long).0, format!("{}…", "é".repeat(200)));
}
