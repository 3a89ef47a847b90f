//! What an engine can do, and the process that measures one: it takes commands, a line each, and answers
//! each with a line of JSON. So two engines, each in a process of its own, run turn by turn.

use std::io::{BufRead as _, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use crate::record::{PLANTED, Record};
use crate::searches::{self, Asked};
use crate::{Outcome, meter};

/// Resources in one commit of the import.
pub(crate) const PER_COMMIT: usize = 1_000;
/// Page cache of each engine, in bytes.
pub(crate) const CACHE: usize = 16 << 20;
/// Resources on the first page of a search.
pub(crate) const PAGE: u32 = 20;
/// The key of both engines; sealing and its costs are in every figure.
pub(crate) const KEY: [u8; 32] = [7; 32];
/// Commits of ten that are measured.
pub(crate) const COMMITS: usize = 100;
/// Processor time that one round of a search should take, in microseconds: long against the clock and
/// short against what disturbs a machine.
pub(crate) const ROUND_US: f64 = 10_000.0;

const GROWTH_ROUNDS: usize = 31;

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
    fn import(folder: &Path, record: &Record) -> Outcome<Self>;
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

/// One engine over one record, in `folder`, for whoever writes commands to this process.
struct Served<'a, E> {
    folder: &'a Path,
    record: &'a Record,
    asked: Vec<Asked>,
    /// Read when the first commit is asked for, so that no import's memory holds them.
    batches: Vec<Vec<String>>,
    store: Option<E>,
}

/// Does what the lines of stdin say until they end.
pub(crate) fn serve<E: Engine>(record: &Record, folder: &Path) -> Outcome<()> {
    let asked = searches::ten(record.kind)?;
    let mut served = Served::<E> { folder, record, asked, batches: Vec::new(), store: None };
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let answer = served.obey(&line.split_whitespace().collect::<Vec<_>>())?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

impl<E: Engine> Served<'_, E> {
    fn obey(&mut self, command: &[&str]) -> Outcome<Value> {
        match command {
            ["import"] => self.import(),
            ["compact"] => {
                let store = self.store.take().ok_or("nothing is open")?;
                let (outcome, cpu, _) = meter::timed(|| store.compact());
                outcome?;
                Ok(json!({ "cpu": cpu, "file": size(self.folder)? }))
            }
            ["open"] => {
                self.store = None;
                let (store, cpu, wall) = meter::timed(|| E::open(self.folder));
                self.store = Some(store?);
                Ok(json!({ "cpu": cpu, "wall": wall }))
            }
            ["version"] => Ok(json!(self.store.as_ref().ok_or("nothing is open")?.version()?)),
            ["search", number, runs] => self.search(number.parse()?, runs.parse()?),
            ["commits", from, to] => self.commits(from.parse()?, to.parse()?),
            _ => Err(format!("not understood: {}", command.join(" ")).into()),
        }
    }

    fn import(&mut self) -> Outcome<Value> {
        let written = meter::written();
        let (store, cpu, wall) = meter::timed(|| E::import(self.folder, self.record));
        self.store = Some(store?);
        Ok(json!({
            "cpu": cpu, "wall": wall, "written": meter::written() - written,
            "peak_kib": meter::peak_kib(), "grown": size(self.folder)?,
        }))
    }

    /// A search so many times: processor time of one, and what it answered.
    fn search(&self, number: usize, runs: u32) -> Outcome<Value> {
        let asked = self.asked.get(number).ok_or("no such search")?;
        let store = self.store.as_ref().ok_or("nothing is open")?;
        let mut prepared = store.prepare(asked)?;
        let (answer, us) = round::<E>(&mut prepared, runs)?;
        Ok(json!({ "us": us, "total": answer.total, "rows": answer.rows, "bytes": answer.bytes }))
    }

    /// The batches of ten from `from` up to `to`, each in a commit.
    fn commits(&mut self, from: usize, to: usize) -> Outcome<Value> {
        if self.batches.is_empty() {
            self.batches = self.record.batches(COMMITS)?;
        }
        let batches = self.batches.get(from..to).ok_or("no such batches")?;
        let store = self.store.as_mut().ok_or("nothing is open")?;
        let written = meter::written();
        let (outcome, cpu, wall) =
            meter::timed(|| batches.iter().try_for_each(|batch| store.commit(batch)));
        outcome?;
        Ok(json!({ "cpu": cpu, "wall": wall, "written": meter::written() - written }))
    }
}

/// Processor time of one run among `runs`, after one that is not counted where there are many.
fn round<E: Engine>(prepared: &mut E::Prepared<'_>, runs: u32) -> Outcome<(Answer, f64)> {
    let warm = if runs > 1 { Some(E::ask(prepared)?) } else { None };
    let mut last = warm;
    let started = meter::cpu_us();
    for _ in 0..runs {
        let answer = E::ask(prepared)?;
        if *last.get_or_insert(answer) != answer {
            return Err("a search gave two answers".into());
        }
    }
    let us = (meter::cpu_us() - started) / f64::from(runs.max(1));
    Ok((last.ok_or("no run")?, us))
}

/// How many runs of so many microseconds make a round: a power of two, at most a million.
pub(crate) fn runs(us: f64) -> u32 {
    let mut runs = 1;
    while f64::from(runs) * us < ROUND_US && runs < 1 << 20 {
        runs *= 2;
    }
    runs
}

/// Processor time of each search of `growth.tsv` in a small store and in a large one, turn by turn: the
/// medians.
pub(crate) fn growth<E: Engine>(small: &Path, large: &Path) -> Outcome<Value> {
    let stores = [E::open(small)?, E::open(large)?];
    let mut searches = Vec::new();
    for asked in searches::growth()? {
        let mut rounds = [Vec::new(), Vec::new()];
        let [first, second] = &stores;
        let mut prepared = [first.prepare(&asked)?, second.prepare(&asked)?];
        let mut least = f64::MAX;
        for prepared in &mut prepared {
            let (answer, us) = round::<E>(prepared, 2)?;
            if answer.total != PLANTED {
                return Err(format!("{}: {} of {PLANTED}", asked.name, answer.total).into());
            }
            least = least.min(us);
        }
        for _ in 0..GROWTH_ROUNDS {
            for (prepared, rounds) in prepared.iter_mut().zip(&mut rounds) {
                rounds.push(round::<E>(prepared, runs(least))?.1);
            }
        }
        let [small, large] = rounds.map(meter::median);
        searches.push(json!({ "name": asked.name, "small": small, "large": large }));
    }
    Ok(json!(searches))
}

/// Bytes of all files in the store's folder.
fn size(folder: &Path) -> Outcome<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
