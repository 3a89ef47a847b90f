//! Cancelling a call from another thread.

use std::sync::Arc;

/// Ends a long call early: the call answers `Cancelled`, and what it finished before is kept.
#[derive(Debug, Default, uniffi::Object)]
pub struct CancelToken(chartkeep::CancelToken);

#[uniffi::export]
impl CancelToken {
    /// A token that is not cancelled.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Cancels every call that holds this token, for good.
    pub fn cancel(&self) -> Result<(), crate::ChartkeepError> {
        self.0.cancel();
        Ok(())
    }
}

impl CancelToken {
    pub(crate) fn of(token: Option<Arc<Self>>) -> chartkeep::CancelToken {
        token.map_or_else(chartkeep::CancelToken::new, |token| token.0.clone())
    }
}
