//! The tape against `serde_json`: the same verdicts, the same values.

mod cases;
mod differential;

use std::borrow::Cow;

use super::*;

fn fault(text: &[u8]) -> Option<(JsonFault, usize)> {
    Tape::parse(text).err().map(|e| (e.kind, e.offset))
}

#[test]
fn reads_values_names_and_bytes() {
    let text = br#" {"a": [1, "x\n", {"b":null}], "c\u0041": true, "e": {}} "#;
    let tape = Tape::parse(text).unwrap();
    let root = tape.root();
    assert_eq!(root.kind(), Kind::Object);
    let a: Vec<_> = root.get("a").unwrap().items().collect();
    assert_eq!(a.len(), 3);
    assert_eq!(a[0].number(), Some("1"));
    assert_eq!(a[1].str().as_deref(), Some("x\n"));
    assert_eq!(a[1].raw(), br#""x\n""#);
    assert_eq!(a[2].raw(), br#"{"b":null}"#);
    assert_eq!(a[2].get("b").map(Node::kind), Some(Kind::Null));
    assert_eq!(root.get("cA").and_then(Node::bool), Some(true));
    assert!(root.get("a").unwrap().get("b").is_none());
    let names: Vec<_> = root.members().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["a", "cA", "e"]);
    assert_eq!(root.get("e").unwrap().members().count(), 0);
    assert_eq!(root.get("a").unwrap().each().count(), 3);
    assert_eq!(root.get("e").unwrap().each().count(), 1);
    assert_eq!(root.get("e").unwrap().items().count(), 0);
}

#[test]
fn plain_strings_are_borrowed() {
    let tape = Tape::parse(br#"["abc","a\"c"]"#).unwrap();
    let strings: Vec<_> = tape.root().items().filter_map(Node::str).collect();
    assert!(matches!(strings[0], Cow::Borrowed("abc")));
    assert_eq!(strings[1], "a\"c");
}

#[test]
fn memory_is_used_again() {
    let mut buffer = TapeBuffer::default();
    for text in ["[1,2,3]", "{", "{\"a\":1,\"a\":2}", "[4]"] {
        if let Ok(tape) = Tape::parse_into(text.as_bytes(), &mut buffer) {
            assert!(tape.root().items().count() > 0);
            tape.recycle(&mut buffer);
        }
    }
}

#[test]
fn limits_are_faults_of_their_own() {
    let nested = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(fault(nested(MAX_DEPTH).as_bytes()), None);
    assert_eq!(fault(nested(MAX_DEPTH + 1).as_bytes()), Some((JsonFault::TooDeep, MAX_DEPTH)));
    let digits = |n| format!("[1,{}]", "7".repeat(n));
    assert_eq!(fault(digits(64).as_bytes()), None);
    assert_eq!(fault(digits(65).as_bytes()), Some((JsonFault::NumberTooLong, 3)));
    let mut wide = "[".to_owned();
    wide += &"0,".repeat(MAX_ENTRIES);
    wide += "0]";
    assert_eq!(fault(wide.as_bytes()).map(|f| f.0), Some(JsonFault::TooLarge));
}

#[test]
fn doubled_names_are_found_at_any_size() {
    assert_eq!(fault(br#"{"a":1,"b":{"a":2},"c":[{"a":3}]}"#), None);
    assert_eq!(fault(br#"{"a":1,"b":2,"a":3}"#), Some((JsonFault::DuplicateKey, 13)));
    assert_eq!(fault(br#"[{"x":{"":1,"":2}}]"#), Some((JsonFault::DuplicateKey, 12)));
    assert_eq!(fault(br#"{"a":1,"\u0061":3}"#), Some((JsonFault::DuplicateKey, 7)));
    // Valid JSON first: what is no JSON at all outweighs a doubled name.
    assert_eq!(fault(br#"{"a":1,"a":3"#), Some((JsonFault::Syntax, 12)));
    for size in [2, 31, 32, 33, 34, 100, 5_000] {
        let member = |i: usize| format!("\"n{i}\":{i}");
        let members: Vec<_> = (0..size).map(member).collect();
        let whole = format!("{{{}}}", members.join(","));
        assert_eq!(fault(whole.as_bytes()), None);
        let doubled = format!("{{{},\"n1\":0}}", members.join(","));
        assert_eq!(fault(doubled.as_bytes()), Some((JsonFault::DuplicateKey, whole.len())));
    }
}

#[test]
fn nothing_of_the_content_is_in_an_error() {
    let error = Tape::parse(b"{\"canary\": secret}").err().unwrap();
    assert_eq!(format!("{error:?}"), "JsonError { offset: 11, kind: Syntax }");
}
