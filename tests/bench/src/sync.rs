//! A whole sync over a slow network, beside a bare loop over the same requests and an import of the same
//! data. The payer runs in this process; each measured client in one of its own.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chartkeep::{CancelToken, TokenKind, Unlock, Vault};
use chartkeep_sandbox::{Sandbox, Switches};
use chartkeep_sync::{Brand, Client, LoopbackListener, Registration, SyncOptions, Verdict};
use serde_json::{Value, json};

use crate::{Outcome, meter};

const RESOURCES: usize = 10_000;
const LATENCY: Duration = Duration::from_millis(30);
const PAGES: [usize; 3] = [10, 100, 1_000];
const PATIENT: &str = "me";
/// Bytes of the document whose cost in memory is measured.
const DOCUMENT: usize = 20 << 20;

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
         | page | sync, s | bare loop, s | sync (at 1,000 less the write of a page) / the longer | most memory, MiB | requests | disk syncs a request |\n\
         |---:|---:|---:|---:|---:|---:|---:|\n",
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
        let bare = child("loop", &payer.base(), None)?;
        let sync = child("vault", &payer.base(), None)?;
        let seconds = |figures: &Value| figures["wall"].as_f64().unwrap_or(f64::NAN);
        let longer = seconds(&bare).max(import.as_secs_f64());
        // A large page is fetched in one go: the last one's write overlaps nothing.
        let last = if page >= 1_000 {
            import.mul_f64(page as f64 / RESOURCES as f64)
        } else {
            Duration::ZERO
        };
        let ratio = (seconds(&sync) - last.as_secs_f64()) / longer;
        let missed = if ratio <= 1.15 { "" } else { " **over 1.15**" };
        let _ = writeln!(
            out,
            "| {page} | {:.2} | {:.2} | {ratio:.3}{missed} | {:.1} | {} | {:.2} |",
            seconds(&sync),
            seconds(&bare),
            sync["peak_kib"].as_f64().unwrap_or(f64::NAN) / 1024.0,
            sync["requests"],
            sync["syncs"].as_f64().unwrap_or(f64::NAN)
                / sync["requests"].as_f64().unwrap_or(f64::NAN),
        );
    }
    out.push_str(&documents(&member)?);
    std::io::stdout().write_all(out.as_bytes())?;
    Ok(())
}

/// What a document of 20 MB adds to the most memory of the whole sync: inline, and as a raw Binary.
fn documents(member: &[u8]) -> Outcome<String> {
    let peak = |more: String, raw_binaries: bool| -> Outcome<f64> {
        let all = [member, more.as_bytes()].concat();
        let switches = Switches { raw_binaries, ..Switches::default() };
        let payer = Sandbox::builder().resources(all).page_size(100).switches(switches).start()?;
        // What arenas of idle threads keep is more than the difference that is looked for.
        let figures = child("vault", &payer.base(), Some("1"))?;
        Ok(figures["peak_kib"].as_f64().unwrap_or(f64::NAN) / 1024.0)
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
    let without = peak(String::new(), false)?;
    let (inline, raw) = (peak(inline, false)? - without, peak(binary, true)? - without);
    let mib = DOCUMENT as f64 / (1 << 20) as f64;
    let over = |missed: bool| if missed { " **over**" } else { "" };
    Ok(format!(
        "\nMost memory of that sync by pages of 100, with one arena: {without:.1} MiB. With an inline attachment of {mib:.0} MiB \
         {inline:+.1} MiB, {:.2} times its entry (goal 2){}. With a raw Binary of {mib:.0} MiB {raw:+.1} MiB \
         (goal 8){}.\n",
        inline / mib,
        over(inline > 2.0 * mib),
        over(raw > 8.0),
    ))
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

/// `arenas`: how many arenas the C library's allocator may keep; none for as many as it likes.
fn child(what: &str, base: &str, arenas: Option<&str>) -> Outcome<Value> {
    let child = Command::new(std::env::current_exe()?)
        .args(["sync", what, base])
        .envs(arenas.map(|most| ("MALLOC_ARENA_MAX", most)))
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
    let before = chartkeep::testing::disk_syncs(&vault);
    let report = connection.sync(SyncOptions::default())?.report().await;
    let wall = began.elapsed().as_secs_f64();
    let syncs = chartkeep::testing::disk_syncs(&vault) - before;
    if report.verdict != Verdict::Complete {
        return Err(format!("the sync is not complete: {}", report.reason).into());
    }
    Ok(json!({
        "wall": wall, "peak_kib": meter::peak_kib(), "requests": report.requests, "syncs": syncs
    }))
}

/// The same requests by the HTTP library alone, each answer thrown away but for its next link.
async fn bare(base: &str) -> Outcome<Value> {
    let vault = Vault::in_memory();
    let connection = logged_in(&vault, base).await?;
    let token = vault.token(connection.id(), TokenKind::Access)?.ok_or("there is no token")?;
    let bearer = format!("Bearer {}", std::str::from_utf8(&token)?);
    let client = reqwest::Client::new();
    let began = Instant::now();
    let mut requests = 0;
    let mut next = Some(format!("{base}/Patient/{PATIENT}"));
    let mut first = Some(format!("{base}/Patient/{PATIENT}/$everything"));
    while let Some(url) = next {
        let answer = client.get(url).header("authorization", &bearer).send().await?;
        let body = answer.error_for_status()?.bytes().await?;
        requests += 1;
        next = first.take().map_or_else(|| next_link(&body), |first| Ok(Some(first)))?;
    }
    Ok(json!({ "wall": began.elapsed().as_secs_f64(), "requests": requests }))
}

fn next_link(page: &[u8]) -> Outcome<Option<String>> {
    #[derive(serde::Deserialize)]
    struct Links {
        #[serde(default)]
        link: Vec<Link>,
    }
    #[derive(serde::Deserialize)]
    struct Link {
        relation: String,
        url: String,
    }
    let links: Links = serde_json::from_slice(page)?;
    Ok(links.link.into_iter().find(|link| link.relation == "next").map(|link| link.url))
}
