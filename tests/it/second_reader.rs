//! Another program reads the golden vaults: `tests/second_reader.py`, written from the format's description,
//! unseals them; stock redb opens the page image; the resources in it have the bytes of the files.

use std::fs;
use std::path::Path;
use std::process::Command;

use chartkeep_tests::golden::{self, Golden};
use chartkeep_tests::{say, slices};
use redb::{ReadableDatabase, ReadableTable, TableDefinition};

/// The interpreter with the packages of the script: `CHARTKEEP_PYTHON`, else `python3`.
fn python() -> Option<String> {
    let python = std::env::var("CHARTKEEP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let ready = Command::new(&python).args(["-c", "import argon2, cryptography"]).output();
    if ready.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "the second reader needs CHARTKEEP_PYTHON: a Python with cryptography and argon2-cffi"
    );
    say("skipped: no Python with cryptography and argon2-cffi");
    None
}

/// Unseals a vault into `image`; the error is what the script says.
fn unseal(python: &str, vault: &Path, made: Golden, image: &Path) -> Result<(), String> {
    let secret = image.with_extension("secret");
    let flag = if made == Golden::Passphrase {
        fs::write(&secret, format!("{}\n", golden::PASSPHRASE)).unwrap();
        "--passphrase-file"
    } else {
        fs::write(&secret, [7; 32]).unwrap();
        "--key-file"
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("second_reader.py");
    let output = Command::new(python)
        .arg(script)
        .arg(vault)
        .arg(flag)
        .arg(secret)
        .arg("--image")
        .arg(image)
        .output()
        .unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// The bodies in the table `bodies` of a page image. Written from the format's description alone.
fn bodies(image: &Path) -> Vec<Vec<u8>> {
    const BODIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("bodies");
    let database = redb::Database::open(image).unwrap();
    let table = database.begin_read().unwrap().open_table(BODIES).unwrap();
    let mut found = Vec::new();
    for entry in table.iter().unwrap() {
        let (key, value) = entry.unwrap();
        let mut rest = value.value();
        assert_eq!(take(&mut rest, 1), [4], "a value begins with its table");
        assert_eq!(text(&mut rest), key.value(), "and its key");
        while !rest.is_empty() {
            let rows = number(&mut rest);
            let lengths: Vec<usize> = (0..rows)
                .map(|_| {
                    assert_eq!(number(&mut rest), 1, "connection");
                    number(&mut rest)
                })
                .collect();
            assert_eq!(number(&mut rest), 0, "so few rows need no dictionary");
            assert_eq!(take(&mut rest, 1), [0], "so small a frame lies here");
            let mut plain = &zstd::decode_all(text(&mut rest)).unwrap()[..];
            found.extend(lengths.into_iter().map(|length| take(&mut plain, length).to_vec()));
            assert!(plain.is_empty());
        }
    }
    found
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, after) = rest.split_at(count);
    *rest = after;
    taken
}

/// Seven bits a byte, lowest first, the top bit set in all but the last.
fn number(rest: &mut &[u8]) -> usize {
    let mut found = 0;
    for shift in (0..).step_by(7) {
        let byte = take(rest, 1)[0];
        found |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    found
}

fn text<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let length = number(rest);
    take(rest, length)
}

#[test]
fn another_program_finds_the_same_bytes() {
    let Some(python) = python() else { return };
    for made in Golden::ALL {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("plain.redb");
        unseal(&python, &made.path(), made, &image).unwrap();
        let mut found = bodies(&image);
        // Rows of the recent tier lie in another table until they are flushed.
        let flushed = match made {
            Golden::Raw => 2,
            _ => 1,
        };
        let mut written: Vec<Vec<u8>> = Vec::new();
        for name in &made.files()[..flushed] {
            written.extend(slices(&golden::record(name)).into_iter().map(|slice| slice.bytes));
        }
        found.sort();
        written.sort();
        let figure = format!("{made:?}: {} bodies, {} written", found.len(), written.len());
        assert!(found == written, "{figure}");
        say(&figure);
    }
}

#[test]
fn another_program_refuses_a_changed_vault() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (vault, image) = (folder.path().join("v"), folder.path().join("plain.redb"));
    let whole = fs::read(Golden::Raw.path()).unwrap();
    let refused = |at: usize, why: &str| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&vault, bytes).unwrap();
        let said = unseal(&python, &vault, Golden::Raw, &image).unwrap_err();
        assert!(said.contains(why), "{at}: {said}");
        assert!(!image.exists(), "an image of a vault that was refused");
    };
    refused(400, "header copy A: wrong checksum");
    refused(20_480 + 400, "header copy B: wrong checksum");
    refused(41_000, "page-0 slot 0 is damaged");
    refused(49_152 + 100, "block 1 is damaged");
    refused(whole.len() - 100, "nonce table is damaged");
}
