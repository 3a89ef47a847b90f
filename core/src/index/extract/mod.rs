//! The keys of one resource: one walk by the program of its type, each value to all who want it.
//!
//! `docs/search.md` says which values an element has. Where R4 leaves a choice:
//! - presence = the expression yields an element, even one without a key; a primitive that is null
//!   or has only extensions is missing. A composite is present when it has a whole combination.
//! - tokens ignore case and keep accents; ids, uris and UCUM codes keep case. A code has the system
//!   of its required binding, race and ethnicity codes have none.
//! - a Period without both ends, or with an end that is no date, is no date; a Timing is its hull.
//! - a comparator opens an interval that still holds the number; a Range in two units is no value.
//! - a canonical with a version counts with and without it, in reference and uri parameters.
//! - what a Bundle's `fullUrl` explains is local; a web address is then also found by itself.
//! - at most 4,096 combinations of a composite in one place.

mod date;
mod emit;
mod number;
mod quantity;
pub(crate) mod reference;
mod string;
mod token;
mod uri;

use std::sync::{Arc, OnceLock};

use crate::fhir::{Kind, Node, Zone};
use crate::index::params::{self, Param};
use crate::index::path::{Element, Place, Take};
use emit::{Emit, Wanted};

/// The numbers that a vault gave to search parameters.
pub(crate) trait ParamNumbers: Send + Sync {
    fn number(&self, param: &'static Param) -> u16;
}

/// Takes the keys of a resource, in no order and perhaps more than once.
pub(crate) trait KeySink {
    fn key(&mut self, key: &[u8]);
}

/// What references in a resource are relative to.
pub(crate) struct References<'a> {
    pub(crate) connection: u32,
    /// All forms of the connection's base address, without a slash at the end.
    pub(crate) bases: &'a [String],
    /// Type and id of an address that the resource's own Bundle explains (`urn:uuid:`, `fullUrl`).
    pub(crate) resolve: &'a dyn Fn(&str) -> Option<(&'a str, &'a str)>,
}

/// Takes the values of search parameters from resources. Cheap to share, not to make.
pub(crate) struct Extractor {
    zone: Zone,
    numbers: Arc<dyn ParamNumbers>,
    /// By type, as its parameters are numbered in its program.
    known: Vec<OnceLock<Box<[u16]>>>,
}

impl Extractor {
    pub(crate) fn new(zone: Zone, numbers: Arc<dyn ParamNumbers>) -> Self {
        let known = (0..params::type_count()).map(|_| OnceLock::new()).collect();
        Self { zone, numbers, known }
    }

    /// Gives the sink every key that the parameters and the subject of this resource have.
    pub(crate) fn extract(
        &self,
        resource_type: &str,
        root: Node<'_>,
        refs: &References<'_>,
        sink: &mut dyn KeySink,
    ) {
        let index = params::type_index(resource_type);
        let params = params::of_index(index);
        let numbers = self.known[index]
            .get_or_init(|| params.iter().map(|p| self.numbers.number(p)).collect());
        let emit = Emit::new(sink, params, numbers, refs.connection);
        let mut walk = Walk { root, refs, zone: self.zone, emit };
        if resource_type == "Patient"
            && let Some(id) = root.get("id").and_then(Node::str)
        {
            walk.emit.about(&id);
        }
        walk.place(&params::program(index).root, root);
    }
}

struct Walk<'w, 'a> {
    root: Node<'w>,
    refs: &'w References<'a>,
    zone: Zone,
    emit: Emit<'w>,
}

impl<'w> Walk<'w, '_> {
    /// Takes what is wanted from one element and what is below it.
    fn place(&mut self, place: &Place, node: Node<'w>) {
        let before = self.emit.values();
        for take in &place.takes {
            self.take(take, node);
        }
        for (member, values) in &place.filters {
            let Some(found) = node.get(member) else { continue };
            if let Some((_, inner)) = values.iter().find(|(v, _)| found.is_str(v)) {
                self.place(inner, node);
            }
        }
        if place.is_inner() {
            self.members(place, node);
        }
        if !place.composites.is_empty() {
            for composite in &place.composites {
                for inner in composite.parts.iter().filter_map(|p| p.from_root.as_ref()) {
                    self.place(inner, self.root);
                }
                self.emit.combine(composite, before);
            }
            self.emit.forget(before);
        }
    }

    fn members(&mut self, place: &Place, node: Node<'w>) {
        let mut members = node.members();
        while let Some((name, value)) = members.next_nodes() {
            let edge = match name.str_source() {
                Some((name, false)) => place.edge(name),
                _ => name.str().and_then(|name| place.edge(&name)),
            };
            let Some(edge) = edge else { continue };
            // An element that is null has only extensions, which R4 calls missing.
            for element in value.each().filter(|e| e.kind() != Kind::Null) {
                self.place(&edge.each, element);
            }
            for (n, inner) in &edge.nth {
                if let Some(element) = value.each().nth(*n) {
                    self.place(inner, element);
                }
            }
        }
    }

    fn take(&mut self, take: &Take, node: Node<'w>) {
        let emit = &mut self.emit;
        let targets = take.targets.as_slice();
        if take.element == Element::Reference {
            return reference::reference(emit, node, self.root, self.refs, targets);
        }
        let to = Wanted { targets, of: "" };
        emit.mark(to);
        match take.element {
            Element::Code(system) => token::code(emit, node, system, to),
            Element::Coding => token::pair(emit, node, Some("system"), "code", to),
            Element::CodeableConcept => token::concept(emit, node, to),
            Element::Identifier => token::pair(emit, node, Some("system"), "value", to),
            Element::ContactPoint => token::pair(emit, node, None, "value", to),
            Element::Boolean => token::boolean(emit, node, to),
            Element::TextToken(exact) => token::text(emit, node, exact, to),
            Element::Deceased => token::deceased(emit, node, to),
            Element::Date => date::date(emit, node, self.zone, to),
            Element::Period => date::period(emit, node, self.zone, to),
            Element::Timing => date::timing(emit, node, self.zone, to),
            Element::Text => string::text(emit, node, to),
            Element::HumanName => string::parts(emit, node, string::NAME, to),
            Element::Address => string::parts(emit, node, string::ADDRESS, to),
            Element::Number => number::number(emit, node, to),
            Element::NumberRange => number::range(emit, node, to),
            Element::Quantity => quantity::quantity(emit, node, to),
            Element::Money => quantity::money(emit, node, to),
            Element::QuantityRange => quantity::range(emit, node, to),
            Element::SampledData => quantity::sampled(emit, node, to),
            Element::ReferenceText(canonical) => {
                reference::text(emit, node, self.refs, canonical, to);
            }
            Element::Resource => reference::resource(emit, node, self.refs, to),
            Element::Uri(canonical) => uri::uri(emit, node, canonical, to),
            Element::Reference | Element::Other => {}
        }
    }
}

#[cfg(test)]
mod pack;
#[cfg(test)]
mod tests;
