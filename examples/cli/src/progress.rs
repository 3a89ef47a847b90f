//! The progress bar: on a terminal only, and only once something has taken a second.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ui::Ui;

const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// What the bar counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    Bytes,
    Steps,
}

/// A bar that shows itself late, or never.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    enabled: bool,
}

impl Progress {
    /// `total` is None where the end is not known.
    pub(crate) fn new(ui: &Ui, unit: Unit, total: Option<u64>) -> Self {
        let bar = ProgressBar::hidden();
        let filled = if ui.color_err { "{bar:24.cyan/dim}" } else { "{bar:24}" };
        let template = match (unit, total) {
            (Unit::Bytes, Some(_)) => {
                format!("{filled} {{bytes}}/{{total_bytes}} {{eta}} left {{wide_msg}}")
            }
            (Unit::Bytes, None) => "{spinner} {bytes} {elapsed} {wide_msg}".to_owned(),
            (Unit::Steps, _) => format!("{filled} {{percent}} % {{eta}} left {{wide_msg}}"),
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        if let Some(total) = total {
            bar.set_length(total);
        }
        Self { bar, started: Instant::now(), enabled: ui.bar }
    }

    /// Moves the bar, which appears once the work has lasted a second.
    pub(crate) fn set(&self, position: u64, message: impl FnOnce() -> String) {
        if !self.enabled || self.started.elapsed() < PATIENCE {
            return;
        }
        self.bar.set_position(position);
        self.bar.set_message(message());
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(TICK);
        }
    }

    pub(crate) fn set_total(&self, total: u64) {
        self.bar.set_length(total);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Counts what is read, as it lies in the file and not as it unpacks.
#[derive(Debug)]
pub(crate) struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Counted<R> {
    pub(crate) fn new(inner: R, bytes: Arc<AtomicU64>) -> Self {
        Self { inner, bytes }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
