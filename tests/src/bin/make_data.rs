//! Makes what `core/data` holds from the invented member: the built-in member of `Vault::sample()`, and the
//! dictionary that new vaults compress with until they have one of their own.
//!
//! `make_data` writes both, `make_data --check` says whether they are what it would write, and
//! `make_data --effect` prints what the dictionary does for published records (`../shared/fhir/patients`).

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chartkeep_member::Member;
use chartkeep_tests::{content, files, pack, slices};
use zstd::bulk::Compressor;
use zstd::dict::EncoderDictionary;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The built-in member.
const SAMPLE: (u64, usize) = (1, 1_000);
/// Members that the dictionary learns from: seed and size.
const LEARNED: [(u64, usize); 12] = [
    (101, 2_000),
    (102, 2_000),
    (103, 2_000),
    (104, 2_000),
    (105, 2_000),
    (106, 2_000),
    (107, 600),
    (108, 600),
    (109, 600),
    (110, 600),
    (111, 5_000),
    (112, 5_000),
];
/// Of many resources of a type one in so many is learned from, so that the many do not crowd out the few.
const OF_A_TYPE: usize = 600;
/// As the vault has it.
const LEVEL: i32 = 3;
const DICTIONARY_BYTES: usize = 65_536;
const LONGEST: usize = 32 << 10;
const FRAME_ROWS: usize = 4;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => write(),
        ["--check"] => check(),
        ["--effect"] => effect(),
        _ => Err("usage: make_data [--check | --effect]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "make_data: {error}");
            ExitCode::FAILURE
        }
    }
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/data").join(name)
}

/// Name and bytes of each file.
fn made() -> Outcome<[(&'static str, Vec<u8>); 2]> {
    Ok([("member-1.ndjson.zst", sample()?), ("dictionary-1.zdict", dictionary()?)])
}

fn write() -> Outcome<()> {
    for (name, bytes) in made()? {
        std::fs::write(path(name), &bytes)?;
        say(&format!("{name}: {} bytes", bytes.len()))?;
    }
    Ok(())
}

fn check() -> Outcome<()> {
    for (name, bytes) in made()? {
        if std::fs::read(path(name)).ok().as_deref() != Some(&bytes[..]) {
            return Err(format!("core/data/{name} is not what make_data writes").into());
        }
    }
    say("2 passed, 0 failed")
}

fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn sample() -> Outcome<Vec<u8>> {
    let mut lines = String::new();
    let member = Member::builder().seed(SAMPLE.0).resources(SAMPLE.1).build();
    for resource in member.resources() {
        let _ = writeln!(lines, "{}", resource.json);
    }
    Ok(zstd::bulk::compress(lines.as_bytes(), 19)?)
}

fn dictionary() -> Outcome<Vec<u8>> {
    let (mut data, mut sizes) = (Vec::new(), Vec::new());
    for (seed, size) in LEARNED {
        let mut of_type = std::collections::BTreeMap::<&str, usize>::new();
        for resource in Member::builder().seed(seed).resources(size).build().resources() {
            let seen = of_type.entry(resource.kind).or_default();
            *seen += 1;
            if *seen <= OF_A_TYPE && resource.json.len() <= LONGEST {
                data.extend_from_slice(resource.json.as_bytes());
                sizes.push(resource.json.len());
            }
        }
    }
    Ok(zstd::dict::from_continuous(&data, &sizes, DICTIONARY_BYTES)?)
}

/// Compresses frames of four adjacent resources of one type, as the vault does.
fn effect() -> Outcome<()> {
    let Some(pack) = pack() else { return Ok(()) };
    let dictionary = std::fs::read(path("dictionary-1.zdict"))?;
    let prepared = EncoderDictionary::copy(&dictionary, LEVEL);
    let mut without = Compressor::new(LEVEL)?;
    let mut with = Compressor::with_prepared_dictionary(&prepared)?;
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(pack.join("patients"))?.flatten().map(|entry| entry.path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    say("| records | JSON, MB | times smaller without | with the shipped dictionary |")?;
    say("|---|---:|---:|---:|")?;
    let (mut all, mut all_without, mut all_with) = (0, 0, 0);
    for folder in folders {
        let (mut plain, mut small, mut smaller) = (0, 0, 0);
        for file in files(&folder) {
            let mut found = slices(&content(&file));
            found.sort_by(|a, b| a.resource_type.cmp(&b.resource_type));
            for same in found.chunk_by(|a, b| a.resource_type == b.resource_type) {
                for frame in same.chunks(FRAME_ROWS) {
                    let bytes: Vec<u8> = frame.iter().flat_map(|one| one.bytes.clone()).collect();
                    plain += bytes.len();
                    small += without.compress(&bytes)?.len();
                    smaller += with.compress(&bytes)?.len();
                }
            }
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        say(&row(&name, plain, small, smaller))?;
        (all, all_without, all_with) = (all + plain, all_without + small, all_with + smaller);
    }
    say(&row("all", all, all_without, all_with))
}

fn row(name: &str, plain: usize, without: usize, with: usize) -> String {
    let times = |packed: usize| plain as f64 / packed.max(1) as f64;
    format!("| {name} | {:.1} | {:.2} | {:.2} |", plain as f64 / 1e6, times(without), times(with))
}
