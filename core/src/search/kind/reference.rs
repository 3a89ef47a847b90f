//! References: `Type/id`, `id`, an address, a urn. A version in the search is dropped. `Type/id`
//! means the resource of this name at every connection, an address below a connection's base the
//! one at that connection.

use super::{Context, Expected, Lookup, Modifier, start, unescape};
use crate::index::key::{self, tag};
use crate::index::segment::KeyRange;

#[derive(Clone)]
pub(crate) struct ReferenceTest {
    target: Target,
    /// As written, for references that are kept as text.
    text: String,
}

#[derive(Clone)]
enum Target {
    Local {
        resource_type: String,
        id: String,
    },
    /// Of any type.
    Id(String),
    /// An address, a urn or anything else.
    Text,
}

impl ReferenceTest {
    pub(super) fn parse(text: &str, modifier: Modifier<'_>) -> Result<Self, Expected> {
        let text = unescape(text)?;
        if text.is_empty() {
            return Err("Type/id, id or an address");
        }
        let local = relative(&text).map(|(resource_type, id)| Target::Local {
            resource_type: resource_type.to_owned(),
            id: id.to_owned(),
        });
        let target = match (local, modifier) {
            (Some(Target::Local { resource_type, .. }), Modifier::Type(wanted))
                if resource_type != wanted =>
            {
                return Err("a reference to the type that the modifier names");
            }
            (Some(local), _) => local,
            (None, Modifier::Type(wanted)) if is_id(&text) => {
                Target::Local { resource_type: wanted.to_owned(), id: text.clone() }
            }
            (None, Modifier::Type(_)) => return Err("an id after a modifier that names a type"),
            (None, _) if is_id(&text) => Target::Id(text.clone()),
            (None, _) => Target::Text,
        };
        Ok(Self { target, text })
    }

    pub(super) fn lookups(&self, parameter: u16, context: &Context<'_>) -> Vec<Lookup> {
        let mut foreign = start(parameter, tag::FOREIGN);
        key::verbatim(&mut foreign, &self.text);
        let mut lookups = vec![Lookup::Key(foreign)];
        match &self.target {
            Target::Local { resource_type, id } => {
                let mut prefix = start(parameter, tag::LOCAL);
                key::local_target(&mut prefix, resource_type, id);
                lookups.push(Lookup::Range { range: KeyRange::prefix(&prefix), check: false });
            }
            Target::Id(id) => lookups.push(Lookup::AnyType(id.clone())),
            Target::Text => {
                for (connection, resource_type, id) in self.below(context) {
                    let mut key = start(parameter, tag::LOCAL);
                    key::local_reference(&mut key, resource_type, id, connection);
                    lookups.push(Lookup::Key(key));
                }
            }
        }
        lookups
    }

    /// What the address is at the connections whose base it lies below.
    fn below<'s>(
        &'s self,
        context: &'s Context<'_>,
    ) -> impl Iterator<Item = (u32, &'s str, &'s str)> {
        context.bases.iter().filter_map(|(connection, base)| {
            let path = self.text.strip_prefix(base.as_str())?.strip_prefix('/')?;
            let (resource_type, id) = relative(path)?;
            Some((*connection, resource_type, id))
        })
    }

    pub(super) fn test(&self, tag: u8, payload: &[u8], context: &Context<'_>) -> bool {
        match key::decode(tag, payload) {
            Some(key::Value::Foreign(text)) => text == key::cut(&self.text),
            Some(key::Value::Local { resource_type, id, connection }) => match &self.target {
                Target::Local { resource_type: own_type, id: own_id } => {
                    *own_type == resource_type && *own_id == id
                }
                Target::Id(own) => *own == id,
                Target::Text => {
                    self.below(context).any(|below| below == (connection, &*resource_type, &*id))
                }
            },
            _ => false,
        }
    }
}

fn is_id(text: &str) -> bool {
    !text.contains([':', '/', '?', '#', '|'])
}

/// Type and id of `Type/id` and `Type/id/_history/version`.
fn relative(text: &str) -> Option<(&str, &str)> {
    let (resource_type, rest) = text.split_once('/')?;
    let id = match rest.split_once('/') {
        Some((id, version)) if version.starts_with("_history/") => id,
        Some(_) => return None,
        None => rest,
    };
    let named = resource_type.starts_with(|c: char| c.is_ascii_uppercase())
        && resource_type.bytes().all(|b| b.is_ascii_alphanumeric());
    (named && !id.is_empty() && is_id(id)).then_some((resource_type, id))
}
