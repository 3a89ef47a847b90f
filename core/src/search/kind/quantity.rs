//! Quantities: a number, then nothing (any unit), `||unit` (code or printed unit), or
//! `|system|code`, which in UCUM also finds values in units of the same dimension.

use super::number::NumberTest;
use super::{Expected, Lookup, split, start, unescape, whole};
use crate::fhir::canonical;
use crate::index::key::{self, tag};
use crate::index::segment::KeyRange;

const UCUM: &str = "http://unitsofmeasure.org";

#[derive(Clone)]
pub(crate) struct QuantityTest {
    /// In the canonical unit, where there is one.
    number: NumberTest,
    unit: Unit,
}

#[derive(Clone)]
enum Unit {
    Any,
    /// Code or printed unit.
    Named(String),
    Coded {
        system: String,
        code: String,
    },
    /// UCUM, as the unit that values of the dimension are kept in.
    Canonical(String),
}

impl QuantityTest {
    pub(super) fn parse(text: &str) -> Result<Self, Expected> {
        const EXPECTED: Expected = "number, number|system|code or number||unit";
        let mut parts = split(text, '|').map(unescape);
        let number = parts.next().ok_or(EXPECTED)??;
        let unit = (parts.next().transpose()?, parts.next().transpose()?);
        if parts.next().is_some() {
            return Err(EXPECTED);
        }
        let unit = match unit {
            (None, _) => Unit::Any,
            (Some(_), None) => return Err(EXPECTED),
            (Some(system), Some(code)) if system.is_empty() && !code.is_empty() => {
                Unit::Named(code)
            }
            (Some(system), Some(code)) if system == UCUM => match canonical(&code) {
                Some(to) => {
                    let number = NumberTest::parse_scaled(&number, |value| to.convert(&value))?;
                    return Ok(Self { number, unit: Unit::Canonical(to.unit.clone()) });
                }
                None => Unit::Coded { system, code },
            },
            (Some(_), Some(code)) if code.is_empty() => return Err(EXPECTED),
            (Some(system), Some(code)) => Unit::Coded { system, code },
        };
        Ok(Self { number: NumberTest::parse_scaled(&number, |value| value)?, unit })
    }

    pub(super) fn lookups(&self, parameter: u16) -> Vec<Lookup> {
        match &self.unit {
            Unit::Any | Unit::Named(_) => whole(parameter, tag::QUANTITY),
            Unit::Coded { system, code } => {
                let mut prefix = start(parameter, tag::QUANTITY);
                key::quantity_unit(&mut prefix, code, system, "");
                // Without the zero byte that ends the empty unit: any unit.
                prefix.pop();
                let range = KeyRange::prefix(&prefix);
                vec![Lookup::Range { range, check: true }]
            }
            Unit::Canonical(unit) => {
                let mut prefix = start(parameter, tag::CANONICAL);
                key::canonical_unit(&mut prefix, unit);
                self.number.lookups(&prefix)
            }
        }
    }

    pub(super) fn test(&self, tag: u8, payload: &[u8]) -> bool {
        match (&self.unit, key::decode(tag, payload)) {
            (Unit::Canonical(own), Some(key::Value::Canonical { unit, bounds })) => {
                *own == unit && self.number.test(bounds)
            }
            (Unit::Any, Some(key::Value::Quantity { bounds, .. })) => self.number.test(bounds),
            (Unit::Named(own), Some(key::Value::Quantity { code, unit, bounds, .. })) => {
                (*own == code || *own == unit) && self.number.test(bounds)
            }
            (
                Unit::Coded { system: own_system, code: own_code },
                Some(key::Value::Quantity { code, system, bounds, .. }),
            ) => *own_system == system && *own_code == code && self.number.test(bounds),
            _ => false,
        }
    }
}
