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

use chartkeep::{Clock, Error, NeededAction, OpenError, QueryErrorKind};

/// What a record, a secret or a question can hold; each is looked for in every text.
const CANARIES: [&str; 8] = [
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
const KEY: [u8; 32] = [0xC5; 32];

/// The texts of the values shown so far.
#[derive(Default)]
struct Shown(Vec<(&'static str, String)>);

impl Shown {
    /// Keeps what `{:?}` and `{:#?}` print.
    fn debug<T: Debug>(&mut self, name: &'static str, value: &T) {
        let own = type_name::<T>().split('<').next().unwrap_or_default();
        let bare = name.rsplit("::").next().unwrap_or_default();
        assert_eq!(own.rsplit("::").next(), Some(bare), "the name given is not the type's");
        self.0.push((name, format!("{value:?}")));
        self.0.push((name, format!("{value:#?}")));
    }

    /// Keeps what `{}` prints too.
    fn both<T: Debug + Display>(&mut self, name: &'static str, value: &T) {
        self.debug(name, value);
        self.0.push((name, format!("{value}")));
    }

    /// The types that print something they must not.
    fn leaks(&self) -> Vec<&'static str> {
        let hex: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{}, {}, {}", KEY[0], KEY[1], KEY[2]);
        let mut secrets = CANARIES.map(str::to_lowercase).to_vec();
        secrets.extend([hex, list]);
        let printed = self.0.iter().map(|(name, text)| (name, text.to_lowercase()));
        printed
            .filter(|(_, text)| {
                secrets.iter().any(|secret| text.contains(secret.as_str()))
            })
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

#[test]
fn nothing_that_prints_leaks() {
    let mut shown = Shown::default();
    for error in open_errors() {
        shown.both("OpenError", &error);
        shown.debug("NeededAction", &error.action());
    }
    for error in errors() {
        shown.both("Error", &error);
        shown.debug("NeededAction", &error.action());
    }
    shown.debug("NeededAction", &NeededAction::NeedsAuthorization { connection: 3 });
    shown.debug("QueryErrorKind", &QueryErrorKind::UnknownParameter);
    shown.debug("Clock", &Clock::fixed(1_700_000_000_000));
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
