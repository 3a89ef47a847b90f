//! UCUM: the canonical unit of a code, so that quantities in different units compare.
//! Amounts of substance keep `mol` as a unit of its own and arbitrary units keep their names:
//! in UCUM proper a mole is a number, and a concentration would equal a count per volume.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use octofhir_ucum::{
    Dimension, EvalResult, Number, SpecialKind, UnitExpr, evaluate, find_unit, lookup_unit,
    parse_expression,
};

use super::decimal::Decimal;

/// Significant digits of a converted value; the factors hold 28, and rounding a little below
/// lets equal quantities meet exactly (100.4 [degF] is 38 Cel).
const KEPT_DIGITS: usize = 24;
/// Longest code that is looked at; real ones have less than 30 bytes.
const LONGEST_CODE: usize = 128;
/// Codes remembered; hostile input can't grow the cache beyond.
const CACHED_CODES: usize = 4_096;

/// A unit in base units: a value `v` of it is `v × factor + offset` of `unit`.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Canonical {
    pub(crate) unit: String,
    pub(crate) factor: Decimal,
    /// Not zero for temperatures only.
    pub(crate) offset: Decimal,
}

impl Canonical {
    /// The value in the canonical unit.
    pub(crate) fn convert(&self, value: &Decimal) -> Decimal {
        value.mul(&self.factor).add(&self.offset).round(KEPT_DIGITS)
    }
}

type Cache = RwLock<HashMap<String, Option<Arc<Canonical>>>>;
static CACHE: LazyLock<Cache> = LazyLock::new(Cache::default);

/// The canonical form of a UCUM code; `None` for what is no UCUM, and for logarithmic and other
/// units that no factor converts.
pub(crate) fn canonical(code: &str) -> Option<Arc<Canonical>> {
    if code.is_empty() || code.len() > LONGEST_CODE {
        return None;
    }
    if let Ok(cache) = CACHE.read()
        && let Some(known) = cache.get(code)
    {
        return known.clone();
    }
    let found = compute(code).map(Arc::new);
    if let Ok(mut cache) = CACHE.write()
        && cache.len() < CACHED_CODES
    {
        cache.insert(code.to_owned(), found.clone());
    }
    found
}

fn compute(code: &str) -> Option<Canonical> {
    let expression = parse_expression(code).ok()?;
    let mut moles = 0;
    let expression = without_moles(expression, 1, &mut moles)?;
    let result = evaluate(&expression).ok()?;
    let (factor, offset) = match result.special {
        None => (decimal(result.factor)?, Decimal::zero()),
        Some(special) => {
            let zero = Decimal::parse(match special.unit.special {
                SpecialKind::Celsius => "273.15",
                SpecialKind::Fahrenheit => "459.67",
                SpecialKind::Reaumur => "218.52",
                _ => return None,
            })?;
            let size = decimal(result.factor)?;
            (size.mul(&decimal(special.scale)?), zero.mul(&size))
        }
    };
    Some(Canonical { unit: unit_text(&result, moles), factor, offset })
}

/// The expression with each mole replaced by the number one, and the power of moles counted.
fn without_moles(expression: UnitExpr, power: i32, moles: &mut i32) -> Option<UnitExpr> {
    Some(match expression {
        UnitExpr::Symbol(code) => match substance(&code) {
            Some(rest) => {
                *moles = moles.checked_add(power)?;
                rest
            }
            None => UnitExpr::Symbol(code),
        },
        UnitExpr::Power(base, exponent) => {
            let inner = without_moles(*base, power.checked_mul(exponent)?, moles)?;
            UnitExpr::Power(Box::new(inner), exponent)
        }
        UnitExpr::Annotated(inner, _) => without_moles(*inner, power, moles)?,
        UnitExpr::Product(terms) => UnitExpr::Product(
            terms
                .into_iter()
                .map(|term| without_moles(term, power, moles))
                .collect::<Option<_>>()?,
        ),
        UnitExpr::Quotient(over, under) => UnitExpr::Quotient(
            Box::new(without_moles(*over, power, moles)?),
            Box::new(without_moles(*under, power.checked_neg()?, moles)?),
        ),
        UnitExpr::Reciprocal(under) => {
            let inner = without_moles(*under, power.checked_neg()?, moles)?;
            UnitExpr::Reciprocal(Box::new(inner))
        }
        number @ (UnitExpr::Numeric(_) | UnitExpr::Annotation(_)) => number,
    })
}

