//! Whose a resource is, and what it refers to, read from its own JSON.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::origin::Base;

/// Elements that say whom a resource is about.
const ABOUT: [&str; 3] = ["subject", "patient", "beneficiary"];
/// Deeper nesting is not looked into for references; the vault sets such resources apart.
const MAX_DEPTH: usize = 64;

/// Type and id of a resource elsewhere on the server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    pub(crate) resource_type: String,
    pub(crate) id: String,
}

impl Target {
    /// `Type/id`.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.resource_type, self.id)
    }
}

/// Type and id of a resource, where it has both.
pub(crate) fn identity(resource: &Value) -> Option<Target> {
    let text = |name: &str| resource[name].as_str().map(str::to_owned);
    Some(Target { resource_type: text("resourceType")?, id: text("id")? })
}

/// Whether the resource is about somebody else than `patients`.
pub(crate) fn is_foreign(resource: &Value, patients: &[String], base: &Base) -> bool {
    let ours = |id: &str| patients.iter().any(|own| own == id);
    if resource["resourceType"] == "Patient" {
        return resource["id"].as_str().is_some_and(|id| !ours(id));
    }
    let references = ABOUT.iter().flat_map(|name| match &resource[*name] {
        Value::Array(all) => all.iter().collect::<Vec<_>>(),
        other => vec![other],
    });
    references
        .filter_map(|reference| target(reference["reference"].as_str()?, base))
        .any(|target| target.resource_type == "Patient" && !ours(&target.id))
}

/// Adds everything that the resource refers to on its own server.
pub(crate) fn references(resource: &Value, base: &Base, found: &mut BTreeSet<Target>) {
    walk(resource, base, found, 0);
}

fn walk(value: &Value, base: &Base, found: &mut BTreeSet<Target>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(text) if name == "reference" => found.extend(target(text, base)),
                    _ => walk(member, base, found, depth + 1),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, base, found, depth + 1)),
        _ => {}
    }
}

/// What a literal reference names: `Type/id`, with or without a version, or the same below the base.
fn target(reference: &str, base: &Base) -> Option<Target> {
    let path = match reference.strip_prefix(base.as_str()) {
        Some(below) => below.strip_prefix('/')?,
        None => reference,
    };
    let mut parts = path.split('/');
    let (resource_type, id) = (parts.next()?, parts.next()?);
    match (parts.next(), parts.next(), parts.next()) {
        (None, ..) | (Some("_history"), Some(_), None) => {}
        _ => return None,
    }
    let named = resource_type.starts_with(|c: char| c.is_ascii_uppercase())
        && resource_type.bytes().all(|b| b.is_ascii_alphabetic());
    let is_id = !id.is_empty()
        && id.len() <= 200
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        && id.bytes().any(|b| b != b'.');
    (named && is_id).then(|| Target { resource_type: resource_type.into(), id: id.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base::parse("https://payer.example/fhir").unwrap()
    }

    #[test]
    fn references_are_found_wherever_they_stand() {
        let resource = serde_json::json!({
            "resourceType": "X", "id": "1",
            "a": {"reference": "Practitioner/p"},
            "b": [{"reference": "https://payer.example/fhir/Organization/o/_history/3"}],
            "extension": [{"valueReference": {"reference": "Location/l.1"}}],
            "contained": [{"c": {"reference": "#inside"}}],
            "d": {"reference": "urn:uuid:1"}, "e": {"reference": "https://other.example/fhir/A/1"},
            "f": {"reference": "Patient?identifier=1"}, "g": {"reference": "../secret"},
            "h": {"reference": "Practitioner/.."}, "i": {"reference": "Practitioner/a/b"}
        });
        let mut found = BTreeSet::new();
        references(&resource, &base(), &mut found);
        let paths: Vec<_> = found.iter().map(Target::path).collect();
        assert_eq!(paths, ["Location/l.1", "Organization/o", "Practitioner/p"]);
    }

    #[test]
    fn another_persons_data_is_told_apart() {
        let mine = ["p".to_owned()];
        let foreign = |json: Value| is_foreign(&json, &mine, &base());
        assert!(!foreign(serde_json::json!({"resourceType": "Patient", "id": "p"})));
        assert!(foreign(serde_json::json!({"resourceType": "Patient", "id": "q"})));
        let about = |name: &str, to: &str| {
            foreign(serde_json::json!({"resourceType": "X", "id": "1", name: {"reference": to}}))
        };
        assert!(!about("subject", "Patient/p"));
        assert!(!about("subject", "https://payer.example/fhir/Patient/p"));
        assert!(about("subject", "Patient/q"));
        assert!(about("beneficiary", "https://payer.example/fhir/Patient/q/_history/1"));
        assert!(!about("subject", "Group/g"));
        assert!(!about("performer", "Patient/q"));
        assert!(!foreign(serde_json::json!({"resourceType": "Organization", "id": "o"})));
    }
}
