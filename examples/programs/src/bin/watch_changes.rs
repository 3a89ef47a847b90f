//! Follows a vault as a screen does: it shows what is there, and again after every change.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::thread;
use std::time::Duration;

use chartkeep::{ChangeFeed, Error, Vault};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // An invented member in memory; an app opens its own file.
    let vault = Vault::sample();
    let source = vault.local_connection("phone")?;

    // Somebody else writes: a sync, an import, another screen.
    let writer = vault.clone();
    let writing = thread::spawn(move || {
        for (number, value) in (1..).zip(["5.4", "6.1", "5.8"]) {
            thread::sleep(Duration::from_millis(50));
            let reading = format!(
                r#"{{"resourceType":"Observation","id":"reading-{number}","status":"final",
                    "code":{{"text":"Glucose at home"}},"effectiveDateTime":"2026-07-0{number}",
                    "valueQuantity":{{"value":{value},"unit":"mmol/L"}}}}"#
            );
            writer.write(source, |txn| txn.put(reading.as_bytes()))?;
        }
        thread::sleep(Duration::from_millis(50));
        writer.lock();
        Ok::<_, Error>(())
    });

    // The feed wakes up when something was written, and ends when the vault is locked.
    let mut feed = vault.feed()?;
    println!("newest at first:");
    show(&vault)?;
    loop {
        match follow(&vault, &mut feed) {
            Err(Error::Locked) => break,
            shown => shown?,
        }
    }
    writing.join().map_err(|_| "the writer failed")??;
    Ok(())
}

fn follow(vault: &Vault, feed: &mut ChangeFeed) -> Result<(), Error> {
    let Some(set) = feed.next(Duration::from_secs(10))? else { return Ok(()) };
    for change in vault.changes(set.since, 100)?.changes {
        println!("{:?}: {}", change.kind, change.row.title);
    }
    show(vault)
}

/// What the screen shows.
fn show(vault: &Vault) -> Result<(), Error> {
    let page = vault.search("Observation?_sort=-date&_count=3")?;
    for row in &page.rows {
        println!("  {} {}", row.date.as_deref().unwrap_or("no date"), row.title);
    }
    Ok(())
}
