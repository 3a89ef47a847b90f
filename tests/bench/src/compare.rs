//! Both engines over one record, turn by turn, so that what disturbs the machine disturbs both; medians.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::child::Waiting;
use crate::engine::{COMMITS, runs};
use crate::record::Record;
use crate::searches;
use crate::{Outcome, meter};

/// The vault first, the peer second, here and in every pair.
pub(crate) const ENGINES: [&str; 2] = ["chartkeep", "sqlcipher"];

const OPENINGS: usize = 15;
const ROUNDS: usize = 21;
/// A search of which one run takes this long, in microseconds, has few rounds.
const SLOW_US: f64 = 100_000.0;
const SLOW_ROUNDS: usize = 5;
/// Commits that one engine makes before it is the other's turn.
const TURN: usize = 10;

/// What was measured of one record.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) resources: usize,
    /// Bytes of its JSON.
    pub(crate) raw: usize,
    pub(crate) versions: [String; 2],
    pub(crate) stores: [Store; 2],
    pub(crate) searches: Vec<Search>,
}

/// One engine's store. Times in microseconds, sizes in bytes unless said otherwise.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Store {
    pub(crate) import_cpu: f64,
    pub(crate) import_wall: f64,
    pub(crate) import_written: f64,
    pub(crate) peak_kib: f64,
    pub(crate) grown: f64,
    pub(crate) file: f64,
    pub(crate) compact_cpu: f64,
    pub(crate) open_cpu: f64,
    pub(crate) open_wall: f64,
    pub(crate) commit_cpu: f64,
    pub(crate) commit_wall: f64,
    pub(crate) commit_written: f64,
}

/// One search: its answers agree.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) name: &'static str,
    pub(crate) total: u64,
    pub(crate) us: [f64; 2],
}

/// How often each engine imports a record, in turn. The vault's import is short: more of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Imports {
    pub(crate) vault: usize,
    pub(crate) peer: usize,
}

/// A record's figures. The stores stay in the folders that [`folder`] names, closed.
pub(crate) fn measure(record: &Record, root: &Path, imports: Imports) -> Outcome<Compared> {
    let (resources, raw) = record.size()?;
    let (mut engines, mut stores) = import(record, root, imports)?;
    for (engine, store) in engines.iter_mut().zip(&mut stores) {
        let compacted = engine.ask("compact")?;
        store.compact_cpu = number(&compacted, "cpu");
        store.file = number(&compacted, "file");
    }
    open(&mut engines, &mut stores)?;
    let searches = search(record, &mut engines)?;
    commit(&mut engines, &mut stores)?;
    let [vault, peer] = engines;
    Ok(Compared { resources, raw, versions: [close(vault)?, close(peer)?], stores, searches })
}

/// Stores of a record in the state in which [`measure`] leaves them.
pub(crate) fn fill(record: &Record, root: &Path) -> Outcome<()> {
    let (mut engines, mut stores) = import(record, root, Imports { vault: 1, peer: 1 })?;
    for engine in &mut engines {
        engine.ask("compact")?;
        engine.ask("open")?;
    }
    commit(&mut engines, &mut stores)?;
    engines.into_iter().try_for_each(Waiting::end)
}

/// Where an engine's store of the last import lies.
pub(crate) fn folder(root: &Path, engine: &str) -> PathBuf {
    root.join(engine)
}

