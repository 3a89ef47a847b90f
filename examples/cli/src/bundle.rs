//! The searchset Bundle, written around the exact bytes of each resource.

use std::collections::HashMap;

use chartkeep::{ConnectionId, ResourceId, SearchPage, Vault};

use crate::json;

/// What a full URL begins with, per connection.
#[derive(Debug)]
pub(crate) struct Bases(HashMap<ConnectionId, String>);

impl Bases {
    pub(crate) fn of(vault: &Vault) -> Result<Self, chartkeep::Error> {
        let connections = vault.connections()?;
        Ok(Self(
            connections.into_iter().map(|c| (c.id, prefix(c.base.as_deref(), &c.name))).collect(),
        ))
    }

    fn full_url(&self, id: &ResourceId) -> String {
        match self.0.get(&id.connection) {
            Some(prefix) if prefix.ends_with('/') => {
                format!("{prefix}{}/{}", id.resource_type, id.id)
            }
            Some(prefix) => format!("{prefix}{}:{}", id.resource_type, id.id),
            None => format!("urn:chartkeep::{}:{}", id.resource_type, id.id),
        }
    }
}

fn prefix(base: Option<&str>, name: &str) -> String {
    match base {
        Some(base) => format!("{}/", base.trim_end_matches('/')),
        None => format!("urn:chartkeep:{}:", percent_encoded(name)),
    }
}

/// A name as one part of a URN: `:` and whatever no URI may hold is percent-encoded.
fn percent_encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The Bundle on one line of its own; with `one_line` its resources hold no line breaks either.
pub(crate) fn searchset(query: &str, page: &SearchPage, bases: &Bases, one_line: bool) -> Vec<u8> {
    let size: usize = page.resources.iter().map(|resource| resource.bytes().len() + 256).sum();
    let mut out = Vec::with_capacity(size + 512);
    let mut text = format!(
        "{{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":{},\"link\":[{}",
        page.total,
        link("self", query)
    );
    if let Some(next) = &page.next {
        text.push(',');
        text.push_str(&link("next", next));
    }
    text.push(']');
    out.extend_from_slice(text.as_bytes());
    for (i, (row, resource)) in page.rows.iter().zip(&page.resources).enumerate() {
        out.extend_from_slice(if i == 0 { b",\"entry\":[" } else { b"," });
        let url = json::string(&bases.full_url(&row.id));
        out.extend_from_slice(format!("{{\"fullUrl\":{url},\"resource\":").as_bytes());
        if one_line {
            out.extend_from_slice(&json::one_line(resource.bytes()));
        } else {
            out.extend_from_slice(resource.bytes());
        }
        out.extend_from_slice(b",\"search\":{\"mode\":\"match\"}}");
    }
    if !page.resources.is_empty() {
        out.push(b']');
    }
    out.extend_from_slice(b"}\n");
    out
}

fn link(relation: &str, url: &str) -> String {
    format!("{{\"relation\":\"{relation}\",\"url\":{}}}", json::string(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        assert_eq!(prefix(Some("https://a.example/r4/"), "x"), "https://a.example/r4/");
        assert_eq!(prefix(None, "import"), "urn:chartkeep:import:");
        assert_eq!(prefix(None, "a b:ü"), "urn:chartkeep:a%20b%3A%C3%BC:");
    }
}
