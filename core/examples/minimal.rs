//! The smallest program with a vault: takes in a resource, searches it, finds it by its words. The bench
//! measures what it is larger than a program that does nothing.

use std::io::Write as _;

use chartkeep::{CancelToken, Find, Unlock, Vault};

const RECORD: &[u8] = br#"{"resourceType":"Observation","id":"a1c","status":"final",
    "code":{"coding":[{"system":"http://loinc.org","code":"4548-4","display":"Hemoglobin A1c"}]}}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: minimal FOLDER")?;
    let path = std::path::Path::new(&folder).join("minimal.vault");
    let vault = Vault::open_or_create(path, Unlock::key([7; 32]))?;
    let clinic = vault.local_connection("clinic")?;
    vault.import_bundle(clinic, RECORD, &CancelToken::new(), |_| {})?;
    let searched = vault.search("Observation?code=http://loinc.org|4548-4")?;
    let found = vault.find(Find::new("hemoglobin"))?;
    writeln!(std::io::stdout(), "{} searched, {} found", searched.total, found.total)?;
    Ok(())
}
