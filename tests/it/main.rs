//! Behaviour of the whole, from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// The command line: rules that hold for every command.
mod cli_contract;
/// The command line: files in and out.
mod cli_files;
/// Runs the built program.
mod cli_run;
/// The command line: asking.
mod cli_search;
/// The command line: payers.
mod cli_sync;
/// What damage of the file yields.
mod damage;
/// Nothing that prints leaks: core.
mod debug_canary;
/// Nothing that prints leaks: bindings.
mod debug_canary_ffi;
/// Nothing that prints leaks: sync.
mod debug_canary_sync;
/// Vaults of earlier builds.
mod golden;
/// Processes killed while they import.
mod kill;
/// Large bodies, inline and raw.
mod large;
/// What opening costs.
mod opening;
/// Every file of the data pack, byte for byte.
mod pack;
/// Nothing readable lies in any file.
mod plaintext;
/// Another program reads the file.
mod second_reader;
/// Suspension and live values.
mod suspend;
/// Syncs against the sandbox payer.
mod sync;
/// Syncs of a record that goes on from day to day.
mod sync_days;
/// Syncs that bring documents.
mod sync_documents;
/// Reads, versions, changes, writes, feeds, locks.
mod vault;
