//! Other processes: they are refused while one holds the vault, and being killed loses nothing
//! that was acknowledged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::support::*;
use crate::error::OpenError;
use crate::seal::power_cut::Dice;
use crate::seal::{Opened, create, open};

const VAULT: &str = "CHARTKEEP_CHILD_VAULT";

fn acknowledged(vault: &Path) -> PathBuf {
    vault.with_extension("acknowledged")
}

/// Runs [`child`] in a process of its own.
fn spawn(vault: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["seal::tests::process::child", "--exact"])
        .env(VAULT, vault)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// In a child process: commits until killed, and tells each commit after it returned.
#[test]
fn child() {
    let Some(vault) = std::env::var_os(VAULT).map(PathBuf::from) else { return };
    let sealed = open(&vault, &key(), &options(), &clock()).unwrap();
    let first = rows(&sealed.db).unwrap().len() as u64;
    for number in first.. {
        put(&sealed.db, &[(number, &[7; 5_000])]);
        let told = acknowledged(&vault);
        let new = told.with_extension("tmp");
        fs::write(&new, number.to_string()).unwrap();
        fs::rename(new, told).unwrap();
    }
}

fn wait_for(path: &Path) {
    for _ in 0..3_000 {
        if path.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the child did not start");
}

#[test]
fn killed_processes_lose_no_acknowledged_commit() {
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("v");
    drop(create(&vault, &key(), &options(), &clock(), init).unwrap());
    let mut dice = Dice::new(1);
    for _ in 0..8 {
        let told = acknowledged(&vault);
        if told.exists() {
            fs::remove_file(&told).unwrap();
        }
        let mut process = spawn(&vault);
        wait_for(&told);
        let refused = open(&vault, &key(), &options(), &clock()).unwrap_err();
        assert_eq!(refused, OpenError::InUse);
        std::thread::sleep(Duration::from_millis(dice.below(60)));
        process.kill().unwrap();
        process.wait().unwrap();

        let last: u64 = fs::read_to_string(&told).unwrap().parse().unwrap();
        let sealed = open(&vault, &key(), &options(), &clock()).unwrap();
        assert_eq!(sealed.handle.opened(), Opened::Walk);
        let rows = rows(&sealed.db).unwrap();
        let found: Vec<u64> = rows.iter().map(|row| row.0).collect();
        let expected: Vec<u64> = (0..found.len() as u64).collect();
        assert_eq!(found, expected);
        assert!(rows.len() as u64 > last, "{last} was acknowledged, {} found", rows.len());
    }
}
