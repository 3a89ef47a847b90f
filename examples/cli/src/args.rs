//! The command line's shape: help, completions and man pages all come from here.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Format of the vaults that this program writes.
pub(crate) const FORMAT: &str = "1.0";

/// A person's health record in one sealed file, searchable offline.
#[derive(Debug, Parser)]
#[command(
    name = "chartkeep",
    version = concat!(env!("CARGO_PKG_VERSION"), " (vault format 1.0)"),
    about = "A person's health record in one sealed file, searchable offline.",
    long_about = "A person's health record in one sealed file, searchable offline.\n\
        Results go to stdout, everything else to stderr; only connect and sync use the network.",
    after_long_help = "Example:\n  chartkeep init --vault me.vault && chartkeep import --vault me.vault records/",
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that stand before or after the command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The vault
    // An empty variable is no path, and is told as such.
    #[arg(value_parser = OsStringValueParser::new().map(PathBuf::from), value_hint = clap::ValueHint::FilePath)]
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        env = "CHARTKEEP_VAULT",
        hide_env_values = true
    )]
    pub(crate) vault: Option<PathBuf>,
    /// Unlock with a key file: 32 bytes, or 64 hex digits [default: ask for a passphrase]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Unlock with the passphrase on the first line of a file [default: ask]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Print exactly one JSON value on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No progress and no advice, errors only
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Colour; `auto` means on a terminal and without NO_COLOR
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: Color,
    /// Say more on stderr about what is done
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// The commands, one line each in the main help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a vault
    #[command(
        long_about = "Create a vault, sealed under a key file or a passphrase.\n\
            Refuses a path where anything lies already, and never creates folders.",
        after_long_help = "Example:\n  chartkeep init --vault me.vault --zone +02:00"
    )]
    Init(Init),
    /// Show what the vault holds and how it is
    #[command(
        long_about = "Show what the vault holds and how it is, as it stands now.\n\
            Counts are of current resources; older versions are counted apart.",
        after_long_help = "Example:\n  chartkeep info --vault me.vault --json"
    )]
    Info,
    /// Take in FHIR files: Bundles, NDJSON, single resources
    #[command(
        long_about = "Take in FHIR files: Bundles of any type, NDJSON, single resources; gz and zst too.\n\
            The same content again changes nothing; a broken file keeps what came before the fault.",
        after_long_help = "Example:\n  chartkeep import --vault me.vault --connection 'Health plan' export.json.gz notes/"
    )]
    Import(Import),
    /// Show one resource
    #[command(
        long_about = "Show one resource: indented for people, or with --raw byte for byte.\n\
            The id is taken literally; name the connection when several hold the same id.",
        after_long_help = "Example:\n  chartkeep show --vault me.vault Patient/p1 --raw"
    )]
    Show(Show),
    /// Write the record out as NDJSON
    #[command(
        long_about = "Write the record out as NDJSON, one current resource a line.\n\
            Exact bytes, except that a line break between JSON tokens becomes a space.",
        after_long_help = "Example:\n  chartkeep export --vault me.vault record.ndjson"
    )]
    Export(Export),
    /// Ask with a FHIR search
    #[command(
        long_about = "Ask with a FHIR search in URL form; the answer is exact, its total always known.\n\
            Something that is not supported is refused by name, never left out silently.",
        after_long_help = "Example:\n  chartkeep search --vault me.vault 'Observation?code=http://loinc.org|4548-4&_sort=-date'"
    )]
    Search(Search),
    /// Find words in the whole record
    #[command(
        long_about = "Find words in the whole record: narrative, names, notes, codes' displays, attachments.\n\
            All words must occur; the last one may be a beginning. Best matches come first.",
        after_long_help = "Example:\n  chartkeep find --vault me.vault inhal --filter 'MedicationRequest?status=active'"
    )]
    Find(Find),
    /// Verify every block, tree and index
    #[command(
        long_about = "Verify every block, every tree, and every index against its resources.\n\
            Exit code 0 means whole; nothing is changed.",
        after_long_help = "Example:\n  chartkeep check --vault me.vault"
    )]
    Check,
    /// Give free space back
    #[command(
        long_about = "Give free space inside the vault back to the system.\n\
            With --deep everything live is copied into a new file under a new page key.",
        after_long_help = "Example:\n  chartkeep compact --vault me.vault --deep"
    )]
    Compact(Compact),
    /// Log in at a payer or provider
    #[command(
        long_about = "Log in at a payer's or provider's FHIR server, in the browser (SMART on FHIR).\n\
            A second log-in at the same server renews it; another member's makes a new connection.",
        after_long_help = "Example:\n  chartkeep connect --vault me.vault https://payer.example/fhir --client-id my-app"
    )]
    Connect(Connect),
    /// Bring the record up to date from its connections
    #[command(
        long_about = "Bring the record up to date from one connection, or from all.\n\
            Exit code 3 means partly done; what came is kept, and the next sync goes on there.",
        after_long_help = "Example:\n  chartkeep sync --vault me.vault --connection 'Health plan'"
    )]
    Sync(Sync),
    /// Run a payer on this machine, to try things out
    #[command(
        long_about = "Run a payer on this machine, on loopback only, with members that never were.\n\
            Its base URL is the first line on stdout; client ids and the secret are on stderr.",
        after_long_help = "Example:\n  chartkeep sandbox --port 8080"
    )]
    Sandbox(Sandbox),
    /// See everything at work in ten seconds
    #[command(
        long_about = "See everything at work: a payer on this machine, a log-in, a sync, searches, offline.\n\
            Works in a temporary folder, which it removes unless --keep names one.",
        after_long_help = "Example:\n  chartkeep demo --keep demo"
    )]
    Demo(Demo),
    /// Print the completions for a shell
    #[command(
        long_about = "Print the completions for a shell on stdout.\n\
            They are made from the same definitions as this help.",
        after_long_help = "Example:\n  chartkeep completions bash > ~/.local/share/bash-completion/completions/chartkeep"
    )]
    Completions(Completions),
    /// Print the man page, or write all of them
    #[command(
        long_about = "Print the man page on stdout, or write one page per command into a folder.\n\
            They are made from the same definitions as this help.",
        after_long_help = "Example:\n  chartkeep man | man -l -"
    )]
    Man(Man),
}

