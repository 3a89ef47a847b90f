//! Quantities: a number, then nothing (any unit), `||unit` (code or printed unit), or
//! `|system|code`, which in UCUM also finds values in units of the same dimension.

use super::number::NumberTest;
use super::{Beginning, Expected, Lookup, split, start, unescape, whole};
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

/// Text as it stands in a payload: escaped, with the zero byte that ends it.
#[derive(Clone)]
enum Unit {
    Any,
    /// Code or printed unit.
    Named(Vec<u8>),
    /// Code, then system.
    Coded(Vec<u8>),
    /// UCUM, as the unit that values of the dimension are kept in.
    Canonical(Vec<u8>),
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
                Unit::Named(terminated(&code))
            }
            (Some(system), Some(code)) if system == UCUM => match canonical(&code) {
                Some(to) => {
                    let number = NumberTest::parse_scaled(&number, |value| to.convert(&value))?;
                    return Ok(Self { number, unit: Unit::Canonical(terminated(&to.unit)) });
                }
                None => Unit::Coded(coded(&code, &system)),
            },
            (Some(_), Some(code)) if code.is_empty() => return Err(EXPECTED),
            (Some(system), Some(code)) => Unit::Coded(coded(&code, &system)),
        };
        Ok(Self { number: NumberTest::parse_scaled(&number, |value| value)?, unit })
    }

    pub(super) fn lookups(&self, parameter: u16) -> Vec<Lookup> {
        match &self.unit {
            Unit::Any | Unit::Named(_) => whole(parameter, tag::QUANTITY),
            Unit::Coded(coded) => {
                let prefix = [start(parameter, tag::QUANTITY), coded.clone()].concat();
                vec![Lookup::Range { range: KeyRange::prefix(&prefix), check: true }]
            }
            Unit::Canonical(unit) => {
                let prefix = [start(parameter, tag::CANONICAL), unit.clone()].concat();
                self.number.lookups(&prefix, |key, end| key.extend_from_slice(end)).collect()
            }
        }
    }

    pub(super) fn beginning(&self) -> Option<Beginning> {
        let (tag, unit) = match &self.unit {
            Unit::Any | Unit::Named(_) => return None,
            Unit::Coded(coded) => (tag::QUANTITY, coded),
            Unit::Canonical(unit) => (tag::CANONICAL, unit),
        };
        Some(Beginning { tag, payload: unit.clone(), whole: false })
    }

    /// The number, where keys are in its order behind the beginning.
    pub(super) fn number(&self) -> Option<&NumberTest> {
        matches!(self.unit, Unit::Canonical(_)).then_some(&self.number)
    }

    pub(super) fn test(&self, tag: u8, payload: &[u8]) -> bool {
        let wanted = match self.unit {
            Unit::Canonical(_) => tag::CANONICAL,
            _ => tag::QUANTITY,
        };
        tag == wanted && self.bounds(payload).is_some_and(|bounds| self.number.test(bounds))
    }

    /// The ends of the value, if its unit is the wanted one.
    fn bounds<'k>(&self, payload: &'k [u8]) -> Option<&'k [u8]> {
        match &self.unit {
            Unit::Canonical(own) => payload.strip_prefix(own.as_slice()),
            Unit::Coded(own) => Some(text(payload.strip_prefix(own.as_slice())?)?.1),
            Unit::Any | Unit::Named(_) => {
                let (code, rest) = text(payload)?;
                let (_, rest) = text(rest)?;
                let (unit, bounds) = text(rest)?;
                match &self.unit {
                    Unit::Named(own) if own != code && own != unit => None,
                    _ => Some(bounds),
                }
            }
        }
    }
}

fn terminated(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    key::canonical_unit(&mut out, text);
    out
}

fn coded(code: &str, system: &str) -> Vec<u8> {
    [terminated(code), terminated(system)].concat()
}

/// Text with the zero byte that ends it, and what follows.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&b| b == 0)?;
    Some(bytes.split_at(end + 1))
}
