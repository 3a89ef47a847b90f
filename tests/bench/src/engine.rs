//! What is measured of an engine, in the order in which an app meets it.

use std::path::Path;

use serde_json::{Value, json};

use crate::searches::{self, Asked};
use crate::{Outcome, meter, record};

/// Resources in one commit of the import.
pub(crate) const PER_COMMIT: usize = 1_000;
/// Page cache of each engine, in bytes.
pub(crate) const CACHE: usize = 16 << 20;
/// Resources on the first page of a search.
pub(crate) const PAGE: u32 = 20;
/// The key of both engines; sealing and its costs are in every figure.
pub(crate) const KEY: [u8; 32] = [7; 32];

const COMMITS: usize = 100;
const ROUNDS: usize = 15;
const ROUND_US: f64 = 20_000.0;

/// The answer to a search: how many there are, and the bytes of the first page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) total: usize,
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
}

/// One store with everything on.
pub(crate) trait Engine: Sized {
    /// A search that is ready to run again and again.
    type Prepared<'a>
    where
        Self: 'a;
    /// Creates the store in `folder` and imports the whole record, durably.
    fn import(folder: &Path) -> Outcome<Self>;
    /// Puts the file into its smallest shape and closes it.
    fn compact(self) -> Outcome<()>;
    /// Opens it again.
    fn open(folder: &Path) -> Outcome<Self>;
    /// Commits ten new resources, durably.
    fn commit(&mut self, resources: &[String]) -> Outcome<()>;
    /// Prepares a search.
    fn prepare<'a>(&'a self, asked: &Asked) -> Outcome<Self::Prepared<'a>>;
    /// Name and version.
    fn version(&self) -> Outcome<String>;
    /// Runs a prepared search: its total and the bytes of its first page.
    fn ask(prepared: &mut Self::Prepared<'_>) -> Outcome<Answer>;
}

/// All figures of one engine.
pub(crate) fn measure<E: Engine>(folder: &Path) -> Outcome<Value> {
    let (mut resources, mut raw) = (0_usize, 0_usize);
    for line in record::lines()? {
        resources += 1;
        raw += line?.len();
    }
    let written = meter::written();
    let (store, import_cpu, import_wall) = meter::timed(|| E::import(folder));
    let store = store?;
    let (peak_kib, written) = (meter::peak_kib(), meter::written() - written);
    let grown = size(folder)?;
    let (compacted, compact_cpu, _) = meter::timed(|| store.compact());
    compacted?;
    let file = size(folder)?;
    let (mut open_cpu, mut open_wall) = (f64::MAX, f64::MAX);
    for _ in 0..5 {
        let (store, cpu, wall) = meter::timed(|| E::open(folder));
        drop(store?);
        (open_cpu, open_wall) = (open_cpu.min(cpu), open_wall.min(wall));
    }
    let mut store = E::open(folder)?;
    let mut searches = Vec::new();
    for asked in searches::all()? {
        let mut prepared = store.prepare(&asked)?;
        let (answer, us) = warm::<E>(&mut prepared)?;
        searches.push(json!({
            "name": asked.name, "query": asked.query, "us": us,
            "total": answer.total, "rows": answer.rows, "bytes": answer.bytes,
        }));
    }
    let (commit_cpu, commit_wall, commit_bytes) = commits(&mut store)?;
    Ok(json!({
        "version": store.version()?, "resources": resources, "raw": raw, "import_cpu": import_cpu, "import_wall": import_wall,
        "import_written": written, "peak_kib": peak_kib, "grown": grown, "file": file,
        "compact_cpu": compact_cpu, "open_cpu": open_cpu, "open_wall": open_wall,
        "commit_cpu": commit_cpu, "commit_wall": commit_wall, "commit_bytes": commit_bytes,
        "searches": searches,
    }))
}

/// Processor time of one run when everything it needs is in memory: the best of several rounds.
fn warm<E: Engine>(prepared: &mut E::Prepared<'_>) -> Outcome<(Answer, f64)> {
    let first = E::ask(prepared)?;
    let (mut best, mut runs) = (f64::MAX, 1_u32);
    for _ in 0..ROUNDS {
        let started = meter::cpu_us();
        for _ in 0..runs {
            if E::ask(prepared)? != first {
                return Err("a search gave two answers".into());
            }
        }
        let took = meter::cpu_us() - started;
        best = best.min(took / f64::from(runs));
        if took < ROUND_US / 2.0 {
            runs *= 2;
        }
    }
    Ok((first, best))
}

/// Averages over commits of ten: processor time, wall time, bytes written.
fn commits<E: Engine>(store: &mut E) -> Outcome<(f64, f64, f64)> {
    let batches = record::batches(COMMITS)?;
    let written = meter::written();
    let (outcome, cpu, wall) =
        meter::timed(|| batches.iter().try_for_each(|batch| store.commit(batch)));
    outcome?;
    let count = batches.len() as f64;
    Ok((cpu / count, wall / count, (meter::written() - written) / count))
}

/// Bytes of all files in the store's folder.
fn size(folder: &Path) -> Outcome<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
