//! Processes killed at random moments of an import: what they acknowledged is whole. `CHARTKEEP_KILLS` sets
//! how many, `CHARTKEEP_SEED` when.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chartkeep::{CancelToken, Opened, Unlock, Vault};
use chartkeep_tests::{say, setting};

const VAULT: &str = "CHARTKEEP_KILL_VAULT";
const FIRST: &str = "CHARTKEEP_KILL_FIRST";
const ACKNOWLEDGED: &str = "acknowledged ";
/// A vault is killed so often, then a new one is begun.
const KILLS_OF_ONE: u64 = 10;

fn key() -> Unlock {
    Unlock::key([7; 32])
}

/// The resources of file `number`: a few or hundreds, some large, and one that each file changes.
fn file(number: u64) -> BTreeMap<String, Vec<u8>> {
    let count = [3, 40, 700, 1, 150, 1_300][usize::try_from(number % 6).unwrap()];
    let mut found = BTreeMap::new();
    for place in 0..count {
        let filler = "weather was fair ".repeat(if place == 2 { 9_000 } else { place % 7 });
        let id = format!("o{number}-{place}");
        let bytes = format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"step {number}"}},"effectiveDateTime":"2020-01-{:02}","valueInteger":{place},"note":[{{"text":"{filler}"}}]}}"#,
            place % 28 + 1
        );
        found.insert(id, bytes.into_bytes());
    }
    let last = format!(r#"{{"resourceType":"Basic","id":"last","code":{{"text":"{number}"}}}}"#);
    found.insert("last".to_owned(), last.into_bytes());
    found
}

/// In a process of its own: imports file after file until it is killed, and tells each one that is done.
#[test]
fn child() {
    let Some(path) = std::env::var_os(VAULT) else { return };
    let vault = Vault::open_or_create(path, key()).unwrap();
    let here = vault.local_connection("here").unwrap();
    let mut out = std::io::stdout();
    writeln!(out, "\n{ACKNOWLEDGED}0").unwrap();
    for number in setting(FIRST, 1).. {
        let rows: Vec<Vec<u8>> = file(number).into_values().collect();
        let ndjson = rows.join(&b'\n');
        vault.import_bundle(here, &ndjson[..], &CancelToken::new(), |_| {}).unwrap();
        writeln!(out, "{ACKNOWLEDGED}{number}").unwrap();
        out.flush().unwrap();
    }
}

fn spawn(path: &Path, first: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture"])
        .env(VAULT, path)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs one child from file `first` on, kills it, and answers the last file that it acknowledged.
fn killed(path: &Path, first: u64, dice: &mut Dice) -> u64 {
    let mut child = spawn(path, first);
    let last = AtomicU64::new(first - 1);
    let out = BufReader::new(child.stdout.take().unwrap());
    std::thread::scope(|scope| {
        let (ready, opened) = std::sync::mpsc::channel();
        let last = &last;
        scope.spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some(number) = line.strip_prefix(ACKNOWLEDGED) {
                    last.fetch_max(number.parse().unwrap(), Ordering::SeqCst);
                    let _ = ready.send(());
                }
            }
        });
        // One in eight dies while it opens, the others while they import.
        if dice.below(8) != 0 {
            opened.recv_timeout(Duration::from_secs(120)).expect("the child starts");
        }
        std::thread::sleep(Duration::from_micros(dice.below(400_000)));
        child.kill().unwrap();
        child.wait().unwrap();
    });
    last.into_inner()
}

#[test]
fn what_a_killed_import_acknowledged_is_whole() {
    let kills = setting("CHARTKEEP_KILLS", 10);
    let mut dice = Dice(setting("CHARTKEEP_SEED", 1) | 1);
    let folder = tempfile::tempdir().unwrap();
    let (mut path, mut last, mut walks, mut files) = (folder.path().join("0"), 0, 0, 0);
    for kill in 0..kills {
        if kill % KILLS_OF_ONE == 0 {
            let _ = std::fs::remove_file(&path);
            path = folder.path().join(kill.to_string());
            drop(Vault::create(&path, key()).unwrap());
            last = 0;
        }
        let acknowledged = killed(&path, last + 1, &mut dice);
        files += acknowledged - last;
        let vault = Vault::open(&path, key()).unwrap();
        walks += u64::from(vault.info().unwrap().opened == Opened::Walk);
        whole(&vault, acknowledged);
        last = acknowledged;
    }
    say(&format!(
        "{kills} kills, {walks} walked afterwards, {files} files acknowledged, all whole"
    ));
    if kills >= KILLS_OF_ONE {
        assert!(walks * 2 >= kills, "only {walks} of {kills} kills met a vault in use");
        assert!(files >= kills / 5, "only {files} files were imported between {kills} kills");
    }
}

/// Checks a vault that files up to `acknowledged` went into, and perhaps a part of the one behind.
fn whole(vault: &Vault, acknowledged: u64) {
    let mut found = BTreeMap::new();
    vault
        .export(false, |resource| {
            found.insert(resource.id().id.clone(), resource.bytes().to_vec());
            Ok(())
        })
        .unwrap();
    // Each file changes this one; it comes first in the file behind, whose part may be there.
    let changed = found.remove("last");
    let possible = [acknowledged, acknowledged + 1].map(|number| file(number).remove("last"));
    assert!(possible.contains(&changed) || (acknowledged == 0 && changed.is_none()));
    for number in 1..=acknowledged + 1 {
        for (id, bytes) in file(number).into_iter().filter(|(id, _)| id != "last") {
            match found.remove(&id) {
                Some(there) => assert!(there == bytes, "{id} has other bytes"),
                None => assert!(number > acknowledged, "{id} of an acknowledged file is lost"),
            }
        }
    }
    assert_eq!(found.len(), 0, "something is there that nobody imported");
    assert_eq!(vault.check(&CancelToken::new(), |_| {}).unwrap().problems, []);
}

/// Numbers by seed: xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % end.max(1)
    }
}
