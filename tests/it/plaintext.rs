//! No file that the process makes shows a piece of a record: no 12 bytes of a narrative, name, identifier
//! or code display in a row.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use chartkeep::{CancelToken, Unlock, Vault, testing};
use chartkeep_tests::{content, files, golden, pack, say};
use serde_json::Value;

const WINDOW: usize = 12;
const CLASSES: [&str; 4] = ["narrative", "name", "identifier", "display"];

/// Every window of every text of each class.
#[derive(Default)]
struct Needles {
    of: BTreeMap<&'static str, HashSet<[u8; WINDOW]>>,
    /// Whether some window begins with these two bytes.
    begins: Vec<bool>,
}

impl Needles {
    fn of(records: &[Vec<u8>]) -> Self {
        let mut needles = Self { of: BTreeMap::new(), begins: vec![false; 1 << 16] };
        for record in records {
            for value in serde_json::Deserializer::from_slice(record).into_iter::<Value>() {
                needles.walk(&value.unwrap(), "");
            }
        }
        for class in CLASSES {
            assert!(
                needles.of.get(class).is_some_and(|set| set.len() > 9),
                "no {class} to look for"
            );
        }
        needles
    }

    fn walk(&mut self, value: &Value, member: &str) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.walk(item, member)),
            Value::Object(members) => {
                for (name, value) in members {
                    match (member, name.as_str()) {
                        ("text", "div") => self.add("narrative", value),
                        ("name", "text" | "family" | "given") => self.add("name", value),
                        ("identifier", "value") => self.add("identifier", value),
                        (_, "display") => self.add("display", value),
                        (_, "name") if value.is_string() => self.add("name", value),
                        _ => self.walk(value, name),
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, class: &'static str, value: &Value) {
        // The markup of a narrative is no secret, but it is no exception either. Text between
        // characters that JSON escapes looks the same in every form.
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(class, item)),
            Value::String(text) => {
                for piece in text.split(['"', '\\', '/', '\n', '\r', '\t']) {
                    for window in piece.as_bytes().windows(WINDOW) {
                        let window: [u8; WINDOW] = window.try_into().unwrap();
                        self.begins[start(&window)] = true;
                        self.of.entry(class).or_default().insert(window);
                    }
                }
            }
            _ => {}
        }
    }

    /// The classes of which `bytes` show a piece, and how many pieces of each.
    fn hits(&self, bytes: &[u8]) -> BTreeMap<&'static str, usize> {
        let mut hits = BTreeMap::new();
        for window in bytes.windows(WINDOW).filter(|window| self.begins[start(window)]) {
            for (class, set) in &self.of {
                if set.contains(window) {
                    *hits.entry(*class).or_default() += 1;
                }
            }
        }
        hits
    }
}

fn start(window: &[u8]) -> usize {
    usize::from(window[0]) << 8 | usize::from(window[1])
}

/// Looks at every file of a folder while `work` runs, and once more behind it.
fn watched(folder: &Path, needles: &Needles, work: impl FnOnce()) -> (usize, HashSet<String>) {
    let scan = |names: &mut HashSet<String>| {
        let mut bytes = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // A sibling may be gone, renamed over the vault, before it is read.
            let Ok(content) = fs::read(&path) else { continue };
            bytes += content.len();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert_eq!(needles.hits(&content), BTreeMap::new(), "in {name}");
            names.insert(if name == "me.vault" { name } else { name[..14].to_owned() });
        }
        bytes
    };
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut bytes, mut names) = (0, HashSet::new());
            while !ended.load(Ordering::Relaxed) {
                bytes += scan(&mut names);
            }
            (bytes, names)
        });
        work();
        ended.store(true, Ordering::Relaxed);
        let (bytes, mut names) = watcher.join().unwrap();
        (bytes + scan(&mut names), names)
    })
}

fn no_file_shows(records: &[Vec<u8>]) {
    let needles = Needles::of(records);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("me.vault");
    let unlock = || Unlock::key([7; 32]);
    let mut exported = Vec::new();
    let (scanned, names) = watched(folder.path(), &needles, || {
        let vault = Vault::create(&path, unlock()).unwrap();
        let connection = vault.local_connection("import").unwrap();
        for record in records {
            vault.import_bundle(connection, &record[..], &CancelToken::new(), |_| {}).unwrap();
        }
        drop(vault);
        let vault = Vault::open(&path, unlock()).unwrap();
        vault.find("patient").unwrap();
        vault.search("Observation?_sort=-date").unwrap();
        testing::flush(&vault).unwrap();
        vault.rebuild_index().unwrap();
        vault.compact(&CancelToken::new(), |_| {}).unwrap();
        vault.compact_deep(&CancelToken::new(), |_| {}).unwrap();
        assert_eq!(vault.check(&CancelToken::new(), |_| {}).unwrap().problems, []);
        exported = golden::export(&vault).unwrap();
    });
    assert!(scanned > exported.len(), "{scanned} bytes were looked at");
    assert!(names.contains("me.vault"));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "the vault is the only file");
    let windows: Vec<_> = needles.of.iter().map(|(class, set)| (class, set.len())).collect();
    say(&format!("{windows:?} windows not in {scanned} bytes of {names:?}"));
    // The same scan finds every class in what the vault gives out, so it would have found it there.
    let shown = needles.hits(&exported);
    for class in CLASSES {
        assert!(shown.get(class).is_some_and(|&hits| hits > 9), "{class}: {shown:?}");
    }
}

#[test]
fn no_file_shows_a_piece_of_our_own_record() {
    no_file_shows(&["member.json", "more.ndjson"].map(golden::record));
}

#[test]
fn no_golden_vault_shows_a_piece_of_its_record() {
    let needles = Needles::of(&["member.json", "more.ndjson"].map(golden::record));
    for made in golden::Golden::ALL {
        assert_eq!(needles.hits(&fs::read(made.path()).unwrap()), BTreeMap::new(), "{made:?}");
        let exported = fs::read(made.path().with_extension("ndjson")).unwrap();
        assert_eq!(needles.hits(&exported).len(), CLASSES.len());
    }
}

#[test]
fn no_file_shows_a_piece_of_a_published_record() {
    let Some(pack) = pack() else { return };
    let smallest = files(&pack.join("patients/synthea-3.0"))
        .into_iter()
        .filter(|path| path.to_string_lossy().contains(".json"))
        .map(|path| content(&path))
        .filter(|bytes| bytes.len() > 200_000)
        .min_by_key(Vec::len)
        .expect("a synthetic patient");
    no_file_shows(&[smallest]);
}
