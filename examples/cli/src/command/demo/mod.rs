//! `chartkeep demo`: a payer on this machine, a log-in, a sync, the record, searches, and all of it
//! again without the payer. The same calls that an app makes.

mod asked;
mod glance;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chartkeep::{CancelToken, Find, Unlock, Vault};
use chartkeep_sandbox::Sandbox;
use chartkeep_sync::{
    Brand, Client, Connection, LoopbackListener, Registration, SyncOptions, Verdict,
};

use super::{sandbox, sync};
use crate::args::Demo;
use crate::failure::{Failure, Stop};
use crate::network;
use crate::style::{self, Style, paint, plural};
use crate::ui::{Ui, shown, write_stdout};

const VAULT: &str = "demo.vault";
const KEY: &str = "demo.key";
/// Resources on a page of the payer's.
const PAGE: usize = 100;
/// How long to wait for the person at the consent page.
const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) fn run(args: &Demo, ui: &Ui) -> Result<(), Stop> {
    let temporary = match &args.keep {
        Some(folder) => {
            fs::create_dir(folder).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    let what = format!("{}: something lies there already", shown(folder));
                    Failure::argument("path.exists", what, "--keep")
                }
                _ => Failure::io(folder, &error),
            })?;
            None
        }
        None => Some(tempfile::tempdir().map_err(|error| Failure::io(Path::new("demo"), &error))?),
    };
    let folder = match (&args.keep, &temporary) {
        (Some(folder), _) => folder.clone(),
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => return Err(Failure::bug().into()),
    };
    let demo = Scene { ui, folder, key: new_key()? };
    demo.play(args)?;
    // Removed here and not by the drop, so that a failure to do so is told.
    match temporary {
        Some(temporary) => {
            let path = temporary.path().to_owned();
            Ok(temporary.close().map_err(|error| Failure::io(&path, &error))?)
        }
        None => Ok(()),
    }
}

struct Scene<'a> {
    ui: &'a Ui,
    folder: PathBuf,
    key: [u8; 32],
}

