//! A whole sync over a slow network, beside a bare loop over the same requests and an import of the same
//! data. The payer runs in this process; each measured client in one of its own.

mod client;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use chartkeep::{CancelToken, Unlock, Vault};
use chartkeep_sandbox::{Sandbox, Switches};
use serde_json::Value;

pub(crate) use client::run;

use crate::compare::number;
use crate::table::{Cell, Row, Table, grouped};
use crate::{Outcome, child, meter};

const RESOURCES: usize = 10_000;
const LATENCY: Duration = Duration::from_millis(30);
/// Resources on a page, and how often such a sync is measured: a short one more often.
const PAGES: [(usize, usize); 3] = [(10, 1), (100, 5), (1_000, 9)];
const PATIENT: &str = "me";
/// Bytes of the document whose cost in memory is measured.
const DOCUMENT: usize = 20 << 20;
/// How often that is measured.
const PEAKS: usize = 3;
const MIB: f64 = (1 << 20) as f64;

/// What was measured of one page size; times in seconds, medians.
struct Synced {
    sync: f64,
    bare: f64,
    import: f64,
    page: usize,
    peak_mib: f64,
    requests: f64,
    disk_syncs: f64,
}

/// The tables: every page size, and what a large document adds to the memory.
pub(crate) fn measure() -> Outcome<[Table; 2]> {
    let member = member();
    let mut all = Vec::new();
    for (page, times) in PAGES {
        all.push(pages(&member, page, times)?);
    }
    Ok([pages_table(&all), documents(&member)?])
}

/// Syncs by pages of one size, each with a bare loop and an import right before it.
fn pages(member: &[u8], page: usize, times: usize) -> Outcome<Synced> {
    let payer =
        Sandbox::builder().resources(member.to_vec()).page_size(page).latency(LATENCY).start()?;
    let (mut syncs, mut bares, mut imports, mut peak) = (vec![], vec![], vec![], 0.0_f64);
    let mut last = Value::Null;
    for _ in 0..times {
        imports.push(import(member)?.as_secs_f64());
        bares.push(number(&client("loop", &payer.base(), None)?, "wall"));
        last = client("vault", &payer.base(), None)?;
        syncs.push(number(&last, "wall"));
        peak = peak.max(number(&last, "peak_kib") / 1024.0);
    }
    Ok(Synced {
        sync: meter::median(syncs),
        bare: meter::median(bares),
        import: meter::median(imports),
        page,
        peak_mib: peak,
        requests: number(&last, "requests"),
        disk_syncs: number(&last, "syncs") / number(&last, "requests"),
    })
}

impl Synced {
    /// What the sync takes of the longer of the two that it cannot be faster than.
    fn against_longer(&self) -> f64 {
        // A large page is fetched in one go: the last one's write overlaps nothing.
        let last = if self.page >= 1_000 { self.page as f64 / RESOURCES as f64 } else { 0.0 };
        (self.sync - self.import * last) / self.bare.max(self.import)
    }
}

fn pages_table(all: &[Synced]) -> Table {
    let row = |label: &str, goal: &str, cell: &dyn Fn(&Synced) -> Cell| Row {
        label: label.to_owned(),
        cells: all.iter().map(|one| Some(cell(one))).collect(),
        goal: goal.to_owned(),
    };
    let title = format!(
        "sync of {} resources, {} ms a request, by pages of",
        grouped(RESOURCES as f64, 0),
        LATENCY.as_millis()
    );
    let sizes = all.iter().map(|one| grouped(one.page as f64, 0));
    Table {
        head: [title].into_iter().chain(sizes).collect(),
        rows: vec![
            row("sync, s, wall", "", &|one| Cell::figure(one.sync, 2)),
            row("the same requests alone, s, wall", "", &|one| Cell::figure(one.bare, 2)),
            row("import of the same, s, wall", "", &|one| Cell::figure(one.import, 2)),
            row("sync against the longer of the two¹", "≤ 1.15", &|one| {
                Cell::ratio(one.against_longer(), 3, "").at_most(1.15)
            }),
            row("most memory, MiB", "≤ 64", &|one| Cell::figure(one.peak_mib, 1).at_most(64.0)),
            row("requests", "", &|one| Cell::figure(one.requests, 0)),
            row("disk syncs a request", "", &|one| Cell::figure(one.disk_syncs, 2)),
        ],
    }
}

