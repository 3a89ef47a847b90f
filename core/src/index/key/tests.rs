//! Round trips, order, and prefixes of every kind of key.

use proptest::prelude::*;

use super::*;
use crate::fhir::{Bound, fold};

fn key(parameter: u16, kind: u8, fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = b"left over".to_vec();
    begin(&mut out, parameter, kind);
    fill(&mut out);
    out
}

fn read(key: &[u8]) -> Value<'_> {
    let (_, tag, payload) = head(key).expect("a key has a head");
    decode(tag, payload).expect("an encoded key decodes")
}

fn token_key(system: &str, code: &str) -> Vec<u8> {
    key(64, tag::TOKEN, |o| token(o, system, code, false))
}

#[test]
fn head_is_parameter_and_tag() {
    let k = key(0x0102, tag::PRESENCE, |_| ());
    assert_eq!(k, [1, 2, 0]);
    assert_eq!(head(&k), Some((0x0102, 0, &[][..])));
    assert_eq!(read(&k), Value::Presence);
    assert_eq!(head(&[1, 2]), None);
    assert_eq!(decode(0x0B, &[]), None);
}

#[test]
fn system_keys_have_fixed_bytes() {
    let mut out = Vec::new();
    identity(&mut out, "Patient", "a", 7);
    assert_eq!(out, b"\x00\x01\x00Patient\0a\0\0\0\0\x07");
    resource_type(&mut out, "Patient");
    assert_eq!(out, b"\x00\x02\x00Patient");
    connection(&mut out, 258);
    assert_eq!(out, b"\x00\x03\x00\0\0\x01\x02");
    subject(&mut out, 1, "a");
    assert_eq!(out, b"\x00\x04\x00\0\0\0\x01a");
}

#[test]
fn token_keeps_the_written_code_only_where_case_matters() {
    assert_eq!(
        read(&token_key("http://loinc.org", "ABC")),
        Value::Token { folded: "abc".into(), system: "http://loinc.org".into(), code: None }
    );
    assert_eq!(
        read(&token_key("http://unitsofmeasure.org", "Cel")),
        Value::Token {
            folded: "cel".into(),
            system: "http://unitsofmeasure.org".into(),
            code: Some("Cel")
        }
    );
    assert_eq!(
        read(&token_key("http://unitsofmeasure.org", "g")),
        Value::Token { folded: "g".into(), system: "http://unitsofmeasure.org".into(), code: None }
    );
    assert_eq!(
        read(&token_key("", "STRAẞE-É")),
        Value::Token { folded: "strasse-é".into(), system: "".into(), code: None }
    );
}

#[test]
fn token_prefixes_cover_their_tokens_and_no_others() {
    let mut any = Vec::new();
    begin(&mut any, 64, tag::TOKEN);
    token_prefix(&mut any, None, "A");
    assert!(token_key("s", "A").starts_with(&any));
    assert!(token_key("", "a").starts_with(&any));
    assert!(!token_key("s", "ab").starts_with(&any));
    assert!(!token_key("s", "a\0").starts_with(&any));
    let mut one = Vec::new();
    begin(&mut one, 64, tag::TOKEN);
    token_prefix(&mut one, Some("s"), "a");
    assert!(token_key("s", "A").starts_with(&one));
    assert!(!token_key("st", "a").starts_with(&one));
    assert!(!token_key("", "a").starts_with(&one));
}

