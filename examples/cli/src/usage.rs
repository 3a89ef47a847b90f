//! Parsing, and what is said about a wrong command line. The words that were typed are not
//! repeated: one of them may be a query value.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use crate::args::{Cli, FORMAT};
use crate::failure::{Failure, Stop};
use crate::ui::{self, Ui};

/// Whether JSON was asked for, also where the rest of the line is wrong.
pub(crate) fn wants_json(words: &[OsString]) -> bool {
    words.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json")
}

/// The parsed line, or the exit code when nothing is left to do.
pub(crate) fn parse(words: &[OsString], json: bool) -> Result<Cli, ExitCode> {
    let failure = match Cli::try_parse_from(words) {
        Ok(cli) => match conflict(&cli) {
            None => return Ok(cli),
            Some(failure) => failure,
        },
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return Err(show(&error, json)),
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !json => {
                ui::print_stderr(&format!("{}\n", error.render().to_string().trim_end()));
                return Err(ExitCode::from(crate::failure::USAGE));
            }
            _ => describe(&error),
        },
    };
    ui::print_plain_error(&failure);
    if json {
        ui::print_error_json(&failure);
    }
    Err(ExitCode::from(failure.exit))
}

/// Rules between options that may stand on both sides of the command.
fn conflict(cli: &Cli) -> Option<Failure> {
    let both = cli.globals.key_file.is_some() && cli.globals.passphrase_file.is_some();
    both.then(|| {
        let what = "--key-file and --passphrase-file exclude each other";
        Failure::usage("usage.conflict", what, "--key-file")
    })
}

fn show(error: &clap::Error, json: bool) -> ExitCode {
    let text = if json && error.kind() == ErrorKind::DisplayVersion {
        let version = env!("CARGO_PKG_VERSION");
        format!("{{\"name\":\"chartkeep\",\"version\":\"{version}\",\"format\":\"{FORMAT}\"}}\n")
    } else {
        format!("{}\n", error.render().to_string().trim_end())
    };
    match ui::write_stdout(text.as_bytes()) {
        Ok(()) | Err(Stop::BrokenPipe) => ExitCode::SUCCESS,
        Err(Stop::Failed(failure) | Stop::Reported(failure)) => {
            Ui::plain().print_error(&failure);
            ExitCode::from(failure.exit)
        }
    }
}

fn describe(error: &clap::Error) -> Failure {
    let argument = named(error, ContextKind::InvalidArg);
    let similar = |kind| match named(error, kind) {
        name if name.is_empty() => String::new(),
        name => format!("; did you mean {name}?"),
    };
    let (code, what) = match error.kind() {
        ErrorKind::UnknownArgument if argument.is_empty() => {
            ("usage.unknown_argument", "there is one argument too many".to_owned())
        }
        ErrorKind::UnknownArgument => {
            let similar = similar(ContextKind::SuggestedArg);
            ("usage.unknown_argument", format!("there is no option {argument}{similar}"))
        }
        ErrorKind::InvalidSubcommand => {
            let similar = similar(ContextKind::SuggestedSubcommand);
            ("usage.unknown_command", format!("there is no such command{similar}"))
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ("usage.missing", "a command is missing".to_owned())
        }
        ErrorKind::MissingRequiredArgument => {
            ("usage.missing", format!("an argument is missing: {argument}"))
        }
        ErrorKind::ArgumentConflict => {
            ("usage.conflict", format!("{argument} excludes another argument, or stands twice"))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let valid = match named(error, ContextKind::ValidValue) {
                names if names.is_empty() => String::new(),
                names => format!("; it takes {names}"),
            };
            ("usage.invalid_value", format!("the value of {argument} is missing or wrong{valid}"))
        }
        ErrorKind::InvalidUtf8 => ("usage.invalid_value", "an argument is not UTF-8".to_owned()),
        _ => ("usage.invalid", format!("the command line is wrong near {argument}")),
    };
    Failure::usage(code, what, &argument)
}

/// The names clap knows for a context; a word that only the caller knows is left out.
fn named(error: &clap::Error, kind: ContextKind) -> String {
    let names: Vec<&str> = match error.get(kind) {
        Some(ContextValue::String(name)) => vec![name],
        Some(ContextValue::Strings(names)) => names.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let unknown = error.kind() == ErrorKind::UnknownArgument && kind == ContextKind::InvalidArg;
    let names =
        names.into_iter().filter_map(|name| if unknown { option_name(name) } else { Some(name) });
    names.collect::<Vec<_>>().join(", ")
}

/// `--name` of `--name=value`; nothing for any other word.
fn option_name(word: &str) -> Option<&str> {
    let name = word.split('=').next()?;
    let letters = name.strip_prefix("--")?;
    let plain = |c: char| c.is_ascii_lowercase() || c == '-';
    (!letters.is_empty() && letters.len() <= 32 && letters.chars().all(plain)).then_some(name)
}

/// The definitions, for completions and man pages.
pub(crate) fn definitions() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(line: &[&str]) -> Failure {
        let error = Cli::try_parse_from(line).expect_err("a wrong line");
        describe(&error)
    }

    #[test]
    fn words_of_the_caller_are_not_repeated() {
        let lines: [&[&str]; 6] = [
            &["chartkeep", "canary"],
            &["chartkeep", "info", "canary"],
            &["chartkeep", "find", "x", "--limit", "canary"],
            &["chartkeep", "search", "--canary=canary", "x"],
            &["chartkeep", "search", "-canary"],
            &["chartkeep", "info", "--color", "canary"],
        ];
        for line in lines {
            let failure = failure(line);
            let shown = format!("{} {} {:?}", failure.what, failure.advice, failure.argument);
            assert!(!shown.replace("--canary", "").contains("canary"), "{line:?}: {shown}");
            assert_eq!(failure.exit, 2);
        }
    }

    #[test]
    fn near_misses_are_named() {
        assert!(failure(&["chartkeep", "serach", "x"]).what.contains("search"));
        assert!(failure(&["chartkeep", "info", "--jsn"]).what.contains("--json"));
        assert!(failure(&["chartkeep", "show"]).what.contains("TYPE/ID"));
    }
}
