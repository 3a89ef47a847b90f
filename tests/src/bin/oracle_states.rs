//! Brings a vault into the states in which the search oracle asks again; `tests/oracle/run.sh` runs it.
//!
//! `oracle_states restless VAULT KEY SEED PLAN QUERIES ANSWERS` imports the plan anew in small transactions,
//! with flushes and merges at moments that depend on the seed, and answers before the vault is closed.
//! `oracle_states rebuild VAULT KEY` drops the index and builds it again.

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use chartkeep::{CancelToken, ConnectionId, SearchPage, Unlock, Vault, testing};
use chartkeep_tests::{content, say, slices};

/// A transaction holds at most so many resources, where it is ours to cut.
const MOST: usize = 24;
/// One transaction in so many is preceded by a flush.
const FLUSH: u64 = 6;
/// And one in so many by a merge: so few that segments are left for the questions.
const MERGE: u64 = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["restless", vault, key, seed, plan, queries, answers] => {
            let vault = Vault::create(vault, unlock(key)?)?;
            let seed = seed.parse()?;
            Restless { vault: &vault, random: Random(seed), figures: Figures::default() }
                .import(&fs::read(plan)?, seed)?;
            answer(&vault, &fs::read_to_string(queries)?, Path::new(answers))
        }
        ["rebuild", vault, key] => {
            let vault = Vault::open(vault, unlock(key)?)?;
            let start = Instant::now();
            vault.rebuild_index()?;
            say(&format!("index built again in {:.1} s", start.elapsed().as_secs_f64()));
            Ok(())
        }
        _ => Err("restless VAULT KEY SEED PLAN QUERIES ANSWERS, or rebuild VAULT KEY".into()),
    }
}

fn unlock(key: &str) -> Result<Unlock, Box<dyn Error>> {
    let key: [u8; 32] = fs::read(key)?.try_into().map_err(|_| "a key has 32 bytes")?;
    Ok(Unlock::key(key))
}

/// Numbers by seed: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % limit
    }

    fn index(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(limit as u64)).unwrap_or(0)
    }
}

#[derive(Default)]
struct Figures {
    transactions: u64,
    flushes: u64,
    merges: u64,
}

/// An import that is interrupted by maintenance.
struct Restless<'v> {
    vault: &'v Vault,
    random: Random,
    figures: Figures,
}

impl Restless<'_> {
    /// The files of each connection in their order, the connections among each other in none.
    fn import(mut self, plan: &[u8], seed: u64) -> Result<(), Box<dyn Error>> {
        let start = Instant::now();
        let mut sources = Vec::new();
        for (name, files) in read_plan(plan)? {
            sources.push((self.vault.local_connection(&name)?, files.into_iter()));
        }
        while !sources.is_empty() {
            let at = self.random.index(sources.len());
            let (connection, files) = &mut sources[at];
            let connection = *connection;
            match files.next() {
                Some(file) => self.file(connection, &file)?,
                None => drop(sources.remove(at)),
            }
        }
        let Figures { transactions, flushes, merges } = self.figures;
        let info = self.vault.info()?;
        say(&format!(
            "seed {seed}: {transactions} transactions, {flushes} flushes, {merges} merges in {:.1} s; \
             {} resources, {} segments and {} rows beside them",
            start.elapsed().as_secs_f64(),
            info.resources,
            info.segments,
            info.recent_rows
        ));
        Ok(())
    }

    /// Resources go in by few. A Bundle whose entries have urns is one import, since they mean nothing
    /// outside it, and so is one that has entries that are no resource of the record.
    fn file(&mut self, connection: ConnectionId, path: &Path) -> Result<(), Box<dyn Error>> {
        let content = content(path);
        let text = String::from_utf8_lossy(&content);
        let has = |part| text.contains(part);
        if has("\"fullUrl\"") && has("\"urn:") || has("\"outcome\"") {
            self.before_transaction()?;
            self.vault
                .import_bundle(connection, &content[..], &CancelToken::new(), |_| {})
                .map_err(|e| e.error)?;
            return Ok(());
        }
        let slices = slices(&content);
        let mut rest = &slices[..];
        while !rest.is_empty() {
            self.before_transaction()?;
            let (now, later) = rest.split_at(rest.len().min(1 + self.random.index(MOST)));
            self.vault
                .write(connection, |tx| now.iter().try_for_each(|slice| tx.put(&slice.bytes)))?;
            rest = later;
        }
        Ok(())
    }

    /// Perhaps a flush, perhaps a merge. None follows the last transaction, so that some rows are in no
    /// segment of the file when the questions come.
    fn before_transaction(&mut self) -> Result<(), Box<dyn Error>> {
        self.figures.transactions += 1;
        if self.random.below(FLUSH) == 0 {
            testing::flush(self.vault)?;
            self.figures.flushes += 1;
        }
        if self.random.below(MERGE) == 0 {
            let (at, width) = (self.random.index(64), 2 + self.random.index(3));
            self.figures.merges += u64::from(testing::merge(self.vault, at, width)?);
        }
        Ok(())
    }
}

/// A connection's name and its files.
type Source = (String, Vec<PathBuf>);

fn read_plan(plan: &[u8]) -> Result<Vec<Source>, Box<dyn Error>> {
    let plan: serde_json::Value = serde_json::from_slice(plan)?;
    let mut sources = Vec::new();
    for group in plan.as_array().ok_or("a plan is a list")? {
        let name = group["connection"].as_str().ok_or("a connection has a name")?;
        let files = group["files"].as_array().ok_or("a connection has files")?;
        let files = files.iter().filter_map(|file| Some(PathBuf::from(file.as_str()?)));
        sources.push((name.to_owned(), files.collect()));
    }
    Ok(sources)
}

/// One line for each query, as much of a searchset as a comparison looks at.
fn answer(vault: &Vault, queries: &str, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(fs::File::create(path)?);
    for query in queries.lines() {
        match vault.search(query) {
            Ok(page) => searchset(&page, &mut out)?,
            Err(error) => serde_json::to_writer(&mut out, &error.to_string())?,
        }
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

fn searchset(page: &SearchPage, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    write!(out, r#"{{"resourceType":"Bundle","type":"searchset","total":{},"link":["#, page.total)?;
    if let Some(next) = &page.next {
        write!(out, r#"{{"relation":"next","url":{}}}"#, serde_json::to_string(next)?)?;
    }
    out.write_all(br#"],"entry":["#)?;
    for (number, resource) in page.resources.iter().enumerate() {
        let bytes: Vec<u8> = resource
            .bytes()
            .iter()
            .map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { *b })
            .collect();
        out.write_all(if number == 0 { br#"{"resource":"# } else { br#",{"resource":"# })?;
        out.write_all(&bytes)?;
        out.write_all(b"}")?;
    }
    out.write_all(b"]}")?;
    Ok(())
}