#[test]
fn quantities_and_references_round_trip() {
    let q = key(64, tag::QUANTITY, |o| {
        quantity_unit(o, "mg", "http://unitsofmeasure.org", "mil\0li");
        o.extend_from_slice(b"\x80\x05\x00\x80\x06");
    });
    assert_eq!(
        read(&q),
        Value::Quantity {
            code: "mg".into(),
            system: "http://unitsofmeasure.org".into(),
            unit: "mil\0li".into(),
            bounds: b"\x80\x05\x00\x80\x06"
        }
    );
    let c = key(64, tag::CANONICAL, |o| {
        canonical_unit(o, "g");
        o.push(9);
    });
    assert_eq!(read(&c), Value::Canonical { unit: "g".into(), bounds: &[9] });
    let r = key(64, tag::LOCAL, |o| local_reference(o, "Patient", "-1", 3));
    assert_eq!(
        read(&r),
        Value::Local { resource_type: "Patient".into(), id: "-1".into(), connection: 3 }
    );
    let f = key(64, tag::FOREIGN, |o| verbatim(o, "urn:uuid:1"));
    assert_eq!(read(&f), Value::Foreign("urn:uuid:1"));
    let u = key(64, tag::URI, |o| verbatim(o, "http://x/É"));
    assert_eq!(read(&u), Value::Uri("http://x/É"));
    let n = key(64, tag::NUMBER, |o| o.extend_from_slice(&[1, 0, 2]));
    assert_eq!(read(&n), Value::Number { bounds: &[1, 0, 2] });
}

#[test]
fn composite_components_stay_apart() {
    let mut a = Vec::new();
    token(&mut a, "s", "x", false);
    let mut b = Vec::new();
    date(&mut b, i64::MIN, 0);
    let k = key(64, tag::COMPOSITE, |o| {
        component(o, tag::TOKEN, &a);
        component(o, tag::DATE, &b);
    });
    let Value::Composite(parts) = read(&k) else { panic!("a composite") };
    let parts: Vec<_> = parts.collect();
    assert_eq!(parts.len(), 2);
    assert_eq!((parts[0].0, &*parts[0].1), (tag::TOKEN, &a[..]));
    assert_eq!((parts[1].0, &*parts[1].1), (tag::DATE, &b[..]));
    let start = key(64, tag::COMPOSITE, |o| {
        let mut code = Vec::new();
        token_prefix(&mut code, None, "x");
        component_start(o, tag::TOKEN, &code);
    });
    assert!(k.starts_with(&start));
}

#[test]
fn long_text_is_cut_at_a_character() {
    let long = "é".repeat(MAX_TEXT);
    assert_eq!(cut(&long).len(), MAX_TEXT);
    let odd = format!("a{long}");
    assert_eq!(cut(&odd).len(), MAX_TEXT - 1);
    let k = key(64, tag::STRING, |o| string(o, &odd));
    // The fold has one byte for each `é`.
    assert_eq!(k.len(), 3 + MAX_TEXT / 2 + 1 + MAX_TEXT - 1);
    assert_eq!(cut("short"), "short");
}

/// What numbers are in the order of.
fn in_order(ends: &(Bound, Bound)) -> (bool, &(Bound, Bound)) {
    (ends.0 != ends.1, ends)
}

/// Two bounds in any order, near enough to each other to be equal at times.
fn numbers() -> impl Strategy<Value = (Bound, Bound)> {
    let bound = prop_oneof![
        8 => (-1200i32..1200, -3i32..3).prop_map(|(digits, power)| {
            Bound::At(crate::fhir::Decimal::parse(&format!("{digits}e{power}")).unwrap())
        }),
        1 => Just(Bound::Lowest),
        1 => Just(Bound::Highest),
    ];
    (bound.clone(), bound)
}

