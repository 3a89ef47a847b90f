//! Vaults in real files: what may lie at a path, leftovers, rewriting, the second process.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use super::support::*;
use crate::error::{Error, OpenError};
use crate::seal::{
    Event, Healed, Opened, SealOptions, Unlock, create, create_in_memory, open, rewrite,
};

fn make(path: &Path) {
    let sealed = create(path, &key(), &options(), &clock(), init).unwrap();
    put(&sealed.db, &[(1, b"one"), (2, &[2; 50_000])]);
}

fn open_error(path: &Path) -> OpenError {
    open(path, &key(), &options(), &clock()).unwrap_err()
}

#[test]
fn only_a_vault_opens() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    make(&at("vault"));
    symlink(at("vault"), at("link")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    fs::write(at("empty"), b"").unwrap();
    fs::write(at("text"), "not a vault at all".repeat(10_000)).unwrap();
    fs::write(at("short"), &fs::read(at("vault")).unwrap()[..30_000]).unwrap();
    assert_eq!(open_error(&at("nowhere")), OpenError::NotFound);
    assert_eq!(open_error(&at("link")), OpenError::NotAFile);
    assert_eq!(open_error(&at("dangling")), OpenError::NotAFile);
    assert_eq!(open_error(folder.path()), OpenError::NotAFile);
    assert_eq!(open_error(&at("empty")), OpenError::NotAVault);
    assert_eq!(open_error(&at("text")), OpenError::NotAVault);
    assert_eq!(open_error(&at("short")), OpenError::Truncated);
    for taken in ["vault", "link", "dangling", "empty"] {
        let error = create(&at(taken), &key(), &options(), &clock(), init).unwrap_err();
        assert_eq!(error, OpenError::AlreadyExists);
    }
    assert_eq!(fs::read(at("empty")).unwrap(), b"");
}

#[test]
fn leftovers_of_creations_go_unless_somebody_holds_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in [".v.new-0123456789abcdef", ".v.new-short", ".w.new-0123456789abcdef", "v.new"] {
        fs::write(at(name), b"left").unwrap();
    }
    let held = ".v.new-ffffffffffffffff";
    fs::write(at(held), b"left").unwrap();
    let file = File::open(at(held)).unwrap();
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
    make(&at("v"));
    assert!(!at(".v.new-0123456789abcdef").exists());
    for kept in [".v.new-short", ".w.new-0123456789abcdef", "v.new", held] {
        assert!(at(kept).exists(), "{kept}");
    }
}

#[test]
fn a_failed_creation_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let failed = create(&path, &key(), &options(), &clock(), |_| Err(Error::Cancelled));
    assert!(failed.is_err());
    let failed = create(&path, &Unlock::passphrase(b""), &options(), &clock(), init);
    assert_eq!(failed.unwrap_err(), OpenError::InvalidPassphrase);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn reading_only_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    make(&path);
    let before = fs::read(&path).unwrap();
    let read_only = SealOptions { read_only: true, ..options() };
    let first = open(&path, &key(), &read_only, &clock()).unwrap();
    let second = open(&path, &key(), &read_only, &clock()).unwrap();
    assert_eq!(open_error(&path), OpenError::InUse);
    assert_eq!(rows(&first.db).unwrap().len(), 2);
    assert_eq!(rows(&second.db).unwrap().len(), 2);
    assert!(first.handle.is_read_only());
    drop((first, second));
    assert_eq!(fs::read(&path).unwrap(), before);

    // Also a vault that was not closed: redb's repair stays in memory.
    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    put(&sealed.db, &[(3, b"three")]);
    fs::copy(&path, folder.path().join("crashed")).unwrap();
    drop(sealed);
    let crashed = folder.path().join("crashed");
    let before = fs::read(&crashed).unwrap();
    let sealed = open(&crashed, &key(), &read_only, &clock()).unwrap();
    assert_eq!(sealed.handle.opened(), Opened::Walk);
    assert_eq!(rows(&sealed.db).unwrap().len(), 3);
    drop(sealed);
    assert_eq!(fs::read(&crashed).unwrap(), before);
}

fn copy_rows(old: &redb::Database, new: &redb::Database) -> Result<(), Error> {
    let rows = rows(old).unwrap();
    let rows: Vec<(u64, &[u8])> = rows.iter().map(|row| (row.0, row.1.as_slice())).collect();
    put(new, &rows);
    Ok(())
}

