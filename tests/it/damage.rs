//! What damage of the file yields: the typed error with its action, healed, or found by reading; never a
//! changed file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use chartkeep::{
    CancelToken, Error, Event, Healed, NeededAction, OpenError, Opened, Unlock, Vault,
};
use chartkeep_tests::golden::{self, CONNECTION, Golden};
use chartkeep_tests::say;
use chartkeep_tests::sha256::sha256;

use crate::golden::{copy, open};

const COPIES: [usize; 2] = [0, 20_480];
const PAGE_ZERO: [usize; 2] = [40_960, 45_056];
const BLOCKS: usize = 49_152;
const STRIDE: usize = 4_608;
const HELD: &str = "CHARTKEEP_HELD_VAULT";

/// The raw-key vault, changed by `change`.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = copy(Golden::Raw);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Opening is refused so, and leaves every byte.
fn refused(path: &Path, error: &OpenError, action: &str) {
    let before = fs::read(path).unwrap();
    for read_only in [false, true] {
        let options = Vault::options().clock(golden::clock());
        let options = if read_only { options.read_only() } else { options };
        let found = options.open(path, Golden::Raw.unlock()).unwrap_err();
        assert_eq!(&found, error);
        assert_eq!(found.action().name(), action);
    }
    assert!(fs::read(path).unwrap() == before, "{error}: the file was changed");
}

/// Refused so whatever is cut, flipped or written over it.
fn refuses(error: OpenError, action: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let (_folder, path) = changed(change);
    refused(&path, &error, action);
}

/// A header copy with bytes written over it and its checksum made good.
fn patch(bytes: &mut [u8], copies: &[usize], at: usize, new: &[u8]) {
    for copy in copies {
        let header = &mut bytes[*copy..copy + 20_480];
        assert_eq!(sha256(&header[..20_448]), header[20_448..], "the checksum lies elsewhere");
        header[at..at + new.len()].copy_from_slice(new);
        let sum = sha256(&header[..20_448]);
        header[20_448..].copy_from_slice(&sum);
    }
}

#[test]
fn a_wrong_secret_is_told_and_changes_nothing() {
    for (made, unlock) in [
        (Golden::Raw, Unlock::key([8; 32])),
        (Golden::Raw, Unlock::passphrase(b"of another kind")),
        (Golden::Passphrase, Unlock::passphrase(b"bees over the harbour")),
        (Golden::Unclean, Unlock::key([0; 32])),
    ] {
        let (_folder, path) = copy(made);
        let before = fs::read(&path).unwrap();
        let error = Vault::open(&path, unlock).unwrap_err();
        assert_eq!((&error, error.action()), (&OpenError::WrongKey, NeededAction::NeedsUnlock));
        assert!(fs::read(&path).unwrap() == before);
    }
    // A slot that somebody rewrote opens with no key either.
    let wrong = OpenError::WrongKey;
    refuses(wrong, "NeedsUnlock", |bytes| patch(bytes, &COPIES, 256 + 130, &[1, 2, 3]));
}

#[test]
fn what_is_no_vault_or_cut_short_is_left_alone() {
    refuses(OpenError::NotAVault, "NeedsRestore", Vec::clear);
    refuses(OpenError::NotAVault, "NeedsRestore", |bytes| *bytes = b"{\"resourceType\"".to_vec());
    refuses(OpenError::NotAVault, "NeedsRestore", |bytes| bytes.fill(0));
    for length in [8, 5_000, BLOCKS - 1, BLOCKS, BLOCKS + 10 * STRIDE, BLOCKS + 40 * STRIDE + 9] {
        refuses(OpenError::Truncated, "NeedsRestore", |bytes| bytes.truncate(length));
    }
    let folder = tempfile::tempdir().unwrap();
    let absent = Vault::open(folder.path().join("absent"), Golden::Raw.unlock()).unwrap_err();
    assert_eq!(absent, OpenError::NotFound);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(Golden::Raw.path(), &link).unwrap();
    for path in [folder.path(), &link] {
        let error = Vault::open(path, Golden::Raw.unlock()).unwrap_err();
        assert_eq!(error, OpenError::NotAFile);
        let error = Vault::create(path, Golden::Raw.unlock()).unwrap_err();
        assert_eq!(error, OpenError::AlreadyExists);
    }
}