/// What a document of 20 MB adds to the most memory of the whole sync: inline, and as a raw Binary.
fn documents(member: &[u8]) -> Outcome<Table> {
    let peak = |more: &str, raw_binaries: bool| -> Outcome<f64> {
        let all = [member, more.as_bytes()].concat();
        let switches = Switches { raw_binaries, ..Switches::default() };
        let payer = Sandbox::builder().resources(all).page_size(100).switches(switches).start()?;
        let mut peaks = Vec::new();
        for _ in 0..PEAKS {
            // What arenas of idle threads keep is more than the difference that is looked for.
            let figures = client("vault", &payer.base(), Some("1"))?;
            peaks.push(number(&figures, "peak_kib") / 1024.0);
        }
        Ok(meter::median(peaks))
    };
    let document = |attachment: String| {
        format!(
            "\n{{\"resourceType\":\"DocumentReference\",\"id\":\"d\",\"status\":\"current\",\"subject\":\
             {{\"reference\":\"Patient/{PATIENT}\"}},\"content\":[{{\"attachment\":{{\
             \"contentType\":\"application/pdf\",{attachment}}}}}]}}"
        )
    };
    let inline = document(format!("\"data\":\"{}\"", signs(DOCUMENT)));
    let binary = format!(
        "{}\n{{\"resourceType\":\"Binary\",\"id\":\"b\",\"contentType\":\"application/pdf\",\"data\":\"{}\"}}",
        document("\"url\":\"Binary/b\"".to_owned()),
        signs(DOCUMENT / 3 * 4),
    );
    let without = peak("", false)?;
    let (inline, raw) = (peak(&inline, false)? - without, peak(&binary, true)? - without);
    let mib = DOCUMENT as f64 / MIB;
    let row = |label: String, cell, goal: &str| Row {
        label,
        cells: vec![Some(cell)],
        goal: goal.to_owned(),
    };
    Ok(Table {
        head: ["most memory of that sync by pages of 100², MiB", "figure"].map(String::from).into(),
        rows: vec![
            row("without a document".to_owned(), Cell::figure(without, 1).at_most(64.0), "≤ 64"),
            row(
                format!("an inline attachment of {mib:.0} MiB adds"),
                Cell::figure(inline, 1).at_most(2.0 * mib),
                "≤ 2 times its size",
            ),
            row(
                format!("a raw Binary of {mib:.0} MiB adds"),
                Cell::figure(raw, 1).at_most(8.0),
                "≤ 8",
            ),
        ],
    })
}

/// A member with this many observations of about a kilobyte.
fn member() -> Vec<u8> {
    let mut all = format!(r#"{{"resourceType":"Patient","id":"{PATIENT}"}}"#);
    for at in 1..RESOURCES {
        let note = format!("Measured at visit {at}, sitting, after rest. ").repeat(12);
        let _ = write!(
            all,
            "\n{{\"resourceType\":\"Observation\",\"id\":\"o{at}\",\"status\":\"final\",\"category\":[{{\"coding\":\
             [{{\"system\":\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"laboratory\"}}]}}],\
             \"code\":{{\"coding\":[{{\"system\":\"http://loinc.org\",\"code\":\"{}-{}\"}}]}},\
             \"subject\":{{\"reference\":\"Patient/{PATIENT}\"}},\"effectiveDateTime\":\"20{:02}-{:02}-{:02}\",\
             \"valueQuantity\":{{\"value\":{}.{},\"unit\":\"mg/dL\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg/dL\"}},\
             \"note\":[{{\"text\":\"{note}\"}}]}}",
            at % 300,
            at % 10,
            at % 24,
            at % 12 + 1,
            at % 28 + 1,
            at % 190,
            at % 10
        );
    }
    all.into_bytes()
}

/// Base64 that does not compress below six bits a sign.
fn signs(length: usize) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 1u64;
    let mut sign = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(SIGNS[usize::from(state.to_le_bytes()[3] % 64)])
    };
    (0..length / 4 * 4).map(|_| sign()).collect()
}

fn import(member: &[u8]) -> Outcome<Duration> {
    let folder = tempfile::tempdir()?;
    let vault = Vault::create(folder.path().join("i.vault"), Unlock::key([7; 32]))?;
    let here = vault.local_connection("import")?;
    let began = Instant::now();
    vault.import_bundle(here, member, &CancelToken::new(), |_| ())?;
    Ok(began.elapsed())
}

fn client(what: &str, base: &str, arenas: Option<&str>) -> Outcome<Value> {
    child::figures(&["sync", what, base], arenas)
}
