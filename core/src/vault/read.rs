//! Reads by identity and by row.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock, PoisonError};

use super::Vault;
use super::item::local_id;
use super::resource::{ResourceId, ResourceRow, StoredResource};
use super::snapshot::Snapshot;
use super::state::State;
use crate::Error;
use crate::fhir::{self, Node, Tape};
use crate::source::ConnectionId;
use crate::storage::rows::{self, NO_ROW, Row, RowRecord};
use crate::text::Texts;

/// Rows that a moment keeps ready for lists.
const KEPT_ROWS: usize = 512;
/// Longer resources are not kept.
const KEPT_BYTES: usize = 8 << 10;

const DAMAGED: Error = Error::Inconsistent("bodies");

/// Type and id of a stored body.
pub(super) fn identity_of(root: Node<'_>, record: &RowRecord) -> Result<(String, String), Error> {
    let resource_type = root.get("resourceType").and_then(|t| t.str()).ok_or(DAMAGED)?;
    let id = if record.flags & rows::WITHOUT_ID == 0 {
        root.get("id").and_then(|i| i.str()).ok_or(DAMAGED)?
    } else {
        Cow::Owned(local_id(&record.hash))
    };
    Ok((resource_type.into_owned(), id.into_owned()))
}

impl State {
    pub(super) fn resource(&self, row: Row) -> Result<StoredResource, Error> {
        if let Some(kept) = self.kept(row) {
            return Ok(kept.resource.clone());
        }
        let record = self.record(row)?;
        let body = self.body(row)?;
        let tape = Tape::parse(&body).map_err(|_| DAMAGED)?;
        let (resource_type, id) = identity_of(tape.root(), &record)?;
        drop(tape);
        self.stored(
            row,
            &record,
            ResourceId::new(ConnectionId(record.connection), &resource_type, &id),
            body,
        )
    }

    fn stored(
        &self,
        row: Row,
        record: &RowRecord,
        id: ResourceId,
        body: Vec<u8>,
    ) -> Result<StoredResource, Error> {
        let text = String::from_utf8(body).map_err(|_| DAMAGED)?;
        let (current, gone) = (self.is_current(row), self.gone.contains(row));
        Ok(StoredResource::new(id, text, record.received, record.version, current, gone))
    }

    /// A resource with what a list shows of it. Lists are asked again and again, so rows of modest size are
    /// kept.
    pub(super) fn listed(&self, row: Row) -> Result<Arc<Listed>, Error> {
        if let Some(kept) = self.kept(row) {
            return Ok(kept);
        }
        let found = Arc::new(self.list(row)?);
        if found.resource.bytes().len() <= KEPT_BYTES {
            let mut kept = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= KEPT_ROWS {
                kept.clear();
            }
            kept.insert(row, Arc::clone(&found));
        }
        Ok(found)
    }

    fn kept(&self, row: Row) -> Option<Arc<Listed>> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).get(&row).cloned()
    }

    fn list(&self, row: Row) -> Result<Listed, Error> {
        let record = self.record(row)?;
        let body = self.body(row)?;
        let tape = Tape::parse(&body).map_err(|_| DAMAGED)?;
        let (resource_type, id) = identity_of(tape.root(), &record)?;
        let summary = fhir::summary(tape.root());
        drop(tape);
        let id = ResourceId::new(ConnectionId(record.connection), &resource_type, &id);
        let connection = self.connections.iter().find(|c| c.id == id.connection);
        let listed = ResourceRow {
            id: id.clone(),
            title: summary.title,
            date: summary.date,
            status: summary.status,
            connection: connection.map(|c| c.name.clone()).unwrap_or_default(),
        };
        let resource = self.stored(row, &record, id, body)?;
        Ok(Listed { resource, row: listed, texts: OnceLock::new() })
    }
}

/// A resource as lists show it.
pub(super) struct Listed {
    pub(super) resource: StoredResource,
    pub(super) row: ResourceRow,
    texts: OnceLock<Texts>,
}

impl Listed {
    /// Its texts, taken when first asked for.
    pub(super) fn texts(&self) -> Result<&Texts, Error> {
        if let Some(texts) = self.texts.get() {
            return Ok(texts);
        }
        let tape = Tape::parse(self.resource.bytes()).map_err(|_| DAMAGED)?;
        let texts = Texts::of(tape.root());
        Ok(self.texts.get_or_init(|| texts))
    }
}

impl Snapshot {
    /// The current version of a resource.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn read(&self, id: &ResourceId) -> Result<Option<StoredResource>, Error> {
        self.read_with(|state| {
            let row = state.current(id.connection.0, &id.resource_type, &id.id)?;
            row.map(|row| state.resource(row)).transpose()
        })
    }

    /// Every version of a resource, oldest first; the current one is last.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn versions(&self, id: &ResourceId) -> Result<Vec<StoredResource>, Error> {
        self.read_with(|state| {
            let mut versions = Vec::new();
            let mut at = state.current(id.connection.0, &id.resource_type, &id.id)?;
            while let Some(row) = at {
                versions.push(state.resource(row)?);
                let previous = state.record(row)?.previous;
                // Versions point backwards; anything else would not end.
                at = (previous != NO_ROW && previous < row).then_some(previous);
            }
            versions.reverse();
            Ok(versions)
        })
    }

    /// Where a current resource of this type and id is, over all connections.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn locate(&self, resource_type: &str, id: &str) -> Result<Vec<ResourceId>, Error> {
        self.read_with(|state| {
            let mut found = Vec::new();
            for connection in state.connections.iter() {
                if state.current(connection.id.0, resource_type, id)?.is_some() {
                    found.push(ResourceId::new(connection.id, resource_type, id));
                }
            }
            Ok(found)
        })
    }
}

impl Vault {
    /// The current version of a resource.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn read(&self, id: &ResourceId) -> Result<Option<StoredResource>, Error> {
        self.snapshot()?.read(id)
    }

    /// Every version of a resource, oldest first; the current one is last.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn versions(&self, id: &ResourceId) -> Result<Vec<StoredResource>, Error> {
        self.snapshot()?.versions(id)
    }

    /// Where a current resource of this type and id is, over all connections.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn locate(&self, resource_type: &str, id: &str) -> Result<Vec<ResourceId>, Error> {
        self.snapshot()?.locate(resource_type, id)
    }
}
