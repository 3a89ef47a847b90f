//! The records of our own and the golden vaults made of them: where they lie, and with what they open.

use std::path::{Path, PathBuf};

use chartkeep::{CancelToken, Clock, ConnectionId, Error, Unlock, Vault};

/// The moment at which the golden vaults were made, Unix milliseconds.
pub const MADE: i64 = 1_795_500_000_000;
/// The connection that holds the records.
pub const CONNECTION: &str = "import";
/// The passphrase of `passphrase.vault`, decomposed; it opens typed either way.
pub const PASSPHRASE: &str = "bees over Hafnaro\u{301}s 24";

/// A golden vault by name. Beside `NAME.vault` lies `NAME.ndjson`, what it exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Golden {
    /// Raw key, closed, all rows in a segment; a ledger entry, a cursor, a token, a quarantined thing.
    Raw,
    /// Passphrase, closed.
    Passphrase,
    /// Raw key, copied while it was open.
    Unclean,
    /// Raw key, closed with rows that no segment holds yet.
    Recent,
}

impl Golden {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Raw, Self::Passphrase, Self::Unclean, Self::Recent];

    /// Its file's stem.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Passphrase => "passphrase",
            Self::Unclean => "unclean",
            Self::Recent => "recent",
        }
    }

    /// What opens it.
    pub fn unlock(self) -> Unlock {
        match self {
            Self::Passphrase => Unlock::passphrase(PASSPHRASE.as_bytes()),
            _ => Unlock::key([7; 32]),
        }
    }

    /// The vault in the repository; tests open copies.
    pub fn path(self) -> PathBuf {
        data().join("vaults").join(self.name()).with_extension("vault")
    }

    /// The files it was made of, in order.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Self::Passphrase => &["member.json"],
            _ => &["member.json", "more.ndjson"],
        }
    }
}

/// The folder of test data.
pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// One of our own records.
///
/// # Panics
/// When it cannot be read.
pub fn record(name: &str) -> Vec<u8> {
    std::fs::read(data().join("records").join(name)).expect("a record of our own")
}

/// Imports one of our own records.
///
/// # Errors
/// Those of the import.
pub fn import(vault: &Vault, connection: ConnectionId, name: &str) -> Result<(), Error> {
    let bytes = record(name);
    vault
        .import_bundle(connection, &bytes[..], &CancelToken::new(), |_| {})
        .map(|_| ())
        .map_err(|e| e.error)
}

/// Everything current as NDJSON, line breaks between tokens as spaces.
///
/// # Errors
/// Those of the export.
pub fn export(vault: &Vault) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    vault.export(false, |resource| {
        let breaks = |byte: &u8| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte };
        out.extend(resource.bytes().iter().map(breaks));
        out.push(b'\n');
        Ok(())
    })?;
    Ok(out)
}

/// The time as it was then: a walk is not due yet.
pub fn clock() -> Clock {
    Clock::fixed(MADE)
}
