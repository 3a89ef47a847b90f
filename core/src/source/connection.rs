//! Connections: links to payers and providers, and local sources without a network.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{from_json, to_json};
use crate::Error;
use crate::storage::tables::{CONNECTIONS, key32};
use crate::storage::txn::{ReadTables, WriteTables};

/// Number of a connection inside one vault; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub(crate) u32);

impl ConnectionId {
    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// One registered link to one payer or provider, or a local source.
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its number.
    pub id: ConnectionId,
    /// The name the app gave it, unique in the vault.
    pub name: String,
    /// FHIR base URL without a slash at its end; `None` for a local source.
    pub base: Option<String>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("id", &self.id.0).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Record {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<String>,
    /// What the sync engine keeps of it; its own JSON, which the vault does not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<Box<RawValue>>,
}

/// Every connection, in order of creation.
pub(crate) fn list(tables: &ReadTables) -> Result<Vec<Connection>, Error> {
    let mut all = Vec::new();
    for stored in tables.from(CONNECTIONS, &[])? {
        let stored = stored?;
        let id = stored.key().try_into().map(u32::from_be_bytes);
        let id = id.map_err(|_| Error::Inconsistent("connections"))?;
        let record: Record = from_json(&stored)?;
        all.push(Connection { id: ConnectionId(id), name: record.name, base: record.base });
    }
    Ok(all)
}

pub(crate) fn by_name<'a>(all: &'a [Connection], name: &str) -> Option<&'a Connection> {
    all.iter().find(|c| c.name == name)
}

/// Makes a connection; the caller saw to it that the name is free.
pub(crate) fn create(
    tables: &WriteTables,
    all: &[Connection],
    name: &str,
    base: Option<&str>,
) -> Result<Connection, Error> {
    let expected = "a name of 1 to 200 characters without control characters";
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Error::Invalid { argument: "connection", expected });
    }
    let id = all.last().map_or(1, |c| c.id.0 + 1);
    let base = base.map(|b| b.trim_end_matches('/').to_owned());
    let record = Record { name: name.to_owned(), base: base.clone(), details: None };
    tables.put(CONNECTIONS, &key32(id), &to_json(&record)?)?;
    Ok(Connection { id: ConnectionId(id), name: record.name, base })
}

fn record(tables: &ReadTables, id: ConnectionId) -> Result<Record, Error> {
    from_json(&tables.get(CONNECTIONS, &key32(id.0))?.ok_or(Error::UnknownConnection)?)
}

/// What the sync engine keeps of a connection: JSON.
pub(crate) fn details(tables: &ReadTables, id: ConnectionId) -> Result<Option<String>, Error> {
    Ok(record(tables, id)?.details.map(|json| json.get().to_owned()))
}

/// `before`: the tables as they were.
pub(crate) fn put_details(
    tables: &WriteTables,
    before: &ReadTables,
    id: ConnectionId,
    json: &str,
) -> Result<(), Error> {
    let expected = "JSON";
    let details = RawValue::from_string(json.to_owned())
        .map_err(|_| Error::Invalid { argument: "details", expected })?;
    let record = Record { details: Some(details), ..record(before, id)? };
    tables.put(CONNECTIONS, &key32(id.0), &to_json(&record)?)
}
