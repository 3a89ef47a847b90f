//! What a command ends with when it does not end well. Texts here go to stderr and into JSON, so
//! they hold names of files, options and parameters only, never values of a query or of the record.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::path::Path;

use chartkeep::NeededAction;
use serde::Serialize;

use crate::{advice, style};

/// The command could not do it.
pub(crate) const FAILED: u8 = 1;
/// Wrong use of the command line.
pub(crate) const USAGE: u8 = 2;
/// Partly done.
pub(crate) const PARTLY: u8 = 3;

/// How a command stops before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// To be told on stderr, and as a JSON error object where JSON was asked for.
    Failed(Box<Failure>),
    /// The command's JSON value is on stdout already and holds the error.
    Reported(Box<Failure>),
    /// Nobody reads stdout any more.
    BrokenPipe,
}

/// One error: `error[CODE]: what`, then `help: advice`.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) action: &'static str,
    pub(crate) what: String,
    /// Further lines, at most six.
    pub(crate) details: Vec<String>,
    pub(crate) advice: String,
    pub(crate) argument: Option<String>,
    pub(crate) position: Option<u64>,
    pub(crate) exit: u8,
}

/// The JSON form of a [`Failure`].
#[derive(Debug, Serialize)]
pub(crate) struct ErrorJson<'a> {
    code: &'a str,
    action: &'a str,
    advice: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
}

impl Failure {
    fn new(code: &'static str, action: &NeededAction, what: String, exit: u8) -> Self {
        let (argument, position) = match action {
            NeededAction::InvalidCall { argument, position, .. } => {
                (Some(style::clean(argument).into_owned()), *position)
            }
            _ => (None, None),
        };
        Self {
            code,
            action: action.name(),
            what: style::clean(&what).into_owned(),
            details: Vec::new(),
            advice: style::clean(&advice::of(code, action)).into_owned(),
            argument,
            position,
            exit,
        }
    }

    /// The command line itself is wrong.
    pub(crate) fn usage(code: &'static str, what: impl Into<String>, argument: &str) -> Self {
        Self {
            code,
            action: "InvalidCall",
            what: what.into(),
            details: Vec::new(),
            advice: "`chartkeep --help` and `chartkeep COMMAND --help` show the options".to_owned(),
            argument: (!argument.is_empty()).then(|| argument.to_owned()),
            position: None,
            exit: USAGE,
        }
    }

    /// Something is wrong with a file or a name that an argument gave.
    pub(crate) fn argument(code: &'static str, what: impl Into<String>, argument: &str) -> Self {
        let action = NeededAction::InvalidCall {
            argument: argument.to_owned(),
            position: None,
            expected: String::new(),
        };
        Self::new(code, &action, what.into(), FAILED)
    }

    /// The file system refused something about `path`.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let kind = chartkeep::Error::Io(error.kind());
        let code = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "io.no_space",
            _ => kind.code(),
        };
        let mut failure = Self::new(
            code,
            &kind.action(),
            format!("{}: {}", path.display(), error.kind()),
            FAILED,
        );
        failure.argument = failure.argument.map(|_| style::path(path));
        failure
    }

    /// A mistake of the program.
    pub(crate) fn bug() -> Self {
        let code = "internal.bug";
        let action = NeededAction::NeedsSupport { reference: code };
        Self::new(code, &action, "the program made a mistake and stopped".to_owned(), FAILED)
    }

    pub(crate) fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    pub(crate) fn with_exit(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }

    pub(crate) fn json(&self) -> ErrorJson<'_> {
        ErrorJson {
            code: self.code,
            action: self.action,
            advice: &self.advice,
            argument: self.argument.as_deref(),
            position: self.position,
        }
    }
}

impl From<chartkeep::Error> for Failure {
    fn from(error: chartkeep::Error) -> Self {
        Self::new(error.code(), &error.action(), error.to_string(), FAILED)
    }
}

impl From<chartkeep::OpenError> for Failure {
    fn from(error: chartkeep::OpenError) -> Self {
        Self::new(error.code(), &error.action(), error.to_string(), FAILED)
    }
}

impl From<chartkeep_sync::SyncError> for Failure {
    fn from(error: chartkeep_sync::SyncError) -> Self {
        Self::new(error.code(), &error.action(), error.to_string(), FAILED)
    }
}

impl From<chartkeep_sync::SyncError> for Stop {
    fn from(error: chartkeep_sync::SyncError) -> Self {
        Failure::from(error).into()
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<chartkeep::Error> for Stop {
    fn from(error: chartkeep::Error) -> Self {
        Failure::from(error).into()
    }
}

impl From<chartkeep::Error> for Box<Failure> {
    fn from(error: chartkeep::Error) -> Self {
        Self::new(error.into())
    }
}

impl From<chartkeep::OpenError> for Stop {
    fn from(error: chartkeep::OpenError) -> Self {
        Failure::from(error).into()
    }
}

/// The panic hook: says where, never what, since a panic's text could hold a value of the record.
pub(crate) fn report_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map_or_else(String::new, |at| {
        let file = Path::new(at.file()).file_name().unwrap_or_default();
        format!(" ({}:{})", file.display(), at.line())
    });
    let bug = Failure::bug();
    let text = format!("error[{}]: {}{place}\nhelp: {}\n", bug.code, bug.what, bug.advice);
    let _ = io::stderr().write_all(text.as_bytes());
}
