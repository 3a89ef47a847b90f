//! Full text: words in, ranked resources out.

use std::fmt;

use super::Vault;
use super::resource::{ResourceRow, StoredResource};
use super::snapshot::Snapshot;
use super::state::State;
use crate::Error;
use crate::index::RowSet;
use crate::search::{self, Query, Scope};
use crate::text::{self, TextQuery};

pub use crate::text::SnippetPart;

/// A full-text question. Every word must occur, the last one also as the beginning of a word.
///
/// ```
/// # use chartkeep::{CancelToken, Find, Vault};
/// let vault = Vault::in_memory();
/// let here = vault.local_connection("here")?;
/// let order = br#"{"resourceType":"MedicationRequest","id":"m","status":"active","medicationCodeableConcept":{"text":"Albuterol inhaler"}}"#;
/// vault.import_bundle(here, &order[..], &CancelToken::new(), |_| {})?;
/// let page = vault.find(Find::new("inhal").within("MedicationRequest?status=active").limit(5))?;
/// assert_eq!(page.hits[0].row.title, "Albuterol inhaler");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct Find {
    text: String,
    within: Option<String>,
    limit: u32,
    after: Option<String>,
}

impl fmt::Debug for Find {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Find").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Find {
    /// Asks for `text`; 20 hits by default.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), within: None, limit: 20, after: None }
    }

    /// Only among the matches of this FHIR search.
    pub fn within(mut self, query: &str) -> Self {
        self.within = Some(query.to_owned());
        self
    }

    /// Hits of one page, at most 1,000.
    pub fn limit(mut self, hits: u32) -> Self {
        self.limit = hits;
        self
    }

    /// The page after this cursor, the `next` of the page before.
    pub fn after(mut self, cursor: &str) -> Self {
        self.after = Some(cursor.to_owned());
        self
    }
}

impl From<&str> for Find {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// One resource that was found.
#[derive(Clone)]
pub struct FindHit {
    /// What a list shows of it.
    pub row: ResourceRow,
    /// The resource itself.
    pub resource: StoredResource,
    /// BM25; comparable inside one answer.
    pub score: f32,
    /// A piece of its text, in parts.
    pub snippet: Vec<SnippetPart>,
}

impl fmt::Debug for FindHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FindHit").field("score", &self.score).finish_non_exhaustive()
    }
}

/// One page of a full-text answer.
#[derive(Debug, Clone)]
pub struct FindPage {
    /// Best first.
    pub hits: Vec<FindHit>,
    /// All resources found, on whatever page.
    pub total: u64,
    /// Cursor of the next page, if there is one.
    pub next: Option<String>,
}

impl Snapshot {
    /// Answers a full-text question, see [`Vault::find`].
    ///
    /// # Errors
    /// See [`Vault::find`].
    pub fn find(&self, find: impl Into<Find>) -> Result<FindPage, Error> {
        let find = find.into();
        if find.limit > 1_000 {
            return Err(Error::Invalid { argument: "limit", expected: "at most 1,000" });
        }
        self.read_with(|state| {
            let query = TextQuery::parse(&find.text)?;
            let within: Option<RowSet> = match &find.within {
                None => None,
                Some(filter) => {
                    let filter = Query::parse(filter, state.zone)?;
                    let bases = state.bases();
                    let scope = Scope { bases: &bases, ..Scope::default() };
                    Some(search::matches(&state.index, &filter, &scope, &self.inner.clock)?)
                }
            };
            let allowed = |row| {
                state.is_current(row) && within.as_ref().is_none_or(|rows| rows.contains(row))
            };
            let mut recent = Vec::with_capacity(state.recent.commits.len());
            for commit in &state.recent.commits {
                recent.push(commit.texts(|c| state.texts_of(c))?);
            }
            let limit = find.limit as usize;
            let after = find.after.as_deref();
            let found = text::find(&state.text, &recent, &query, &allowed, limit, after)?;
            let mut hits = Vec::with_capacity(found.hits.len());
            for hit in found.hits {
                hits.push(show(state, &query, hit)?);
            }
            Ok(FindPage { hits, total: u64::from(found.total), next: found.next })
        })
    }
}

fn show(state: &State, query: &TextQuery, hit: text::TextHit) -> Result<FindHit, Error> {
    let listed = state.listed(hit.row)?;
    let snippet = text::snippet(listed.texts()?, query);
    let (row, resource) = (listed.row.clone(), listed.resource.clone());
    Ok(FindHit { row, resource, score: hit.score, snippet })
}

impl Vault {
    /// Finds resources by the words of their narrative, code displays, names, notes and text attachments.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text without a word; [`Error::Query`] for a filter that is no search;
    /// [`Error::Locked`]; damage.
    pub fn find(&self, find: impl Into<Find>) -> Result<FindPage, Error> {
        self.snapshot()?.find(find)
    }
}
