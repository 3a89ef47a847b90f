//! Quantity values: as written, and in canonical units where the unit is UCUM.

use std::borrow::Cow;

use super::emit::{Emit, Wanted};
use super::number::{Bounds, decimal};
use crate::fhir::{Bound, Node, canonical};
use crate::index::key::{self, tag};

const UCUM: &str = "http://unitsofmeasure.org";
const CURRENCY: &str = "urn:iso:std:iso:4217";

/// What a number counts.
#[derive(PartialEq)]
struct Unit<'n> {
    code: Cow<'n, str>,
    system: Cow<'n, str>,
    unit: Cow<'n, str>,
}

impl<'n> Unit<'n> {
    fn of(node: Node<'n>) -> Self {
        let member = |name| node.get(name).and_then(Node::str).unwrap_or_default();
        Self { code: member("code"), system: member("system"), unit: member("unit") }
    }
}

pub(super) fn quantity(emit: &mut Emit<'_>, node: Node<'_>, to: Wanted<'_>) {
    if let Some(value) = node.get("value").and_then(decimal) {
        let mut bounds = Bounds::point(value);
        // A comparator says only on which side of the number the value lies.
        match node.get("comparator").and_then(Node::str).as_deref() {
            Some("<" | "<=") => bounds.lo = Bound::Lowest,
            Some(">" | ">=") => bounds.hi = Bound::Highest,
            _ => {}
        }
        give(emit, &Unit::of(node), &bounds, to);
    }
}

pub(super) fn money(emit: &mut Emit<'_>, node: Node<'_>, to: Wanted<'_>) {
    if let Some(value) = node.get("value").and_then(decimal) {
        let code = node.get("currency").and_then(Node::str).unwrap_or_default();
        let unit = Unit { code, system: CURRENCY.into(), unit: "".into() };
        give(emit, &unit, &Bounds::point(value), to);
    }
}

pub(super) fn sampled(emit: &mut Emit<'_>, node: Node<'_>, to: Wanted<'_>) {
    if let Some(origin) = node.get("origin") {
        quantity(emit, origin, to);
    }
}

/// A Range; ends in different units have no interval.
pub(super) fn range(emit: &mut Emit<'_>, node: Node<'_>, to: Wanted<'_>) {
    let end = |name| {
        let end = node.get(name)?;
        Some((end.get("value").and_then(decimal)?, Unit::of(end)))
    };
    let (low, high) = (end("low"), end("high"));
    if let (Some((_, one)), Some((_, other))) = (&low, &high)
        && one != other
    {
        return;
    }
    let (lo, low) = low.unzip();
    let (hi, high) = high.unzip();
    if let (Some(bounds), Some(unit)) = (Bounds::between(lo, hi), low.or(high)) {
        give(emit, &unit, &bounds, to);
    }
}

fn give(emit: &mut Emit<'_>, unit: &Unit<'_>, bounds: &Bounds, to: Wanted<'_>) {
    let out = emit.payload();
    key::quantity_unit(out, &unit.code, &unit.system, &unit.unit);
    bounds.write(out);
    emit.give(tag::QUANTITY, to);
    if unit.system == UCUM
        && let Some(canonical) = canonical(&unit.code)
    {
        let scaled = |end: Bound| match end {
            Bound::At(value) => Bound::At(canonical.convert(&value)),
            open => open,
        };
        let out = emit.payload();
        key::canonical_unit(out, &canonical.unit);
        Bounds { lo: scaled(bounds.lo), hi: scaled(bounds.hi) }.write(out);
        emit.give(tag::CANONICAL, to);
    }
}
