//! The sandbox as a command. Other programs call [`run`] for a subcommand of their own.

use std::ffi::OsString;
use std::io::{self, BufRead as _, Write};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::days::DEFAULT;
use crate::{Sandbox, SandboxError, Switches};

const HELP: &str = "\
A payer on loopback that behaves like a real one, for demos and tests.
Prints its base URL on stdout, client ids and secret on stderr, and serves until SIGTERM or SIGINT.

Usage: chartkeep-sandbox [OPTIONS]

Options:
      --port N               Port on 127.0.0.1 [default: a free one]
      --seed N               Seed of the generated member [default: 1]
      --size N               Resources in that member's record, 300 to 400000 [default: 2000]
      --day N                Virtual day to start on, up to 730 [default: 0]
      --data PATH...         Bundles, resources or NDJSON (.gz too), or folders of them,
                             instead of generated members
      --profile NAME         How it behaves [default: perfect]
      --page-size N          Entries on a page [default: 10]
      --auto-approve         Redirect at once instead of showing the consent page
      --until-stdin-closes   End also when stdin does
  -h, --help                 Show this
  -V, --version              Show the version

Example: chartkeep-sandbox --port 8123 --profile healthpartners-like
";

/// What the command was asked to do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Port; 0 for a free one.
    pub port: u16,
    /// Data to serve; a generated member, and a second, small one, when empty.
    pub data: Vec<PathBuf>,
    /// Seed of the generated member; 1 when absent.
    pub seed: Option<u64>,
    /// Resources in that member's record; 2,000 when absent.
    pub size: Option<usize>,
    /// Virtual day on which generated members stand at the start; 0 when absent.
    pub day: Option<u32>,
    /// Name of a profile; `perfect` when absent.
    pub profile: Option<String>,
    /// Entries on a page; 10 when absent.
    pub page_size: Option<usize>,
    /// Whether authorization needs no person.
    pub auto_approve: bool,
    /// Whether the end of stdin ends the command.
    pub until_stdin_closes: bool,
}

/// Why the command line means nothing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(String);

/// Why the command ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The command line is wrong: exit code 2.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The sandbox could not start: exit code 1.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// Output or signals failed: exit code 1.
    #[error("cannot run: {0}")]
    Io(#[from] io::Error),
}

/// Runs the command with these arguments (without the program's name) and returns the exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    let (mut stdout, mut stderr) = (io::stdout(), io::stderr());
    let result = match parse(args) {
        Ok(Parsed::Run(options)) => run(&options, &mut stdout, &mut stderr),
        Ok(Parsed::Say(text)) => stdout.write_all(text.as_bytes()).map_err(CommandError::Io),
        Err(error) => Err(error.into()),
    };
    let Err(error) = result else { return 0 };
    let (code, help) = match &error {
        CommandError::Usage(_) => (2, "help: chartkeep-sandbox --help\n"),
        CommandError::Io(source) if source.kind() == io::ErrorKind::BrokenPipe => return 0,
        _ => (1, ""),
    };
    // Nobody is left to be told when stderr is gone.
    let _ = write!(stderr, "error: {error}\n{help}");
    code
}

