//! The measured clients: a sync into a vault, and a bare loop over the same requests.

use std::io::Write as _;
use std::time::Instant;

use chartkeep::{TokenKind, Unlock, Vault};
use chartkeep_sync::{Brand, Client, LoopbackListener, Registration, SyncOptions, Verdict};
use serde_json::{Value, json};

use super::PATIENT;
use crate::{Outcome, meter};

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
