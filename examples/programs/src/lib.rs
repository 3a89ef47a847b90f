//! Short programs that show one thing each: `cargo run -p chartkeep-programs --bin NAME`.
//!
//! - `import_and_search`: a vault of files, FHIR searches and full text.
//! - `connect_and_sync`: a log-in at a payer, and a sync with its progress.
//! - `watch_changes`: a list on a screen that follows the vault.