/// What remains of a unit of substance when its mole is taken out; `None` for other units.
fn substance(code: &str) -> Option<UnitExpr> {
    let (prefix, unit) = lookup_unit(code, octofhir_ucum::Case::Sensitive)?;
    let scale = UnitExpr::Numeric(prefix.map_or(Number::ONE, |prefix| prefix.factor));
    let symbol = |code: &str| UnitExpr::Symbol(code.to_owned());
    let over = |scale, unit| Some(UnitExpr::Quotient(Box::new(scale), Box::new(unit)));
    match unit.code {
        "mol" | "eq" | "osm" => Some(scale),
        "kat" => over(scale, symbol("s")),
        // 1 umol/min
        "U" => {
            let micro = UnitExpr::Numeric(Number::power_of_ten(-6));
            over(UnitExpr::Product(vec![scale, micro]), symbol("min"))
        }
        _ => None,
    }
}

fn decimal(number: Number) -> Option<Decimal> {
    let (digits, exponent) = number.to_integer_and_exponent();
    Decimal::parse(&format!("{digits}e{exponent}"))
}

/// Base units, then arbitrary ones, then moles, each with its power.
fn unit_text(result: &EvalResult, moles: i32) -> String {
    let base = Dimension::BASE_UNITS.iter().zip(result.dim.0).map(|(u, n)| (*u, i32::from(n)));
    let arbitrary = result.arbitrary.iter().map(|(unit, n)| (one_name(unit), *n));
    let mut parts = Vec::new();
    for (unit, power) in base.chain(arbitrary).chain([("mol", moles)]) {
        match power {
            0 => {}
            1 => parts.push(unit.to_owned()),
            _ => parts.push(format!("{unit}{power}")),
        }
    }
    if parts.is_empty() { "1".to_owned() } else { parts.join(".") }
}

/// `[IU]` is another spelling of `[iU]`.
fn one_name(unit: &'static str) -> &'static str {
    if unit == "[IU]" && find_unit("[iU]").is_some() { "[iU]" } else { unit }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    /// The two quantities are one.
    #[track_caller]
    fn same(value: &str, unit: &str, other: &str, other_unit: &str) {
        let (a, b) = (canonical(unit).unwrap(), canonical(other_unit).unwrap());
        assert_eq!(a.unit, b.unit);
        assert_eq!(a.convert(&d(value)), b.convert(&d(other)), "{value} {unit}");
    }

    #[test]
    fn equal_quantities_meet() {
        same("1", "g", "1000", "mg");
        same("1", "[lb_av]", "0.45359237", "kg");
        same("6.3", "g/L", "630", "mg/dL");
        same("120", "mm[Hg]", "15.998640000", "kPa");
        same("1", "[in_i]", "2.54", "cm");
        same("100.4", "[degF]", "38", "Cel");
        same("38", "Cel", "311.15", "K");
        same("60", "/min", "1", "/s");
        same("60", "{beats}/min", "1", "Hz");
        same("5.5", "mmol/L", "5500", "umol/L");
        same("1", "kat", "60000000", "U");
        same("40", "U/L", "40", "mU/mL");
        same("7", "10*3/uL", "7", "10*9/L");
        same("50", "%", "0.5", "1");
        same("5", "[iU]/L", "0.005", "[IU]/mL");
        same("2", "eq/L", "2000", "meq/L");
        same("90", "mL/min/{1.73_m2}", "90", "mL/min");
    }

    #[test]
    fn families_do_not_meet() {
        let unit = |code: &str| canonical(code).unwrap().unit.clone();
        let units = ["mmol/L", "10*3/uL", "[iU]/L", "[arb'U]/L", "[CFU]/L", "U/L", "mg/L"];
        for (i, a) in units.iter().enumerate() {
            for b in &units[i + 1..] {
                assert_ne!(unit(a), unit(b), "{a} {b}");
            }
        }
        assert_eq!(unit("mmol/L"), "m-3.mol");
        assert_eq!(unit("mol/mol"), "1");
        assert_eq!(unit("mmol/(24.h)"), "s-1.mol");
        assert_eq!(unit("{score}"), "1");
    }

    #[test]
    fn what_has_no_factor_has_no_canonical_form() {
        for code in ["", "ea", "mcg", "[pH]", "dB", "B[SPL]", "month", "mg/", "²", "%%"] {
            assert!(canonical(code).is_none(), "{code}");
        }
        assert!(canonical(&"m.".repeat(200)).is_none());
        assert!(canonical(&"(".repeat(100)).is_none());
        // Asked again, the answer comes from the cache.
        assert!(canonical("ea").is_none());
    }
}
