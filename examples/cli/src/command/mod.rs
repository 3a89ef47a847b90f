//! One file per command: take the arguments, call the vault, show what it answered.

mod check;
mod compact;
mod connect;
mod demo;
mod export;
mod find;
mod import;
mod info;
mod init;
mod manual;
mod sandbox;
mod search;
mod show;
mod sources;
mod sync;

use crate::args::{Cli, Command};
use crate::failure::Stop;
use crate::interrupt;
use crate::ui::Ui;

/// Runs the command that the line names.
pub(crate) fn run(cli: &Cli, ui: &Ui) -> Result<(), Stop> {
    // The sandbox ends by signals of its own.
    if !matches!(cli.command, Command::Sandbox(_)) {
        interrupt::listen();
    }
    let globals = &cli.globals;
    match &cli.command {
        Command::Init(args) => init::run(args, globals, ui),
        Command::Info => info::run(globals, ui),
        Command::Import(args) => import::run(args, globals, ui),
        Command::Show(args) => show::run(args, globals, ui),
        Command::Export(args) => export::run(args, globals, ui),
        Command::Search(args) => search::run(args, globals, ui),
        Command::Find(args) => find::run(args, globals, ui),
        Command::Check => check::run(globals, ui),
        Command::Compact(args) => compact::run(args, globals, ui),
        Command::Connect(args) => connect::run(args, globals, ui),
        Command::Sync(args) => sync::run(args, globals, ui),
        Command::Sandbox(args) => sandbox::run(args),
        Command::Demo(args) => demo::run(args, ui),
        Command::Completions(args) => manual::completions(args, ui),
        Command::Man(args) => manual::man(args, ui),
    }
}
