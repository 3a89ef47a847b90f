//! Reference values: what a reference's text refers to, decided without reading anything.

use super::References;
use super::emit::{Emit, Wanted};
use super::uri::{verbatim, without_version};
use crate::fhir::Node;
use crate::index::key::{self, tag};
use crate::index::path::Target;

/// What a reference's text refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Referent<'r> {
    /// A resource of the same connection.
    Local { resource_type: &'r str, id: &'r str },
    /// A resource inside the resource.
    Contained(&'r str),
    /// Anything else.
    Foreign,
}

impl References<'_> {
    /// What `text` refers to, in a resource of this connection.
    pub(crate) fn referent<'r>(&'r self, text: &'r str) -> Referent<'r> {
        if let Some(id) = text.strip_prefix('#') {
            return Referent::Contained(id);
        }
        let below = |base: &String| relative(text.strip_prefix(base.as_str())?.strip_prefix('/')?);
        match relative(text)
            .or_else(|| self.bases.iter().find_map(below))
            .or_else(|| if text.contains(':') { (self.resolve)(text) } else { None })
        {
            Some((resource_type, id)) => Referent::Local { resource_type, id },
            None => Referent::Foreign,
        }
    }
}

/// Type and id of `Type/id` and `Type/id/_history/version`.
pub(crate) fn relative(text: &str) -> Option<(&str, &str)> {
    let (resource_type, rest) = text.split_once('/')?;
    let id = match rest.split_once('/') {
        Some((id, history)) => {
            history.strip_prefix("_history/")?;
            id
        }
        None => rest,
    };
    let is_id = !id.is_empty() && !id.contains(['?', '#', '|']);
    (is_type_name(resource_type) && is_id).then_some((resource_type, id))
}

fn is_type_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A Reference, for all who want it whatever its type, and those who want this type.
pub(super) fn reference(
    emit: &mut Emit<'_>,
    node: Node<'_>,
    root: Node<'_>,
    refs: &References<'_>,
    targets: &[Target],
) {
    let text = node.get("reference").and_then(Node::str);
    let referent = text.as_deref().map_or(Referent::Foreign, |t| refs.referent(t));
    let typed = targets.iter().any(|t| !t.only.is_empty());
    let said = if typed { node.get("type").and_then(Node::str) } else { None };
    let mut of = "";
    if typed {
        of = text.as_deref().and_then(|t| named_type(t, referent, root)).unwrap_or("");
        if of.is_empty() {
            of = said.as_deref().map_or("", |t| t.rsplit('/').next().unwrap_or(t));
        }
    }
    let to = Wanted { targets, of };
    if !to.nobody() {
        emit.mark(to);
        if let Some(text) = &text {
            give(emit, text, referent, refs, false, to);
        }
    }
}

/// A canonical or uri of a reference parameter.
pub(super) fn text(
    emit: &mut Emit<'_>,
    node: Node<'_>,
    refs: &References<'_>,
    canonical: bool,
    to: Wanted<'_>,
) {
    if let Some(text) = node.str() {
        give(emit, &text, refs.referent(&text), refs, canonical, to);
    }
}

/// A resource that stands where a reference could.
pub(super) fn resource(emit: &mut Emit<'_>, node: Node<'_>, refs: &References<'_>, to: Wanted<'_>) {
    let member = |name| node.get(name).and_then(Node::str).filter(|t| !t.is_empty());
    if let (Some(resource_type), Some(id)) = (member("resourceType"), member("id")) {
        let referent = Referent::Local { resource_type: &resource_type, id: &id };
        give(emit, "", referent, refs, false, to);
    }
}

fn give(
    emit: &mut Emit<'_>,
    text: &str,
    referent: Referent<'_>,
    refs: &References<'_>,
    canonical: bool,
    to: Wanted<'_>,
) {
    if let Referent::Local { resource_type, id } = referent {
        key::local_reference(emit.payload(), resource_type, id, refs.connection);
        emit.give(tag::LOCAL, to);
        if resource_type == "Patient" {
            emit.refers_to_patient(id, to);
        }
    }
    // A web address that a Bundle resolves is still found by itself; a urn means nothing outside it.
    let by_text = match referent {
        Referent::Local { .. } => text.starts_with("http") && !refs.is_below_base(text),
        Referent::Contained(_) => false,
        Referent::Foreign => true,
    };
    if by_text {
        verbatim(emit, tag::FOREIGN, text, to);
        if canonical && let Some(plain) = without_version(text) {
            verbatim(emit, tag::FOREIGN, plain, to);
        }
    }
}

impl References<'_> {
    fn is_below_base(&self, text: &str) -> bool {
        self.bases.iter().any(|b| text.strip_prefix(b.as_str()).is_some_and(|t| t.starts_with('/')))
    }
}

/// The type that a reference's text names.
fn named_type<'r>(text: &'r str, referent: Referent<'r>, root: Node<'r>) -> Option<&'r str> {
    match referent {
        Referent::Local { resource_type, .. } => Some(resource_type),
        Referent::Contained(id) => {
            let inner = root
                .get("contained")?
                .each()
                .find(|c| c.get("id").is_some_and(|own| own.is_str(id)))?;
            inner.get("resourceType")?.str_source().map(|(name, _)| name)
        }
        Referent::Foreign => {
            let (path, query) = text.split_once('?').map_or((text, false), |(p, _)| (p, true));
            let path = path.split_once("/_history/").map_or(path, |(p, _)| p);
            let mut ends = path.rsplit('/');
            let (last, before) = (ends.next()?, ends.next());
            let name = if query { last } else { before? };
            is_type_name(name).then_some(name)
        }
    }
}
