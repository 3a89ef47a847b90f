//! Every resource of the shared data pack through the extractor (tests only).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Extractor, KeySink, ParamNumbers, References};
use crate::fhir::{Node, Tape, Zone};
use crate::index::key::{self, tag};
use crate::index::params::{self, Param};

/// A parameter's number is its place in the table.
pub(super) struct ByIndex;

impl ParamNumbers for ByIndex {
    fn number(&self, param: &'static Param) -> u16 {
        key::system::FIRST_PARAMETER + u16::try_from(param.index).expect("the table is small")
    }
}

pub(super) fn extractor() -> Extractor {
    Extractor::new(Zone::UTC, Arc::new(ByIndex))
}

/// The shared data pack, or none where it is not checked out; CI must have it.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn pack() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fhir");
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "the data pack ../shared/fhir is missing");
    eprintln!("skipped: the data pack ../shared/fhir is missing");
    None
}

/// Every JSON or NDJSON file below a folder, unpacked.
fn files(folder: &Path, out: &mut Vec<(PathBuf, Vec<u8>)>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, out);
        } else if name.contains("json") {
            let mut bytes = std::fs::read(&path).unwrap();
            if name.ends_with(".gz") {
                let packed = std::mem::take(&mut bytes);
                flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
            }
            out.push((path, bytes));
        }
    }
}

/// How often each parameter of each type has a value.
#[derive(Default)]
struct Seen {
    resource_type: String,
    pairs: BTreeMap<(String, u16), u64>,
}

impl KeySink for Seen {
    fn key(&mut self, key: &[u8]) {
        let (number, kind, payload) = key::head(key).expect("a key has a head");
        if number < key::system::FIRST_PARAMETER {
            return;
        }
        key::decode(kind, payload).expect("a key can be read");
        if kind == tag::PRESENCE {
            *self.pairs.entry((self.resource_type.clone(), number)).or_default() += 1;
        }
    }
}

fn visit(extractor: &Extractor, bytes: &[u8], is_example: bool, seen: &mut Seen) -> usize {
    let tape = Tape::parse(bytes).expect("the pack holds JSON");
    let root = tape.root();
    let mut addresses = HashMap::new();
    let mut inner = vec![];
    let resource_type =
        |n: Node<'_>| n.get("resourceType").and_then(Node::str).unwrap().into_owned();
    if resource_type(root) == "Bundle" {
        for entry in root.get("entry").into_iter().flat_map(Node::each) {
            let Some(resource) = entry.get("resource") else { continue };
            inner.push(resource);
            if let (Some(url), Some(id)) =
                (entry.get("fullUrl").and_then(Node::str), resource.get("id").and_then(Node::str))
            {
                addresses.insert(url.into_owned(), (resource_type(resource), id.into_owned()));
            }
        }
    }
    let resolve = |url: &str| addresses.get(url).map(|(t, id)| (t.as_str(), id.as_str()));
    let refs = References { connection: 1, bases: &[], resolve: &resolve };
    if inner.is_empty() || is_example {
        inner = vec![root];
    }
    for resource in &inner {
        seen.resource_type = resource_type(*resource);
        extractor.extract(&seen.resource_type.clone(), *resource, &refs, seen);
    }
    inner.len()
}

#[test]
fn every_resource_of_the_pack_gives_its_values() {
    let Some(pack) = pack() else { return };
    let extractor = extractor();
    let (mut seen, mut resources) = (Seen::default(), 0);
    for folder in ["examples", "patients", "formulary"] {
        let mut all = vec![];
        files(&pack.join(folder), &mut all);
        for (path, bytes) in all {
            let lines = path.to_string_lossy().contains("ndjson");
            let pieces: Vec<&[u8]> =
                if lines { bytes.split(|&b| b == b'\n').collect() } else { vec![&bytes] };
            for piece in pieces.into_iter().filter(|p| !p.is_empty()) {
                resources += visit(&extractor, piece, folder == "examples", &mut seen);
            }
        }
    }
    let by_number: HashMap<u16, &Param> = params::types()
        .chain(["Resource"])
        .flat_map(params::for_type)
        .map(|p| (ByIndex.number(p), *p))
        .collect();
    // A parameter of all types counts once, as in the pack's own count.
    let found: BTreeSet<(&str, &str)> =
        seen.pairs.keys().map(|(_, n)| (by_number[n].base, by_number[n].code)).collect();
    assert_eq!(resources, 70_430);
    let definitions = pack.join("definitions");
    let r4 = defined(&definitions.join("r4/search-parameters.json"));
    let with_value = r4.iter().filter(|(b, c)| found.contains(&(b.as_str(), c.as_str()))).count();
    assert_eq!(with_value, PAIRS_WITH_VALUE - WITHOUT_KEYS.len());
    for pair in WITHOUT_KEYS {
        assert!(!found.contains(&pair), "{pair:?}");
    }
    for guide in GUIDES {
        for (base, code) in defined(&definitions.join(guide).join("search-parameters.ndjson")) {
            let param = params::find(&base, &code).unwrap_or_else(|| panic!("{base}.{code}"));
            assert!(
                found.contains(&(param.base, param.code)),
                "{guide}: {base}.{code} has no value"
            );
        }
    }
    for (base, code) in r4 {
        let known = params::find(&base, &code).is_some();
        assert!(known || params::known_unsupported(&base, &code), "{base}.{code}");
    }
}

const GUIDES: [&str; 5] = [
    "us-core-6.1.0",
    "carin-bb-2.0.0",
    "davinci-pdex-2.0.0",
    "davinci-pdex-2.1.1-ci",
    "davinci-drug-formulary-2.0.1",
];

/// The pack's own count of R4 parameters of a type that have a value somewhere.
const PAIRS_WITH_VALUE: usize = 1232;

/// Of these the pack counts the place; it never holds all components, and `near` isn't extracted.
const WITHOUT_KEYS: [(&str, &str); 6] = [
    ("Group", "characteristic-value"),
    ("Location", "near"),
    ("Measure", "context-type-value"),
    ("MolecularSequence", "chromosome-variant-coordinate"),
    ("Questionnaire", "context-type-quantity"),
    ("TestScript", "context-type-quantity"),
];

/// Base and code of each SearchParameter in a file.
fn defined(path: &Path) -> Vec<(String, String)> {
    let bytes = std::fs::read(path).unwrap();
    let mut out = vec![];
    let mut read = |parameter: Node<'_>| {
        let code = parameter.get("code").and_then(Node::str).unwrap().into_owned();
        for base in parameter.get("base").into_iter().flat_map(Node::items) {
            out.push((base.str().unwrap().into_owned(), code.clone()));
        }
    };
    if path.extension().is_some_and(|e| e == "ndjson") {
        for line in bytes.split(|&b| b == b'\n').filter(|l| !l.is_empty()) {
            read(Tape::parse(line).unwrap().root());
        }
    } else {
        for entry in Tape::parse(&bytes).unwrap().root().get("entry").unwrap().items() {
            read(entry.get("resource").unwrap());
        }
    }
    out
}
