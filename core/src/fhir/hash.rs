//! The content hash that decides whether a resource changed: equal for equal content, whatever
//! the white space, the order of members and the stamps that servers renew.

use aws_lc_rs::digest::{Context, SHA256};

use super::json::{Escaped, Kind, Node, TextPiece};

/// Members of `meta` that say something about a copy, not about the content.
const STAMPS: [&str; 4] = ["lastUpdated", "versionId", "source", "tag"];

/// The first 16 bytes of SHA-256 over the canonical JSON: members in the order of their names'
/// bytes, no white space, strings escaped only where JSON demands it, numbers as written;
/// without the root's stamps, and without a `meta` that holds nothing else.
pub(crate) fn content_hash(root: Node<'_>) -> [u8; 16] {
    let mut canonical = Canonical::new(root.raw().len());
    canonical.object_or(root, Level::Root);
    canonical.finish()
}

/// Canonical text of more bytes is hashed and forgotten.
const HELD: usize = 32 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Meta,
    Inner,
}

struct Canonical<'t> {
    out: Vec<u8>,
    /// Of what was in `out` before.
    whole: Context,
    /// Members of the objects that are open, each object's in order.
    names: Vec<(Node<'t>, Node<'t>)>,
}

impl<'t> Canonical<'t> {
    fn new(length: usize) -> Self {
        let out = Vec::with_capacity(length.min(2 * HELD));
        Self { out, whole: Context::new(&SHA256), names: Vec::new() }
    }

    fn text(&mut self, text: &[u8]) {
        if self.out.len() + text.len() > HELD {
            self.whole.update(&self.out);
            self.out.clear();
        }
        match text.len() > HELD {
            true => self.whole.update(text),
            false => self.out.extend_from_slice(text),
        }
    }

    fn finish(mut self) -> [u8; 16] {
        self.whole.update(&self.out);
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(self.whole.finish().as_ref()) {
            *to = *from;
        }
        short
    }

    fn value(&mut self, node: Node<'t>) {
        match node.kind() {
            Kind::Object => self.object_or(node, Level::Inner),
            Kind::Array => {
                self.out.push(b'[');
                for (i, item) in node.items().enumerate() {
                    if i > 0 {
                        self.out.push(b',');
                    }
                    self.value(item);
                }
                self.out.push(b']');
            }
            Kind::String => self.string(node),
            Kind::Number | Kind::Bool | Kind::Null => self.text(node.raw()),
        }
    }

    fn object_or(&mut self, node: Node<'t>, level: Level) {
        if node.kind() != Kind::Object {
            return self.value(node);
        }
        let first = self.names.len();
        let mut members = node.members();
        while let Some((name, value)) = members.next_nodes() {
            let left_out = match level {
                Level::Root => name.is_str("meta") && is_only_stamps(value),
                Level::Meta => STAMPS.iter().any(|stamp| name.is_str(stamp)),
                Level::Inner => false,
            };
            if !left_out {
                self.names.push((name, value));
            }
        }
        if let Some(own) = self.names.get_mut(first..) {
            own.sort_unstable_by(|(a, _), (b, _)| a.cmp_str(*b));
        }
        self.out.push(b'{');
        for at in first..self.names.len() {
            let (name, value) = self.names[at];
            if at > first {
                self.out.push(b',');
            }
            self.string(name);
            self.out.push(b':');
            if level == Level::Root && name.is_str("meta") {
                self.object_or(value, Level::Meta);
            } else {
                self.value(value);
            }
        }
        self.out.push(b'}');
        self.names.truncate(first);
    }

    fn string(&mut self, node: Node<'_>) {
        let Some((source, escaped)) = node.str_source() else { return };
        self.out.push(b'"');
        if escaped {
            for piece in Escaped::new(source) {
                match piece {
                    TextPiece::Plain(text) => self.text(text.as_bytes()),
                    TextPiece::Char(c) => self.char(c),
                    TextPiece::Lone(unit) => {
                        self.out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                    }
                }
            }
        } else {
            self.text(source.as_bytes());
        }
        self.out.push(b'"');
    }

    fn char(&mut self, c: char) {
        match c {
            '"' | '\\' => {
                self.out.push(b'\\');
                self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            '\0'..='\u{1f}' => {
                self.out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
            }
            c => self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Whether a `meta` says nothing about the content.
fn is_only_stamps(meta: Node<'_>) -> bool {
    let mut members = meta.members();
    meta.kind() == Kind::Object
        && std::iter::from_fn(|| members.next_nodes())
            .all(|(name, _)| STAMPS.iter().any(|stamp| name.is_str(stamp)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json::Tape;

    fn canonical(text: &str) -> String {
        let tape = Tape::parse(text.as_bytes()).unwrap();
        let mut canonical = Canonical::new(0);
        canonical.object_or(tape.root(), Level::Root);
        String::from_utf8(canonical.out).unwrap()
    }

    #[test]
    fn canonical_form() {
        for (text, expected) in [
            (r#" { "b" : [ 1.00 , true, null ] , "a" : {} } "#, r#"{"a":{},"b":[1.00,true,null]}"#),
            (r#"{"a":"\u00e9\/\u0041\n\"\\\u0007"}"#, r#"{"a":"é/A\u000a\"\\\u0007"}"#),
            (r#"{"a":"\uD83D\uDE00\uD83D"}"#, "{\"a\":\"😀\\ud83d\"}"),
            (r#"{"\u0062":1,"a":2,"B":3}"#, r#"{"B":3,"a":2,"b":1}"#),
            (r#"{"x":{"b":{"d":1,"c":2},"a":3}}"#, r#"{"x":{"a":3,"b":{"c":2,"d":1}}}"#),
            (r#"{"meta":{"lastUpdated":"x","versionId":"1"},"id":"a"}"#, r#"{"id":"a"}"#),
            (r#"{"meta":{},"id":"a"}"#, r#"{"id":"a"}"#),
            (
                r#"{"meta":{"source":"s","tag":[],"profile":["p"],"security":[]},"id":"a"}"#,
                r#"{"id":"a","meta":{"profile":["p"],"security":[]}}"#,
            ),
            (
                r#"{"m":{"meta":{"tag":1}},"contained":[{"meta":{"versionId":"2"}}]}"#,
                r#"{"contained":[{"meta":{"versionId":"2"}}],"m":{"meta":{"tag":1}}}"#,
            ),
            (r#"{"meta":"tag"}"#, r#"{"meta":"tag"}"#),
            ("[3]", "[3]"),
        ] {
            assert_eq!(canonical(text), expected);
        }
    }

    #[test]
    fn hash_is_cut_sha256_of_the_canonical_form() {
        let hash = |text: &str| content_hash(Tape::parse(text.as_bytes()).unwrap().root());
        let stamped = hash(r#"{"id":"a","meta":{"lastUpdated":"2020-01-01T00:00:00Z"}}"#);
        assert_eq!(stamped, hash("{ \"id\": \"\\u0061\" }"));
        assert_ne!(stamped, hash(r#"{"id":"b"}"#));
        assert_ne!(hash(r#"{"v":1.0}"#), hash(r#"{"v":1.00}"#));
        // Longer than what is held, in one piece and in many: the same as in one go.
        let long = "x".repeat(3 * HELD);
        let text = format!(r#"{{"a":"{long}","b":[{}1]}}"#, r#""y","#.repeat(HELD));
        assert_eq!(hash(&text)[..], crate::seal::sha256(text.as_bytes())[..16]);
        // SHA-256 of the two bytes {}
        assert_eq!(hash(" {} ")[..4], [0x44, 0x13, 0x6f, 0xa3]);
    }
}
