//! What the payer holds: resources as bytes, in the order in which they came, and whose they are.

mod compartment;
pub(crate) mod load;
mod reference;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde_json::Value;

pub(crate) use compartment::elements;
pub(crate) use reference::{Key, is_id, is_type};

use crate::clock::Millis;

/// How far references are followed from a patient's own resources.
const REFERENCE_DEPTH: usize = 3;

/// One resource as the payer holds it.
pub(crate) struct Record {
    pub(crate) kind: String,
    pub(crate) id: String,
    /// Exactly what was given, apart from rewritten `urn:` references.
    pub(crate) body: Arc<str>,
    /// Its place; stays when the resource is replaced.
    pub(crate) place: u64,
    pub(crate) updated: Millis,
    pub(crate) version: u32,
    patients: Vec<String>,
    references: Vec<Key>,
    /// What `generalPractitioner` and `managingOrganization` of a Patient point to.
    pub(crate) carers: Vec<Key>,
}

impl Record {
    /// Whether this is in a patient's own record.
    pub(crate) fn is_of(&self, patient: &str) -> bool {
        self.patients.iter().any(|it| it == patient)
    }
}

/// Every resource, found by key, type and patient.
#[derive(Default)]
pub(crate) struct Store {
    base: String,
    records: BTreeMap<u64, Record>,
    places: HashMap<Key, u64>,
    types: BTreeMap<String, BTreeSet<u64>>,
    patients: HashMap<String, BTreeSet<u64>>,
    next: u64,
}

impl Store {
    /// An empty store; references below `base` are its own.
    pub(crate) fn new(base: &str) -> Self {
        Self { base: base.to_owned(), next: 1, ..Self::default() }
    }

    /// Takes a resource in, or replaces the one with its type and id.
    pub(crate) fn put(&mut self, body: &str, at: Millis) -> Result<Key, String> {
        let value: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let kind = value["resourceType"].as_str().ok_or("no resourceType")?.to_owned();
        let id = value["id"].as_str().ok_or("no id")?.to_owned();
        if !is_type(&kind) || !is_id(&id) {
            return Err(format!("not a type and id: {kind}/{id}"));
        }
        let key = (kind.clone(), id.clone());
        let known = self.places.get(&key).copied();
        let place = known.unwrap_or(self.next);
        let version = known.and_then(|at| self.take(at)).map_or(1, |old| old.version + 1);
        self.next = self.next.max(place + 1);

        let mut patients: Vec<String> = compartment::members(&kind, &value)
            .into_iter()
            .filter_map(|text| reference::key(text, &self.base))
            .filter_map(|(kind, id)| (kind == "Patient").then_some(id))
            .collect();
        let mut carers = Vec::new();
        if kind == "Patient" {
            patients.push(id.clone());
            for element in ["generalPractitioner", "managingOrganization"] {
                compartment::at(&value, element, &mut carers);
            }
        }
        patients.dedup();
        for patient in &patients {
            self.patients.entry(patient.clone()).or_default().insert(place);
        }
        self.types.entry(kind.clone()).or_default().insert(place);
        self.places.insert(key.clone(), place);
        let record = Record {
            carers: carers.iter().filter_map(|text| reference::key(text, &self.base)).collect(),
            references: reference::targets(&value, &self.base),
            body: body.into(),
            updated: at,
            kind,
            id,
            place,
            version,
            patients,
        };
        self.records.insert(place, record);
        Ok(key)
    }

    /// Forgets a resource; whether there was one.
    pub(crate) fn remove(&mut self, kind: &str, id: &str) -> bool {
        let place = self.places.remove(&(kind.to_owned(), id.to_owned()));
        place.is_some_and(|place| self.take(place).is_some())
    }

    fn take(&mut self, place: u64) -> Option<Record> {
        let record = self.records.remove(&place)?;
        for patient in &record.patients {
            if let Some(places) = self.patients.get_mut(patient) {
                places.remove(&place);
            }
        }
        if let Some(places) = self.types.get_mut(&record.kind) {
            places.remove(&place);
        }
        Some(record)
    }

    /// One resource.
    pub(crate) fn get(&self, kind: &str, id: &str) -> Option<&Record> {
        let place = self.places.get(&(kind.to_owned(), id.to_owned()))?;
        self.records.get(place)
    }

