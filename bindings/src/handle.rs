//! The open vault.

use std::sync::Arc;

use chartkeep::{Error, Find, Vault};

use crate::records::{FindPage, ImportReport, ResourceId, SearchPage, StoredResource, VaultInfo};
use crate::{CancelToken, ChartkeepError, Unlock};

type Result<T> = std::result::Result<T, ChartkeepError>;

/// An open vault. Every call may block; any thread may call.
#[derive(uniffi::Object)]
pub struct VaultHandle(Vault);

#[uniffi::export]
impl VaultHandle {
    /// Opens the vault at a path.
    #[uniffi::constructor]
    pub fn open(path: String, unlock: Arc<Unlock>) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(Vault::open(path, unlock.to_core())?)))
    }

    /// Creates a vault where nothing lies yet.
    #[uniffi::constructor]
    pub fn create(path: String, unlock: Arc<Unlock>) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(Vault::create(path, unlock.to_core())?)))
    }

    /// Opens the vault at a path, or creates it where nothing lies.
    #[uniffi::constructor]
    pub fn open_or_create(path: String, unlock: Arc<Unlock>) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(Vault::open_or_create(path, unlock.to_core())?)))
    }

    /// A vault in memory, for tests and previews.
    #[uniffi::constructor]
    pub fn in_memory() -> Result<Arc<Self>> {
        Ok(Arc::new(Self(Vault::in_memory())))
    }

    /// Takes in a Bundle, NDJSON or one resource, plain, gz or zst, under a local connection that
    /// is made where there is none of the name. The same content again changes nothing.
    #[uniffi::method(default(cancel = None))]
    pub fn import_bundle(
        &self,
        connection: String,
        bytes: &[u8],
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<ImportReport> {
        let connection = self.0.local_connection(&connection)?;
        let report = self.0.import_bundle(connection, bytes, &CancelToken::of(cancel), |_| {})?;
        Ok(report.into())
    }

    /// The current version of a resource, or nothing.
    pub fn read(&self, id: ResourceId) -> Result<Option<StoredResource>> {
        let found = self.0.connection(&id.connection)?.ok_or(Error::UnknownConnection)?;
        let wanted = chartkeep::ResourceId::new(found.id, &id.resource_type, &id.id);
        let resource = self.0.read(&wanted)?;
        Ok(resource.map(|resource| StoredResource::of(id.connection, &resource)))
    }

    /// A FHIR search in URL form, `Observation?code=http://loinc.org|4548-4&_count=20`.
    pub fn search(&self, query: String) -> Result<SearchPage> {
        Ok(self.0.search(&query)?.into())
    }

    /// Full text; the last word may be a beginning. `within` is a search that narrows the hits.
    #[uniffi::method(default(within = None, limit = 20, after = None))]
    pub fn find(
        &self,
        text: String,
        within: Option<String>,
        limit: u32,
        after: Option<String>,
    ) -> Result<FindPage> {
        let mut find = Find::new(&text).limit(limit);
        if let Some(query) = within {
            find = find.within(&query);
        }
        if let Some(cursor) = after {
            find = find.after(&cursor);
        }
        Ok(self.0.find(find)?.into())
    }

    /// The state of the vault.
    pub fn info(&self) -> Result<VaultInfo> {
        Ok(self.0.info()?.into())
    }

    /// Forgets the keys; every later call answers `NeedsUnlock`.
    pub fn lock(&self) -> Result<()> {
        self.0.lock();
        Ok(())
    }
}

impl std::fmt::Debug for VaultHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VaultHandle")
    }
}
