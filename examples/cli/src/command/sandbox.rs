//! `chartkeep sandbox`

use std::io;

use chartkeep_sandbox::SandboxError;
use chartkeep_sandbox::command::{self, CommandError, Options};

use crate::args::Sandbox;
use crate::failure::{Failure, Stop};

pub(crate) fn run(args: &Sandbox) -> Result<(), Stop> {
    let options = Options {
        port: args.port,
        data: args.data.clone(),
        seed: args.seed,
        size: args.size,
        day: args.day,
        profile: Some(args.profile.clone()),
        until_stdin_closes: args.until_stdin_closes,
        ..Options::default()
    };
    let served = command::run(&options, &mut io::stdout(), &mut io::stderr());
    served.map_err(|error| match error {
        CommandError::Usage(wrong) => {
            Failure::usage("usage.profile", wrong.to_string(), "--profile").into()
        }
        CommandError::Sandbox(error) => failure(&error).into(),
        CommandError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => Stop::BrokenPipe,
        other => Failure::argument("sandbox.failed", other.to_string(), "").into(),
    })
}

/// Why the sandbox did not start.
pub(crate) fn failure(error: &SandboxError) -> Failure {
    Failure::argument("sandbox.failed", error.to_string(), "--data")
        .with_advice("check the port, the files of --data, and --day")
}
