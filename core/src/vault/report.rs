//! What long operations tell while they run and when they are done. Counts and states only.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Error;

/// Cancels a long operation from another thread. Clones share the state.
///
/// ```
/// let cancel = chartkeep::CancelToken::new();
/// cancel.clone().cancel();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the operation to stop at its next safe point.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether `cancel` was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// What an import or a write did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Resources seen for the first time.
    pub new: u64,
    /// Resources whose content differs from what was current.
    pub changed: u64,
    /// Resources whose content the vault had already.
    pub same: u64,
    /// Things kept apart with a reason.
    pub quarantined: u64,
    /// Resources without an id of their own, also counted above.
    pub without_id: u64,
}

impl ImportReport {
    /// Adds the counts of another report.
    pub fn add(&mut self, other: &Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.same += other.same;
        self.quarantined += other.quarantined;
        self.without_id += other.without_id;
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportProgress {
    /// Resources read so far.
    pub resources: u64,
    /// Decompressed bytes read so far.
    pub bytes: u64,
}

/// An import that broke off. What came before the fault is kept and counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    /// Why.
    pub error: Error,
    /// What was kept.
    pub report: ImportReport,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for ImportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// How far a long operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
}

/// Something that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable, dotted.
    pub code: &'static str,
    /// One sentence, without content.
    pub text: String,
}

/// What a full check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// Blocks whose tag was verified.
    pub blocks: u64,
    /// Current resources that were read and compared with the index.
    pub resources: u64,
    /// Empty when the vault is whole.
    pub problems: Vec<Problem>,
}

/// What compaction did to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompactReport {
    /// File length before, in bytes.
    pub bytes_before: u64,
    /// File length after, in bytes.
    pub bytes_after: u64,
}
