//! Values that follow the vault: read once, and again after changes, and told only where they differ.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use super::{ChangeFeed, Snapshot, Vault};
use crate::Error;

/// Shortest time between two values: a screen shows no more, and a sync commits more often.
const SPACING: Duration = Duration::from_millis(100);
/// Longest wait of one look at the feed.
const LONG: Duration = Duration::from_secs(3_600);

/// A value that is read from a snapshot, and again whenever the vault changed. As an iterator it waits for
/// the next value, and ends when the vault is locked.
///
/// ```
/// use std::time::Duration;
/// use chartkeep::Vault;
///
/// let vault = Vault::in_memory();
/// let here = vault.local_connection("here")?;
/// let mut patients = vault.live(|now| Ok(now.search("Patient")?.total));
/// assert_eq!(patients.next_within(Duration::ZERO)?, Some(0));
/// vault.write(here, |txn| txn.put(br#"{"resourceType":"Patient","id":"p"}"#))?;
/// assert_eq!(patients.next_within(Duration::from_secs(5))?, Some(1));
/// // Something else changed: the value is the same, and is not told again.
/// vault.write(here, |txn| txn.put(br#"{"resourceType":"Device","id":"d"}"#))?;
/// assert_eq!(patients.next_within(Duration::from_millis(200))?, None);
/// # Ok::<(), chartkeep::Error>(())
/// ```
pub struct Live<T, F> {
    vault: Vault,
    read: F,
    feed: Option<ChangeFeed>,
    /// Something changed since the value was read.
    due: bool,
    last: Option<(T, Instant)>,
}

impl<T, F> fmt::Debug for Live<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

impl<T: PartialEq + Clone, F: FnMut(&Snapshot) -> Result<T, Error>> Live<T, F> {
    /// The next value, if there is one within `timeout`: the first at once, every later one only when it
    /// differs from the one before, at most ten a second. A suspended vault has none.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the reading itself, after which it is tried again at the next call.
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<T>, Error> {
        let until = Instant::now() + timeout;
        loop {
            if !self.due {
                let feed = match &mut self.feed {
                    Some(feed) => feed,
                    // Begun before the first reading, so that no change falls between the two.
                    none => none.insert(self.vault.feed_while_suspended()?),
                };
                let left = until.saturating_duration_since(Instant::now());
                self.due = self.last.is_none() || feed.next(left)?.is_some();
                if !self.due {
                    return Ok(None);
                }
            }
            if let Some((_, told)) = &self.last {
                let now = Instant::now();
                let next = *told + SPACING;
                if next > until && next > now {
                    thread::sleep(until.saturating_duration_since(now));
                    return Ok(None);
                }
                thread::sleep(next.saturating_duration_since(now));
            }
            // What came while it waited is in the snapshot.
            if let Some(feed) = &mut self.feed {
                feed.next(Duration::ZERO)?;
            }
            match self.vault.snapshot().and_then(|now| (self.read)(&now)) {
                Ok(value) => {
                    self.due = false;
                    let before = self.last.as_ref().map(|(value, _)| value);
                    let differs = before != Some(&value);
                    let told = if differs { Instant::now() } else { self.told() };
                    self.last = Some((value.clone(), told));
                    if differs {
                        return Ok(Some(value));
                    }
                }
                Err(Error::Suspended) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if !self.vault.wait_for_resume(left)? {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn told(&self) -> Instant {
        self.last.as_ref().map_or_else(Instant::now, |(_, told)| *told)
    }
}

impl<T: PartialEq + Clone, F: FnMut(&Snapshot) -> Result<T, Error>> Iterator for Live<T, F> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_within(LONG) {
                Ok(None) => {}
                Ok(Some(value)) => return Some(Ok(value)),
                Err(Error::Locked) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl Vault {
    /// A value that follows the vault: what `read` makes of a snapshot, now and after changes.
    pub fn live<T, F>(&self, read: F) -> Live<T, F>
    where
        T: PartialEq + Clone,
        F: FnMut(&Snapshot) -> Result<T, Error>,
    {
        Live { vault: self.clone(), read, feed: None, due: false, last: None }
    }
}
