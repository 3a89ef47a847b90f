//! What opening costs: after a clean close little is read, however much the vault holds. With its debug
//! assertions on, redb walks all its trees at each opening; the step `opening` of `ci.sh` builds it without them
//! and says so by `CHARTKEEP_REDB=plain`.

use std::fs;
use std::path::Path;

use chartkeep::{CancelToken, Opened, Unlock, Vault, testing};
use chartkeep_tests::say;

const RESOURCES: usize = 50_000;
const MIB: u64 = 1 << 20;

fn key() -> Unlock {
    Unlock::key([7; 32])
}

fn observations() -> Vec<u8> {
    let mut ndjson = Vec::new();
    for n in 0..RESOURCES {
        let (day, month, year, code) = (n % 28 + 1, n % 12 + 1, 2_000 + n % 25, n % 97);
        ndjson.extend_from_slice(
            format!(
                r#"{{"resourceType":"Observation","id":"o{n}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}-4","display":"Measurement {code}"}}]}},"subject":{{"reference":"Patient/p{}"}},"effectiveDateTime":"{year}-{month:02}-{day:02}","valueQuantity":{{"value":{}.{},"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}}}"#,
                n % 5,
                n % 211,
                n % 10,
            )
            .as_bytes(),
        );
        ndjson.push(b'\n');
    }
    ndjson
}

/// Bytes that opening reads and writes, and how the blocks were proven fresh.
fn opened(path: &Path) -> (u64, u64, Opened) {
    let vault = Vault::open(path, key()).unwrap();
    let (read, written) = testing::traffic(&vault);
    let info = vault.info().unwrap();
    assert_eq!(info.resources, RESOURCES as u64);
    (read, written, info.opened)
}

#[test]
fn a_closed_vault_opens_with_little_and_a_killed_one_is_walked() {
    let folder = tempfile::tempdir().unwrap();
    let (path, left) = (folder.path().join("me.vault"), folder.path().join("left.vault"));
    let vault = Vault::create(&path, key()).unwrap();
    let here = vault.local_connection("here").unwrap();
    vault.import_bundle(here, &observations()[..], &CancelToken::new(), |_| {}).unwrap();
    // What a killed process leaves is what lies there while the vault is open.
    fs::copy(&path, &left).unwrap();
    drop(vault);

    let length = fs::metadata(&path).unwrap().len();
    let (read, written, how) = opened(&path);
    assert_eq!(how, Opened::Table);
    assert!(little(read), "{read} bytes of {length} were read");
    // redb notes that it is open: one slot of page 0.
    assert!(written <= 4_096, "opening wrote {written} bytes");

    say(&format!(
        "{length} bytes with {RESOURCES} resources: opening read {read}, wrote {written}"
    ));

    let (walked, _, how) = opened(&left);
    assert_eq!(how, Opened::Walk);
    assert!(walked > length / 2, "only {walked} bytes of {length} were walked");
    say(&format!("left open: walked {walked}"));
    let (read, _, how) = opened(&left);
    assert_eq!(how, Opened::Table, "the walk ended in a clean close");
    assert!(little(read), "{read} bytes of {length} were read");
}

fn little(read: u64) -> bool {
    let plain = std::env::var("CHARTKEEP_REDB").is_ok_and(|how| how == "plain");
    read <= MIB || (cfg!(debug_assertions) && !plain)
}
