//! `chartkeep`, the command line. One command is one file under `command`; the rules that scripts
//! rely on (exit codes, one JSON value, nothing that leaks) live in `failure`, `ui` and here.
#![forbid(unsafe_code)]

mod advice;
mod args;
mod bundle;
mod command;
mod failure;
mod harden;
mod interrupt;
mod json;
mod network;
mod progress;
mod rows;
mod style;
mod ui;
mod unlock;
mod usage;

use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use crate::failure::{Failure, Stop};
use crate::ui::Ui;

fn main() -> ExitCode {
    panic::set_hook(Box::new(failure::report_panic));
    harden::process();
    let words: Vec<OsString> = std::env::args_os().collect();
    let json = usage::wants_json(&words);
    panic::catch_unwind(AssertUnwindSafe(|| run(&words, json))).unwrap_or_else(|_| {
        // The hook has written to stderr.
        if json {
            ui::print_error_json(&Failure::bug());
        }
        ExitCode::from(1)
    })
}

fn run(words: &[OsString], json: bool) -> ExitCode {
    let cli = match usage::parse(words, json) {
        Ok(cli) => cli,
        Err(done) => return done,
    };
    let ui = Ui::new(&cli.globals);
    match command::run(&cli, &ui) {
        // A reader that went away has had what it wanted.
        Ok(()) | Err(Stop::BrokenPipe) => ExitCode::SUCCESS,
        Err(Stop::Reported(failure)) => {
            ui.print_error(&failure);
            ExitCode::from(failure.exit)
        }
        Err(Stop::Failed(failure)) => {
            ui.print_error(&failure);
            if json {
                ui::print_error_json(&failure);
            }
            ExitCode::from(failure.exit)
        }
    }
}