#[test]
fn a_rewrite_takes_the_name_and_leaves_no_old_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    make(&path);
    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    // A second name for the old file, to see what is left in it.
    fs::hard_link(&path, folder.path().join("old")).unwrap();
    let (id, counter) = (sealed.handle.vault_id(), sealed.handle.counter());
    let new = rewrite(&sealed.handle, &sealed.db, &clock(), copy_rows).unwrap();
    let late = sealed.db.begin_write().unwrap().commit().unwrap_err();
    assert_eq!(sealed.handle.classify(late), Error::Locked);
    drop(sealed);
    assert_eq!(new.handle.vault_id(), id);
    assert_eq!(new.handle.epoch(), 2);
    assert!(new.handle.counter() > counter);
    assert_eq!(rows(&new.db).unwrap().len(), 2);
    put(&new.db, &[(3, b"three")]);
    drop(new);

    let old = fs::read(folder.path().join("old")).unwrap();
    assert!(old[..49_152].iter().all(|&byte| byte == 0));
    assert_eq!(open_error(&folder.path().join("old")), OpenError::NotAVault);
    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    assert_eq!((sealed.handle.epoch(), sealed.handle.opened()), (2, Opened::Table));
    assert_eq!(rows(&sealed.db).unwrap().len(), 3);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_refused_rewrite_leaves_the_vault_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    make(&path);
    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    let refused = rewrite(&sealed.handle, &sealed.db, &clock(), |_, _| Err(Error::Cancelled));
    assert!(refused.is_err());
    let refused = rewrite(&sealed.handle, &sealed.db, &clock(), |old, new| {
        copy_rows(old, new)?;
        put(old, &[(7, b"between")]);
        Ok(())
    });
    assert_eq!(refused.unwrap_err(), Error::Busy);
    put(&sealed.db, &[(8, b"after")]);
    drop(sealed);
    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    assert_eq!((rows(&sealed.db).unwrap().len(), sealed.handle.epoch()), (4, 1));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_rewrite_works_in_memory() {
    let sealed = create_in_memory(&key(), &options(), &clock(), init).unwrap();
    put(&sealed.db, &[(1, b"one")]);
    let new = rewrite(&sealed.handle, &sealed.db, &clock(), copy_rows).unwrap();
    drop(sealed);
    assert_eq!(rows(&new.db).unwrap().len(), 1);
}

#[test]
fn anchors_and_expected_ids_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    make(&path);
    let old = fs::read(&path).unwrap();
    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    let handle = sealed.handle.clone();
    drop(sealed);
    let (want, id) = (handle.counter(), handle.vault_id());
    let with = |anchor, id| SealOptions { anchor, expected_vault_id: id, ..options() };
    assert!(open(&path, &key(), &with(Some(want), Some(id)), &clock()).is_ok());
    fs::write(&path, old).unwrap();
    let error = open(&path, &key(), &with(Some(want), None), &clock()).unwrap_err();
    assert!(matches!(error, OpenError::RolledBack { have, want: w } if have < want && w == want));
    let error = open(&path, &key(), &with(None, Some([1; 16])), &clock()).unwrap_err();
    assert_eq!(error, OpenError::WrongVault);
}

#[test]
fn bytes_behind_the_vault_are_cut_at_the_first_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    make(&path);
    let mut bytes = fs::read(&path).unwrap();
    let len = bytes.len();
    bytes.extend_from_slice(&[9; 1_000]);
    fs::write(&path, &bytes).unwrap();
    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    assert_eq!(sealed.handle.events(), [Event::LengthCut { bytes: 1_000 }]);
    put(&sealed.db, &[(3, b"three")]);
    drop(sealed);
    assert_eq!(fs::read(&path).unwrap().len() % 512, 0);
    bytes.truncate(len - 4_608);
    fs::write(&path, &bytes).unwrap();
    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    assert_eq!(sealed.handle.events(), [Event::Healed(Healed::NonceTable)]);
    assert_eq!(sealed.handle.opened(), Opened::Walk);
    drop(sealed);
    bytes.truncate(len - 2 * 4_608);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(open_error(&path), OpenError::Truncated);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "redb's debug assertions read every page at open")]
fn opening_after_a_clean_close_reads_little() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let sealed = create(&path, &key(), &options(), &clock(), init).unwrap();
    for key in 0..40 {
        put(&sealed.db, &[(key, &[3; 500_000])]);
    }
    drop(sealed);
    let sealed = open(&path, &key(), &options(), &clock()).unwrap();
    let read = sealed.handle.bytes_read();
    assert!(read < 512 << 10, "{read} bytes");
    assert!(sealed.handle.file_len().unwrap() > 20 << 20);
}

#[test]
fn a_walk_is_due_after_a_week() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    make(&path);
    let week = 7 * 24 * 3_600 * 1_000;
    for (now, how) in [
        (clock().now_ms() + week - 1, Opened::Table),
        (clock().now_ms() + week, Opened::Walk),
        (clock().now_ms() + week + 1, Opened::Table),
        (clock().now_ms(), Opened::Walk),
    ] {
        let sealed = open(&path, &key(), &options(), &crate::Clock::fixed(now)).unwrap();
        assert_eq!(sealed.handle.opened(), how);
    }
    let options = SealOptions { walk: true, ..options() };
    assert_eq!(open(&path, &key(), &options, &clock()).unwrap().handle.opened(), Opened::Walk);
}
