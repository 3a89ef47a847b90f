//! The record that is measured: the composite of the data pack, and small batches of new resources.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;

use crate::Outcome;

/// Where the data pack keeps the composite.
pub(crate) fn path() -> Outcome<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../../../shared/fhir/patients/composite/composite-23k.ndjson.gz");
    path.canonicalize().map_err(|_| format!("the data pack is missing: {}", path.display()).into())
}

/// The resources, one line after another, never all in memory.
pub(crate) fn lines() -> Outcome<impl Iterator<Item = std::io::Result<String>>> {
    Ok(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(File::open(path()?)?)).lines())
}

/// `count` batches of ten resources that the record does not hold: its own under other ids.
pub(crate) fn batches(count: usize) -> Outcome<Vec<Vec<String>>> {
    let mut batches = Vec::with_capacity(count);
    let mut batch = Vec::new();
    for line in lines()?.skip(1).step_by(7) {
        let line = line?;
        batch.push(line.replacen("\"id\":\"", "\"id\":\"n", 1));
        if batch.len() == 10 {
            batches.push(std::mem::take(&mut batch));
        }
        if batches.len() == count {
            break;
        }
    }
    Ok(batches)
}
