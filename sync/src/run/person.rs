//! Whose a resource is, and what it refers to, read from its own JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::origin::Base;

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

    /// Whether it is a document.
    pub(crate) fn is_binary(&self) -> bool {
        self.resource_type == "Binary"
    }
}

/// What of a resource says whose it is. An attachment beside it is passed over, not copied.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Person {
    #[serde(rename = "resourceType")]
    resource_type: Value,
    id: Value,
    subject: Value,
    patient: Value,
    beneficiary: Value,
}

impl Person {
    /// Bytes that are no resource are nobody's; the vault judges them.
    pub(crate) fn of(resource: &[u8]) -> Self {
        serde_json::from_slice(resource).unwrap_or_default()
    }

    /// Type and id, where it has both.
    pub(crate) fn identity(&self) -> Option<Target> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Target { resource_type: text(&self.resource_type)?, id: text(&self.id)? })
    }

    /// Whether the resource is about somebody else than `patients`.
    pub(crate) fn is_foreign(&self, patients: &[String], base: &Base) -> bool {
        let ours = |id: &str| patients.iter().any(|own| own == id);
        if self.resource_type == "Patient" {
            return self.id.as_str().is_some_and(|id| !ours(id));
        }
        let about = [&self.subject, &self.patient, &self.beneficiary];
        let references = about.into_iter().flat_map(|value| match value {
            Value::Array(all) => all.iter().collect::<Vec<_>>(),
            other => vec![other],
        });
        references
            .filter_map(|reference| target(reference["reference"].as_str()?, base))
            .any(|target| target.resource_type == "Patient" && !ours(&target.id))
    }
}

/// Everything that the resource refers to on its own server: with `reference`, and Binaries with the `url`
/// of an Attachment, these with their media type, where it is told.
pub(crate) fn references(resource: &[u8], base: &Base) -> BTreeMap<Target, Option<String>> {
    let mut found = BTreeMap::new();
    let mut json = serde_json::Deserializer::from_slice(resource);
    // What is no JSON, or too deep, refers to what was read of it.
    let _ = Walk { base, found: &mut found, member: Member::Other }.deserialize(&mut json);
    found
}

/// The members that are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Reference,
    Url,
    ContentType,
    Other,
}

/// Walks a value and keeps what it refers to; its own text, where it is the value of a member looked at.
struct Walk<'w> {
    base: &'w Base,
    found: &'w mut BTreeMap<Target, Option<String>>,
    member: Member,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((self.member != Member::Other).then(|| text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (base, mut document, mut kind) = (self.base, None, None);
        while let Some(member) = members.next_key_seed(Name)? {
            let value = members.next_value_seed(Walk { base, found: &mut *self.found, member })?;
            let target = value.as_deref().and_then(|text| target(text, base));
            match member {
                Member::Reference => {
                    target.into_iter().for_each(|target| {
                        self.found.entry(target).or_default();
                    });
                }
                Member::Url => document = target.filter(Target::is_binary),
                Member::ContentType => kind = value,
                Member::Other => {}
            }
        }
        if let Some(document) = document {
            self.found.insert(document, kind);
        }
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let (base, member) = (self.base, Member::Other);
        while items.next_element_seed(Walk { base, found: &mut *self.found, member })?.is_some() {}
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Reads which member a name names.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Member, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Member, E> {
        Ok(match name {
            "reference" => Member::Reference,
            "url" => Member::Url,
            "contentType" => Member::ContentType,
            _ => Member::Other,
        })
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
            "deep": [[{"x": [{"y": {"reference": "Device/d"}}]}]], "k": [1, 2.5, true, null],
            "reference": {"reference": ["Practitioner/no", 1]},
            "l": {"contentType": "application/pdf", "url": "Binary/b"},
            "m": {"url": "https://payer.example/fhir/Binary/c"}, "n": {"url": "Practitioner/no"},
            "o": {"url": "https://other.example/fhir/Binary/no", "contentType": "image/png"},
            "f": {"reference": "Patient?identifier=1"}, "g": {"reference": "../secret"},
            "h": {"reference": "Practitioner/.."}, "i": {"reference": "Practitioner/a/b"}
        });
        let found = references(resource.to_string().as_bytes(), &base());
        let found: Vec<_> = found.iter().map(|(to, kind)| (to.path(), kind.as_deref())).collect();
        let plain = ["Device/d", "Location/l.1", "Organization/o", "Practitioner/p"];
        let documents = [("Binary/b", Some("application/pdf")), ("Binary/c", None)];
        let expected = documents.into_iter().chain(plain.map(|path| (path, None)));
        let expected: Vec<_> = expected.map(|(path, kind)| (path.to_owned(), kind)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn another_persons_data_is_told_apart() {
        let mine = ["p".to_owned()];
        let foreign =
            |json: Value| Person::of(json.to_string().as_bytes()).is_foreign(&mine, &base());
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
