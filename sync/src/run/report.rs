//! What a run is asked for, tells while it runs, and ends with.

use chartkeep::NeededAction;

/// What a run may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunBudget {
    /// Seconds; the run ends within three more.
    pub seconds: Option<u64>,
    /// Bytes received.
    pub bytes: Option<u64>,
}

impl RunBudget {
    /// Until everything is there.
    pub fn foreground() -> Self {
        Self::default()
    }

    /// A window in the background: 20 seconds, 10 MB.
    pub fn background() -> Self {
        Self { seconds: Some(20), bytes: Some(10_000_000) }
    }
}

/// How to sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncOptions {
    /// What the run may use up.
    pub budget: RunBudget,
    /// Ask for everything, not only for what changed.
    pub full: bool,
    /// Read the documents too that the record refers to (Binary), after everything else.
    pub attachments: bool,
}

impl Default for SyncOptions {
    /// Until everything is there, documents too; only what changed, where the server can tell.
    fn default() -> Self {
        Self { budget: RunBudget::default(), full: false, attachments: true }
    }
}

/// What a run is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Stage {
    /// Asking the server what it offers.
    #[default]
    Starting,
    /// The person's own resources.
    Record,
    /// What those refer to.
    References,
    /// Documents.
    Attachments,
    /// What was not there this time.
    Reconciling,
    /// At the end.
    Done,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SyncProgress {
    /// What it is at.
    pub stage: Stage,
    /// Resources received.
    pub done: u64,
    /// How many there will be, where the server says so.
    pub expected: Option<u64>,
    /// Resources that are new to the vault.
    pub new: u64,
    /// Resources with other content than before.
    pub changed: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Resources received in a second, since the run began.
    pub per_second: f64,
    /// From 0 to 1, where it can be known.
    pub fraction: Option<f64>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verdict {
    /// Everything that may be read is in the vault.
    Complete,
    /// The budget is spent, or the app cancelled; the next run goes on there.
    Paused,
    /// Something was refused or left out; the report says what.
    Partial,
    /// It can't go on; see what it needs.
    Blocked,
}

impl Verdict {
    /// In lower case, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Paused => "paused",
            Self::Partial => "partial",
            Self::Blocked => "blocked",
        }
    }
}

/// Something that the server did not give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A resource type or an operation, never an id.
    pub what: String,
    /// Stable and dotted.
    pub code: &'static str,
    /// One English sentence.
    pub advice: &'static str,
}

/// What a run brought, in resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// New to the vault.
    pub new: u64,
    /// Other content than before.
    pub changed: u64,
    /// The same as before.
    pub same: u64,
    /// Marked as no longer at their source.
    pub gone: u64,
}

/// How a run ended, and what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct RunReport {
    /// The short of it.
    pub verdict: Verdict,
    /// Why it is not complete: stable and dotted; empty when it is.
    pub reason: &'static str,
    /// Requests that were really sent.
    pub requests: u64,
    /// What came.
    pub counts: Counts,
    /// Kept apart: another person's, or no resource.
    pub quarantined: u64,
    /// What the server did not give.
    pub refused: Vec<Refusal>,
    /// What the app does next, where it must.
    pub needs: Option<NeededAction>,
    /// When the server wants to be asked again, in Unix milliseconds.
    pub resume_after: Option<i64>,
}
