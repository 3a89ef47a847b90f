//! What crosses the border by value. Generated code prints records field by field, so each exports
//! texts of its own that show the type and counts only.

use crate::error::{count, size};

/// Gives a record the redacted texts: its name, and the named counts.
macro_rules! redacted {
    ($record:ident $(, $name:literal = $count:expr)*) => {
        impl std::fmt::Display for $record {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($record))?;
                $({
                    let counted: fn(&Self) -> usize = $count;
                    write!(f, " {}={}", $name, counted(self))?;
                })*
                Ok(())
            }
        }
        impl std::fmt::Debug for $record {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}

/// Identity of a resource: the same type and id at two connections are two resources.
#[derive(Clone, PartialEq, Eq, Hash, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct ResourceId {
    /// Name of the connection.
    pub connection: String,
    /// FHIR type.
    pub resource_type: String,
    /// Logical id, or the local one of a resource that came without.
    pub id: String,
}
redacted!(ResourceId);

/// One version of a resource.
#[derive(Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct StoredResource {
    /// Identity.
    pub id: ResourceId,
    /// The exact text that was received.
    pub json: String,
    /// When it was received, in milliseconds since 1970.
    pub received_ms: i64,
    /// 1 is the first version that the vault saw.
    pub version: u32,
}
redacted!(StoredResource, "bytes" = |resource| resource.json.len());

/// One line of a list; a screen needs no JSON for it.
#[derive(Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct ResourceRow {
    /// Identity.
    pub id: ResourceId,
    /// What a person calls it.
    pub title: String,
    /// The FHIR date that matters most, as written.
    pub date: Option<String>,
    /// The FHIR status, as written.
    pub status: Option<String>,
}
redacted!(ResourceRow);

/// One page of a search.
#[derive(Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct SearchPage {
    /// The matches of this page.
    pub rows: Vec<ResourceRow>,
    /// All matches, exact.
    pub total: u32,
    /// The query of the next page.
    pub next: Option<String>,
}
redacted!(SearchPage, "rows" = |page| page.rows.len());

/// A stretch of text around a match.
#[derive(Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct SnippetPart {
    /// The text.
    pub text: String,
    /// Whether it is one of the words that were asked for.
    pub matched: bool,
}
redacted!(SnippetPart);

/// One hit of a text search.
#[derive(Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct FindHit {
    /// The resource.
    pub row: ResourceRow,
    /// Higher is better; comparable within one call only.
    pub score: f32,
    /// The words around the match.
    pub snippet: Vec<SnippetPart>,
}
redacted!(FindHit, "parts" = |hit| hit.snippet.len());

/// One page of a text search.
#[derive(Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct FindPage {
    /// The best hits first.
    pub hits: Vec<FindHit>,
    /// All hits, exact.
    pub total: u32,
    /// Cursor of the next page.
    pub next: Option<String>,
}
redacted!(FindPage, "hits" = |page| page.hits.len());

/// What an import did.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct ImportReport {
    /// Resources that were not there before.
    pub added: u32,
    /// Resources with new content.
    pub changed: u32,
    /// Resources whose content was there already.
    pub same: u32,
    /// Kept, but not part of the record.
    pub quarantined: u32,
    /// Came without an id and got a local one.
    pub without_id: u32,
}
redacted!(ImportReport, "added" = |report| report.added as usize);

/// The state of a vault.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct VaultInfo {
    /// Identity of the vault, 32 hex digits.
    pub vault_id: String,
    /// Version of the file format.
    pub format: String,
    /// The zone in which times without one are read.
    pub zone: String,
    /// Current resources.
    pub resources: u32,
    /// All versions of them.
    pub versions: u32,
    /// Kept, but not part of the record.
    pub quarantined: u32,
    /// Current resources with a local id.
    pub without_id: u32,
    /// Connections.
    pub connections: u32,
    /// Bytes of the current resources.
    pub bytes_raw: i64,
    /// Bytes of the file.
    pub bytes_file: i64,
}
redacted!(VaultInfo, "resources" = |info| info.resources as usize);

impl StoredResource {
    pub(crate) fn of(connection: String, resource: &chartkeep::StoredResource) -> Self {
        Self {
            id: ResourceId::of(connection, resource.id()),
            json: resource.json().to_owned(),
            received_ms: resource.received(),
            version: resource.version(),
        }
    }
}

impl ResourceId {
    fn of(connection: String, id: &chartkeep::ResourceId) -> Self {
        Self { connection, resource_type: id.resource_type.clone(), id: id.id.clone() }
    }
}

impl From<chartkeep::ResourceRow> for ResourceRow {
    fn from(row: chartkeep::ResourceRow) -> Self {
        let id = ResourceId::of(row.connection, &row.id);
        Self { id, title: row.title, date: row.date, status: row.status }
    }
}

impl From<chartkeep::SearchPage> for SearchPage {
    fn from(page: chartkeep::SearchPage) -> Self {
        let rows = page.rows.into_iter().map(ResourceRow::from).collect();
        Self { rows, total: count(page.total), next: page.next }
    }
}

impl From<chartkeep::FindHit> for FindHit {
    fn from(hit: chartkeep::FindHit) -> Self {
        let part =
            |part: chartkeep::SnippetPart| SnippetPart { text: part.text, matched: part.matched };
        let snippet = hit.snippet.into_iter().map(part).collect();
        Self { row: hit.row.into(), score: hit.score, snippet }
    }
}

impl From<chartkeep::FindPage> for FindPage {
    fn from(page: chartkeep::FindPage) -> Self {
        let hits = page.hits.into_iter().map(FindHit::from).collect();
        Self { hits, total: count(page.total), next: page.next }
    }
}

impl From<chartkeep::ImportReport> for ImportReport {
    fn from(report: chartkeep::ImportReport) -> Self {
        Self {
            added: count(report.new),
            changed: count(report.changed),
            same: count(report.same),
            quarantined: count(report.quarantined),
            without_id: count(report.without_id),
        }
    }
}

impl From<chartkeep::VaultInfo> for VaultInfo {
    fn from(info: chartkeep::VaultInfo) -> Self {
        Self {
            vault_id: info.vault_id,
            format: info.format,
            zone: info.zone,
            resources: count(info.resources),
            versions: count(info.versions),
            quarantined: count(info.quarantined),
            without_id: count(info.without_id),
            connections: info.connections,
            bytes_raw: size(info.bytes_raw),
            bytes_file: size(info.bytes_file),
        }
    }
}
