//! Puts a change of the text index's files into a write transaction.

use super::state::State;
use crate::Error;
use crate::storage::txn::WriteTables;
use crate::storage::{files, meta};
use crate::text::TextDelta;

pub(super) fn store(tables: &WriteTables, state: &State, delta: TextDelta) -> Result<(), Error> {
    let mut id = meta::number(&state.tables, "next_file")?.unwrap_or(1);
    for name in &delta.deleted {
        files::remove(tables, &state.files, name)?;
    }
    for (name, bytes) in &delta.written {
        files::put(tables, &state.files, id, name, bytes)?;
        id += 1;
    }
    Ok(())
}
