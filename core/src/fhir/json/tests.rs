use super::*;

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
    assert_eq!(a[2].get("b").map(|n| n.kind()), Some(Kind::Null));
    assert_eq!(root.get("cA").and_then(|n| n.bool()), Some(true));
    let names: Vec<_> = root.members().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["a", "cA", "e"]);
    assert_eq!(root.get("e").unwrap().members().count(), 0);
    assert_eq!(root.get("a").unwrap().each().count(), 3);
    assert_eq!(root.get("e").unwrap().each().count(), 1);
}
