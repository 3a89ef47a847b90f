//! The records that are measured: the composite of the data pack, and a generated member of any size, into
//! which the same few resources are planted; and small batches of new resources for both.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use chartkeep_member::Member;
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};

use crate::Outcome;

/// Resources that every generated record holds, whatever its size, far from each other: what
/// `growth.tsv` asks for.
pub(crate) const PLANTED: usize = 50;
/// The system of their code, which nothing else has.
const SYSTEM: &str = "https://chartkeep.example/bench";

/// Which record: the column of `searches.tsv` that it is asked by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Of the data pack.
    Composite,
    /// Generated.
    Member,
}

/// A record in a file of gzipped lines, a resource each; never all in memory.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) kind: Kind,
    pub(crate) path: PathBuf,
}

impl Kind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Composite => "composite",
            Self::Member => "member",
        }
    }
}

impl Record {
    /// The composite, where the data pack keeps it.
    pub(crate) fn composite() -> Outcome<Self> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let path = root.join("../../../shared/fhir/patients/composite/composite-23k.ndjson.gz");
        let path = path
            .canonicalize()
            .map_err(|_| format!("the data pack is missing: {}", path.display()))?;
        Ok(Self { kind: Kind::Composite, path })
    }

    /// A member with so many resources, the planted ones among them, written to `path`. Made before
    /// anything is measured, so that no engine's figures hold the generator's work.
    pub(crate) fn generate(path: PathBuf, resources: usize) -> Outcome<Self> {
        let member = Member::builder().seed(1).resources(resources - PLANTED).build();
        let file = BufWriter::with_capacity(1 << 18, File::create(&path)?);
        let mut out = GzEncoder::new(file, Compression::fast());
        let every = (resources - PLANTED) / PLANTED;
        let (mut written, mut planted) = (0, 0);
        for resource in member.resources() {
            if planted < PLANTED && written == planted * (every + 1) + every / 2 {
                writeln!(out, "{}", plant(planted, member.patient_id()))?;
                (written, planted) = (written + 1, planted + 1);
            }
            writeln!(out, "{}", resource.json)?;
            written += 1;
        }
        out.finish()?.flush()?;
        if (written, planted) != (resources, PLANTED) {
            return Err(format!(
                "{written} resources instead of {resources}, {planted} of them planted"
            )
            .into());
        }
        Ok(Self { kind: Kind::Member, path })
    }

    /// The record that another process made.
    pub(crate) fn at(kind: &str, path: &Path) -> Outcome<Self> {
        let kinds = [Kind::Composite, Kind::Member];
        let kind = kinds.into_iter().find(|known| known.word() == kind).ok_or("no such record")?;
        Ok(Self { kind, path: path.to_owned() })
    }

    /// The resources, one line after another.
    pub(crate) fn lines(&self) -> Outcome<impl Iterator<Item = std::io::Result<String>> + use<>> {
        let file = File::open(&self.path)?;
        Ok(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file)).lines())
    }

    /// How many resources, and how many bytes of JSON they are.
    pub(crate) fn size(&self) -> Outcome<(usize, usize)> {
        let mut size = (0, 0);
        for line in self.lines()? {
            size = (size.0 + 1, size.1 + line?.len());
        }
        Ok(size)
    }

    /// `count` batches of ten resources that the record does not hold: its own under other ids, none
    /// of them planted.
    pub(crate) fn batches(&self, count: usize) -> Outcome<Vec<Vec<String>>> {
        let mut batches = Vec::with_capacity(count);
        let mut batch = Vec::new();
        for line in self.lines()?.skip(1).step_by(7) {
            let line = line?;
            if line.contains(SYSTEM) {
                continue;
            }
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
}

/// A planted resource: found by its code, by its date since 2010, and by the word of its display.
fn plant(number: usize, patient: &str) -> String {
    format!(
        "{{\"resourceType\":\"Observation\",\"id\":\"planted-{number}\",\"status\":\"final\",\"code\":{{\"coding\":\
         [{{\"system\":\"{SYSTEM}\",\"code\":\"planted\",\"display\":\"Planted observation\"}}]}},\"subject\":\
         {{\"reference\":\"Patient/{patient}\"}},\"effectiveDateTime\":\"20{:02}-{:02}-{:02}\",\
         \"valueInteger\":{number}}}",
        10 + number % 16,
        1 + number % 12,
        1 + number % 28,
    )
}
