//! Uri values: the text, and of a canonical with a version also the text without it.

use super::emit::{Emit, Wanted};
use crate::fhir::Node;
use crate::index::key::{self, tag};

pub(super) fn uri(emit: &mut Emit<'_>, node: Node<'_>, canonical: bool, to: Wanted<'_>) {
    let Some(text) = node.str() else { return };
    verbatim(emit, tag::URI, &text, to);
    if canonical && let Some(plain) = without_version(&text) {
        verbatim(emit, tag::URI, plain, to);
    }
}

/// A text as it stands, unless it is empty.
pub(super) fn verbatim(emit: &mut Emit<'_>, tag: u8, text: &str, to: Wanted<'_>) {
    if !text.is_empty() {
        key::verbatim(emit.payload(), text);
        emit.give(tag, to);
    }
}

/// The canonical before its `|version`.
pub(super) fn without_version(text: &str) -> Option<&str> {
    text.split_once('|').map(|(plain, _)| plain)
}
