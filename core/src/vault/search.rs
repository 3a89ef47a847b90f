//! FHIR search over a moment of the vault.

use std::fmt;

use super::Vault;
use super::resource::{ResourceRow, StoredResource};
use super::snapshot::Snapshot;
use crate::Error;
use crate::search::{self, Query, Scope};

/// One page of a search.
#[derive(Clone)]
pub struct SearchPage {
    /// What a list shows of each match, in the order of the search.
    pub rows: Vec<ResourceRow>,
    /// The matches themselves, side by side with `rows`.
    pub resources: Vec<StoredResource>,
    /// All matches, on whatever page.
    pub total: u64,
    /// The search for the next page, if there is one: pass it to [`Vault::search`].
    pub next: Option<String>,
}

impl fmt::Debug for SearchPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchPage")
            .field("rows", &self.rows.len())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Answers a search, see [`Vault::search`].
    ///
    /// # Errors
    /// See [`Vault::search`].
    pub fn search(&self, query: &str) -> Result<SearchPage, Error> {
        self.read_with(|state| {
            let parsed = Query::parse(query, state.zone)?;
            let bases = state.bases();
            let scope = Scope { bases: &bases, ..Scope::default() };
            let hits = search::run(&state.index, &parsed, &scope, &self.inner.clock)?;
            let mut rows = Vec::with_capacity(hits.rows.len());
            let mut resources = Vec::with_capacity(hits.rows.len());
            for row in hits.rows {
                let listed = state.listed(row)?;
                rows.push(listed.row.clone());
                resources.push(listed.resource.clone());
            }
            Ok(SearchPage { rows, resources, total: hits.total, next: hits.next })
        })
    }
}

impl Vault {
    /// Answers a FHIR search in URL form, `Type?name=value&…`, over current resources. `total` is always
    /// exact. `docs/search.md` lists what is supported; anything else is refused by name, never ignored.
    ///
    /// # Errors
    /// [`Error::Query`] names the parameter; [`Error::Locked`]; damage.
    ///
    /// ```
    /// # use chartkeep::{CancelToken, Vault};
    /// let vault = Vault::in_memory();
    /// let lab = vault.local_connection("lab")?;
    /// let ndjson = br#"{"resourceType":"Observation","id":"1","status":"final","effectiveDateTime":"2024-05-01"}
    /// {"resourceType":"Observation","id":"2","status":"final","effectiveDateTime":"2023-05-01"}"#;
    /// vault.import_bundle(lab, &ndjson[..], &CancelToken::new(), |_| {})?;
    /// let page = vault.search("Observation?date=ge2024&_sort=-date")?;
    /// assert_eq!((page.total, page.rows[0].id.id.as_str()), (1, "1"));
    /// assert_eq!(vault.search("Observation?colour=red").unwrap_err().code(), "search.unknown_parameter");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search(&self, query: &str) -> Result<SearchPage, Error> {
        self.snapshot()?.search(query)
    }
}
