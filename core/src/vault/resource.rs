//! Resources as an app meets them: identity, exact bytes, and the row that a list shows.

use std::fmt;
use std::sync::Arc;

use crate::source::ConnectionId;

/// Identity of a resource: connection, type, id. It prints its type only, for ids can name a person.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId {
    /// The connection it came from.
    pub connection: ConnectionId,
    /// FHIR resource type.
    pub resource_type: String,
    /// The id as its source wrote it; `x-` and 32 hex digits where it has none.
    pub id: String,
}

impl ResourceId {
    /// An identity; nothing is looked up.
    pub fn new(connection: ConnectionId, resource_type: &str, id: &str) -> Self {
        Self { connection, resource_type: resource_type.to_owned(), id: id.to_owned() }
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceId").field("connection", &self.connection.0).finish_non_exhaustive()
    }
}

struct Stored {
    id: ResourceId,
    text: String,
    received: i64,
    version: u32,
    is_current: bool,
    is_gone: bool,
}

/// One version of a resource, byte for byte as it was received. Cheap to clone.
#[derive(Clone)]
pub struct StoredResource(Arc<Stored>);

impl StoredResource {
    pub(super) fn new(
        id: ResourceId,
        text: String,
        received: i64,
        version: u32,
        is_current: bool,
        is_gone: bool,
    ) -> Self {
        Self(Arc::new(Stored { id, text, received, version, is_current, is_gone }))
    }

    /// Its identity.
    pub fn id(&self) -> &ResourceId {
        &self.0.id
    }

    /// The exact bytes first received with this content.
    pub fn bytes(&self) -> &[u8] {
        self.0.text.as_bytes()
    }

    /// The same bytes as text: JSON.
    pub fn json(&self) -> &str {
        &self.0.text
    }

    /// When it was received, in Unix milliseconds.
    pub fn received(&self) -> i64 {
        self.0.received
    }

    /// 1 for the first version this vault saw.
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// Whether this is what the resource is now.
    pub fn is_current(&self) -> bool {
        self.0.is_current
    }

    /// Whether it is no longer at its source, as far as syncs told.
    pub fn is_gone(&self) -> bool {
        self.0.is_gone
    }
}

impl fmt::Debug for StoredResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredResource")
            .field("bytes", &self.0.text.len())
            .field("version", &self.0.version)
            .finish_non_exhaustive()
    }
}

/// What a list shows of a resource.
#[derive(Clone, PartialEq, Eq)]
pub struct ResourceRow {
    /// Its identity.
    pub id: ResourceId,
    /// The best label its JSON has.
    pub title: String,
    /// The date that matters for its type, as written.
    pub date: Option<String>,
    /// Its status code.
    pub status: Option<String>,
    /// Name of the connection it came from.
    pub connection: String,
}

impl fmt::Debug for ResourceRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceRow").finish_non_exhaustive()
    }
}
