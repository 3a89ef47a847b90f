//! The second reader, in another language, written from the documents: it must read what this
//! program wrote, and stock redb must read the page image it makes.

use std::fs;
use std::path::Path;
use std::process::Command;

use redb::ReadableDatabase;

use super::support::*;
use crate::seal::{SealOptions, Suite, Unlock, create};

fn script() -> String {
    format!("{}/../tests/second_reader.py", env!("CARGO_MANIFEST_DIR"))
}

/// The interpreter with the packages the script needs: `CHARTKEEP_PYTHON`, else `python3`.
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
    None
}

fn read(python: &str, vault: &Path, secret: (&str, &[u8])) -> Result<Vec<u8>, String> {
    let (flag, content) = secret;
    let (secret, image) = (vault.with_extension("secret"), vault.with_extension("image"));
    fs::write(&secret, content).unwrap();
    let output = Command::new(python)
        .arg(script())
        .arg(vault)
        .args([flag.as_ref(), secret.as_os_str(), "--image".as_ref(), image.as_os_str()])
        .output()
        .unwrap();
    if output.status.success() {
        Ok(fs::read(&image).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn a_second_reader_reads_every_page() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let passphrase = "Cafe\u{301} 24".as_bytes();
    let hex = "07".repeat(32);
    let typed = "Caf\u{e9} 24\n".as_bytes();
    let cases = [
        (key(), ("--key-file", &[7; 32][..]), Suite::Xaes, 4_608),
        (key(), ("--key-file", hex.as_bytes()), Suite::XChaCha, 8_192),
        (Unlock::passphrase(passphrase), ("--passphrase-file", typed), Suite::Xaes, 4_608),
    ];
    for (number, (unlock, secret, suite, stride)) in cases.into_iter().enumerate() {
        let path = folder.path().join(format!("{number}.vault"));
        let options = SealOptions { suite, stride, ..options() };
        let sealed = create(&path, &unlock, &options, &clock(), init).unwrap();
        let canary = b"canary of the second reader".repeat(2_000);
        put(&sealed.db, &[(1, &canary), (2, b"two")]);
        let crashed = folder.path().join(format!("{number}-crashed.vault"));
        fs::copy(&path, &crashed).unwrap();
        drop(sealed);
        for vault in [&path, &crashed] {
            let image = read(&python, vault, secret).unwrap();
            let plain = folder.path().join("plain.redb");
            fs::write(&plain, image).unwrap();
            let db = redb::Database::open(&plain).unwrap();
            assert_eq!(rows(&db).unwrap(), [(1, canary.clone()), (2, b"two".to_vec())]);
            assert!(db.begin_read().is_ok());
        }
        let refused = read(&python, &path, (secret.0, &[b'1'; 64])).unwrap_err();
        assert!(refused.contains("no slot opens"), "{refused}");
        let mut bytes = fs::read(&path).unwrap();
        let middle = 49_152 + bytes.len() / 100;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        let refused = read(&python, &path, secret).unwrap_err();
        assert!(refused.contains("is damaged"), "{refused}");
    }
}
