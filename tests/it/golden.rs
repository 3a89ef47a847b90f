//! Vaults made by an earlier build open in every later one, and export the same bytes.

use std::fs;
use std::path::PathBuf;

use chartkeep::{CancelToken, Opened, TokenKind, Unlock, Vault};
use chartkeep_tests::golden::{self, CONNECTION, Golden};
use chartkeep_tests::slices;
use tempfile::TempDir;

/// A copy that may be written to.
pub(crate) fn copy(made: Golden) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("me.vault");
    fs::copy(made.path(), &path).unwrap();
    (folder, path)
}

/// Opens as at the time it was made, when no walk was due.
pub(crate) fn open(path: &std::path::Path, made: Golden) -> Vault {
    Vault::options().clock(golden::clock()).open(path, made.unlock()).unwrap()
}

fn total(vault: &Vault, query: &str) -> u64 {
    vault.search(query).unwrap().total
}

#[test]
fn every_build_opens_them_and_exports_the_same_bytes() {
    for made in Golden::ALL {
        let (_folder, path) = copy(made);
        let exported = fs::read(made.path().with_extension("ndjson")).unwrap();
        // As found, once more after this build closed it, and after it wrote everything anew.
        for round in 0..3 {
            let vault = open(&path, made);
            let info = vault.info().unwrap();
            let walked = made == Golden::Unclean && round == 0;
            let opened = if walked { Opened::Walk } else { Opened::Table };
            assert_eq!(info.opened, opened, "{made:?}");
            let recent = matches!(made, Golden::Unclean | Golden::Recent);
            assert_eq!(info.recent_rows > 0, recent && round < 2, "{made:?}");
            assert!(golden::export(&vault).unwrap() == exported, "{made:?} exports other bytes");
            let found = vault.check(&CancelToken::new(), |_| {}).unwrap();
            assert_eq!(found.problems, [], "{made:?}");
            assert_eq!(found.resources, info.resources);
            if round == 1 {
                vault.compact_deep(&CancelToken::new(), |_| {}).unwrap();
            }
        }
    }
}

#[test]
fn they_hold_every_resource_of_their_files_as_it_was_written() {
    for made in Golden::ALL {
        let (_folder, path) = copy(made);
        let vault = open(&path, made);
        let mut written: Vec<Vec<u8>> = Vec::new();
        for name in made.files() {
            written.extend(slices(&golden::record(name)).into_iter().map(|slice| slice.bytes));
        }
        let mut versions = 0;
        vault
            .export(true, |resource| {
                assert!(written.iter().any(|bytes| bytes == resource.bytes()), "{made:?}");
                versions += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(versions, written.len(), "{made:?}");
    }
}

#[test]
fn they_answer() {
    for made in Golden::ALL {
        let (_folder, path) = copy(made);
        let vault = open(&path, made);
        let later = u64::from(made != Golden::Passphrase);
        assert_eq!(total(&vault, "Patient?name=gudmunds"), 1, "{made:?}");
        assert_eq!(total(&vault, "Patient?identifier=HBR-0047-219-883"), 1);
        let weights = "Observation?code=http://loinc.org|29463-7";
        assert_eq!(total(&vault, weights), 2 + 4 * later);
        assert_eq!(total(&vault, &format!("{weights}&date=ge2026-03")), 4 * later);
        assert_eq!(
            total(&vault, "Observation?value-quantity=gt69900|http://unitsofmeasure.org|g"),
            1
        );
        assert_eq!(total(&vault, "Observation?status=corrected"), later);
        assert_eq!(total(&vault, "Condition?clinical-status=active"), 2);
        assert_eq!(total(&vault, "MedicationRequest?subject:missing=false"), 2 + later);
        let patient = vault.search("Patient").unwrap().rows[0].id.id.clone();
        let of_patient = format!("Observation?patient={patient}");
        assert_eq!(total(&vault, &of_patient), total(&vault, "Observation"), "{made:?}");
        for (words, type_) in
            [("bees survived", "DocumentReference"), ("lighthouse steps", "Condition")]
        {
            let found = vault.find(words).unwrap();
            assert!(found.hits.iter().any(|hit| hit.row.id.resource_type == type_), "{words}");
        }
        assert_eq!(vault.find("halved after summer").unwrap().total, later, "{made:?}");
    }
}

#[test]
fn what_lies_beside_the_record_is_there() {
    let (_folder, path) = copy(Golden::Raw);
    let vault = open(&path, Golden::Raw);
    let connection = vault.connection(CONNECTION).unwrap().unwrap().id;
    assert_eq!(vault.cursor(connection, "everything").unwrap().as_deref(), Some("page 2"));
    let token = vault.token(connection, TokenKind::Refresh).unwrap();
    assert_eq!(token.as_ref().map(|t| t.as_slice()), Some(&b"a token of nobody"[..]));
    let ledger = vault.ledger(connection, 0, 10).unwrap();
    assert_eq!(ledger.len(), 1);
    assert_eq!((ledger[0].1.status, ledger[0].1.received), (Some(200), 25));
    assert_eq!(vault.quarantined().unwrap().len(), 1);
    let info = vault.info().unwrap();
    assert_eq!((info.quarantined, info.without_id, info.segments > 0), (1, 1, true));
    assert_eq!((info.versions, info.resources), (33, 32));
    assert!(vault.changes(0, 100).unwrap().changes.len() >= 33);
}

#[test]
fn the_passphrase_opens_in_either_form_and_no_other_does() {
    let (_folder, path) = copy(Golden::Passphrase);
    let composed = golden::PASSPHRASE.replace("o\u{301}", "\u{f3}");
    assert_ne!(composed, golden::PASSPHRASE);
    Vault::open(&path, Unlock::passphrase(composed.as_bytes())).unwrap();
    let error = Vault::open(&path, Unlock::passphrase(b"bees over Hafnaros 24")).unwrap_err();
    assert_eq!(error.code(), "vault.wrong_key");
}