    /// The types there are, with how many of each.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&str, usize)> {
        self.types.iter().filter(|(_, at)| !at.is_empty()).map(|(kind, at)| (&**kind, at.len()))
    }

    /// The patients, in order.
    pub(crate) fn patients(&self) -> impl Iterator<Item = &Record> {
        self.of_type("Patient", 0)
    }

    /// Resources of a type after a place, in order.
    pub(crate) fn of_type(&self, kind: &str, after: u64) -> impl Iterator<Item = &Record> {
        let places = self.types.get(kind);
        places
            .into_iter()
            .flat_map(move |it| it.range(after + 1..))
            .map(|place| &self.records[place])
    }

    /// A patient's own resources after a place, in order: compartment, Devices, the Patient.
    pub(crate) fn of_patient(&self, patient: &str, after: u64) -> impl Iterator<Item = &Record> {
        let places = self.patients.get(patient);
        places
            .into_iter()
            .flat_map(move |it| it.range(after + 1..))
            .map(|place| &self.records[place])
    }

    /// Whether a patient may see a resource: their own, or one that is nobody's.
    pub(crate) fn is_readable(record: &Record, patient: &str) -> bool {
        record.patients.is_empty() || record.is_of(patient)
    }

    /// What a complete sync of a patient yields: their own resources and, to a depth of three, what
    /// those refer to and the patient may see. In order of place.
    pub(crate) fn closure(&self, patient: &str) -> Vec<&Record> {
        let mut places: BTreeSet<u64> = self.of_patient(patient, 0).map(|it| it.place).collect();
        let mut queue: VecDeque<(u64, usize)> = places.iter().map(|&place| (place, 0)).collect();
        while let Some((place, depth)) = queue.pop_front() {
            if depth == REFERENCE_DEPTH {
                continue;
            }
            for key in &self.records[&place].references {
                let Some(&target) = self.places.get(key) else { continue };
                if Self::is_readable(&self.records[&target], patient) && places.insert(target) {
                    queue.push_back((target, depth + 1));
                }
            }
        }
        places.iter().map(|place| &self.records[place]).collect()
    }

    /// The closure of one patient, or of all, as NDJSON. A line break between tokens is a space.
    pub(crate) fn truth(&self, patient: Option<&str>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut written = HashSet::new();
        let all: Vec<&str> = match patient {
            Some(patient) => vec![patient],
            None => self.patients().map(|record| record.id.as_str()).collect(),
        };
        for record in all.into_iter().flat_map(|patient| self.closure(patient)) {
            if written.insert(record.place) {
                out.extend_from_slice(
                    record.body.replace("\r\n", " ").replace(['\n', '\r'], " ").as_bytes(),
                );
                out.push(b'\n');
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> Store {
        let mut store = Store::new("http://h/fhir");
        for body in [
            r#"{"resourceType":"Patient","id":"a"}"#,
            r#"{"resourceType":"Patient","id":"b","link":[{"other":{"reference":"Patient/a"}}]}"#,
            r#"{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/a"},
"performer":[{"reference":"Practitioner/1"}],"focus":[{"reference":"Observation/2"}]}"#,
            r#"{"resourceType":"Observation","id":"2","subject":{"reference":"Patient/b"}}"#,
            r#"{"resourceType":"Practitioner","id":"1","x":{"reference":"Organization/1"}}"#,
            r#"{"resourceType":"Practitioner","id":"2"}"#,
            r#"{"resourceType":"Organization","id":"1","partOf":{"reference":"Organization/2"}}"#,
            r#"{"resourceType":"Organization","id":"2","partOf":{"reference":"Organization/3"}}"#,
            r#"{"resourceType":"Organization","id":"3"}"#,
        ] {
            store.put(body, 0).unwrap();
        }
        store
    }

    #[test]
    fn the_closure_stops_at_other_people_and_at_depth_three() {
        let store = store();
        let keys: Vec<String> =
            store.closure("a").iter().map(|it| format!("{}/{}", it.kind, it.id)).collect();
        assert_eq!(
            keys,
            ["Patient/a", "Observation/1", "Practitioner/1", "Organization/1", "Organization/2"]
        );
        let truth = String::from_utf8(store.truth(Some("a"))).unwrap();
        assert_eq!(truth.lines().count(), 5);
        assert!(truth.contains(r#""Patient/a"}, "performer""#));
    }

    #[test]
    fn replacing_keeps_the_place_and_moves_the_owner() {
        let mut store = store();
        let moved =
            r#"{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/b"}}"#;
        let place = store.get("Observation", "1").unwrap().place;
        store.put(moved, 7).unwrap();
        let record = store.get("Observation", "1").unwrap();
        assert_eq!((record.place, record.updated, record.version), (place, 7, 2));
        assert_eq!(store.of_patient("a", 0).count(), 1);
        assert_eq!(store.of_patient("b", 0).count(), 3);
        assert!(store.remove("Observation", "1") && !store.remove("Observation", "1"));
        assert_eq!(store.of_patient("b", 0).count(), 2);
    }
}
