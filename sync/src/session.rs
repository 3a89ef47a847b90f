//! Access to a connection's server: the token that a request carries, and a new one when it ends.

use std::sync::Arc;

use chartkeep::{Connection, TokenKind, Vault};

use crate::details::Details;
use crate::error::SyncError;
use crate::http::{Access, Http};
use crate::origin::Base;
use crate::secret::Secret;

/// One connection, ready to be asked. Clones share it.
#[derive(Clone)]
pub(crate) struct Session(Arc<Inner>);

struct Inner {
    vault: Vault,
    connection: Connection,
    base: Base,
    http: Http,
}

impl Session {
    pub(crate) fn new(
        vault: &Vault,
        connection: Connection,
        http: &Http,
    ) -> Result<Self, SyncError> {
        let base = connection.base.as_deref().ok_or(SyncError::NotAServer)?;
        let base = Base::parse(base).map_err(SyncError::BaseUrl)?;
        let inner = Inner { vault: vault.clone(), connection, base, http: http.clone() };
        Ok(Self(Arc::new(inner)))
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.0.connection
    }

    pub(crate) fn base(&self) -> &Base {
        &self.0.base
    }

    pub(crate) fn http(&self) -> &Http {
        &self.0.http
    }

    pub(crate) fn details(&self) -> Result<Details, SyncError> {
        Details::load(self.vault(), self.connection().id)
    }

    /// What the next request carries.
    pub(crate) async fn access(&self) -> Result<Access, SyncError> {
        let (vault, id) = (self.vault(), self.connection().id);
        let text = |kind| -> Result<Option<Secret>, SyncError> {
            let bytes = vault.token(id, kind)?;
            Ok(bytes.and_then(|b| std::str::from_utf8(&b).map(Secret::new).ok()))
        };
        let needed = SyncError::NeedsAuthorization { connection: id.get() };
        let bearer = Some(text(TokenKind::Access)?.ok_or(needed)?);
        let api_key = self.details()?.api_key_header.zip(text(TokenKind::ApiKey)?);
        Ok(Access { base: self.base().clone(), bearer, api_key })
    }

    /// What the next request carries after the server answered 401 to one with `used`.
    pub(crate) async fn renewed(&self, used: &Access) -> Result<Access, SyncError> {
        let now = self.access().await?;
        match now.bearer == used.bearer {
            true => Err(SyncError::NeedsAuthorization { connection: self.connection().id.get() }),
            false => Ok(now),
        }
    }
}
