//! Token values: code and system of everything that R4 lists for the kind.

use super::emit::{Emit, Wanted};
use crate::fhir::Node;
use crate::index::key::{self, tag};

/// Code and system. A system alone is a value too: `system|` finds it.
pub(super) fn token(emit: &mut Emit<'_>, system: &str, code: &str, exact: bool, to: Wanted<'_>) {
    if !code.is_empty() || !system.is_empty() {
        key::token(emit.payload(), system, code, exact);
        emit.give(tag::TOKEN, to);
    }
}

pub(super) fn code(emit: &mut Emit<'_>, node: Node<'_>, system: &str, to: Wanted<'_>) {
    if let Some(code) = node.str() {
        token(emit, system, &code, false, to);
    }
}

pub(super) fn text(emit: &mut Emit<'_>, node: Node<'_>, exact: bool, to: Wanted<'_>) {
    if let Some(text) = node.str() {
        token(emit, "", &text, exact, to);
    }
}

/// A Coding (`code`), an Identifier or a ContactPoint (`value`).
pub(super) fn pair(
    emit: &mut Emit<'_>,
    node: Node<'_>,
    system: Option<&str>,
    code: &str,
    to: Wanted<'_>,
) {
    let code = node.get(code).and_then(Node::str).unwrap_or_default();
    let system = system.and_then(|name| node.get(name)?.str()).unwrap_or_default();
    token(emit, &system, &code, false, to);
}

pub(super) fn concept(emit: &mut Emit<'_>, node: Node<'_>, to: Wanted<'_>) {
    for coding in node.get("coding").into_iter().flat_map(Node::each) {
        pair(emit, coding, Some("system"), "code", to);
    }
}

pub(super) fn boolean(emit: &mut Emit<'_>, node: Node<'_>, to: Wanted<'_>) {
    if let Some(is) = node.bool() {
        token(emit, "", if is { "true" } else { "false" }, false, to);
    }
}

/// `deceased.exists() and deceased != false`: of every patient one or the other.
pub(super) fn deceased(emit: &mut Emit<'_>, patient: Node<'_>, to: Wanted<'_>) {
    let flag = patient.get("deceasedBoolean").and_then(Node::bool).unwrap_or(false);
    let time = patient.get("deceasedDateTime").is_some_and(|d| d.str().is_some());
    token(emit, "", if flag || time { "true" } else { "false" }, false, to);
}
