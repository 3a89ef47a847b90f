//! Makes the stored form as small as it gets: one segment, one part of text, and bodies that came before
//! the vault had a dictionary of its own compressed with it.

use super::Inner;
use super::report::{CancelToken, Progress};
use crate::Error;
use crate::storage::bodies::{self, Frame};
use crate::storage::rows::Row;

/// Stored values that one transaction rewrites.
const STEP: usize = 256;

impl Inner {
    pub(super) fn repack(
        &self,
        cancel: &CancelToken,
        progress: &mut impl FnMut(Progress),
    ) -> Result<(), Error> {
        let mut state = self.maintain()?;
        if !state.recent.commits.is_empty() {
            state = self.flush(&state)?;
        }
        state = self.merge_all(&state)?;
        let Some(newest) = state.dictionaries.newest().cloned() else { return Ok(()) };
        let total = u64::from(state.next_row());
        let mut from: Row = 0;
        loop {
            cancel.check()?;
            self.may_go_on()?;
            progress(Progress { done: u64::from(from), total });
            let values =
                bodies::values(&state.tables, from)?.take(STEP).collect::<Result<Vec<_>, _>>()?;
            let Some((last, _)) = values.last() else { return Ok(()) };
            from = last.saturating_add(1);
            let stale =
                |frames: &[Frame]| frames.iter().any(|f| !bodies::is_packed_with(f, newest.id));
            if !values.iter().any(|(_, frames)| stale(frames)) {
                continue;
            }
            let frames: Vec<Frame> = values.iter().flat_map(|(_, f)| f.iter().cloned()).collect();
            let packed = bodies::repack(&state.tables, &state.dictionaries, &newest, &frames)?;
            let tables = self.db.begin_write()?;
            for (first, _) in &values {
                bodies::remove(&tables, *first)?;
            }
            bodies::put(&tables, &packed)?;
            tables.commit()?;
            state = self.reassemble(&state, state.recent.clone())?;
        }
    }
}
