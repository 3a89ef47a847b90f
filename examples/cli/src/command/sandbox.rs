//! `chartkeep sandbox`

use crate::args::Sandbox;
use crate::failure::{Failure, Stop};
use crate::ui::Ui;

pub(crate) fn run(args: &Sandbox, _ui: &Ui) -> Result<(), Stop> {
    let options = chartkeep_sandbox::command::Options {
        port: args.port,
        data: args.data.clone(),
        profile: args.profile.clone(),
        until_stdin_closes: args.until_stdin_closes,
    };
    chartkeep_sandbox::command::serve(options).map_err(|error| failure(&error).into())
}

/// Why the sandbox did not start.
pub(crate) fn failure(error: &chartkeep_sandbox::SandboxError) -> Failure {
    Failure::argument("sandbox.failed", error.to_string(), "sandbox")
        .with_advice("check the port, the profile and the files of --data")
}