/// Serves until a signal, or the end of stdin where asked. The base URL goes to `stdout` at once.
pub fn run(
    options: &Options,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<(), CommandError> {
    let generated = options.seed.is_some() || options.size.is_some() || options.day.is_some();
    if generated && !options.data.is_empty() {
        let reason = "--seed, --size and --day are of generated members, not of --data";
        return Err(UsageError(reason.to_owned()).into());
    }
    let name = options.profile.as_deref().unwrap_or("perfect");
    let switches = Switches::profile(name).ok_or_else(|| {
        let known = Switches::PROFILES.join(", ");
        UsageError(format!("there is no profile '{name}'; there are: {known}"))
    })?;
    // Before the sandbox is announced: a signal from now on ends it in order.
    let (end, ended) = mpsc::channel();
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    let by_signal = end.clone();
    let signal_handle = signals.handle();
    let watcher = thread::spawn(move || {
        if signals.forever().next().is_some() {
            // The command may have ended already.
            let _ = by_signal.send(());
        }
    });

    let mut builder = Sandbox::builder()
        .port(options.port)
        .page_size(options.page_size.unwrap_or(10))
        .auto_approve(options.auto_approve)
        .switches(switches.clone());
    if options.data.is_empty() {
        let (seed, size) = DEFAULT;
        builder = builder
            .member_and_another(options.seed.unwrap_or(seed), options.size.unwrap_or(size))
            .day(options.day.unwrap_or(0));
    }
    for path in &options.data {
        builder = builder.data(path);
    }
    let started = builder.start();
    let result = started.map_err(CommandError::from).and_then(|sandbox| {
        announce(&sandbox, &switches, stdout, stderr)?;
        if options.until_stdin_closes {
            thread::spawn(move || {
                let mut stdin = io::stdin().lock();
                loop {
                    match stdin.fill_buf().map(<[u8]>::len) {
                        Ok(0) | Err(_) => break,
                        Ok(read) => stdin.consume(read),
                    }
                }
                // The command may have ended already.
                let _ = end.send(());
            });
        }
        // An error means that every sender is gone, which ends the command as well.
        let _ = ended.recv();
        Ok(())
    });
    signal_handle.close();
    // The watcher does nothing that could panic.
    let _ = watcher.join();
    result
}

fn announce(
    sandbox: &Sandbox,
    switches: &Switches,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> io::Result<()> {
    writeln!(stdout, "{}", sandbox.base())?;
    stdout.flush()?;
    if switches.public_clients {
        writeln!(stderr, "public client:        {}", sandbox.public_client())?;
    }
    let (id, secret) = sandbox.confidential_client();
    writeln!(stderr, "confidential client:  {id}")?;
    writeln!(stderr, "client secret:        {secret}")?;
    if let Some(key) = &switches.api_key {
        writeln!(stderr, "API key:              {}: {}", key.header, key.value)?;
    }
    for patient in sandbox.patients() {
        let (id, name, count) = (patient.id, patient.name, patient.resources);
        writeln!(stderr, "patient:              {id} ({name}, {count} resources)")?;
    }
    stderr.flush()
}

enum Parsed {
    Run(Options),
    Say(String),
}

fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Parsed, UsageError> {
    let mut options = Options::default();
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy().into_owned();
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => {
                (name.to_owned(), Some(OsString::from(value)))
            }
            _ => (text, None),
        };
        let mut value = || {
            inline
                .clone()
                .or_else(|| args.next())
                .ok_or_else(|| UsageError(format!("{name} needs a value")))
        };
        match name.as_str() {
            "--port" => options.port = number(&name, &value()?)?,
            "--seed" => options.seed = Some(number(&name, &value()?)?),
            "--size" => options.size = Some(number(&name, &value()?)?),
            "--day" => options.day = Some(number(&name, &value()?)?),
            "--page-size" => options.page_size = Some(number::<usize>(&name, &value()?)?.max(1)),
            "--profile" => options.profile = Some(value()?.to_string_lossy().into_owned()),
            "--data" => {
                options.data.push(value()?.into());
                let is_path = |arg: &OsString| !arg.to_string_lossy().starts_with('-');
                while let Some(path) = args.next_if(is_path) {
                    options.data.push(path.into());
                }
            }
            "--auto-approve" => options.auto_approve = true,
            "--until-stdin-closes" => options.until_stdin_closes = true,
            "-h" | "--help" => return Ok(Parsed::Say(HELP.to_owned())),
            "-V" | "--version" => {
                return Ok(Parsed::Say(format!(
                    "chartkeep-sandbox {}\n",
                    env!("CARGO_PKG_VERSION")
                )));
            }
            _ => return Err(UsageError(format!("'{name}' means nothing here"))),
        }
    }
    Ok(Parsed::Run(options))
}

fn number<T: std::str::FromStr>(name: &str, value: &OsString) -> Result<T, UsageError> {
    let text = value.to_string_lossy();
    text.parse().map_err(|_| UsageError(format!("{name} takes a number, not '{text}'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, String> {
        match parse(line.split(' ').filter(|it| !it.is_empty()).map(OsString::from)) {
            Ok(Parsed::Run(options)) => Ok(options),
            Ok(Parsed::Say(_)) => Err("said".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn options_are_read() {
        let options = parsed("--port 81 --data a b.json --profile=perfect --until-stdin-closes");
        let options = options.unwrap();
        assert_eq!(options.port, 81);
        assert_eq!(options.data, [PathBuf::from("a"), PathBuf::from("b.json")]);
        assert!(options.until_stdin_closes && !options.auto_approve);
        let options = parsed("--seed 7 --size=300 --day 4").unwrap();
        assert_eq!((options.seed, options.size, options.day), (Some(7), Some(300), Some(4)));
    }

    #[test]
    fn wrong_options_are_named() {
        for (line, reason) in [
            ("--port", "--port needs a value"),
            ("--port x", "--port takes a number, not 'x'"),
            ("--port 70000", "--port takes a number, not '70000'"),
            ("serve", "'serve' means nothing here"),
        ] {
            assert_eq!(parsed(line).unwrap_err(), reason);
        }
    }

    #[test]
    fn unknown_profiles_and_days_of_given_data_are_usage_errors() {
        let options = Options { profile: Some("x".to_owned()), ..Options::default() };
        let error = run(&options, &mut Vec::new(), &mut Vec::new()).unwrap_err();
        assert!(matches!(error, CommandError::Usage(_)), "{error}");
        let options = Options { data: vec!["x".into()], day: Some(1), ..Options::default() };
        let error = run(&options, &mut Vec::new(), &mut Vec::new()).unwrap_err();
        assert!(matches!(error, CommandError::Usage(_)), "{error}");
    }
}
