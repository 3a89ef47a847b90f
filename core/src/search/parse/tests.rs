use super::*;
use crate::search::query::Query;

fn fault(text: &str) -> QueryError {
    Query::parse(text, Zone::UTC).unwrap_err()
}

#[test]
fn refusals_name_the_parameter_and_the_place() {
    use QueryErrorKind::*;
    for (text, kind, parameter, position) in [
        ("Foo?code=x", UnknownType, "Foo", 0),
        ("observation?code=x", UnknownType, "observation", 0),
        ("Patient/1", UnknownType, "Patient1", 0),
        ("", UnknownType, "", 0),
        ("?_type=Patient", NotSupported, "_type", 0),
        ("Observation?nope=x", UnknownParameter, "nope", 12),
        ("Observation?code=a&nope=x", UnknownParameter, "nope", 19),
        ("Observation?n%C3%B6pe=x", UnknownParameter, "npe", 12),
        ("Observation?code", Syntax, "code", 12),
        ("Observation?code=%4", Syntax, "code", 17),
        ("Observation?code=a%zz", Syntax, "code", 18),
        ("Observation?code=%ff", Syntax, "code", 17),
        ("Observation?code=", InvalidValue, "code", 12),
        ("Observation?code=a,,b", InvalidValue, "code", 12),
        ("Observation?code=a|b|c", InvalidValue, "code", 12),
        ("Observation?code=|", InvalidValue, "code", 12),
        (r"Observation?code=a\b", InvalidValue, "code", 12),
        (r"Observation?code=a\", InvalidValue, "code", 12),
        ("Observation?code:text=a", NotSupported, "code:text", 12),
        ("Observation?code:in=a", NotSupported, "code:in", 12),
        ("Observation?code:not-in=a", NotSupported, "code:not-in", 12),
        ("Observation?code:above=a", NotSupported, "code:above", 12),
        ("Observation?code:below=a", NotSupported, "code:below", 12),
        ("Observation?code:exact=a", NotSupported, "code:exact", 12),
        ("Observation?identifier:of-type=a|b|c", NotSupported, "identifier:of-type", 12),
        ("Observation?subject:identifier=a", NotSupported, "subject:identifier", 12),
        ("Observation?subject:Patient.name=a", NotSupported, "subject:Patient.name", 12),
        ("Observation?subject.name=a", NotSupported, "subject.name", 12),
        ("Observation?subject:Patient=Group/1", InvalidValue, "subject:Patient", 12),
        (
            "Observation?_has:Provenance:target:agent=1",
            NotSupported,
            "_has:Provenance:target:agent",
            12,
        ),
        ("Observation?_include=Observation:subject", NotSupported, "_include", 12),
        ("Observation?_include:iterate=a", NotSupported, "_include:iterate", 12),
        ("Observation?_revinclude=a", NotSupported, "_revinclude", 12),
        ("Observation?_elements=a", NotSupported, "_elements", 12),
        ("Observation?_summary=true", NotSupported, "_summary", 12),
        ("Observation?_contained=true", NotSupported, "_contained", 12),
        ("Observation?_filter=a", NotSupported, "_filter", 12),
        ("Observation?_text=a", NotSupported, "_text", 12),
        ("Observation?_content=a", NotSupported, "_content", 12),
        ("Observation?_format=json", NotSupported, "_format", 12),
        ("Observation?_pretty=true", NotSupported, "_pretty", 12),
        ("Observation?_list=a", NotSupported, "_list", 12),
        ("Observation?_query=a", NotSupported, "_query", 12),
        ("Observation?date=yesterday", InvalidValue, "date", 12),
        ("Observation?date=2020-13", InvalidValue, "date", 12),
        ("Observation?date:exact=2020", NotSupported, "date:exact", 12),
        ("Observation?date:missing=maybe", InvalidValue, "date:missing", 12),
        ("Observation?value-quantity=x", InvalidValue, "value-quantity", 12),
        ("Observation?value-quantity=5|s", InvalidValue, "value-quantity", 12),
        ("Observation?value-quantity=5|a|b|c", InvalidValue, "value-quantity", 12),
        ("Observation?code-value-quantity=a", InvalidValue, "code-value-quantity", 12),
        ("Observation?code-value-quantity=a$1$2", InvalidValue, "code-value-quantity", 12),
        ("RiskAssessment?probability=.5", InvalidValue, "probability", 15),
        ("Observation?_count=-1", InvalidValue, "_count", 12),
        ("Observation?_count=+1", InvalidValue, "_count", 12),
        ("Observation?_count=100001", InvalidValue, "_count", 12),
        ("Observation?_count=1&_count=1", InvalidValue, "_count", 21),
        ("Observation?_total=maybe", InvalidValue, "_total", 12),
        ("Observation?_sort=date,code", NotSupported, "_sort", 12),
        ("Observation?_sort=date&_sort=code", NotSupported, "_sort", 23),
        ("Observation?_sort=code-value-quantity", NotSupported, "_sort", 12),
        ("Observation?_sort=_score", NotSupported, "_score", 12),
        ("Observation?_sort=nope", UnknownParameter, "nope", 12),
        ("Observation?_page=00", InvalidCursor, "_page", 12),
    ] {
        let fault = fault(text);
        let found = (fault.kind, fault.parameter.as_str(), fault.position);
        assert_eq!(found, (kind, parameter, Some(position)), "{text}");
        assert!(!fault.expected.is_empty(), "{text}");
    }
}

#[test]
fn what_the_contract_lists_is_read() {
    for text in [
        "Observation",
        "Observation?",
        "Observation/",
        "Observation/?code=a",
        "Observation?code=http://loinc.org|4548-4&_count=10",
        "Observation?code=http%3A%2F%2Floinc.org%7C4548-4",
        "Observation?&code=a&&",
        "Observation?code=|a,b|,c",
        r"Observation?code=a\,b\|c\$d\\e",
        "Observation?code:not=a,b&code:missing=false",
        "Observation?date=ge2024&date=lt2025-05-01T10:00%2B02:00",
        "Observation?value-quantity=ap5.4|http://unitsofmeasure.org|mg",
        "Observation?value-quantity=5.4||mg",
        "Observation?code-value-quantity=http://loinc.org|8480-6$gt5",
        "Observation?subject=Patient/1,2,urn:uuid:3,http://a/Patient/4",
        "Observation?subject:Patient=1",
        "Observation?_id=1&_lastUpdated=gt2020&_profile=http://p&_tag=a|b&_security=c&_source=d",
        "Observation?_sort=-date&_count=0&_total=none",
        "Patient?name:exact=A&name:contains=b",
        "Observation?_count=100000",
    ] {
        let query = Query::parse(text, Zone::UTC);
        assert!(query.is_ok(), "{text}: {:?}", query.err());
    }
}

#[test]
fn a_plus_is_a_plus() {
    let query = Query::parse("Patient?name=a+b", Zone::UTC).unwrap();
    let spaced = Query::parse("Patient?name=a%20b", Zone::UTC).unwrap();
    assert_ne!(query.hash, spaced.hash);
    assert_eq!(percent_decoded("a+b%2Bc"), Ok(Cow::Borrowed("a+b+c")));
}

#[test]
fn nothing_of_a_query_is_printed() {
    let query = Query::parse("Patient?name=canary", Zone::UTC).unwrap();
    assert!(!format!("{query:?}").contains("canary"));
    for text in ["Patient?name:canary%=x", "Patient?birthdate=canary", "Patient?name=%canary"] {
        let fault = fault(text);
        assert!(!fault.expected.contains("canary"), "{text}");
    }
}

#[test]
fn arbitrary_text_is_no_panic() {
    use proptest::prelude::*;
    proptest!(|(text in "(Patient|Observation)?[?&=%:|,$a-z_0-9\\\\é.-]{0,60}")| {
        let _ = Query::parse(&text, Zone::UTC);
    });
}
