//! The state of a vault in numbers.

use std::fmt;

use super::Vault;
use crate::Error;
use crate::seal::Opened;
use crate::storage::rows;
use crate::storage::tables::QUARANTINE;

/// The state of a vault. Counts are of distinct current (connection, type, id).
#[derive(Clone, PartialEq, Eq)]
pub struct VaultInfo {
    /// 32 hex digits.
    pub vault_id: String,
    /// Current resources.
    pub resources: u64,
    /// Current resources by type, in the order of type names.
    pub by_type: Vec<(String, u64)>,
    /// Bytes of the current versions' bodies.
    pub bytes_raw: u64,
    /// Bytes of the file.
    pub bytes_file: u64,
    /// Versions in all, current and older.
    pub versions: u64,
    /// Things kept apart with a reason.
    pub quarantined: u64,
    /// Current resources without an id of their own.
    pub without_id: u64,
    /// Connections, local sources included.
    pub connections: u32,
    /// Format of the file, `major.minor`.
    pub format: String,
    /// The commit counter, for an anchor.
    pub counter: u64,
    /// The zone in which zone-less times are read.
    pub zone: String,
    /// How the file was opened.
    pub opened: Opened,
    /// Rows that no segment of the file holds yet.
    pub recent_rows: u32,
    /// Index segments in the file.
    pub segments: u32,
}

impl fmt::Debug for VaultInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultInfo")
            .field("resources", &self.resources)
            .field("bytes_file", &self.bytes_file)
            .field("format", &self.format)
            .field("opened", &self.opened)
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// The state now. Reads the records of all rows.
    ///
    /// # Errors
    /// [`Error::Locked`], or damage.
    pub fn info(&self) -> Result<VaultInfo, Error> {
        let snapshot = self.snapshot()?;
        snapshot.read_with(|state| {
            let (mut bytes_raw, mut without_id) = (0, 0);
            let mut count = |row, record: &rows::RowRecord| {
                if state.is_current(row) {
                    bytes_raw += u64::from(record.length);
                    without_id += u64::from(record.flags & rows::WITHOUT_ID);
                }
            };
            for chunk in rows::chunks(&state.tables)? {
                let chunk = chunk?;
                (chunk.first..).zip(&chunk.records).for_each(|(row, r)| count(row, r));
            }
            for recent in &state.recent.commits {
                let commit = &recent.commit;
                (commit.first..).zip(&commit.records).for_each(|(row, r)| count(row, r));
            }
            let by_type = state.index.types()?;
            let db = &self.0.db;
            Ok(VaultInfo {
                vault_id: db.vault_id(),
                resources: by_type.iter().map(|(_, n)| n).sum(),
                by_type,
                bytes_raw,
                bytes_file: db.file_len()?,
                versions: u64::from(state.next_row()),
                quarantined: state.tables.len(QUARANTINE)?,
                without_id,
                connections: u32::try_from(state.connections.len()).unwrap_or(u32::MAX),
                format: db.format(),
                counter: db.counter(),
                zone: state.zone.to_string(),
                opened: db.opened(),
                recent_rows: u32::try_from(state.recent.len()).unwrap_or(u32::MAX),
                segments: u32::try_from(state.segments.len()).unwrap_or(u32::MAX),
            })
        })
    }
}
