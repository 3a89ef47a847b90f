//! References: those of a Bundle's `urn:` entries rewritten in the text, as a server does when it
//! stores a transaction, and those of a resource listed.

use std::collections::HashMap;

use serde_json::Value;

/// Type and id of a resource.
pub(crate) type Key = (String, String);

/// The text with every `"reference": "urn:..."` that the map knows replaced; all else byte for byte.
pub(super) fn rewrite(text: &str, entries: &HashMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\"urn:") {
        let (before, token) = rest.split_at(at);
        out.push_str(before);
        let end = token[1..].find('"').map_or(token.len(), |end| end + 2);
        let (token, after) = token.split_at(end);
        let target = entries.get(token.trim_matches('"'));
        match target.filter(|_| is_reference_member(before)) {
            Some(target) => {
                out.push('"');
                out.push_str(target);
                out.push('"');
            }
            None => out.push_str(token),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether the text ends in the name `reference` and a colon. Inside a string the quotation mark
/// after the name would be escaped, so no string can look like one.
fn is_reference_member(before: &str) -> bool {
    before
        .trim_end()
        .strip_suffix(':')
        .is_some_and(|name| name.trim_end().ends_with("\"reference\""))
}

/// Every literal reference in a resource to a resource of this server, once, in order; also the Binary
/// that the `url` of an Attachment names.
pub(super) fn targets(resource: &Value, base: &str) -> Vec<Key> {
    let mut found = Vec::new();
    walk(resource, base, &mut found);
    found
}

fn walk(value: &Value, base: &str, found: &mut Vec<Key>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, base, found)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "reference" || name == "url" => {
                        let meant = |key: &Key| name == "reference" || key.0 == "Binary";
                        let new = |key: &Key| meant(key) && !found.contains(key);
                        if let Some(key) = key(text, base).filter(new) {
                            found.push(key);
                        }
                    }
                    member => walk(member, base, found),
                }
            }
        }
        _ => {}
    }
}

/// Type and id of a relative reference, or of an absolute one below the base; versions are dropped.
pub(super) fn key(reference: &str, base: &str) -> Option<Key> {
    let relative = match reference.strip_prefix(base) {
        Some(rest) if !base.is_empty() => rest.strip_prefix('/')?,
        _ => reference,
    };
    let mut parts = relative.split('/');
    let (kind, id) = (parts.next()?, parts.next()?);
    let version = (parts.next(), parts.next(), parts.next());
    let known_form = matches!(version, (None, ..) | (Some("_history"), Some(_), None));
    (known_form && is_type(kind) && is_id(id)).then(|| (kind.to_owned(), id.to_owned()))
}

/// Whether a text has the form of a resource type.
pub(crate) fn is_type(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a text has the form of an id, as long as real servers let it be.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_references_change_and_only_known_ones() {
        let entries = HashMap::from([("urn:uuid:1".to_owned(), "Patient/1".to_owned())]);
        let text = r#"{ "a" :"urn:uuid:1", "reference" : "urn:uuid:1","x":{"reference":"urn:uuid:2"},
            "note":"\"reference\": \"urn:uuid:1\"", "n":1.00 }"#;
        let expected =
            text.replacen("\"reference\" : \"urn:uuid:1\"", "\"reference\" : \"Patient/1\"", 1);
        assert_eq!(rewrite(text, &entries), expected);
    }

    #[test]
    fn keys_of_references() {
        let key = |text| key(text, "http://h/fhir").map(|(kind, id)| format!("{kind}/{id}"));
        assert_eq!(key("Patient/1").as_deref(), Some("Patient/1"));
        assert_eq!(key("http://h/fhir/Patient/1/_history/2").as_deref(), Some("Patient/1"));
        for foreign in ["#a", "urn:uuid:1", "http://x/fhir/Patient/1", "Patient?a=b", "Patient/1/x"]
        {
            assert_eq!(key(foreign), None, "{foreign}");
        }
    }
}
