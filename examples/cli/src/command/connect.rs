//! `chartkeep connect`

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use chartkeep_sync::{Brand, Client, Connection, LoopbackListener, Registration, Secret};
use serde::Serialize;

use crate::args::{Connect, Globals};
use crate::failure::{Failure, Stop};
use crate::style::clean;
use crate::ui::{Ui, write_stdout};
use crate::{network, unlock};

/// Longest secret file that is read.
const LONGEST: u64 = 16 << 10;

#[derive(Serialize)]
struct Authorize<'a> {
    authorize: &'a str,
}

#[derive(Serialize)]
struct Connected<'a> {
    connection: &'a str,
    state: &'a str,
    subjects: &'a [String],
    granted: &'a [String],
}

pub(crate) fn run(args: &Connect, globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let secret = args.client_secret_file.as_deref().map(secret_of).transpose()?;
    let api_key = args.api_key_file.as_deref().map(secret_of).transpose()?;
    let vault = unlock::open(globals, ui, false)?;
    network::run(async {
        let client = Client::new(&vault)?;
        let listener = LoopbackListener::bind(args.redirect_port).await?;
        let mut registration = Registration::new(Brand::at(&args.base_url), &args.client_id)
            .redirect_uri(&listener.redirect_uri());
        if let Some(secret) = secret {
            registration = registration.with_secret(secret);
        }
        if let Some(key) = api_key {
            registration = registration.with_header(&args.api_key_header, key);
        }
        if let Some(scope) = &args.scope {
            registration = registration.scopes(scope);
        }
        if let Some(name) = &args.connection {
            registration = registration.named(name);
        }
        let connection = client.connect(registration).await?;
        let request = connection.begin_authorization_at(&listener.redirect_uri()).await?;
        tell_address(&request.url, ui)?;
        if args.auto_approve {
            ui.note("A sandbox agrees by itself; no other payer does.");
            let url = request.url.clone();
            let answer =
                tokio::task::spawn_blocking(move || chartkeep_sandbox::approve(&url)).await;
            let callback = answer.map_err(|_| Failure::bug())?.ok_or_else(no_sandbox)?;
            return tell(&client.finish_authorization(&callback).await?, ui);
        }
        if !args.no_browser && io::stderr().is_terminal() {
            network::open_browser(&request.url);
        }
        let callback = listener.callback(Duration::from_secs(args.timeout_seconds)).await?;
        tell(&client.finish_authorization(&callback).await?, ui)
    })
}

fn no_sandbox() -> Failure {
    Failure::argument(
        "connect.no_sandbox",
        "this server is no sandbox that agrees",
        "--auto-approve",
    )
    .with_advice("leave --auto-approve out and log in in the browser")
}

fn tell_address(url: &str, ui: &Ui) -> Result<(), Stop> {
    if !ui.json {
        return write_stdout(format!("authorize: {url}\n").as_bytes());
    }
    let mut line = serde_json::to_vec(&Authorize { authorize: url }).map_err(|_| Failure::bug())?;
    line.push(b'\n');
    write_stdout(&line)
}

fn tell(connection: &Connection, ui: &Ui) -> Result<(), Stop> {
    let (subjects, granted) = (connection.subjects()?, connection.granted()?);
    let json = Connected {
        connection: connection.name(),
        state: connection.state()?.name(),
        subjects: &subjects,
        granted: &granted,
    };
    ui.answer(&json, || {
        format!("Connected {}; `chartkeep sync` brings the record.\n", clean(connection.name()))
    })
}

/// A secret from a file; the newline at its end is none of it.
fn secret_of(path: &Path) -> Result<Secret, Stop> {
    let length = fs::metadata(path).map_err(|error| Failure::io(path, &error))?.len();
    let text = match length {
        0..=LONGEST => fs::read_to_string(path).map_err(|error| Failure::io(path, &error))?,
        _ => String::new(),
    };
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(Failure::argument(
            "connect.no_secret",
            "the file holds no secret",
            "secret file",
        )
        .with_advice("put the secret alone into the file, on one line")
        .into());
    }
    Ok(Secret::new(text))
}
