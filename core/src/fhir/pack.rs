//! The pack of published FHIR data that tests read; absent in a checkout without it.

use std::io::Read;
use std::path::{Path, PathBuf};

/// The JSON files of a folder of the pack, in a fixed order; `None` without a pack.
pub(crate) fn files(folder: &str) -> Option<Vec<PathBuf>> {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fhir");
    if !pack.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "the data pack is missing at ../shared/fhir");
        return None;
    }
    let mut found = Vec::new();
    collect(&pack.join(folder), &mut found);
    found.sort();
    assert!(found.len() > 20);
    Some(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if [".json", ".json.gz", ".ndjson", ".ndjson.gz"]
            .iter()
            .any(|end| path.to_string_lossy().ends_with(end))
        {
            found.push(path);
        }
    }
}

/// A file's bytes, decompressed.
pub(crate) fn content(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|e| e == "gz") {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).unwrap();
        return plain;
    }
    bytes
}
