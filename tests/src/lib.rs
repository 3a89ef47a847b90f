//! What the suites share: the data pack, and a reading of it that shares no line with the vault.

/// Our own records, and vaults made of them by an earlier build.
pub mod golden;
/// SHA-256 without the code under test.
pub mod sha256;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

/// The folder of published records, `../shared/fhir` beside the workspace. Where it is missing the tests that
/// read it say so and pass, except where `CI` is set.
///
/// # Panics
/// When the pack is missing and `CI` is set.
pub fn pack() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fhir");
    if root.is_dir() {
        return Some(root);
    }
    assert!(std::env::var_os("CI").is_none(), "../shared/fhir is missing, and CI is set");
    say("skipped: ../shared/fhir is missing");
    None
}

/// Every data file below `folder`, sorted.
///
/// # Panics
/// When the folder cannot be read.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the pack is readable") {
            let path = entry.expect("the pack is readable").path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if [".json", ".ndjson", ".json.gz", ".ndjson.gz"]
                .iter()
                .any(|e| name.ends_with(e))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The file's content, decompressed.
///
/// # Panics
/// When the file cannot be read.
pub fn content(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("the pack is readable");
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return bytes;
    }
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain).expect("valid gzip");
    plain
}

/// One resource of an input: type, id, exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// FHIR type.
    pub resource_type: String,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// The exact bytes in the input.
    pub bytes: Vec<u8>,
}

/// Cuts an input into its resources with `serde_json` alone, in reading order.
///
/// # Panics
/// When the input is not JSON.
pub fn slices(input: &[u8]) -> Vec<Slice> {
    let mut found = Vec::new();
    let input = input.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input);
    for value in serde_json::Deserializer::from_slice(input).into_iter::<Box<RawValue>>() {
        let value = value.expect("valid JSON");
        let members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(value.get()).expect("an object");
        let text = |name: &str| {
            members.get(name).and_then(|v| serde_json::from_str::<String>(v.get()).ok())
        };
        let is_bundle = text("resourceType").as_deref() == Some("Bundle");
        if !is_bundle || matches!(text("type").as_deref(), Some("document" | "message")) {
            found.extend(slice(&value, false));
            continue;
        }
        let entries: Vec<BTreeMap<String, Box<RawValue>>> = members
            .get("entry")
            .map(|e| serde_json::from_str(e.get()).expect("entries"))
            .unwrap_or_default();
        let searchset = text("type").as_deref() == Some("searchset");
        for entry in entries {
            if let Some(resource) = entry.get("resource") {
                found.extend(slice(resource, searchset));
            }
        }
    }
    found
}

fn slice(value: &RawValue, searchset: bool) -> Option<Slice> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(value.get()).ok()?;
    let text =
        |name: &str| members.get(name).and_then(|v| serde_json::from_str::<String>(v.get()).ok());
    let resource_type = text("resourceType")?;
    if searchset && resource_type == "OperationOutcome" {
        return None;
    }
    Some(Slice { resource_type, id: text("id"), bytes: value.get().as_bytes().to_vec() })
}

/// Whether two resources differ in nothing but what servers restamp.
///
/// # Panics
/// When the bytes are not JSON.
pub fn same_content(a: &[u8], b: &[u8]) -> bool {
    let stripped = |bytes: &[u8]| {
        let mut value: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
        let mut empty = false;
        if let Some(meta) = value.get_mut("meta").and_then(|m| m.as_object_mut()) {
            for name in ["lastUpdated", "versionId", "source", "tag"] {
                meta.remove(name);
            }
            empty = meta.is_empty();
        }
        if let Some(object) = value.as_object_mut().filter(|_| empty) {
            object.remove("meta");
        }
        value
    };
    stripped(a) == stripped(b)
}

/// A number from the environment, for suites that run longer in CI.
pub fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

/// Prints what a test found or left out; seen with `--nocapture`.
#[expect(clippy::print_stderr, reason = "figures and skipped tests must be seen")]
pub fn say(text: &str) {
    eprintln!("{text}");
}
