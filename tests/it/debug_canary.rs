//! Nothing that prints leaks: `{}` and `{:?}` of every public type, filled with canaries, show none.
//!
//! `scripts/check-debug.py` reads this file. To add a type: bring a value of it about that came near
//! as many canaries as it can (unlocked with one, read from a record made of them, refused because
//! of one), and pass it to `shown.debug("Name", &value)`, or `shown.both("Name", &value)` where it
//! also has `Display`; the name is the type's own, checked here, with `ffi::` before a type of the
//! bindings. An error is shown in every variant. Fields of `&'static str` hold no canary: the
//! compiler says that they come from the program. A new kind of secret joins `CANARIES`.

use std::any::type_name;
use std::fmt::{Debug, Display};
use std::io;

use std::time::Duration;

use chartkeep::{
    CancelToken, Clock, Error, Event, Find, Healed, LedgerEntry, NeededAction, OpenError, Problem,
    QuarantineReason, ResourceId, TokenKind, Unlock, Vault,
};

/// What a record, a secret or a question can hold; each is looked for in every text.
const CANARIES: [&str; 9] = [
    "canary-connection",
    "Canarinia-Family",
    "canary-logical-id",
    "canary-identifier-4711",
    "Canarious display of a code",
    "canary narrative of a visit",
    "canary-passphrase",
    "canary-query-value",
    "canary-access-token",
];

/// The canary key, as bytes print: the decimal list of `{:?}`, and hex.
pub(crate) const KEY: [u8; 32] = [0xC5; 32];