#[test]
fn a_newer_format_asks_for_an_update() {
    let newer = |found| OpenError::NewerFormat { found, known: 1 };
    refuses(newer(2), "NeedsUpdate", |bytes| patch(bytes, &COPIES, 8, &[2, 0]));
    refuses(newer(7), "NeedsUpdate", |bytes| patch(bytes, &COPIES, 8, &[7, 0]));
    let (_folder, path) = changed(|bytes| patch(bytes, &COPIES, 16, &[1]));
    let before = fs::read(&path).unwrap();
    let error = Vault::open(&path, Golden::Raw.unlock()).unwrap_err();
    assert_eq!(error.code(), "vault.newer_format");
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn both_copies_damaged_are_an_error_and_never_a_new_vault() {
    let flip = |places: [usize; 2]| {
        move |bytes: &mut Vec<u8>| places.iter().for_each(|at| bytes[*at] ^= 4)
    };
    for at in [300, 9_000, 20_430] {
        let header = OpenError::HeaderDamaged;
        refuses(header, "NeedsRestore", flip(COPIES.map(|c| c + at)));
    }
    let page = OpenError::PageZeroDamaged;
    refuses(page, "NeedsRestore", flip(PAGE_ZERO.map(|c| c + 77)));
    // The MAC, with a checksum made good: somebody changed it.
    refuses(OpenError::HeaderDamaged, "NeedsRestore", |bytes| {
        patch(bytes, &COPIES, 20_420, &[1, 2, 3, 4]);
    });
    let (_folder, path) = changed(flip(COPIES.map(|c| c + 300)));
    let error = Vault::open_or_create(&path, Golden::Raw.unlock()).unwrap_err();
    assert_eq!(error, OpenError::HeaderDamaged);
}

#[test]
fn one_damaged_copy_is_healed_and_told() {
    let exported = fs::read(Golden::Raw.path().with_extension("ndjson")).unwrap();
    let table = fs::read(Golden::Raw.path()).unwrap().len() - 100;
    for (at, healed) in [
        (COPIES[0] + 500, Healed::HeaderCopy(0)),
        (COPIES[1] + 500, Healed::HeaderCopy(1)),
        (PAGE_ZERO[0] + 500, Healed::PageZeroSlot(0)),
        (PAGE_ZERO[1] + 500, Healed::PageZeroSlot(1)),
        (table, Healed::NonceTable),
    ] {
        let (_folder, path) = changed(|bytes| bytes[at] ^= 0x10);
        let vault = open(&path, Golden::Raw);
        assert_eq!(vault.events(), [Event::Healed(healed)]);
        assert!(golden::export(&vault).unwrap() == exported, "{healed:?}");
        assert_eq!(vault.check(&CancelToken::new(), |_| {}).unwrap().problems, []);
        let walked = vault.info().unwrap().opened == Opened::Walk;
        assert!(walked || healed != Healed::NonceTable, "the walk takes the table's place");
        let connection = vault.connection(CONNECTION).unwrap().unwrap().id;
        let written = vault.write(connection, |tx| tx.put(br#"{"resourceType":"Basic","id":"b"}"#));
        assert_eq!(written, Ok(()));
        drop(vault);
        let vault = open(&path, Golden::Raw);
        assert_eq!(vault.events(), [], "{healed:?} stays mended");
        assert_eq!(vault.search("Basic").unwrap().total, 1);
    }
}

/// Equal but for page 0, in whose slots redb notes that it is open.
fn untouched(before: &[u8], after: &[u8]) -> bool {
    before[..PAGE_ZERO[0]] == after[..PAGE_ZERO[0]] && before[BLOCKS..] == after[BLOCKS..]
}

#[test]
fn a_damaged_block_is_named_and_nothing_is_written_over() {
    let whole = fs::read(Golden::Raw.path()).unwrap();
    let exported = fs::read(Golden::Raw.path().with_extension("ndjson")).unwrap();
    let (mut opened, mut read, mut free) = (0, 0, 0);
    // The last record is the nonce table.
    for block in 1..(whole.len() - BLOCKS) / STRIDE {
        let at = BLOCKS + (block - 1) * STRIDE;
        if whole[at..at + STRIDE].iter().all(|byte| *byte == 0) {
            continue;
        }
        let (_folder, path) = changed(|bytes| bytes[at + 1_000] ^= 0x40);
        let damaged = fs::read(&path).unwrap();
        let number = block as u64;
        let mut unreferenced = false;
        match Vault::options().clock(golden::clock()).open(&path, Golden::Raw.unlock()) {
            Err(error) => {
                assert_eq!(error, OpenError::BlockDamaged(number));
                assert_eq!(error.action(), NeededAction::NeedsRestore);
                let plain = std::env::var_os("CHARTKEEP_REDB").is_some();
                // Without debug assertions redb notes that it is open before the damage is met.
                assert!(plain || fs::read(&path).unwrap() == damaged, "block {block}");
                opened += 1;
            }
            Ok(vault) => {
                let found = vault.check(&CancelToken::new(), |_| {});
                match golden::export(&vault) {
                    Ok(bytes) => assert!(bytes == exported, "block {block}: other bytes"),
                    Err(error) => {
                        assert_eq!(error, Error::BlockDamaged(number));
                        assert_eq!(error.action(), NeededAction::NeedsRestore);
                    }
                }
                let problems = found.unwrap().problems;
                let named = |text: &str| {
                    text.split(|c: char| !c.is_ascii_digit()).any(|n| n == number.to_string())
                };
                assert!(problems.iter().any(|p| named(&p.text)), "block {block}: {problems:?}");
                unreferenced = problems.len() == 1;
                read += u32::from(!unreferenced);
            }
        }
        // A block that no tree refers to may be written over; one that a read missed may not.
        if !untouched(&damaged, &fs::read(&path).unwrap()) {
            assert!(unreferenced, "block {block}: the file was changed");
            assert!(golden::export(&open(&path, Golden::Raw)).unwrap() == exported);
            free += 1;
        }
    }
    say(&format!(
        "blocks: {opened} refused at opening, {read} by reading, {free} written over as free"
    ));
    assert!(opened + read > 2 * free, "{opened} refused, {read} found by reading, {free} free");
}

#[test]
fn a_block_put_back_is_told_from_a_damaged_one() {
    let (_folder, path) = copy(Golden::Raw);
    let before = fs::read(&path).unwrap();
    let vault = open(&path, Golden::Raw);
    let connection = vault.connection(CONNECTION).unwrap().unwrap().id;
    vault.write(connection, |tx| tx.put(br#"{"resourceType":"Basic","id":"b"}"#)).unwrap();
    drop(vault);
    let after = fs::read(&path).unwrap();
    let mut replaced = 0;
    // The last record of each is its nonce table.
    for block in 1..(before.len().min(after.len()) - BLOCKS) / STRIDE {
        let place = BLOCKS + (block - 1) * STRIDE..BLOCKS + block * STRIDE;
        if before[place.clone()] == after[place.clone()]
            || before[place.clone()].iter().all(|b| *b == 0)
        {
            continue;
        }
        let mut bytes = after.clone();
        bytes[place.clone()].copy_from_slice(&before[place]);
        fs::write(&path, &bytes).unwrap();
        match Vault::options().clock(golden::clock()).open(&path, Golden::Raw.unlock()) {
            Err(error) => assert_eq!(error, OpenError::BlockReplaced(block as u64)),
            Ok(vault) => {
                let problems = vault.check(&CancelToken::new(), |_| {}).unwrap().problems;
                assert!(problems.iter().any(|p| p.code == "vault.block_replaced"), "{problems:?}");
                // What no tree refers to may be written over.
                if problems.len() == 1 {
                    continue;
                }
            }
        }
        assert!(
            untouched(&bytes, &fs::read(&path).unwrap()),
            "block {block}: the file was changed"
        );
        replaced += 1;
    }
    assert!(replaced > 0);
    say(&format!("blocks: {replaced} put back, each refused"));
}

#[test]
fn another_vault_and_an_older_state_are_refused_by_what_the_app_kept() {
    let (_folder, path) = copy(Golden::Raw);
    // For reading only, as nothing may move the counter.
    let options = || Vault::options().clock(golden::clock()).read_only();
    let info = options().open(&path, Golden::Raw.unlock()).unwrap().info().unwrap();
    let kept = options().expect_vault(&info.vault_id).unwrap().anchor(info.counter);
    drop(kept.open(&path, Golden::Raw.unlock()).unwrap());
    let ahead = options().anchor(info.counter + 1).open(&path, Golden::Raw.unlock()).unwrap_err();
    let (have, want) = (info.counter, info.counter + 1);
    assert_eq!(ahead, OpenError::RolledBack { have, want });
    let other = options().expect_vault(&"5a".repeat(16)).unwrap();
    assert_eq!(other.open(&path, Golden::Raw.unlock()).unwrap_err(), OpenError::WrongVault);
}

/// In a process of its own: holds a vault until it is killed.
#[test]
fn child() {
    let Some(path) = std::env::var_os(HELD).map(PathBuf::from) else { return };
    let _vault = open(&path, Golden::Raw);
    fs::write(path.with_extension("held"), b"").unwrap();
    std::thread::sleep(Duration::from_secs(600));
}

#[test]
fn a_second_process_is_told_to_try_later() {
    let (_folder, path) = copy(Golden::Raw);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["damage::child", "--exact"])
        .env(HELD, &path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..6_000 {
        if path.with_extension("held").exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let before = fs::read(&path).unwrap();
    let error = Vault::open(&path, Golden::Raw.unlock()).unwrap_err();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(error, OpenError::InUse);
    assert_eq!(error.action(), NeededAction::TryLater { after_ms: 1_000 });
    assert!(fs::read(&path).unwrap() == before);
    drop(open(&path, Golden::Raw));
}
