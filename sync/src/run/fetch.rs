//! Reads and searches straight at the server; nothing is stored unless the app says so.

use std::fmt;

use chartkeep::ImportReport;

use super::crawl::put;
use super::page::Page;
use crate::error::SyncError;
use crate::http::Answer;
use crate::session::Session;

const WITHIN: std::time::Duration = std::time::Duration::from_secs(120);

/// One answer of the server: a resource, or a page of a search.
pub struct Fetched {
    session: Session,
    page: Page,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetched").field("resources", &self.page.len()).finish_non_exhaustive()
    }
}

impl Fetched {
    /// The exact bytes of each resource.
    pub fn resources(&self) -> impl Iterator<Item = &[u8]> {
        self.page.resources()
    }

    /// The next page's address, as the server wrote it; give it to `fetch`.
    pub fn next(&self) -> Option<&str> {
        self.page.next.as_deref()
    }

    /// Stores the resources in the vault, in one commit; another person's are quarantined.
    ///
    /// # Errors
    /// Those of writing to the vault.
    pub fn keep(&self) -> Result<ImportReport, SyncError> {
        let vault = self.session.vault();
        let connection = self.session.connection().id;
        let patients = vault.subjects(connection)?;
        vault.write(connection, |txn| {
            for bytes in self.page.resources() {
                put(txn, bytes, &patients, self.session.base())?;
            }
            Ok(txn.report())
        })
    }
}

/// Asks for `Type/id`, `Type?query` or a page's `next`.
pub(crate) async fn fetch(session: &Session, path: &str) -> Result<Fetched, SyncError> {
    let url = session.base().accept(path).map_err(|_| crate::http::HttpFault::Foreign)?;
    let access = session.access().await?;
    let ask = |access| async move {
        session.http().get(&access, &url, "application/fhir+json", WITHIN).await
    };
    let mut answer: Answer = ask.clone()(access.clone()).await?;
    if answer.status == 401 {
        answer = ask(session.renewed(&access).await?).await?;
    }
    match answer.status {
        200..=299 => {}
        401 => return Err(session.needs_authorization()),
        status => return Err(SyncError::Status { status }),
    }
    let page = Page::read(answer.body).map_err(|_| crate::http::HttpFault::Broken)?;
    Ok(Fetched { session: session.clone(), page })
}