/// The texts of the values shown so far.
#[derive(Default)]
pub(crate) struct Shown(Vec<(&'static str, String)>);

impl Shown {
    /// Keeps what `{:?}` and `{:#?}` print.
    pub(crate) fn debug<T: Debug>(&mut self, name: &'static str, value: &T) {
        let own = type_name::<T>().split('<').next().unwrap_or_default();
        let bare = name.rsplit("::").next().unwrap_or_default();
        assert_eq!(own.rsplit("::").next(), Some(bare), "the name given is not the type's");
        self.0.push((name, format!("{value:?}")));
        self.0.push((name, format!("{value:#?}")));
    }

    /// Keeps what `{}` prints too.
    pub(crate) fn both<T: Debug + Display>(&mut self, name: &'static str, value: &T) {
        self.debug(name, value);
        self.0.push((name, format!("{value}")));
    }

    /// The types that print something they must not.
    pub(crate) fn leaks(&self) -> Vec<&'static str> {
        let hex: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{}, {}, {}", KEY[0], KEY[1], KEY[2]);
        let mut secrets = CANARIES.map(str::to_lowercase).to_vec();
        secrets.extend([hex, list]);
        let printed = self.0.iter().map(|(name, text)| (name, text.to_lowercase()));
        printed
            .filter(|(_, text)| secrets.iter().any(|secret| text.contains(secret.as_str())))
            .map(|(name, _)| *name)
            .collect()
    }
}

fn open_errors() -> Vec<OpenError> {
    vec![
        OpenError::NotFound,
        OpenError::AlreadyExists,
        OpenError::NotAFile,
        OpenError::NotAVault,
        OpenError::Truncated,
        OpenError::HeaderDamaged,
        OpenError::PageZeroDamaged,
        OpenError::WrongKey,
        OpenError::KdfOutOfBounds,
        OpenError::InvalidPassphrase,
        OpenError::NewerFormat { found: 2, known: 1 },
        OpenError::HeaderRolledBack,
        OpenError::RolledBack { have: 1, want: 2 },
        OpenError::WrongVault,
        OpenError::InUse,
        OpenError::BlockDamaged(7),
        OpenError::BlockReplaced(7),
        OpenError::Inconsistent,
        OpenError::TooLarge,
        OpenError::NoSpace,
        OpenError::NoRandomness,
        OpenError::Io(io::ErrorKind::PermissionDenied),
    ]
}

fn errors() -> Vec<Error> {
    let mut errors: Vec<Error> = open_errors().into_iter().map(Error::Open).collect();
    errors.extend([
        Error::Locked,
        Error::Suspended,
        Error::ReadOnly,
        Error::BlockDamaged(7),
        Error::BlockReplaced(7),
        Error::Inconsistent("index"),
        Error::NoSpace,
        Error::TooLarge,
        Error::NoRandomness,
        Error::Io(io::ErrorKind::PermissionDenied),
        Error::UnknownConnection,
        Error::Invalid { argument: "id", expected: "Type/id" },
        Error::BrokenInput { offset: 7, reason: "not JSON" },
        Error::Input(io::ErrorKind::UnexpectedEof),
        Error::Busy,
        Error::Cancelled,
    ]);
    errors
}

/// Two resources made of canaries, as NDJSON.
pub(crate) const RECORD: &str = concat!(
    r#"{"resourceType":"Patient","id":"canary-logical-id","#,
    r#""text":{"status":"generated","div":"<div>canary narrative of a visit</div>"},"#,
    r#""identifier":[{"system":"urn:x","value":"canary-identifier-4711"}],"#,
    r#""name":[{"family":"Canarinia-Family"}]}"#,
    "\n",
    r#"{"resourceType":"Observation","id":"o1","status":"final","effectiveDateTime":"2024","#,
    r#""code":{"coding":[{"code":"c","display":"Canarious display of a code"}]},"#,
    r#""subject":{"reference":"Patient/canary-logical-id"}}"#,
    "\n"
);

/// Errors that canaries in the place of values cause. The name of a parameter or a type that is
/// unknown is told, cut to the characters of names: it is the caller's program that wrote it.
fn refused(vault: &Vault) -> Vec<Error> {
    let questions = [
        "Patient?unknown=canary-query-value",
        "Patient?name:unknown=canary-query-value",
        "Unknown?name=canary-query-value",
        "Patient?birthdate=canary-query-value",
        "Patient?birthdate=gtcanary-query-value",
        "Patient?name:missing=canary-query-value",
        "Patient?general-practitioner.name=canary-query-value",
        "Observation?value-quantity=canary-query-value",
        "Observation?component-code-value-quantity=canary-query-value",
        "Patient?_lastUpdated=canary-query-value",
        "Patient?_count=canary-query-value",
        "Patient?_total=canary-query-value",
        "Patient?name=canary-query-value&_page=canary-query-value",
        "Patient?name=canary-query-value%",
    ];
    questions.into_iter().filter_map(|question| vault.search(question).err()).collect()
}

fn show_errors(shown: &mut Shown, vault: &Vault) {
    let mut all = errors();
    let refused = refused(vault);
    assert!(refused.len() >= 10, "only {} were refused", refused.len());
    for error in refused {
        if let Error::Query(query) = &error {
            shown.both("QueryError", query);
            shown.debug("QueryErrorKind", &query.kind);
        }
        all.push(error);
    }
    for error in open_errors() {
        shown.both("OpenError", &error);
        shown.debug("NeededAction", &error.action());
    }
    for error in all {
        shown.both("Error", &error);
        shown.debug("NeededAction", &error.action());
    }
    shown.debug("NeededAction", &NeededAction::NeedsAuthorization { connection: 3 });
}

/// One exchange of a sync, with canaries in all that it commits; the feed hears of it.
fn show_writes(shown: &mut Shown, vault: &Vault) -> Result<(), Error> {
    let connection = vault.local_connection("canary-connection")?;
    shown.debug("ConnectionId", &connection);
    for listed in vault.connections()? {
        shown.debug("Connection", &listed);
    }
    let entry = LedgerEntry {
        request: "https://canary.example/Patient?_id=canary-query-value".to_owned(),
        reason: Some("canary-query-value".to_owned()),
        ..LedgerEntry::default()
    };
    shown.debug("LedgerEntry", &entry);
    shown.debug("TokenKind", &TokenKind::Access);
    shown.debug("QuarantineReason", &QuarantineReason::NotAResource);
    let mut feed = vault.feed()?;
    vault.write(connection, |tx| {
        RECORD.lines().try_for_each(|line| tx.put(line.as_bytes()))?;
        tx.set_cursor("Patient", "canary-access-token");
        tx.set_token(TokenKind::Access, b"canary-access-token")?;
        tx.ledger(entry);
        tx.put(br#"{"canary-identifier-4711":"no resource"}"#)?;
        let mut binary = vault.binary("canary-identifier-4711", "text/plain")?;
        binary.push(b"canary-note-text")?;
        shown.debug("BinaryContent", &binary);
        tx.put_binary(binary)?;
        shown.debug("WriteTxn", tx);
        Ok::<_, Error>(())
    })?;
    let set = feed.next(Duration::from_secs(10))?.expect("something was written");
    shown.debug("Quarantined", vault.quarantined()?.first().expect("one is no resource"));
    shown.debug("ChangeFeed", &feed);
    let mut live = vault.live(|now| Ok(now.search("Patient")?.rows));
    live.next_within(Duration::ZERO)?;
    shown.debug("Live", &live);
    shown.debug("ChangeSet", &set);
    let page = vault.changes(set.since, 10)?;
    shown.debug("ChangeKind", &page.changes[0].kind);
    shown.debug("ResourceChange", &page.changes[0]);
    shown.debug("ChangePage", &page);
    Ok(())
}

fn show_import(shown: &mut Shown, vault: &Vault) -> Result<(), Error> {
    let connection = vault.local_connection("canary-connection")?;
    let cancel = CancelToken::new();
    shown.debug("CancelToken", &cancel);
    let report = vault.import_bundle(connection, RECORD.as_bytes(), &cancel, |progress| {
        shown.debug("ImportProgress", &progress);
    });
    shown.debug("ImportReport", &report.map_err(|fault| fault.error)?);
    let broken = r#"{"resourceType":"Patient","id":"canary-logical-id""#;
    let broken = vault.import_bundle(connection, broken.as_bytes(), &cancel, |_| {});
    shown.both("ImportError", &broken.expect_err("the input breaks off"));
    let id = ResourceId::new(connection, "Patient", "canary-logical-id");
    shown.debug("ResourceId", &id);
    let stored = vault.read(&id)?.expect("just imported");
    assert_eq!(Some(stored.json()), RECORD.lines().next());
    shown.debug("StoredResource", &stored);
    Ok(())
}

fn show_answers(shown: &mut Shown, vault: &Vault) -> Result<(), Error> {
    let snapshot = vault.snapshot()?;
    shown.debug("Snapshot", &snapshot);
    let page = snapshot.search("Patient?name=Canarinia-Family&_count=1")?;
    shown.debug("ResourceRow", page.rows.first().expect("its name is asked for"));
    shown.debug("SearchPage", &page);
    let find = Find::new("canary narrative").within("Patient?name=Canarinia-Family").limit(1);
    shown.debug("Find", &find);
    let found = snapshot.find(find)?;
    let hit = found.hits.first().expect("its narrative is asked for");
    shown.debug("SnippetPart", hit.snippet.first().expect("a hit has a snippet"));
    shown.debug("FindHit", hit);
    shown.debug("FindPage", &found);
    Ok(())
}

fn show_maintenance(shown: &mut Shown, vault: &Vault) -> Result<(), Error> {
    let info = vault.info()?;
    shown.debug("Opened", &info.opened);
    shown.debug("Healed", &Healed::NonceTable);
    shown.debug("Event", &Event::Healed(Healed::HeaderCopy(1)));
    shown.debug("VaultInfo", &info);
    shown.debug("VaultState", &vault.state());
    let cancel = CancelToken::new();
    let mut progress = Vec::new();
    shown.debug("CheckReport", &vault.check(&cancel, |step| progress.push(step))?);
    shown.debug("Problem", &Problem { code: "block.damaged", text: "block 7".to_owned() });
    shown.debug("CompactReport", &vault.compact(&cancel, |step| progress.push(step))?);
    progress.iter().for_each(|step| shown.debug("Progress", step));
    Ok(())
}

#[test]
fn nothing_that_prints_leaks() {
    let folder = tempfile::tempdir().unwrap();
    let mut shown = Shown::default();
    shown.debug("Unlock", &Unlock::key(KEY));
    shown.debug("Unlock", &Unlock::passphrase(b"canary-passphrase"));
    shown.debug("Clock", &Clock::fixed(1_700_000_000_000));
    shown.debug("VaultOptions", &Vault::options());
    let vault = Vault::create(folder.path().join("me.vault"), Unlock::key(KEY)).unwrap();
    shown.debug("Vault", &vault);
    show_writes(&mut shown, &vault).unwrap();
    show_import(&mut shown, &vault).unwrap();
    show_answers(&mut shown, &vault).unwrap();
    show_maintenance(&mut shown, &vault).unwrap();
    show_errors(&mut shown, &vault);
    assert_eq!(shown.leaks(), Vec::<&str>::new());
    assert!(shown.0.iter().all(|(_, text)| !text.is_empty()));
}

/// Positive control: the same look finds a text and a key that a derived `Debug` prints.
#[test]
fn the_look_finds_what_leaks() {
    #[derive(Debug)]
    #[expect(dead_code, reason = "only printed")]
    struct Name(&'static str);
    #[derive(Debug)]
    #[expect(dead_code, reason = "only printed")]
    struct Secret([u8; 32]);
    let mut control = Shown::default();
    for canary in CANARIES {
        control.debug("Name", &Name(canary));
    }
    control.debug("Secret", &Secret(KEY));
    let found = control.leaks();
    assert_eq!(found.iter().filter(|name| **name == "Name").count(), 2 * CANARIES.len());
    assert!(found.contains(&"Secret"));
}
