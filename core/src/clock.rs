//! Time as a parameter, so that tests and snapshots can fix it.
//! Only this module asks the system for the time.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where a vault reads the current time from.
///
/// ```
/// let clock = chartkeep::Clock::fixed(1_700_000_000_000);
/// assert_eq!(clock.now_ms(), 1_700_000_000_000);
/// ```
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Arc::new(system_now_ms))
    }

    /// A clock that always answers `unix_ms`, milliseconds since 1970-01-01T00:00:00Z.
    pub fn fixed(unix_ms: i64) -> Self {
        Self(Arc::new(move || unix_ms))
    }

    /// A clock that answers what `now` says, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn from_fn(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
fn system_now_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
