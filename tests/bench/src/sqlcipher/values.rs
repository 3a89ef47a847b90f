//! A resource's values, each written as a row of its own.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chartkeep::testing::IndexValue;
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::Outcome;

/// What stands for a resource in all tables of values.
pub(super) type Uuid = [u8; 16];

/// A key of the shape and spread of a random (version 4) UUID, yet the same in every run.
pub(super) fn uuid(of: &str, id: &str) -> Uuid {
    let half = |number: u8| {
        let mut hasher = DefaultHasher::new();
        (number, of, id).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    let mut bytes = ((half(0) << 64) | half(1)).to_be_bytes();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}

/// Writes one value of the parameter `name` of a resource of type `of`.
pub(super) fn put(
    db: &Connection,
    uuid: Uuid,
    of: &str,
    name: &str,
    value: &IndexValue,
) -> Outcome<()> {
    let path = format!("{of}.{name}");
    let insert = |sql: &str, columns: &[&dyn ToSql]| -> Outcome<()> {
        let shared: [&dyn ToSql; 4] = [&uuid, &of, &name, &path];
        db.prepare_cached(sql)?.execute(params_from_iter(shared.iter().chain(columns)))?;
        Ok(())
    };
    let quantity = |system: &str, code: &str, low: f64, high: f64| {
        insert(
            "INSERT OR REPLACE INTO quantity (uuid, type, name, path, system, code, low, high)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            &[&system, &code, &low, &high],
        )
    };
    match value {
        IndexValue::Token { system, code } => insert(
            "INSERT OR REPLACE INTO token (uuid, type, name, path, system, value)
             VALUES (?, ?, ?, ?, ?, ?)",
            &[system, code],
        ),
        IndexValue::String { exact, .. } => insert(
            "INSERT OR REPLACE INTO string (uuid, type, name, path, value) VALUES (?, ?, ?, ?, ?)",
            &[exact],
        ),
        // Milliseconds, as the engine.
        IndexValue::Date { from, to } => insert(
            "INSERT OR REPLACE INTO date_time (uuid, type, name, path, start, finish)
             VALUES (?, ?, ?, ?, ?, ?)",
            &[&from.div_euclid(1_000), &to.div_euclid(1_000)],
        ),
        IndexValue::Number { low, high } => insert(
            "INSERT OR REPLACE INTO number (uuid, type, name, path, low, high)
             VALUES (?, ?, ?, ?, ?, ?)",
            &[low, high],
        ),
        // As the engine: once by the unit's name, for which our values have its code, without a
        // system; once by its code, in canonical units where it has them. Named units without
        // canonical ones are left at the latter.
        IndexValue::Quantity { system, code, low, high, canonical: Some((unit, from, to)) } => {
            quantity("", code, *low, *high)?;
            quantity(system, unit, *from, *to)
        }
        IndexValue::Quantity { system, code, low, high, canonical: None } => {
            quantity(system, code, *low, *high)
        }
        IndexValue::Reference(value) => insert(
            "INSERT OR REPLACE INTO reference (uuid, type, name, path, value)
             VALUES (?, ?, ?, ?, ?)",
            &[value],
        ),
        IndexValue::Uri(value) => insert(
            "INSERT OR REPLACE INTO uri (uuid, type, name, path, value) VALUES (?, ?, ?, ?, ?)",
            &[value],
        ),
        // Only inside a composite.
        IndexValue::Canonical { .. } => Ok(()),
        IndexValue::Composite(parts) => {
            let [first, second] = [parts.first(), parts.get(1)].map(Component::of);
            insert(
                "INSERT OR REPLACE INTO composite (uuid, type, name, path, first_system, first,
                 second_system, second, low, high) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                &[
                    &first.system,
                    &first.text,
                    &second.system,
                    &second.text,
                    &second.low,
                    &second.high,
                ],
            )
        }
    }
}

/// A part of a composite, in the columns that all kinds share.
struct Component<'a> {
    system: &'a str,
    text: &'a str,
    low: f64,
    high: f64,
}

impl<'a> Component<'a> {
    fn of(value: Option<&'a IndexValue>) -> Self {
        let text = |system, text| Self { system, text, low: 0.0, high: 0.0 };
        match value {
            Some(IndexValue::Token { system, code }) => text(system, code),
            Some(IndexValue::String { folded, .. }) => text("", folded),
            Some(IndexValue::Reference(value) | IndexValue::Uri(value)) => text("", value),
            Some(IndexValue::Date { from, to }) => {
                Self { system: "", text: "", low: *from as f64, high: *to as f64 }
            }
            Some(IndexValue::Number { low, high }) => {
                Self { system: "", text: "", low: *low, high: *high }
            }
            Some(IndexValue::Quantity { system, code, low, high, .. }) => {
                Self { system, text: code, low: *low, high: *high }
            }
            Some(IndexValue::Canonical { unit, low, high }) => {
                Self { system: "", text: unit, low: *low, high: *high }
            }
            Some(IndexValue::Composite(_)) | None => text("", ""),
        }
    }
}
