//! The vault: the type an app opens. Blocking; one writer, any number of readers that never wait for it.

mod ahead;
mod batch;
mod binary;
mod check;
mod commit;
mod compact;
mod derive;
mod export;
mod feed;
mod find;
mod import;
mod info;
mod intake;
mod item;
mod live;
mod maintain;
mod options;
mod quarantined;
mod read;
mod rebuild;
mod recent;
mod repack;
mod report;
mod resource;
#[cfg(feature = "sample")]
mod sample;
mod search;
mod snapshot;
mod source;
mod state;
mod suspend;
#[cfg(test)]
mod tests;
mod texts;
mod write;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};

pub use binary::BinaryContent;
pub use feed::{ChangeFeed, ChangeKind, ChangePage, ChangeSet, ResourceChange};
pub use find::{Find, FindHit, FindPage, SnippetPart};
pub use info::VaultInfo;
pub use live::Live;
pub use options::{VaultOptions, VaultState};
pub use quarantined::Quarantined;
pub use report::{
    CancelToken, CheckReport, CompactReport, ImportError, ImportProgress, ImportReport,
};
pub use report::{Problem, Progress};
pub use resource::{ResourceId, ResourceRow, StoredResource};
pub use search::SearchPage;
pub use snapshot::Snapshot;
pub use write::WriteTxn;

pub use crate::storage::quarantine::QuarantineReason;

use state::State;

use crate::clock::Clock;
use crate::fhir::Zone;
use crate::index::{Extractor, INDEX_VERSION, Numbers};
use crate::seal::{Event, Unlock};
use crate::storage::db::Db;
use crate::storage::meta;
use crate::text::TEXT_VERSION;
use crate::{Error, OpenError};

/// One sealed file with one person's or one family's record. Clones share the open file; it is closed when
/// the last clone goes, or by [`Vault::lock`].
///
/// ```
/// use chartkeep::{CancelToken, ResourceId, Vault};
///
/// let vault = Vault::in_memory();
/// let hospital = vault.local_connection("hospital")?;
/// let patient = r#"{"resourceType":"Patient","id":"p","name":[{"family":"Rivera"}]}"#;
/// let report = vault.import_bundle(hospital, patient.as_bytes(), &CancelToken::new(), |_| {})?;
/// assert_eq!(report.new, 1);
///
/// let page = vault.search("Patient?family=riv")?;
/// assert_eq!((page.total, page.rows[0].title.as_str()), (1, "Rivera"));
/// let stored = vault.read(&ResourceId::new(hospital, "Patient", "p"))?.expect("imported above");
/// assert_eq!(stored.bytes(), patient.as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Vault(Arc<Inner>);

/// What all clones of a vault share.
struct Inner {
    db: Db,
    /// `None` once the vault is locked, and while it is suspended.
    state: RwLock<Option<Arc<State>>>,
    suspended: AtomicBool,
    /// Suspensions so far: a snapshot from before one can't be read any more.
    suspensions: AtomicU64,
    /// Somebody wants to suspend the vault: long operations stop at their next safe point.
    stopping: AtomicBool,
    /// Held by whoever writes or maintains.
    writer: Mutex<()>,
    /// Number of the newest change, and the bell that rings when it grows or the vault is locked.
    bell: (Mutex<u64>, Condvar),
    numbers: Arc<Numbers>,
    extractor: Extractor,
    clock: Clock,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

impl Inner {
    /// Loads the newest moment; builds the indexes again if they are of another version.
    fn start(db: Db, clock: Clock, schema: u32) -> Result<Self, Error> {
        let started = Self::load(&db, schema);
        let (state, numbers, zone, stale) = started.map_err(|e| db.refine(e))?;
        let newest = state.changes;
        let inner = Self {
            db,
            state: RwLock::new(Some(Arc::new(state))),
            suspended: AtomicBool::new(false),
            suspensions: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            writer: Mutex::new(()),
            bell: (Mutex::new(newest), Condvar::new()),
            extractor: Extractor::new(zone, Arc::clone(&numbers) as Arc<_>),
            numbers,
            clock,
        };
        if stale {
            let state = inner.state()?;
            inner.refine(inner.rebuild(&state))?;
        }
        Ok(inner)
    }

    fn load(db: &Db, schema: u32) -> Result<(State, Arc<Numbers>, Zone, bool), Error> {
        let tables = db.begin_read()?;
        let found = meta::number(&tables, "schema")?.ok_or(Error::Inconsistent("meta"))?;
        if found > schema {
            return Err(OpenError::NewerFormat { found, known: schema }.into());
        }
        let kept = meta::bytes(&tables, "parameters")?.ok_or(Error::Inconsistent("meta"))?;
        let (numbers, stale) = Numbers::decode(&kept)?;
        let numbers = Arc::new(numbers);
        let other = meta::number(&tables, "index")? != Some(INDEX_VERSION)
            || meta::number(&tables, "text")? != Some(TEXT_VERSION);
        let (state, damaged) = match State::load(tables, &numbers, None) {
            Ok(state) => (state, false),
            // Derived data: without it the record is whole, and it is made again.
            Err(Error::Inconsistent("index" | "text index")) => {
                (State::load_without_indexes(db.begin_read()?, &numbers)?, true)
            }
            Err(error) => return Err(error),
        };
        let zone = state.zone;
        Ok((state, numbers, zone, stale || other || damaged))
    }

