//! The sandbox payer as a command.

use std::process::ExitCode;

fn main() -> ExitCode {
    chartkeep_sandbox::command::main(std::env::args_os().skip(1)).into()
}