impl Scene<'_> {
    fn play(&self, args: &Demo) -> Result<(), Stop> {
        let path = self.folder.join(VAULT);
        self.keep_key()?;
        let payer = self.payer(args)?;
        let vault = Vault::create(&path, Unlock::key(self.key))?;
        self.say("An empty, sealed vault", &shown(&path))?;
        network::run(async {
            let connection = self.log_in(&vault, &payer, args.browser).await?;
            self.bring(&connection).await
        })?;
        let today = glance::newest(&vault)?;
        let since = if today.is_empty() { String::new() } else { format!(", as of {today}") };
        self.heading(&format!("The record at a glance{since}"))?;
        self.print(&glance::of(&vault, self.ui, &today)?)?;
        self.heading("Asked")?;
        self.ask(&vault, false)?;
        drop(payer);
        drop(vault);
        let started = Instant::now();
        let vault = Vault::open(&path, Unlock::key(self.key))?;
        let opened = started.elapsed();
        self.heading("The payer is gone; the vault is opened again, offline")?;
        self.print(&format!("Opened in {}\n", asked::time(opened)))?;
        self.ask(&vault, true)?;
        vault.compact(&CancelToken::new(), |_| {})?;
        let info = vault.info()?;
        drop(vault);
        self.heading("Sizes, after compaction")?;
        self.print(&format!(
            "{}: {} as JSON, {} as a sealed, searchable vault\n",
            plural(info.resources, "resource"),
            style::bytes(info.bytes_raw),
            style::bytes(info.bytes_file)
        ))?;
        self.next(args.keep.as_deref())
    }

    fn payer(&self, args: &Demo) -> Result<Sandbox, Stop> {
        let mut payer = Sandbox::builder().page_size(PAGE);
        for path in &args.data {
            payer = payer.data(path);
        }
        let payer = payer.start().map_err(|error| sandbox::failure(&error))?;
        self.say("A payer on this machine", &payer.base())?;
        Ok(payer)
    }

    async fn log_in(
        &self,
        vault: &Vault,
        payer: &Sandbox,
        browser: bool,
    ) -> Result<Connection, Stop> {
        let client = Client::new(vault)?;
        let listener = LoopbackListener::bind(0).await?;
        let registration = Registration::new(Brand::at(&payer.base()), payer.public_client())
            .redirect_uri(&listener.redirect_uri())
            .named("Demo payer");
        let connection = client.connect(registration).await?;
        let request = connection.begin_authorization_at(&listener.redirect_uri()).await?;
        let callback = if browser {
            self.say("Agree in the browser", &request.url)?;
            network::open_browser(&request.url);
            listener.callback(PATIENCE).await?
        } else {
            payer.approve(&request.url).map_err(|error| sandbox::failure(&error))?
        };
        let connection = client.finish_authorization(&callback).await?;
        self.say("Logged in", "SMART on FHIR: authorization code, PKCE")?;
        Ok(connection)
    }

    async fn bring(&self, connection: &Connection) -> Result<(), Stop> {
        let started = Instant::now();
        let report = sync::one(connection, SyncOptions::default(), self.ui).await?;
        let what = format!(
            "{} in {}, {}",
            plural(report.counts.new, "resource"),
            plural(report.requests, "request"),
            asked::time(started.elapsed())
        );
        self.say("Synced", &what)?;
        match report.verdict {
            Verdict::Complete => Ok(()),
            _ => Err(Failure::argument(report.reason, "the sync is not complete", "--data").into()),
        }
    }

    /// Asks the same again and again: with what was found, or in short.
    fn ask(&self, vault: &Vault, in_short: bool) -> Result<(), Stop> {
        let ui = self.ui;
        for (what, query) in asked::SEARCHES {
            let started = Instant::now();
            let page = vault.search(query)?;
            self.print(&asked::head(ui, what, page.total, started.elapsed()))?;
            if !in_short {
                self.print(&(asked::query(ui, query) + &asked::rows(ui, &page.rows)))?;
            }
        }
        for words in asked::WORDS {
            let started = Instant::now();
            let page = vault.find(Find::new(words).limit(asked::HITS))?;
            let what = format!("The words \"{words}\"");
            self.print(&asked::head(ui, &what, page.total, started.elapsed()))?;
            if !in_short {
                let hits: String = page.hits.iter().map(|hit| asked::hit(ui, hit)).collect();
                self.print(&hits)?;
            }
        }
        Ok(())
    }

    /// The key lies beside the vault, as a demo may and an app must not.
    fn keep_key(&self) -> Result<(), Stop> {
        let path = self.folder.join(KEY);
        let hex: String = self.key.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&path).and_then(|mut file| file.write_all(hex.as_bytes()));
        Ok(written.map_err(|error| Failure::io(&path, &error))?)
    }

    /// Three commands, ready to copy.
    fn next(&self, kept: Option<&Path>) -> Result<(), Stop> {
        self.heading("Try next")?;
        let lines = match kept {
            Some(folder) => {
                let (vault, key) = (folder.join(VAULT), folder.join(KEY));
                let open = format!("--vault '{}' --key-file '{}'", shown(&vault), shown(&key));
                [
                    format!("chartkeep info {open}"),
                    format!(
                        "chartkeep search {open} 'Observation?code=http://loinc.org|4548-4&_sort=-date'"
                    ),
                    format!("chartkeep find {open} pneumonia"),
                ]
            }
            None => [
                "chartkeep demo --keep my-demo".to_owned(),
                "chartkeep demo --browser".to_owned(),
                "chartkeep sandbox".to_owned(),
            ],
        };
        self.print(&lines.map(|line| line + "\n").concat())
    }

    fn say(&self, what: &str, detail: &str) -> Result<(), Stop> {
        let what = paint(self.ui.color, Style::Heading, what);
        self.print(&format!("{what}: {}\n", style::clean(detail)))
    }

    fn heading(&self, text: &str) -> Result<(), Stop> {
        self.print(&format!("\n{}\n", paint(self.ui.color, Style::Heading, text)))
    }

    #[expect(clippy::unused_self, reason = "beside its siblings")]
    fn print(&self, text: &str) -> Result<(), Stop> {
        write_stdout(text.as_bytes())
    }
}

fn new_key() -> Result<[u8; 32], Stop> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| chartkeep::Error::NoRandomness)?;
    Ok(key)
}
