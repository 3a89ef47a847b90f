//! A medium for the fault and power-cut suites: remembers every change, fails on demand.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::medium::{Medium, MemoryMedium};

/// One change, in the order it was issued.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Write { offset: u64, data: Vec<u8> },
    SetLen(u64),
    Sync,
}

/// Which calls fail. Calls that change or sync are counted from 1 by [`RecordingMedium::arm`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) at: u64,
    /// The call and every later one.
    pub(crate) sticky: bool,
    pub(crate) kind: io::ErrorKind,
    /// A failing write leaves its first half behind.
    pub(crate) short: bool,
}

#[derive(Debug, Default)]
struct State {
    changes: Vec<Change>,
    fault: Option<Fault>,
    calls: u64,
    swallowed_syncs: u32,
}

/// Memory that records.
#[derive(Debug, Default)]
pub(crate) struct RecordingMedium {
    inner: MemoryMedium,
    state: Mutex<State>,
}

impl RecordingMedium {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { inner: MemoryMedium::new(bytes), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a process sees: everything written, durable or not.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.inner.bytes()
    }

    /// How many changes were issued so far.
    pub(crate) fn position(&self) -> usize {
        self.state().changes.len()
    }

    pub(crate) fn take_changes(&self) -> Vec<Change> {
        std::mem::take(&mut self.state().changes)
    }

    pub(crate) fn arm(&self, fault: Option<Fault>) {
        let mut state = self.state();
        state.fault = fault;
        state.calls = 0;
    }

    /// Changing calls since the last [`Self::arm`].
    pub(crate) fn calls(&self) -> u64 {
        self.state().calls
    }

    /// The next syncs answer without doing anything, as if the caller had forgotten them.
    pub(crate) fn swallow_syncs(&self, count: u32) {
        self.state().swallowed_syncs = count;
    }

    fn call(&self) -> Result<(), (io::Error, bool)> {
        let mut state = self.state();
        state.calls += 1;
        match state.fault {
            Some(fault) if fault.at == state.calls || (fault.sticky && state.calls > fault.at) => {
                Err((fault.kind.into(), fault.short))
            }
            _ => Ok(()),
        }
    }
}

impl Medium for RecordingMedium {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let (data, result) = match self.call() {
            Ok(()) => (data, Ok(())),
            Err((error, short)) => (&data[..if short { data.len() / 2 } else { 0 }], Err(error)),
        };
        if !data.is_empty() {
            self.inner.write(offset, data)?;
            self.state().changes.push(Change::Write { offset, data: data.to_vec() });
        }
        result
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.call().map_err(|(error, _)| error)?;
        self.inner.set_len(len)?;
        self.state().changes.push(Change::SetLen(len));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.call().map_err(|(error, _)| error)?;
        let mut state = self.state();
        match state.swallowed_syncs.checked_sub(1) {
            Some(left) => state.swallowed_syncs = left,
            None => state.changes.push(Change::Sync),
        }
        Ok(())
    }
}
