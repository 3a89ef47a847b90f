//! What the index takes from one resource, in plain types: for the bench, whose peer stores the same.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use crate::fhir::{Bound, Tape, Zone};
use crate::index::extract::ParamNumbers;
use crate::index::params::{self, Param};
use crate::index::{Extractor, KeySink, References, key};
use crate::text::Texts;

/// A value of a search parameter; the ends of an interval are equal for a point.
#[derive(Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub enum IndexValue {
    /// A code, folded; the system is empty for none.
    Token { system: String, code: String },
    /// A text, folded and as written.
    String { folded: String, exact: String },
    /// Microseconds since 1970.
    Date { from: i64, to: i64 },
    /// A number or range.
    Number { low: f64, high: f64 },
    /// A quantity as written, and in canonical UCUM units where it has them.
    Quantity {
        system: String,
        code: String,
        low: f64,
        high: f64,
        canonical: Option<(String, f64, f64)>,
    },
    /// A quantity in canonical units; only inside composites.
    Canonical { unit: String, low: f64, high: f64 },
    /// `Type/id`, or another reference verbatim.
    Reference(String),
    /// A uri.
    Uri(String),
    /// One combination of a composite's components.
    Composite(Vec<IndexValue>),
}

impl std::fmt::Debug for IndexValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IndexValue")
    }
}

/// What a resource is found by.
#[derive(Clone, Default, PartialEq)]
pub struct IndexValues {
    /// FHIR type.
    pub resource_type: String,
    /// Logical id, empty for none.
    pub id: String,
    /// Code of the parameter and value; `:missing` postings are left out.
    pub values: Vec<(&'static str, IndexValue)>,
    /// Titles, then bodies.
    pub texts: Vec<String>,
}

impl std::fmt::Debug for IndexValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexValues").field("values", &self.values.len()).finish_non_exhaustive()
    }
}

/// Numbers each parameter by its place in the table.
struct Places;

impl ParamNumbers for Places {
    fn number(&self, param: &'static Param) -> u16 {
        key::system::FIRST_PARAMETER + u16::try_from(param.index).expect("fewer than 65,000")
    }
}

static EXTRACTOR: LazyLock<Extractor> =
    LazyLock::new(|| Extractor::new(Zone::UTC, Arc::new(Places)));

/// Values in the order of their first coming.
struct Taken {
    params: &'static [&'static Param],
    seen: HashSet<Box<[u8]>>,
    values: Vec<(&'static str, IndexValue)>,
}

impl Taken {
    fn of(&self, key: &[u8]) -> Option<(&'static str, IndexValue)> {
        let (number, tag, payload) = key::head(key)?;
        let index = usize::from(number.checked_sub(key::system::FIRST_PARAMETER)?);
        let param = self.params.iter().find(|param| param.index == index)?;
        Some((param.code, value(tag, payload)?))
    }
}

impl Taken {
    /// Joins canonical units to the quantity they are of: the last of the parameter without.
    fn canonical(&mut self, code: &str, found: (String, f64, f64)) {
        let without = self.values.iter_mut().rev().find_map(|(of, value)| match value {
            IndexValue::Quantity { canonical, .. } if *of == code && canonical.is_none() => {
                Some(canonical)
            }
            _ => None,
        });
        if let Some(canonical) = without {
            *canonical = Some(found);
        }
    }
}

impl KeySink for Taken {
    fn key(&mut self, key: &[u8]) {
        if !self.seen.insert(key.into()) {
            return;
        }
        match self.of(key) {
            Some((code, IndexValue::Canonical { unit, low, high })) => {
                self.canonical(code, (unit, low, high));
            }
            found => self.values.extend(found),
        }
    }
}

/// Every value and text that the vault indexes of a resource; `None` where it is none.
pub fn index_values(bytes: &[u8]) -> Option<IndexValues> {
    let tape = Tape::parse(bytes).ok()?;
    let resource_type = tape.root().get("resourceType")?.str()?;
    let refs = References { connection: 1, bases: &[], resolve: &|_| None };
    let params = params::for_type(&resource_type);
    let mut taken = Taken { params, seen: HashSet::new(), values: Vec::new() };
    EXTRACTOR.extract(&resource_type, tape.root(), &refs, &mut taken);
    let id = tape.root().get("id").and_then(|id| id.str()).unwrap_or_default().into_owned();
    let mut out = IndexValues { id, values: taken.values, ..IndexValues::default() };
    out.resource_type = resource_type.into_owned();
    out.texts = Texts::of(tape.root()).parts().map(|(_, text)| text.to_owned()).collect();
    Some(out)
}

fn value(tag: u8, payload: &[u8]) -> Option<IndexValue> {
    Some(match key::decode(tag, payload)? {
        key::Value::Presence => return None,
        key::Value::Token { folded, system, .. } => {
            IndexValue::Token { system: system.into_owned(), code: folded.into_owned() }
        }
        key::Value::String { folded, text } => IndexValue::String {
            exact: text.unwrap_or(&folded).to_owned(),
            folded: folded.into_owned(),
        },
        key::Value::Date { lo, hi } => IndexValue::Date { from: lo, to: hi },
        key::Value::Number { bounds } => {
            let (low, high) = ends(bounds)?;
            IndexValue::Number { low, high }
        }
        key::Value::Quantity { code, system, bounds, .. } => {
            let (low, high) = ends(bounds)?;
            IndexValue::Quantity {
                system: system.into_owned(),
                code: code.into_owned(),
                low,
                high,
                canonical: None,
            }
        }
        key::Value::Canonical { unit, bounds } => {
            let (low, high) = ends(bounds)?;
            IndexValue::Canonical { unit: unit.into_owned(), low, high }
        }
        key::Value::Local { resource_type, id, .. } => {
            IndexValue::Reference(format!("{resource_type}/{id}"))
        }
        key::Value::Foreign(text) => IndexValue::Reference(text.to_owned()),
        key::Value::Uri(text) => IndexValue::Uri(text.to_owned()),
        key::Value::Composite(parts) => IndexValue::Composite(
            parts.map(|(tag, payload)| value(tag, &payload)).collect::<Option<_>>()?,
        ),
    })
}

fn ends(bounds: &[u8]) -> Option<(f64, f64)> {
    let (low, high) = key::bounds(bounds)?;
    let approximate = |bound| match bound {
        Bound::Lowest => f64::NEG_INFINITY,
        Bound::At(decimal) => decimal.approximate(),
        Bound::Highest => f64::INFINITY,
    };
    Some((approximate(low), approximate(high)))
}
