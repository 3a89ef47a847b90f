//! Logs in at a payer and brings the record: `connect_and_sync [BASE_URL CLIENT_ID]`, by default at a
//! sandbox payer of its own.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::time::Duration;

use chartkeep::{Unlock, Vault};
use chartkeep_sandbox::Sandbox;
use chartkeep_sync::{Brand, Client, LoopbackListener, Registration, SyncOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let sandbox = if words.is_empty() { Some(Sandbox::builder().start()?) } else { None };
    let (base, client_id) = match (&sandbox, words.as_slice()) {
        (Some(sandbox), _) => (sandbox.base(), sandbox.public_client().to_owned()),
        (None, [base, client_id]) => (base.clone(), client_id.clone()),
        _ => return Err("usage: connect_and_sync [BASE_URL CLIENT_ID]".into()),
    };
    let folder = tempfile::tempdir()?;
    let vault = Vault::create(folder.path().join("me.vault"), Unlock::key([7; 32]))?;

    // What the server offers is found at its base; the person logs in in the browser, and comes back to
    // a listener on loopback.
    let client = Client::new(&vault)?;
    let listener = LoopbackListener::bind(0).await?;
    let registration =
        Registration::new(Brand::at(&base), &client_id).redirect_uri(&listener.redirect_uri());
    let connection = client.connect(registration).await?;
    let request = connection.begin_authorization().await?;
    let callback = match &sandbox {
        Some(sandbox) => sandbox.approve(&request.url)?,
        None => {
            println!("Open in the browser:\n{}", request.url);
            listener.callback(Duration::from_secs(600)).await?
        }
    };
    let connection = client.finish_authorization(&callback).await?;

    // Killed anywhere, the next sync goes on from the last page that was stored.
    let mut run = connection.sync(SyncOptions::default())?;
    while let Some(now) = run.next().await {
        println!("{:?}: {} resources", now.stage, now.done);
    }
    let report = run.report().await;
    println!("{}: {} new, {} requests", report.verdict.name(), report.counts.new, report.requests);
    println!("{} claims", vault.search("ExplanationOfBenefit?_count=0")?.total);
    Ok(())
}
