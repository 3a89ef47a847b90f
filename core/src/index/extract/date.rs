//! Date values: the closed interval of instants that an element covers.

use super::emit::{Emit, Wanted};
use crate::fhir::{Interval, Node, Zone};
use crate::index::key::{self, tag};

pub(super) fn date(emit: &mut Emit<'_>, node: Node<'_>, zone: Zone, to: Wanted<'_>) {
    if let Some(interval) = read(node, zone) {
        give(emit, interval, to);
    }
}

pub(super) fn period(emit: &mut Emit<'_>, node: Node<'_>, zone: Zone, to: Wanted<'_>) {
    if let Some(interval) = ends(node, zone) {
        give(emit, interval, to);
    }
}

/// R4: the scheduling details are ignored, only the outer limits matter.
pub(super) fn timing(emit: &mut Emit<'_>, node: Node<'_>, zone: Zone, to: Wanted<'_>) {
    let events = node.get("event").into_iter().flat_map(Node::each).filter_map(|e| read(e, zone));
    let bounds = node.get("repeat").and_then(|r| ends(r.get("boundsPeriod")?, zone));
    let outer =
        events.chain(bounds).reduce(|a, b| Interval { lo: a.lo.min(b.lo), hi: a.hi.max(b.hi) });
    if let Some(interval) = outer {
        give(emit, interval, to);
    }
}

fn give(emit: &mut Emit<'_>, interval: Interval, to: Wanted<'_>) {
    key::date(emit.payload(), interval.lo, interval.hi);
    emit.give(tag::DATE, to);
}

fn read(node: Node<'_>, zone: Zone) -> Option<Interval> {
    Interval::parse(&node.str()?, zone)
}

fn ends(node: Node<'_>, zone: Zone) -> Option<Interval> {
    let end = |name| node.get(name).and_then(Node::str);
    Interval::period(end("start").as_deref(), end("end").as_deref(), zone)
}
