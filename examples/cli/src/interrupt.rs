//! Ctrl-C and SIGTERM. A long operation is cancelled and ends in order; the second signal, or one
//! at any other time, ends the program at once, always with an exit code.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;

use chartkeep::CancelToken;

static TOKEN: OnceLock<CancelToken> = OnceLock::new();
/// Somebody looks at the token.
static WATCHED: AtomicBool = AtomicBool::new(false);
#[cfg(unix)]
static TERMINAL: Mutex<Option<rustix::termios::Termios>> = Mutex::new(None);

/// Marks a stretch of work that looks at the token; ends with the value.
#[derive(Debug)]
pub(crate) struct Cancellable(CancelToken);

impl Cancellable {
    pub(crate) fn begin() -> Self {
        WATCHED.store(true, Ordering::SeqCst);
        Self(TOKEN.get_or_init(CancelToken::new).clone())
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    pub(crate) fn token(&self) -> &CancelToken {
        &self.0
    }
}

impl Drop for Cancellable {
    fn drop(&mut self) {
        WATCHED.store(false, Ordering::SeqCst);
    }
}

/// Starts listening. Without it the system's defaults stay in place.
#[cfg(unix)]
pub(crate) fn listen() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else {
        return;
    };
    let wait = move || {
        for _ in &mut signals {
            // The second signal finds nothing watched.
            if WATCHED.swap(false, Ordering::SeqCst) {
                TOKEN.get_or_init(CancelToken::new).cancel();
            } else {
                restore_terminal();
                std::process::exit(i32::from(crate::failure::FAILED));
            }
        }
    };
    let _ = thread::Builder::new().name("signals".to_owned()).spawn(wait);
}

#[cfg(not(unix))]
pub(crate) fn listen() {}

/// Runs a prompt that hides what is typed, so that a signal meanwhile shows the typing again.
pub(crate) fn hiding_input<T>(prompt: impl FnOnce() -> T) -> T {
    #[cfg(unix)]
    if let Ok(mut kept) = TERMINAL.lock() {
        *kept = rustix::termios::tcgetattr(rustix::stdio::stderr()).ok();
    }
    let answer = prompt();
    #[cfg(unix)]
    if let Ok(mut kept) = TERMINAL.lock() {
        *kept = None;
    }
    answer
}

#[cfg(unix)]
fn restore_terminal() {
    let kept = TERMINAL.lock().ok().and_then(|mut kept| kept.take());
    if let Some(settings) = kept {
        let now = rustix::termios::OptionalActions::Now;
        let _ = rustix::termios::tcsetattr(rustix::stdio::stderr(), now, &settings);
    }
}