/// `init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Zone in which times without one are read: UTC, or an offset such as +02:00
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true)]
    pub(crate) zone: String,
}

/// `import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files and folders; `-` is stdin. In folders: .json, .ndjson, .gz, .zst, and others by content
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// The local source that the files belong to
    #[arg(long, value_name = "NAME", default_value = "import")]
    pub(crate) connection: String,
}

/// `show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Type and id, taken literally
    #[arg(value_name = "TYPE/ID")]
    pub(crate) resource: String,
    /// The connection that holds it [default: the only one that does]
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
    /// The exact bytes as received, with no newline added
    #[arg(long)]
    pub(crate) raw: bool,
    /// An older version, 1 being the first that the vault saw [default: the current one]
    #[arg(long, value_name = "N")]
    pub(crate) version: Option<u32>,
}

/// `export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The file to write, where nothing may lie yet; `-` is stdout
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// Older versions too, each before the one that took its place
    #[arg(long)]
    pub(crate) all_versions: bool,
}

/// `search`
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// TYPE?name=value&name=value, percent-decoded once; `| , $ : /` may stand raw
    #[arg(value_name = "QUERY", required_unless_present = "batch", conflicts_with = "batch")]
    pub(crate) query: Option<String>,
    /// Read a QUERY a line from stdin, print a JSON Bundle or error object a line
    #[arg(long)]
    pub(crate) batch: bool,
}

/// `find`
#[derive(Debug, Args)]
pub(crate) struct Find {
    /// The words
    #[arg(value_name = "TEXT", required = true)]
    pub(crate) text: Vec<String>,
    /// Only among the matches of this search
    #[arg(long, value_name = "QUERY")]
    pub(crate) filter: Option<String>,
    /// At most so many hits
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: u32,
    /// Go on after a page: the `next` of its JSON
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
}

/// `compact`
#[derive(Debug, Args)]
pub(crate) struct Compact {
    /// Copy into a new file under a new page key
    #[arg(long)]
    pub(crate) deep: bool,
}

/// `connect`
#[derive(Debug, Args)]
pub(crate) struct Connect {
    /// The server's FHIR base URL
    #[arg(value_name = "BASE_URL")]
    pub(crate) base_url: String,
    /// The client id that the payer gave this app
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// The client secret, in a file [default: a public client]
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Name of the connection [default: the server's host]
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
    /// Scopes to ask for [default: those of a whole record, as far as the server offers them]
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<String>,
    /// Port of the callback address [default: a free one]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub(crate) redirect_port: u16,
    /// Only print the address to log in at
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Let a sandbox agree by itself
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// The key of the payer's gateway, in a file
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// The header that the key goes into
    #[arg(long, value_name = "NAME", default_value = "x-api-key")]
    pub(crate) api_key_header: String,
    /// How long to wait for the log-in
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) timeout_seconds: u64,
}

/// `sync`
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Only this connection [default: all]
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
    /// Stop after so long, and go on there next time
    #[arg(long, value_name = "SECONDS")]
    pub(crate) budget_seconds: Option<u64>,
    /// Ask for everything, not only for what changed
    #[arg(long)]
    pub(crate) full: bool,
}

/// `sandbox`
#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// Port on 127.0.0.1 [default: a free one]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Seed of the generated member [default: 1]
    #[arg(long, value_name = "N", conflicts_with = "data")]
    pub(crate) seed: Option<u64>,
    /// Resources in that member's record, 300 to 400000 [default: 2000]
    #[arg(long, visible_alias = "resources", value_name = "N", conflicts_with = "data")]
    pub(crate) size: Option<usize>,
    /// Virtual day to start on, up to 730 [default: 0]
    #[arg(long, value_name = "N", conflicts_with = "data")]
    pub(crate) day: Option<u32>,
    /// Serve these files and folders [default: a generated member, and a second, small one]
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    /// How it behaves
    #[arg(long, value_name = "NAME", default_value = "perfect")]
    pub(crate) profile: String,
    /// End when stdin does
    #[arg(long)]
    pub(crate) until_stdin_closes: bool,
}

/// `demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Agree to the access in the browser, instead of by itself
    #[arg(long)]
    pub(crate) browser: bool,
    /// Serve these files and folders [default: a generated member]
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    /// Keep the vault and its key in this new folder
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: Shell,
}

/// `man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// An existing folder to write all pages into [default: the main page on stdout]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn version_names_this_release_and_format() {
        let version = Cli::command().render_version();
        assert!(version.starts_with("chartkeep "), "{version}");
        assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
        assert!(version.contains(FORMAT), "{version}");
    }

    #[test]
    fn each_command_has_two_lines_of_purpose_and_an_example() {
        for command in Cli::command().get_subcommands() {
            let about = command.get_long_about().expect("a purpose").to_string();
            assert_eq!(about.lines().count(), 2, "{}", command.get_name());
            assert!(about.lines().all(|line| line.len() <= 98), "{}", command.get_name());
            let after = command.get_after_long_help().expect("an example").to_string();
            assert_eq!(after.matches("chartkeep ").count(), 1, "{}", command.get_name());
            let short = command.get_about().expect("a line").to_string();
            assert!(short.len() <= 60 && !short.contains('\n'), "{}", command.get_name());
        }
    }
}
