//! Number values: a point, or the closed interval of a Range.

use super::emit::{Emit, Wanted};
use crate::fhir::{Bound, Decimal, Node};
use crate::index::key::{self, tag};

/// Both ends of a number.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) lo: Bound,
    pub(super) hi: Bound,
}

impl Bounds {
    pub(super) fn point(value: Decimal) -> Self {
        Self { lo: Bound::At(value), hi: Bound::At(value) }
    }

    /// An absent end is open; without both there are none.
    pub(super) fn between(lo: Option<Decimal>, hi: Option<Decimal>) -> Option<Self> {
        (lo.is_some() || hi.is_some()).then(|| Self {
            lo: lo.map_or(Bound::Lowest, Bound::At),
            hi: hi.map_or(Bound::Highest, Bound::At),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        key::number(out, &self.lo, &self.hi);
    }
}

pub(super) fn decimal(node: Node<'_>) -> Option<Decimal> {
    Decimal::parse(node.number()?)
}

pub(super) fn number(emit: &mut Emit<'_>, node: Node<'_>, to: Wanted<'_>) {
    if let Some(value) = decimal(node) {
        give(emit, &Bounds::point(value), to);
    }
}

pub(super) fn range(emit: &mut Emit<'_>, node: Node<'_>, to: Wanted<'_>) {
    let end = |name| node.get(name)?.get("value").and_then(decimal);
    if let Some(bounds) = Bounds::between(end("low"), end("high")) {
        give(emit, &bounds, to);
    }
}

fn give(emit: &mut Emit<'_>, bounds: &Bounds, to: Wanted<'_>) {
    bounds.write(emit.payload());
    emit.give(tag::NUMBER, to);
}