    /// The newest moment.
    fn state(&self) -> Result<Arc<State>, Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.clone().ok_or_else(|| self.closed())
    }

    fn is_suspended(&self) -> bool {
        self.suspended.load(Ordering::Acquire)
    }

    /// Why there is no moment.
    fn closed(&self) -> Error {
        if self.is_suspended() { Error::Suspended } else { Error::Locked }
    }

    /// The newest moment of a file that was opened again, which may have been written meanwhile.
    fn load_again(&self) -> Result<(), Error> {
        let (state, _, _, stale) = Self::load(&self.db, options::SCHEMA)?;
        self.suspensions.fetch_add(1, Ordering::AcqRel);
        let state = Arc::new(state);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&state));
        self.suspended.store(false, Ordering::Release);
        if stale {
            self.refine(self.rebuild(&state))?;
        }
        *self.bell.0.lock().unwrap_or_else(PoisonError::into_inner) = self.state()?.changes;
        self.bell.1.notify_all();
        Ok(())
    }

    /// Makes `next` the newest moment and wakes the feeds.
    fn publish(&self, next: State) -> Arc<State> {
        let next = Arc::new(next);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // A vault locked in the meantime stays locked; the commit is durable all the same.
        if state.is_some() {
            *state = Some(Arc::clone(&next));
        }
        drop(state);
        *self.bell.0.lock().unwrap_or_else(PoisonError::into_inner) = next.changes;
        self.bell.1.notify_all();
        next
    }

    fn writer(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says of an error what the seal knows better: which block was damaged.
    fn refine<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|e| match self.db.refine(e) {
            Error::Locked => self.closed(),
            other => other,
        })
    }

    /// The end of a write. When the disk failed, redb answers nothing more; the file is opened anew at
    /// its last commit, so that reads go on.
    fn written<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        let result = self.refine(result);
        if let Err(Error::NoSpace | Error::Io(_) | Error::NoRandomness) = result {
            self.reopen();
        }
        result
    }

    fn reopen(&self) {
        let mut slot = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if slot.take().is_some() {
            let opened = self.db.reopen(&self.clock);
            let next =
                opened.and_then(|()| State::load(self.db.begin_read()?, &self.numbers, None));
            // Where even that fails the vault is locked, and the app opens it again.
            *slot = next.ok().map(Arc::new);
        }
    }

    /// The lock of whoever writes. After a failure of the disk the file is tried again first.
    fn begin(&self) -> MutexGuard<'_, ()> {
        let writer = self.writer();
        if self.db.is_degraded() {
            self.reopen();
        }
        writer
    }
}

impl Vault {
    /// Options, for what the plain calls do not offer.
    pub fn options() -> VaultOptions {
        VaultOptions::default()
    }

    /// Opens the vault at `path`.
    ///
    /// # Errors
    /// See [`OpenError`]; whatever it is, the record stays as it was.
    pub fn open(path: impl AsRef<Path>, unlock: Unlock) -> Result<Self, OpenError> {
        Self::options().open(path, unlock)
    }

    /// Creates a vault at `path`, where nothing may lie yet. On return the file and its folder entry are
    /// durable.
    ///
    /// # Errors
    /// [`OpenError::AlreadyExists`], also for a symbolic link; [`OpenError::Io`] where the folder is missing.
    pub fn create(path: impl AsRef<Path>, unlock: Unlock) -> Result<Self, OpenError> {
        Self::options().create(path, unlock)
    }

    /// Opens the vault at `path`, or creates one if nothing lies there. A damaged or foreign file is never
    /// replaced.
    ///
    /// # Errors
    /// Those of [`Vault::open`] and [`Vault::create`].
    pub fn open_or_create(path: impl AsRef<Path>, unlock: Unlock) -> Result<Self, OpenError> {
        Self::options().open_or_create(path, unlock)
    }

    /// A vault in memory, sealed and laid out like a file, gone with its last clone. For tests and previews.
    ///
    /// # Panics
    /// When the system has no random numbers.
    pub fn in_memory() -> Self {
        Self::options().in_memory().expect("memory and random numbers are there")
    }

    /// Whether the vault can be read and written.
    pub fn state(&self) -> VaultState {
        match self.0.state() {
            Err(Error::Suspended) => VaultState::Suspended,
            Err(_) => VaultState::Locked,
            Ok(_) if self.0.db.is_read_only() => VaultState::ReadOnly,
            Ok(_) => VaultState::Open,
        }
    }

    /// Closes the file and forgets the keys. Every later call of every clone answers [`Error::Locked`], also
    /// on snapshots; waiting feeds end.
    pub fn lock(&self) {
        let _writer = self.0.writer();
        *self.0.state.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.suspended.store(false, Ordering::Release);
        self.0.db.close();
        self.0.bell.1.notify_all();
    }

    /// Where the vault reads the time from.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What opening found out of the ordinary, and mended.
    pub fn events(&self) -> Vec<Event> {
        self.0.db.events()
    }
}