proptest! {
    #[test]
    fn string_order_is_fold_order(a in "\\PC*|[\u{0}-\u{3}aA]*", b in "\\PC*|[\u{0}-\u{3}aA]*") {
        let (ka, kb) = (key(64, tag::STRING, |o| string(o, &a)),
                        key(64, tag::STRING, |o| string(o, &b)));
        let (fa, fb) = (fold(&a), fold(&b));
        if fa != fb {
            prop_assert_eq!(ka.cmp(&kb), fa.cmp(&fb));
        }
        let text = (fa != a).then_some(a.as_str());
        prop_assert_eq!(read(&ka), Value::String { folded: fa.clone(), text });
        let start = key(64, tag::STRING, |o| string_start(o, &b));
        prop_assert_eq!(ka.starts_with(&start), fa.starts_with(&*fb));
    }

    #[test]
    fn points_come_first_then_order_is_low_then_high(a in numbers(), b in numbers()) {
        let make = |(lo, hi): &(Bound, Bound)| key(64, tag::NUMBER, |o| number(o, lo, hi));
        let (ka, kb) = (make(&a), make(&b));
        prop_assert_eq!(ka.cmp(&kb), in_order(&a).cmp(&in_order(&b)));
        let Value::Number { bounds: payload } = read(&ka) else { panic!("a number") };
        prop_assert!(bounds(payload) == Some(a));
        let (lo, hi) = split_bounds(payload).unwrap();
        prop_assert_eq!(lo.cmp(hi), a.0.cmp(&a.1));
    }

    #[test]
    fn quantity_order_is_unit_then_value(a in numbers(), b in numbers(), u in "[a-c]{0,2}", v in "[a-c]{0,2}") {
        let make = |(lo, hi): &(Bound, Bound), unit: &str| key(64, tag::QUANTITY, |o| {
            quantity_unit(o, unit, "s", "x");
            number(o, lo, hi);
        });
        prop_assert_eq!(make(&a, &u).cmp(&make(&b, &v)), (&u, in_order(&a)).cmp(&(&v, in_order(&b))));
        let make = |(lo, hi): &(Bound, Bound), unit: &str| key(64, tag::CANONICAL, |o| {
            canonical_unit(o, unit);
            number(o, lo, hi);
        });
        prop_assert_eq!(make(&a, &u).cmp(&make(&b, &v)), (&u, in_order(&a)).cmp(&(&v, in_order(&b))));
    }

    #[test]
    fn token_order_is_code_then_system(a in "[\u{0}-\u{2}a-c]{0,4}", s in "[\u{0}-\u{2}a-c]{0,4}",
                                       b in "[\u{0}-\u{2}a-c]{0,4}", t in "[\u{0}-\u{2}a-c]{0,4}") {
        let (ka, kb) = (token_key(&s, &a), token_key(&t, &b));
        prop_assert_eq!(ka.cmp(&kb), (&a, &s).cmp(&(&b, &t)));
        let expected = Value::Token { folded: a.as_str().into(), system: s.as_str().into(), code: None };
        prop_assert_eq!(read(&ka), expected);
    }

    #[test]
    fn date_order_is_time_order(a: (i64, i64), b: (i64, i64)) {
        let (ka, kb) = (key(64, tag::DATE, |o| date(o, a.0, a.1)),
                        key(64, tag::DATE, |o| date(o, b.0, b.1)));
        prop_assert_eq!(ka.cmp(&kb), a.cmp(&b));
        prop_assert_eq!(read(&ka), Value::Date { lo: a.0, hi: a.1 });
    }

    #[test]
    fn composite_order_is_component_order(a in prop::collection::vec(any::<u8>(), 0..6),
                                          b in prop::collection::vec(any::<u8>(), 0..6),
                                          c in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(255)], 0..6)) {
        let make = |x: &[u8], y: &[u8]| key(64, tag::COMPOSITE, |o| {
            component(o, tag::TOKEN, x);
            component(o, tag::URI, y);
        });
        prop_assert_eq!(make(&a, &c).cmp(&make(&b, &a)), (&a, &c).cmp(&(&b, &a)));
        let k = make(&a, &c);
        let Value::Composite(parts) = read(&k) else { panic!("a composite") };
        let got: Vec<_> = parts.collect();
        prop_assert_eq!(got, vec![(tag::TOKEN, a), (tag::URI, c)]);
    }

    #[test]
    fn any_bytes_decode_without_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Some((_, tag, payload)) = head(&bytes)
            && let Some(Value::Composite(parts)) = decode(tag, payload) {
            prop_assert!(parts.count() <= bytes.len());
        }
    }
}
