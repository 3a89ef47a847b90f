//! String values: texts, and each text part of a name or an address as a value of its own.

use super::emit::{Emit, Wanted};
use crate::fhir::Node;
use crate::index::key::{self, tag};

/// The parts of a HumanName that are searched.
pub(super) const NAME: &[&str] = &["text", "family", "given", "prefix", "suffix"];

/// The parts of an Address that are searched.
pub(super) const ADDRESS: &[&str] =
    &["text", "line", "city", "district", "state", "postalCode", "country"];

pub(super) fn text(emit: &mut Emit<'_>, node: Node<'_>, to: Wanted<'_>) {
    if let Some(text) = node.str().filter(|t| !t.is_empty()) {
        key::string(emit.payload(), &text);
        emit.give(tag::STRING, to);
    }
}

/// Each text below the members `names`.
pub(super) fn parts(emit: &mut Emit<'_>, node: Node<'_>, names: &[&str], to: Wanted<'_>) {
    for (name, value) in node.members() {
        if names.contains(&&*name) {
            value.each().for_each(|part| text(emit, part, to));
        }
    }
}