/// Imports in fresh processes, the engines in turn; those of the last ones stay.
fn import(record: &Record, root: &Path, imports: Imports) -> Outcome<([Waiting; 2], [Store; 2])> {
    let mut taken = [Vec::new(), Vec::new()];
    let mut last = [None, None];
    let times = [imports.vault, imports.peer];
    for round in 0..imports.vault.max(imports.peer) {
        for side in 0..2 {
            if round >= times[side] {
                continue;
            }
            let folder = folder(root, ENGINES[side]);
            if let Some(before) = last[side].take() {
                Waiting::end(before)?;
                std::fs::remove_dir_all(&folder)?;
            }
            let mut engine = Waiting::start(ENGINES[side], record, &folder)?;
            taken[side].push(engine.ask("import")?);
            last[side] = Some(engine);
        }
    }
    let stores = taken.map(|taken| {
        let middle = |name| meter::median(taken.iter().map(|one| number(one, name)).collect());
        Store {
            import_cpu: middle("cpu"),
            import_wall: middle("wall"),
            import_written: middle("written"),
            // The most of all of them: a limit holds each time.
            peak_kib: taken.iter().map(|one| number(one, "peak_kib")).fold(0.0, f64::max),
            grown: middle("grown"),
            ..Store::default()
        }
    });
    let [vault, peer] = last.map(|engine| engine.ok_or("nothing was imported"));
    Ok(([vault?, peer?], stores))
}

/// Openings, which leave both open.
fn open(engines: &mut [Waiting; 2], stores: &mut [Store; 2]) -> Outcome<()> {
    let mut taken = [Vec::new(), Vec::new()];
    for _ in 0..OPENINGS {
        for (engine, taken) in engines.iter_mut().zip(&mut taken) {
            taken.push(engine.ask("open")?);
        }
    }
    for (store, taken) in stores.iter_mut().zip(&taken) {
        let middle = |name| meter::median(taken.iter().map(|one| number(one, name)).collect());
        (store.open_cpu, store.open_wall) = (middle("cpu"), middle("wall"));
    }
    Ok(())
}

/// The ten searches. Answers that differ are an error.
fn search(record: &Record, engines: &mut [Waiting; 2]) -> Outcome<Vec<Search>> {
    let mut searches = Vec::new();
    let mut differ = Vec::new();
    for (at, asked) in searches::ten(record.kind)?.into_iter().enumerate() {
        // The first run fills the caches, the next one tells how many make a round.
        let mut first = Vec::new();
        for engine in engines.iter_mut() {
            engine.ask(&format!("search {at} 1"))?;
            first.push(engine.ask(&format!("search {at} 1"))?);
        }
        let us = |answer: &Value| number(answer, "us");
        for counted in ["total", "rows"] {
            let [ours, theirs] = [&first[0][counted], &first[1][counted]];
            if ours != theirs {
                differ.push(format!("{}: {counted} {ours} and {theirs}", asked.name));
            }
        }
        let rounds = if first.iter().any(|one| us(one) > SLOW_US) { SLOW_ROUNDS } else { ROUNDS };
        let mut taken = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            for (side, engine) in engines.iter_mut().enumerate() {
                let runs = runs(us(&first[side]));
                taken[side].push(us(&engine.ask(&format!("search {at} {runs}"))?));
            }
        }
        let total = first[0]["total"].as_u64().unwrap_or_default();
        searches.push(Search { name: asked.name, total, us: taken.map(meter::median) });
    }
    if differ.is_empty() {
        return Ok(searches);
    }
    Err(format!("the engines' answers differ: {}", differ.join("; ")).into())
}

/// Averages over all commits of ten: what some of them do for the rest is a part of the cost of each.
fn commit(engines: &mut [Waiting; 2], stores: &mut [Store; 2]) -> Outcome<()> {
    for from in (0..COMMITS).step_by(TURN) {
        let to = (from + TURN).min(COMMITS);
        for (engine, store) in engines.iter_mut().zip(stores.iter_mut()) {
            let taken = engine.ask(&format!("commits {from} {to}"))?;
            store.commit_cpu += number(&taken, "cpu") / COMMITS as f64;
            store.commit_wall += number(&taken, "wall") / COMMITS as f64;
            store.commit_written += number(&taken, "written") / COMMITS as f64;
        }
    }
    Ok(())
}

/// Its version; then it ends.
fn close(mut engine: Waiting) -> Outcome<String> {
    let version = engine.ask("version")?.as_str().unwrap_or_default().to_owned();
    engine.end()?;
    Ok(version)
}

pub(crate) fn number(figures: &Value, name: &str) -> f64 {
    figures[name].as_f64().unwrap_or(f64::NAN)
}
