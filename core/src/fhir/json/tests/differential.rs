//! Random and mutated texts through both parsers. `CHARTKEEP_FUZZ` sets the rounds over the pack.

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::*;
use crate::fhir::pack;

/// `serde_json`'s verdict; its own depth limit of 127 lies above the tape's.
fn grammar(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        let mut parser = serde_json::Deserializer::from_str(text);
        let value: Result<IgnoredAny, _> = serde::Deserialize::deserialize(&mut parser);
        value.is_ok() && parser.end().is_ok()
    })
}

/// The verdicts agree, and where there is a value, the values do.
#[track_caller]
fn compare(text: &[u8]) {
    let valid = grammar(text);
    match Tape::parse(text) {
        Ok(tape) => {
            assert!(valid, "accepted what serde_json refuses");
            // A lone surrogate or a number beyond f64 is JSON, but no `Value`.
            if let Ok(value) = serde_json::from_slice::<Value>(text) {
                same(tape.root(), &value);
            }
            covers(tape.root(), text);
        }
        Err(e) if e.kind.is_broken() => {
            assert!(!valid, "refused what serde_json accepts: {e:?}");
            assert!(e.offset <= text.len());
        }
        // Depth and size end the reading, the others come only with valid JSON.
        Err(e) => {
            assert!(valid || matches!(e.kind, JsonFault::TooDeep | JsonFault::TooLarge), "{e:?}");
        }
    }
}

/// A node reads as the `Value` does.
fn same(node: Node<'_>, value: &Value) {
    match value {
        Value::Null => assert_eq!(node.kind(), Kind::Null),
        Value::Bool(b) => assert_eq!(node.bool(), Some(*b)),
        Value::String(s) => {
            assert_eq!(node.str().as_deref(), Some(s.as_str()));
            assert!(node.is_str(s));
        }
        Value::Number(n) => {
            let text = node.number().unwrap();
            assert_eq!(&serde_json::from_str::<serde_json::Number>(text).unwrap(), n);
        }
        Value::Array(values) => {
            assert_eq!(node.items().count(), values.len());
            node.items().zip(values).for_each(|(node, value)| same(node, value));
        }
        Value::Object(map) => {
            assert_eq!(node.members().count(), map.len());
            for (name, member) in node.members() {
                same(member, &map[name.as_ref()]);
                assert_eq!(node.get(&name).map(Node::raw), Some(member.raw()));
            }
        }
    }
}

/// Every node's bytes are JSON of their own and lie in the text.
fn covers(root: Node<'_>, text: &[u8]) {
    assert_eq!(root.raw(), text.trim_ascii());
    for (_, node) in root.members() {
        assert!(grammar(node.raw()));
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 40, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..40)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn values_come_back(value in json(), pretty in any::<bool>()) {
        let text = if pretty {
            serde_json::to_vec_pretty(&value)
        } else {
            serde_json::to_vec(&value)
        };
        let text = text.unwrap();
        let tape = Tape::parse(&text).unwrap();
        // As read back: `serde_json` reads some floats one bit off from what it wrote.
        same(tape.root(), &serde_json::from_slice(&text).unwrap());
    }

    #[test]
    fn verdicts_agree_on_likely_texts(text in "[\\[\\]{},:\"\\\\ua0-2eE.+ \n-]{0,24}") {
        compare(text.as_bytes());
    }

    #[test]
    fn verdicts_agree_on_damaged_texts(
        value in json(), hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..4)
    ) {
        let mut text = serde_json::to_vec(&value).unwrap();
        for (at, byte, what) in hits {
            damage(&mut text, at.index(1 << 30), byte, what);
        }
        compare(&text);
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in any::<Vec<u8>>()) {
        compare(&bytes);
    }
}

fn damage(text: &mut Vec<u8>, at: usize, byte: u8, what: u8) {
    if text.is_empty() {
        return text.push(byte);
    }
    let at = at % text.len();
    // Bytes that matter to the grammar are likelier to get past the first check.
    let byte = if byte < 128 { b"{}[],:\"\\0e-.tu \n"[usize::from(byte) % 16] } else { byte };
    match what {
        0 => text[at] = byte,
        1 => text.insert(at, byte),
        2 => drop(text.remove(at)),
        _ => text.truncate(at),
    }
}

/// Resources of the pack, whole and with a few bytes damaged.
#[test]
fn pack_resources_agree_whole_and_damaged() {
    let rounds: u32 =
        std::env::var("CHARTKEEP_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let Some(paths) = pack::files("") else { return };
    // A small generator of our own, so that a failure repeats.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 16).unwrap()
    };
    let mut texts = 0;
    for path in &paths {
        let bytes = pack::content(path);
        let lines: Vec<_> = bytes.split(|b| *b == b'\n').filter(|l| l.len() > 1).collect();
        let step = if rounds == 1 { 1 + lines.len() / 4 } else { 1 };
        for line in lines.iter().step_by(step).filter(|line| line.len() < 200_000) {
            compare(line);
            for _ in 0..rounds * 4 {
                // A window keeps the rounds cheap and the damage near the start.
                let from = random() % line.len();
                let to = line.len().min(from + 2_000);
                let mut text = if random() % 2 == 0 {
                    line[..line.len().min(4_000)].to_vec()
                } else {
                    [b"[\"", &line[from..to], b"]"].concat()
                };
                for _ in 0..1 + random() % 3 {
                    let byte = random().to_le_bytes()[0];
                    damage(&mut text, random(), byte, random().to_le_bytes()[0] % 4);
                }
                compare(&text);
                texts += 1;
            }
        }
    }
    assert!(texts > 1_000);
}
