//! What the vault keeps of a connection's syncs between runs, as JSON under the names of streams. A cycle
//! is one pass over everything; it may take several runs.

use std::collections::{BTreeMap, BTreeSet};

use chartkeep::{ConnectionId, Error, Vault, WriteTxn};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Prefix of what each page of a full cycle held.
const SEEN: &str = "seen/";

/// One pass over everything that the server has of the person.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Cycle {
    pub(crate) number: u64,
    /// Unix milliseconds, by the server's clock where it tells.
    pub(crate) began: i64,
    pub(crate) open: bool,
    /// Only what changed since then is asked for.
    pub(crate) since: Option<String>,
    /// Searches, one per type, in place of `$everything`.
    pub(crate) searches: Option<Vec<(String, String)>>,
    /// Something was refused or cut: what is absent may still be there.
    pub(crate) cut: bool,
    /// Resources received so far.
    pub(crate) received: u64,
    /// When the last cycle that came to its end began.
    pub(crate) complete: Option<i64>,
    /// The same of the last one that asked for everything.
    pub(crate) full: Option<i64>,
    /// Whether the server minds `_since`; not known before it was tried.
    pub(crate) since_works: Option<bool>,
}

/// Where a stream is.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    pub(crate) cycle: u64,
    /// The link to the next page, as the server wrote it.
    pub(crate) next: Option<String>,
    pub(crate) done: bool,
    pub(crate) pages: u32,
    pub(crate) empty: u32,
    pub(crate) restarts: u32,
}

/// Paths that were not there, until when they are not asked for again (Unix milliseconds).
pub(crate) type Absent = BTreeMap<String, i64>;

pub(crate) const CYCLE: &str = "cycle";
pub(crate) const ABSENT: &str = "crawl";
/// Paths that the last full cycle brought.
pub(crate) const PRESENT: &str = "present";
/// Paths that full cycles did not bring any more, and since when.
pub(crate) const MISSING: &str = "missing";

pub(crate) fn load<T: DeserializeOwned + Default>(
    vault: &Vault,
    connection: ConnectionId,
    name: &str,
) -> Result<T, Error> {
    // One of an older or newer version that does not fit is begun anew; no record hangs on it.
    let text = vault.cursor(connection, name)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

pub(crate) fn store(txn: &mut WriteTxn<'_>, name: &str, value: &impl Serialize) {
    if let Ok(text) = serde_json::to_string(value) {
        txn.set_cursor(name, &text);
    }
}

impl Cycle {
    pub(crate) fn is_full(&self) -> bool {
        self.since.is_none()
    }

    /// Where the stream is in this cycle.
    pub(crate) fn place(
        &self,
        vault: &Vault,
        connection: ConnectionId,
        stream: &str,
    ) -> Result<Place, Error> {
        let place: Place = load(vault, connection, &name(stream))?;
        Ok(match place.cycle == self.number {
            true => place,
            false => self.start(),
        })
    }

    /// The beginning of a stream.
    pub(crate) fn start(&self) -> Place {
        Place { cycle: self.number, ..Place::default() }
    }
}

pub(crate) fn store_place(txn: &mut WriteTxn<'_>, stream: &str, place: &Place) {
    store(txn, &name(stream), place);
}

fn name(stream: &str) -> String {
    format!("stream/{stream}")
}

/// Keeps which resources a page of a full cycle held.
pub(crate) fn store_seen(txn: &mut WriteTxn<'_>, stream: &str, page: u32, paths: &[String]) {
    if !paths.is_empty() {
        txn.set_cursor(&format!("{SEEN}{stream}/{page:06}"), &paths.join("\n"));
    }
}

/// All that the pages of the cycle held, and under which names that is kept.
pub(crate) fn seen(
    vault: &Vault,
    connection: ConnectionId,
) -> Result<(BTreeSet<String>, Vec<String>), Error> {
    let (mut paths, mut names) = (BTreeSet::new(), Vec::new());
    for (name, text) in vault.cursors(connection)? {
        if name.starts_with(SEEN) {
            paths.extend(text.lines().map(str::to_owned));
            names.push(name);
        }
    }
    Ok((paths, names))
}
