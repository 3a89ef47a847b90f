//! Create, write, close, open.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use super::support::*;
use crate::error::OpenError;
use crate::seal::{
    MemoryMedium, Opened, SealOptions, Suite, Unlock, create, create_in_memory, create_on, open,
    open_on,
};

#[test]
fn a_vault_in_a_file_is_created_closed_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.vault");
    let sealed = create(&path, &key(), &options(), &clock(), init).unwrap();
    assert_eq!(sealed.handle.opened(), Opened::Created);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    put(&sealed.db, &[(1, b"one"), (2, b"two")]);
    let (id, handle) = (sealed.handle.vault_id(), sealed.handle.clone());
    assert_eq!(open(&path, &key(), &options(), &clock()).unwrap_err(), OpenError::InUse);
    drop(sealed);
    assert!(handle.backend.closed_clean());

    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    assert_eq!(sealed.handle.opened(), Opened::Table);
    assert_eq!(sealed.handle.events(), []);
    assert_eq!(sealed.handle.vault_id(), id);
    assert_eq!(rows(&sealed.db).unwrap(), [(1, b"one".to_vec()), (2, b"two".to_vec())]);
    drop(sealed);

    let wrong = open(&path, &Unlock::key([8; 32]), &options(), &clock());
    assert_eq!(wrong.unwrap_err(), OpenError::WrongKey);
    let again = create(&path, &key(), &options(), &clock(), init);
    assert_eq!(again.unwrap_err(), OpenError::AlreadyExists);
}

#[test]
fn the_smallest_vault_has_the_documented_size() {
    let (medium, sealed) = create_memory();
    let blocks = sealed.handle.backend.blocks();
    drop(sealed);
    assert_eq!(medium.bytes().len() as u64, 49_152 + blocks * 4_608);
}

#[test]
fn every_suite_stride_and_secret_round_trips() {
    for suite in [Suite::Xaes, Suite::XChaCha, Suite::PassThrough] {
        for stride in [4_608, 8_192] {
            for unlock in [key(), Unlock::passphrase("p\u{e4}ss".as_bytes())] {
                let options = SealOptions { suite, stride, ..options() };
                let medium = Arc::new(MemoryMedium::default());
                let sealed =
                    create_on(Arc::clone(&medium) as _, &unlock, &options, &clock(), init).unwrap();
                let big = vec![5; 300_000];
                put(&sealed.db, &[(9, &big)]);
                drop(sealed);
                let sealed = open_on(medium, &unlock, &options, &clock()).unwrap();
                assert_eq!(rows(&sealed.db).unwrap(), [(9, big)]);
                let report = sealed.handle.verify_blocks(|_, _| true).unwrap();
                assert_eq!((report.damaged, report.replaced), (vec![], vec![]));
            }
        }
    }
}

#[test]
fn a_vault_in_memory_works_and_forgets_its_keys() {
    let sealed = create_in_memory(&key(), &options(), &clock(), init).unwrap();
    put(&sealed.db, &[(1, b"one")]);
    let token = sealed.handle.seal_token(3, 1, b"secret").unwrap();
    assert_eq!(token.len(), 46);
    assert_eq!(sealed.handle.open_token(3, 1, &token).unwrap()[..], b"secret"[..]);
    assert!(sealed.handle.open_token(4, 1, &token).is_err());
    assert!(sealed.handle.open_token(3, 2, &token).is_err());
    let handle = sealed.handle.clone();
    drop(sealed);
    assert!(handle.open_token(3, 1, &token).is_err());
}

#[test]
fn an_open_vault_is_walked_after_a_crash() {
    let (medium, sealed) = create_memory();
    put(&sealed.db, &[(1, b"one")]);
    let crashed = medium.bytes();
    put(&sealed.db, &[(2, b"two")]);
    let sealed = reopen(crashed).unwrap();
    assert_eq!(sealed.handle.opened(), Opened::Walk);
    assert_eq!(rows(&sealed.db).unwrap(), [(1, b"one".to_vec())]);
}
