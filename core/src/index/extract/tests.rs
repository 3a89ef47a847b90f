//! Values of small records, kind by kind.

use std::collections::BTreeSet;

use super::pack::{ByIndex, extractor};
use super::reference::{Referent, relative};
use super::{KeySink, ParamNumbers, References};
use crate::fhir::{Bound, Decimal, Interval, Tape, Zone};
use crate::index::key::{self, Value};
use crate::index::params;

/// The keys of one resource as text, without the parameters that all types have.
struct Texts {
    resource_type: &'static str,
    texts: BTreeSet<String>,
}

impl KeySink for Texts {
    fn key(&mut self, key: &[u8]) {
        let (number, tag, payload) = key::head(key).unwrap();
        if number < key::system::FIRST_PARAMETER {
            assert_eq!(number, key::system::SUBJECT);
            self.texts.insert(format!("@subject {} {}", payload[3], text(&payload[4..])));
            return;
        }
        let param = params::for_type(self.resource_type)
            .iter()
            .find(|p| ByIndex.number(p) == number)
            .unwrap();
        let value = show(tag, payload);
        self.texts.insert(format!("{} {value}", param.code).trim_end().to_owned());
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn show(tag: u8, payload: &[u8]) -> String {
    match key::decode(tag, payload).unwrap() {
        Value::Presence => String::new(),
        Value::Token { folded, system, code: None } => format!("{system}|{folded}"),
        Value::Token { folded, system, code: Some(code) } => format!("{system}|{folded} as {code}"),
        Value::String { folded, text: None } => format!("'{folded}'"),
        Value::String { folded, text: Some(text) } => format!("'{folded}' as '{text}'"),
        Value::Date { lo, hi } => format!("{lo}..{hi}"),
        Value::Number { bounds } => show_bounds(bounds),
        Value::Quantity { code, system, unit, bounds } => {
            format!("{} {system}|{code}|{unit}", show_bounds(bounds))
        }
        Value::Canonical { unit, bounds } => format!("{} in {unit}", show_bounds(bounds)),
        Value::Local { resource_type, id, connection } => {
            format!("{resource_type}/{id}@{connection}")
        }
        Value::Foreign(text) => format!("<{text}>"),
        Value::Uri(text) => format!("uri {text}"),
        Value::Composite(parts) => {
            parts.map(|(tag, payload)| show(tag, &payload)).collect::<Vec<_>>().join(" $ ")
        }
    }
}

fn show_bounds(bytes: &[u8]) -> String {
    let (lo, hi) = key::bounds(bytes).unwrap();
    // Every bound of these tests is one of these.
    let names = ["-5", "0", "0.001", "0.009", "0.01", "1", "2", "5", "5.4", "9", "10", "310.15"];
    let name = |bound| match bound {
        Bound::Lowest => "lowest",
        Bound::Highest => "highest",
        _ => names.into_iter().find(|n| bound == at(n)).unwrap(),
    };
    if lo == hi { name(lo).to_owned() } else { format!("{}..{}", name(lo), name(hi)) }
}

fn at(number: &str) -> Bound {
    Bound::At(Decimal::parse(number).unwrap())
}

fn keys_with(resource_type: &'static str, json: &str, refs: &References<'_>) -> BTreeSet<String> {
    let tape = Tape::parse(json.as_bytes()).expect("the test's JSON");
    let mut sink = Texts { resource_type, texts: BTreeSet::new() };
    extractor().extract(resource_type, tape.root(), refs, &mut sink);
    sink.texts
}

/// All values of one parameter but its presence, which must be there exactly if `present`.
fn values_of(resource_type: &'static str, code: &str, present: bool, json: &str) -> Vec<String> {
    let bases = ["https://payer.example/fhir".to_owned()];
    let resolve = |url: &str| match url {
        "urn:uuid:1" => Some(("Patient", "one")),
        "http://else.example/Patient/2" => Some(("Patient", "two")),
        _ => None,
    };
    let refs = References { connection: 7, bases: &bases, resolve: &resolve };
    let all = keys_with(resource_type, json, &refs);
    assert_eq!(all.contains(code), present, "presence of {code} in {all:?}");
    let start = format!("{code} ");
    all.iter().filter_map(|k| k.strip_prefix(&start)).map(str::to_owned).collect()
}

fn values(resource_type: &'static str, code: &str, json: &str) -> Vec<String> {
    values_of(resource_type, code, true, json)
}

#[test]
fn tokens_of_every_type() {
    let observation = r#"{"status":"Final","code":{"coding":[
        {"system":"http://loinc.org","code":"8480-6"},{"code":"BP"},{"system":"s"}],"text":"t"},
        "identifier":[{"system":"urn:x","value":"A1"},{"value":"B2"},{"system":"only"}],
        "valueCodeableConcept":{"text":"only text"}}"#;
    assert_eq!(
        values("Observation", "status", observation),
        ["http://hl7.org/fhir/observation-status|final"]
    );
    assert_eq!(
        values("Observation", "code", observation),
        ["http://loinc.org|8480-6", "s|", "|bp"]
    );
    assert_eq!(values("Observation", "identifier", observation), ["only|", "urn:x|a1", "|b2"]);
    assert_eq!(values("Observation", "value-concept", observation), [""; 0]);
    let patient = r#"{"active":true,"telecom":[
        {"system":"phone","value":"555","use":"home"},{"system":"email","value":"A@b.c"}]}"#;
    assert_eq!(values("Patient", "active", patient), ["|true"]);
    assert_eq!(values("Patient", "telecom", patient), ["|555", "|a@b.c"]);
    assert_eq!(values("Patient", "phone", patient), ["|555"]);
    assert_eq!(values("Patient", "email", patient), ["|a@b.c"]);
    let condition = r#"{"id":"Ab-1"}"#;
    assert_eq!(values("Condition", "_id", condition), [""; 0], "ids are found by identity");
    let unit = r#"{"valueCodeableConcept":{"coding":{"system":"http://unitsofmeasure.org","code":"Cel"}}}"#;
    assert_eq!(
        values("Observation", "value-concept", unit),
        ["http://unitsofmeasure.org|cel as Cel"]
    );
}

