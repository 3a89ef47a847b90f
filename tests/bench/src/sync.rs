//! A whole sync over a slow network, beside a bare loop over the same requests and an import of the same
//! data. The payer runs in this process; each measured client in one of its own.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chartkeep::{CancelToken, Unlock, Vault};
use chartkeep_sandbox::Sandbox;
use chartkeep_sync::{Brand, Client, LoopbackListener, Registration, SyncOptions, Verdict};
use serde_json::{Value, json};

use crate::{Outcome, meter};

const RESOURCES: usize = 10_000;
const LATENCY: Duration = Duration::from_millis(30);
const PAGES: [usize; 3] = [10, 100, 1_000];
const PATIENT: &str = "me";
/// Bytes of the attachment whose cost in memory is measured.
const ATTACHMENT: usize = 20 << 20;

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

/// Measures every page size and prints the table.
pub(crate) fn compare() -> Outcome<()> {
    let member = member();
    let import = import(&member)?;
    let mut out = format!(
        "{RESOURCES} resources, {:.1} MB, {} ms a request; {}; import of the same {:.2} s.\n\n\
         | page | sync, s | bare loop, s | sync / the longer | sync, peak MiB | requests |\n\
         |---:|---:|---:|---:|---:|---:|\n",
        member.len() as f64 / 1e6,
        LATENCY.as_millis(),
        meter::machine(),
        import.as_secs_f64(),
    );
    for page in PAGES {
        let payer = Sandbox::builder()
            .resources(member.clone())
            .page_size(page)
            .latency(LATENCY)
            .start()?;
        let bare = child("loop", &payer.base())?;
        let sync = child("vault", &payer.base())?;
        let seconds = |figures: &Value| figures["wall"].as_f64().unwrap_or(f64::NAN);
        let longer = seconds(&bare).max(import.as_secs_f64());
        let ratio = seconds(&sync) / longer;
        let missed = if ratio <= 1.15 { "" } else { " **over 1.15**" };
        let _ = writeln!(
            out,
            "| {page} | {:.2} | {:.2} | {ratio:.3}{missed} | {:.1} | {} |",
            seconds(&sync),
            seconds(&bare),
            sync["peak_kib"].as_f64().unwrap_or(f64::NAN) / 1024.0,
            sync["requests"],
        );
    }
    out.push_str(&attachment()?);
    std::io::stdout().write_all(out.as_bytes())?;
    Ok(())
}

/// What an inline attachment of 20 MB costs in memory.
fn attachment() -> Outcome<String> {
    let peak = |data: usize| -> Outcome<f64> {
        let text = "QUJD".repeat(data / 4);
        let document = format!(
            r#"{{"resourceType":"DocumentReference","id":"d","status":"current","subject":{{"reference":"Patient/{PATIENT}"}},"content":[{{"attachment":{{"contentType":"application/pdf","data":"{text}"}}}}]}}"#
        );
        let patient = format!("{{\"resourceType\":\"Patient\",\"id\":\"{PATIENT}\"}}\n{document}");
        let payer = Sandbox::builder().resources(patient).start()?;
        let figures = child("vault", &payer.base())?;
        Ok(figures["peak_kib"].as_f64().unwrap_or(f64::NAN) / 1024.0)
    };
    let (small, large) = (peak(1_000)?, peak(ATTACHMENT)?);
    let entry = ATTACHMENT as f64 / (1 << 20) as f64;
    Ok(format!(
        "\nAn inline attachment of {entry:.0} MiB raises the peak by {:.1} MiB, {:.1} times its entry.\n",
        large - small,
        (large - small) / entry,
    ))
}

fn import(member: &[u8]) -> Outcome<Duration> {
    let folder = tempfile::tempdir()?;
    let vault = Vault::create(folder.path().join("i.vault"), Unlock::key([7; 32]))?;
    let here = vault.local_connection("import")?;
    let began = Instant::now();
    vault.import_bundle(here, member, &CancelToken::new(), |_| ())?;
    Ok(began.elapsed())
}

fn child(what: &str, base: &str) -> Outcome<Value> {
    let child = Command::new(std::env::current_exe()?)
        .args(["sync", what, base])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !child.status.success() {
        return Err(format!("sync {what} ended with {}", child.status).into());
    }
    Ok(serde_json::from_slice(&child.stdout)?)
}

/// One client in this process; prints its figures as one line of JSON.
pub(crate) fn run(what: &str, base: &str) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let figures = match what {
        "vault" => runtime.block_on(vault(base))?,
        "loop" => runtime.block_on(bare(base))?,
        _ => return Err(format!("no client {what}").into()),
    };
    writeln!(std::io::stdout(), "{figures}")?;
    Ok(())
}

async fn logged_in(vault: &Vault, base: &str) -> Outcome<chartkeep_sync::Connection> {
    let client = Client::new(vault)?;
    let listener = LoopbackListener::bind(0).await?;
    let registration = Registration::new(Brand::at(base), "chartkeep-sandbox-public")
        .redirect_uri(&listener.redirect_uri());
    let connection = client.connect(registration).await?;
    let request = connection.begin_authorization().await?;
    let agreed = tokio::task::spawn_blocking(move || chartkeep_sandbox::approve(&request.url));
    let callback = agreed.await?.ok_or("the sandbox did not agree")?;
    Ok(client.finish_authorization(&callback).await?)
}

async fn vault(base: &str) -> Outcome<Value> {
    let folder = tempfile::tempdir()?;
    let vault = Vault::create(folder.path().join("s.vault"), Unlock::key([7; 32]))?;
    let connection = logged_in(&vault, base).await?;
    let began = Instant::now();
    let report = connection.sync(SyncOptions::default())?.report().await;
    let wall = began.elapsed().as_secs_f64();
    if report.verdict != Verdict::Complete {
        return Err(format!("the sync is not complete: {}", report.reason).into());
    }
    Ok(json!({ "wall": wall, "peak_kib": meter::peak_kib(), "requests": report.requests }))
}

/// The same requests by the same HTTP library, each answer thrown away.
async fn bare(base: &str) -> Outcome<Value> {
    let vault = Vault::in_memory();
    let connection = logged_in(&vault, base).await?;
    let began = Instant::now();
    let mut requests = 1;
    connection.fetch(&format!("Patient/{PATIENT}")).await?;
    let mut next = Some(format!("Patient/{PATIENT}/$everything"));
    while let Some(path) = next {
        next = connection.fetch(&path).await?.next().map(str::to_owned);
        requests += 1;
    }
    Ok(json!({ "wall": began.elapsed().as_secs_f64(), "requests": requests }))
}
