//! What the commands with a network share: the runtime, the browser, and an end by Ctrl-C.

use std::future::Future;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::failure::{Failure, Stop};
use crate::interrupt::Cancellable;

const LOOK: Duration = Duration::from_millis(50);

/// Runs `work` to its end, or until Ctrl-C.
pub(crate) fn run<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| Failure::bug())?;
    let cancel = Cancellable::begin();
    runtime.block_on(async {
        tokio::select! {
            result = work => result,
            () = cancelled(&cancel) => Err(chartkeep::Error::Cancelled.into()),
        }
    })
}

async fn cancelled(cancel: &Cancellable) {
    while !cancel.is_cancelled() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Opens the system's browser, if there is one; the address is on stdout for a person anyway.
pub(crate) fn open_browser(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = || Stdio::null();
    let _ = Command::new(program).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
}
