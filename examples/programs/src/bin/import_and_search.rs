//! Takes files into a vault, and asks: `import_and_search [FILE...]`, by default our own small records.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::fs::File;
use std::path::PathBuf;

use chartkeep::{CancelToken, Find, Unlock, Vault};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/records");
        files.extend(std::fs::read_dir(own)?.flatten().map(|entry| entry.path()));
        files.sort();
    }

    // An app takes the key from the Keychain or Keystore; whoever has it can read the vault.
    let folder = tempfile::tempdir()?;
    let vault = Vault::create(folder.path().join("me.vault"), Unlock::key([7; 32]))?;

    // A connection is where resources come from: here a pile of files.
    let source = vault.local_connection("files")?;
    for file in &files {
        let report = vault.import_bundle(source, File::open(file)?, &CancelToken::new(), |_| {})?;
        println!("{}: {} new, {} kept apart", file.display(), report.new, report.quarantined);
    }

    // FHIR search, as a server would answer it.
    let page = vault.search("Observation?status=final&_sort=-date&_count=5")?;
    println!("{} observations, the newest:", page.total);
    for row in &page.rows {
        println!("  {} {}", row.date.as_deref().unwrap_or("no date"), row.title);
    }

    // Full text; the last word may be a beginning.
    let found = vault.find(Find::new("glucose").limit(5))?;
    println!("{} resources speak of glucose:", found.total);
    for hit in &found.hits {
        let id = hit.resource.id();
        println!("  {}/{}", id.resource_type, id.id);
    }
    Ok(())
}
