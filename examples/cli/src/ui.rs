//! The two streams: results on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde::Serialize;

use crate::args::{Color, Globals};
use crate::failure::{ErrorJson, Failure, Stop};
use crate::style::{self, Style, paint};

/// How this run speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ui {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    /// Colour on stdout.
    pub(crate) color: bool,
    /// Colour on stderr.
    pub(crate) color_err: bool,
    /// A progress bar may be drawn on stderr.
    pub(crate) bar: bool,
    /// Columns of the terminal that stdout is, if it is one.
    pub(crate) columns: Option<u16>,
}

impl Ui {
    pub(crate) fn new(globals: &Globals) -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colored = |terminal: bool| match globals.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && !no_color,
        };
        let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        Self {
            json: globals.json,
            quiet: globals.quiet,
            verbose: globals.verbose > 0,
            color: colored(out) && !globals.json,
            color_err: colored(err),
            bar: err && !dumb && !globals.quiet,
            columns: if out { columns() } else { None },
        }
    }

    /// Before the options are known.
    pub(crate) fn plain() -> Self {
        Self {
            json: false,
            quiet: false,
            verbose: false,
            color: false,
            color_err: false,
            bar: false,
            columns: None,
        }
    }

    /// A result for people or, as the one JSON value, for scripts.
    pub(crate) fn answer<J: Serialize>(
        &self,
        json: &J,
        text: impl FnOnce() -> String,
    ) -> Result<(), Stop> {
        if self.json {
            let mut line = serde_json::to_vec(json).map_err(|_| Failure::bug())?;
            line.push(b'\n');
            write_stdout(&line)
        } else {
            write_stdout(text().as_bytes())
        }
    }

    /// Advice on stderr.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            print_stderr(&format!("{}\n", paint(self.color_err, Style::Dim, &text.to_string())));
        }
    }

    /// What `-v` asks for.
    pub(crate) fn detail(&self, text: impl Display) {
        if self.verbose {
            self.note(text);
        }
    }

    pub(crate) fn print_error(&self, failure: &Failure) {
        let label = format!("error[{}]:", failure.code);
        let mut text =
            format!("{} {}\n", paint(self.color_err, Style::Error, &label), failure.what);
        for line in &failure.details {
            text.push_str("  ");
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(&format!(
            "{} {}\n",
            paint(self.color_err, Style::Help, "help:"),
            failure.advice
        ));
        print_stderr(&text);
    }
}

/// An error before the options are known.
pub(crate) fn print_plain_error(failure: &Failure) {
    Ui::plain().print_error(failure);
}

/// Writes to stderr; a closed stderr is nobody's error.
pub(crate) fn print_stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[derive(Serialize)]
struct ErrorValue<'a> {
    error: ErrorJson<'a>,
}

/// `{"error":{…}}`, one line.
pub(crate) fn error_json(failure: &Failure) -> Vec<u8> {
    let value = ErrorValue { error: failure.json() };
    let mut line = serde_json::to_vec(&value).expect("strings and numbers have a JSON form");
    line.push(b'\n');
    line
}

/// The JSON error object on stdout, beside the text on stderr.
pub(crate) fn print_error_json(failure: &Failure) {
    let _ = write_stdout(&error_json(failure));
}

/// Writes a result.
pub(crate) fn write_stdout(bytes: &[u8]) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| stdout_failed(&error))
}

/// What a failed write to stdout means.
pub(crate) fn stdout_failed(error: &io::Error) -> Stop {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Stop::BrokenPipe;
    }
    Failure::io(Path::new("stdout"), error).into()
}

#[cfg(unix)]
fn columns() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col)
}

#[cfg(not(unix))]
fn columns() -> Option<u16> {
    None
}

/// A path that stands in a message.
pub(crate) fn shown(path: &Path) -> String {
    style::path(path)
}