#[test]
fn deceased_is_true_or_false_of_every_patient() {
    for (json, expected) in [
        ("{}", "|false"),
        (r#"{"deceasedBoolean":false}"#, "|false"),
        (r#"{"deceasedBoolean":true}"#, "|true"),
        (r#"{"deceasedDateTime":"2020"}"#, "|true"),
    ] {
        assert_eq!(values("Patient", "deceased", json), [expected], "{json}");
    }
}

#[test]
fn race_is_a_code_without_system_from_any_sub_extension() {
    let json = r#"{"extension":[
        {"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[
            {"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16","code":"2106-3"}},
            {"url":"text","valueString":"White"}]},
        {"url":"http://other","extension":[{"url":"x","valueCoding":{"code":"no"}}]}]}"#;
    assert_eq!(values("Patient", "race", json), ["|2106-3"]);
    assert_eq!(values_of("Patient", "ethnicity", false, json), [""; 0]);
}

#[test]
fn missing_is_null_or_extension_only_but_not_an_element_without_a_key() {
    assert_eq!(values_of("Patient", "gender", false, r#"{"_gender":{"extension":[]}}"#), [""; 0]);
    assert_eq!(values_of("Patient", "given", false, r#"{"name":[{"given":[null]}]}"#), [""; 0]);
    assert_eq!(values("Patient", "name", r#"{"name":[{}]}"#), [""; 0]);
    assert_eq!(values("Observation", "subject", r#"{"subject":{"display":"someone"}}"#), [""; 0]);
}

#[test]
fn strings_are_each_text_of_a_name_or_address() {
    let json = r#"{"name":[{"family":"Ångström","given":["Ann","B"],"period":{"start":"2020"},"use":"old"}],
        "address":[{"line":["1 Way"],"city":"Town","use":"home","district":"D"}]}"#;
    assert_eq!(values("Patient", "name", json).len(), 3);
    assert_eq!(values("Patient", "given", json), ["'ann' as 'Ann'", "'b' as 'B'"]);
    assert_eq!(
        values("Patient", "address", json),
        ["'1 way' as '1 Way'", "'d' as 'D'", "'town' as 'Town'"]
    );
    assert_eq!(values("Patient", "phonetic", json).len(), 3);
    let escaped = r#"{"valueString":"aA\u0000\n"}"#;
    assert_eq!(values("Observation", "value-string", escaped), ["'aa\0\n' as 'aA\0\n'"]);
}

/// The interval from the start of one date to the end of another; empty = open.
fn span(from: &str, to: &str) -> String {
    let read = |text| Interval::parse(text, Zone::UTC).unwrap();
    let lo = if from.is_empty() { i64::MIN } else { read(from).lo };
    let hi = if to.is_empty() { i64::MAX } else { read(to).hi };
    format!("{lo}..{hi}")
}

#[test]
fn dates_are_the_interval_they_cover() {
    for (element, from, to) in [
        (r#""effectiveDateTime":"2020""#, "2020", "2020"),
        (
            r#""effectiveInstant":"2020-01-02T03:04:05Z""#,
            "2020-01-02T03:04:05Z",
            "2020-01-02T03:04:05Z",
        ),
        (r#""effectivePeriod":{"start":"2020","end":"2021-02"}"#, "2020", "2021-02"),
        (r#""effectivePeriod":{"start":"2020"}"#, "2020", ""),
        (r#""effectivePeriod":{"end":"2020"}"#, "", "2020"),
        (r#""effectiveTiming":{"event":["2020-03","2020-01","bad"]}"#, "2020-01", "2020-03"),
        (
            r#""effectiveTiming":{"event":["2020-03"],"repeat":{"boundsPeriod":{"start":"2019","end":"2020-01"}}}"#,
            "2019",
            "2020-03",
        ),
    ] {
        assert_eq!(values("Observation", "date", &format!("{{{element}}}")), [span(from, to)]);
    }
    for element in [
        r#""effectiveDateTime":"yesterday""#,
        r#""effectivePeriod":{}"#,
        r#""effectivePeriod":{"start":"2020","end":"?"}"#,
        r#""effectiveTiming":{"repeat":{"count":3}}"#,
    ] {
        assert_eq!(values("Observation", "date", &format!("{{{element}}}")), [""; 0], "{element}");
    }
    // An Age is a value of this parameter, but no date.
    assert_eq!(values("Procedure", "date", r#"{"performedAge":{"value":3}}"#), [""; 0]);
}

#[test]
fn numbers_are_points_or_ranges() {
    let probability = |json: &str| {
        let json = format!(r#"{{"prediction":[{{{json}}}]}}"#);
        values("RiskAssessment", "probability", &json)
    };
    assert_eq!(probability(r#""probabilityDecimal":0.0100"#), ["0.01"]);
    let range = r#""probabilityRange":{"low":{"value":1},"high":{"value":2.0}}"#;
    assert_eq!(probability(range), ["1..2"]);
    assert_eq!(probability(r#""probabilityRange":{"high":{"value":2}}"#), ["lowest..2"]);
    assert_eq!(probability(r#""probabilityRange":{}"#), [""; 0]);
    assert_eq!(probability(r#""probabilityDecimal":"0.01""#), [""; 0]);
}

#[test]
fn quantities_as_written_and_in_canonical_units() {
    let value = |json: &str| {
        values("Observation", "value-quantity", &format!(r#"{{"valueQuantity":{{{json}}}}}"#))
    };
    let ucum = r#""system":"http://unitsofmeasure.org""#;
    assert_eq!(
        value(&format!(r#""value":9,"unit":"mg",{ucum},"code":"mg""#)),
        ["0.009 in g", "9 http://unitsofmeasure.org|mg|mg"]
    );
    assert_eq!(value(r#""value":5.40,"unit":"mg""#), ["5.4 ||mg"]);
    assert_eq!(value(&format!(r#""value":5,{ucum},"code":"no such unit""#)).len(), 1);
    assert_eq!(value(r#""value":5,"comparator":"<","code":"x""#), ["lowest..5 |x|"]);
    assert_eq!(value(r#""value":5,"comparator":">=","code":"x""#), ["5..highest |x|"]);
    assert_eq!(
        value(&format!(r#""value":9,"comparator":">",{ucum},"code":"mg""#)),
        ["0.009..highest in g", "9..highest http://unitsofmeasure.org|mg|"]
    );
    assert_eq!(value(r#""unit":"mg""#), [""; 0]);
}

#[test]
fn quantities_of_other_types() {
    let json = r#"{"totalNet":{"value":5.4,"currency":"USD"}}"#;
    assert_eq!(values("Invoice", "totalnet", json), ["5.4 urn:iso:std:iso:4217|USD|"]);
    let json = r#"{"valueSampledData":{"origin":{"value":0,"code":"x"},"period":10}}"#;
    assert_eq!(values("Observation", "value-quantity", json), ["0 |x|"]);
    let onset =
        |json: &str| values("Condition", "onset-age", &format!(r#"{{"onsetRange":{{{json}}}}}"#));
    let both = r#""low":{"value":1,"unit":"y"},"high":{"value":2,"unit":"y"}"#;
    assert_eq!(onset(both), ["1..2 ||y"]);
    assert_eq!(onset(r#""low":{"value":1,"unit":"y"}"#), ["1..highest ||y"]);
    assert_eq!(onset(r#""low":{"value":1,"unit":"y"},"high":{"value":2,"unit":"m"}"#), [""; 0]);
}

#[test]
fn references_by_what_their_text_says() {
    for (reference, expected) in [
        ("Patient/a", &["Patient/a@7"][..]),
        ("Patient/a/_history/3", &["Patient/a@7"]),
        ("https://payer.example/fhir/Patient/a", &["Patient/a@7"]),
        ("https://payer.example/fhir/Patient/a/_history/1", &["Patient/a@7"]),
        ("https://payer.example/fhirs/Patient/a", &["<https://payer.example/fhirs/Patient/a>"]),
        ("urn:uuid:1", &["Patient/one@7"]),
        ("urn:uuid:9", &["<urn:uuid:9>"]),
        ("http://else.example/Patient/2", &["<http://else.example/Patient/2>", "Patient/two@7"]),
        ("Patient?identifier=s|1", &["<Patient?identifier=s|1>"]),
        ("#p", &[]),
        ("", &[]),
    ] {
        let json = format!(r#"{{"subject":{{"reference":"{reference}"}}}}"#);
        assert_eq!(values("Observation", "subject", &json), expected, "{reference}");
    }
}

#[test]
fn a_reference_to_one_type_is_decided_without_reading() {
    for (subject, patient) in [
        (r#""reference":"Patient/a""#, true),
        (r#""reference":"Group/a""#, false),
        (r#""reference":"Group/a","type":"Patient""#, false),
        (r#""reference":"http://x/y/Patient/a""#, true),
        (r#""reference":"http://x/y/Patient/a/_history/2""#, true),
        (r#""reference":"urn:uuid:1""#, true),
        (r#""reference":"urn:uuid:2""#, false),
        (r#""reference":"urn:uuid:2","type":"Patient""#, true),
        (r#""reference":"Patient?identifier=1""#, true),
        (r##""reference":"#p""##, true),
        (r##""reference":"#g""##, false),
        (r#""type":"Patient","identifier":{"value":"1"}"#, true),
        (r#""identifier":{"value":"1"}"#, false),
    ] {
        let json = format!(
            r#"{{"subject":{{{subject}}},"contained":[
            {{"resourceType":"Patient","id":"p"}},{{"resourceType":"Group","id":"g"}}]}}"#
        );
        values_of("Observation", "patient", patient, &json);
    }
}

#[test]
fn relative_references_are_type_and_id() {
    assert_eq!(relative("Patient/-1:x"), Some(("Patient", "-1:x")));
    for text in
        ["Patient", "patient/1", "Patient/", "Patient/1/2", "Pa tient/1", "Patient/1#x", "/1"]
    {
        assert_eq!(relative(text), None, "{text}");
    }
    let refs = References { connection: 0, bases: &[], resolve: &|_| None };
    assert_eq!(refs.referent("#"), Referent::Contained(""));
}

#[test]
fn canonicals_with_and_without_version() {
    let json = r#"{"questionnaire":"http://q/1|2"}"#;
    assert_eq!(
        values("QuestionnaireResponse", "questionnaire", json),
        ["<http://q/1>", "<http://q/1|2>"]
    );
    let json = r#"{"meta":{"profile":["http://p|1","http://q"],"source":"http://s|3"}}"#;
    assert_eq!(
        values("Patient", "_profile", json),
        ["uri http://p", "uri http://p|1", "uri http://q"]
    );
    assert_eq!(values("Patient", "_source", json), ["uri http://s|3"]);
}

#[test]
fn subjects_are_patients_of_the_compartment() {
    let bases = [];
    let refs = References { connection: 7, bases: &bases, resolve: &|_| None };
    let subjects = |resource_type, json: &str| -> Vec<String> {
        let all = keys_with(resource_type, json, &refs);
        all.into_iter().filter(|k| k.starts_with("@subject 7")).collect()
    };
    assert_eq!(subjects("Patient", r#"{"id":"a"}"#), ["@subject 7 a"]);
    let both = r#"{"subject":{"reference":"Patient/a"},"performer":[{"reference":"Patient/b"}],
        "focus":[{"reference":"Patient/c"}]}"#;
    assert_eq!(subjects("Observation", both), ["@subject 7 a", "@subject 7 b"]);
    assert_eq!(subjects("Observation", r#"{"subject":{"reference":"Group/a"}}"#), [""; 0]);
    assert_eq!(
        subjects("Observation", r#"{"subject":{"reference":"http://x/Patient/a"}}"#),
        [""; 0]
    );
}

#[test]
fn composites_pair_values_of_one_place() {
    let json = r#"{"code":{"coding":[{"code":"bp"},{"code":"rr"}]},"component":[
        {"code":{"coding":[{"code":"sys"}]},"valueCodeableConcept":{"coding":[{"code":"hi"}]}},
        {"code":{"coding":[{"code":"dia"}]},"valueCodeableConcept":{"coding":[{"code":"lo"}]}},
        {"code":{"coding":[{"code":"none"}]}}],
        "valueString":"Ok"}"#;
    assert_eq!(
        values("Observation", "component-code-value-concept", json),
        ["|dia $ |lo", "|sys $ |hi"]
    );
    assert_eq!(
        values("Observation", "combo-code-value-concept", json),
        ["|dia $ |lo", "|sys $ |hi"]
    );
    assert_eq!(
        values("Observation", "code-value-string", json),
        ["|bp $ 'ok' as 'Ok'", "|rr $ 'ok' as 'Ok'"]
    );
    assert_eq!(values_of("Observation", "code-value-concept", false, json), [""; 0]);
}

#[test]
fn the_relationship_of_a_document_is_target_then_code() {
    let json =
        r#"{"relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/1"}}]}"#;
    assert_eq!(
        values("DocumentReference", "relationship", json),
        ["DocumentReference/1@7 $ http://hl7.org/fhir/document-relationship-type|replaces"]
    );
}

#[test]
fn a_component_can_stand_elsewhere_in_the_resource() {
    let json = r#"{"variant":[{"start":1,"end":2}],
        "referenceSeq":{"chromosome":{"coding":[{"code":"1"}]}}}"#;
    assert_eq!(values("MolecularSequence", "chromosome-variant-coordinate", json), ["|1 $ 1 $ 2"]);
}

#[test]
fn combinations_have_a_limit() {
    let codings = (0..100).map(|n| format!(r#"{{"code":"{n}"}}"#)).collect::<Vec<_>>().join(",");
    let json = format!(
        r#"{{"code":{{"coding":[{codings}]}},"valueCodeableConcept":{{"coding":[{codings}]}}}}"#
    );
    assert_eq!(values("Observation", "code-value-concept", &json).len(), 4096);
}

#[test]
fn the_first_resource_of_a_document_is_a_reference() {
    let json = r#"{"entry":[{"resource":{"resourceType":"Composition","id":"c"}},
        {"resource":{"resourceType":"Patient","id":"p"}}]}"#;
    assert_eq!(values("Bundle", "composition", json), ["Composition/c@7"]);
}

#[test]
fn wrong_shapes_make_no_fault() {
    for value in ["null", "1", "\"x\"", "[]", "{}", "[[1]]", "true", r#"[null,{"coding":5}]"#] {
        for resource_type in params::types().chain(["NoSuchType"]) {
            let names =
                ["code", "subject", "name", "effectivePeriod", "valueQuantity", "component"];
            let members: Vec<_> = names.iter().map(|n| format!("\"{n}\":{value}")).collect();
            let json = format!("{{{}}}", members.join(","));
            let tape = Tape::parse(json.as_bytes()).unwrap();
            let refs = References { connection: 0, bases: &[], resolve: &|_| None };
            struct Nothing;
            impl KeySink for Nothing {
                fn key(&mut self, _: &[u8]) {}
            }
            extractor_of_all().extract(resource_type, tape.root(), &refs, &mut Nothing);
        }
    }
}

fn extractor_of_all() -> &'static super::Extractor {
    static ONE: std::sync::OnceLock<super::Extractor> = std::sync::OnceLock::new();
    ONE.get_or_init(extractor)
}
