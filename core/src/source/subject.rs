//! The people whose data a connection brings, by their Patient id there.

use super::ConnectionId;
use crate::Error;
use crate::storage::tables::{SUBJECTS, key32, key32_with};
use crate::storage::txn::{ReadTables, WriteTables};

pub(crate) fn put(
    tables: &WriteTables,
    connection: ConnectionId,
    patient: &str,
) -> Result<(), Error> {
    // An object, so that later versions can say more of a subject.
    tables.put(SUBJECTS, &key32_with(connection.0, patient.as_bytes()), b"{}")
}

/// Patient ids, in their order.
pub(crate) fn list(tables: &ReadTables, connection: ConnectionId) -> Result<Vec<String>, Error> {
    let prefix = key32(connection.0);
    let mut all = Vec::new();
    for stored in tables.from(SUBJECTS, &prefix)? {
        let stored = stored?;
        let Some(patient) = stored.key().strip_prefix(&prefix) else { break };
        let patient = std::str::from_utf8(patient);
        all.push(patient.map_err(|_| Error::Inconsistent("subjects"))?.to_owned());
    }
    Ok(all)
}
