//! Where the key comes from, and opening: a secret never stands on the command line, and without a
//! terminal nothing is ever waited for but another process's hold on the vault.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use chartkeep::{OpenError, Unlock, Vault};
use zeroize::Zeroizing;

use crate::args::Globals;
use crate::failure::{Failure, Stop};
use crate::interrupt;
use crate::ui::{Ui, shown};

/// How long to wait for a vault that another process holds.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);
/// Wrong passphrases that may be typed before the command gives up.
const TRIES: u32 = 3;
/// Longest secret file that is read; a passphrase has at most 1,024 bytes.
const LONGEST: usize = 4_096;

/// What unlocks the vault. Wiped when dropped.
pub(crate) enum Secret {
    Key(Zeroizing<[u8; 32]>),
    Passphrase(Zeroizing<Vec<u8>>),
}

impl Secret {
    pub(crate) fn unlock(&self) -> Unlock {
        match self {
            Self::Key(key) => Unlock::key(**key),
            Self::Passphrase(passphrase) => Unlock::passphrase(passphrase),
        }
    }
}

/// The vault's path, from the option or the environment.
pub(crate) fn vault_path(globals: &Globals) -> Result<PathBuf, Stop> {
    match &globals.vault {
        Some(path) if !path.as_os_str().is_empty() => Ok(path.clone()),
        _ => Err(Failure::usage("usage.no_vault", "no vault is named", "--vault")
            .with_advice("give --vault PATH, or set CHARTKEEP_VAULT")
            .into()),
    }
}

/// The secret for a new vault; a typed passphrase is asked for twice.
pub(crate) fn new_secret(globals: &Globals) -> Result<Secret, Stop> {
    if let Some(secret) = from_file(globals)? {
        return Ok(secret);
    }
    let first = ask(false, "New passphrase: ")?;
    let second = ask(false, "The same again: ")?;
    if first != second {
        return Err(Failure::argument(
            "unlock.mismatch",
            "the two passphrases differ",
            "passphrase",
        )
        .with_advice("run the command again and type the same passphrase twice")
        .into());
    }
    Ok(Secret::Passphrase(first))
}

/// Opens the vault for a command; `reads_stdin` when the command's input comes from there.
pub(crate) fn open(globals: &Globals, ui: &Ui, reads_stdin: bool) -> Result<Vault, Stop> {
    let path = vault_path(globals)?;
    // Nobody types a passphrase for a vault that is not there.
    if let Err(error) = path.symlink_metadata()
        && matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    {
        return Err(OpenError::NotFound.into());
    }
    let started = Instant::now();
    let vault = match from_file(globals)? {
        Some(secret) => open_patiently(&path, &secret, ui)?,
        None => open_by_asking(&path, ui, reads_stdin)?,
    };
    ui.detail(format_args!("opened in {} ms", started.elapsed().as_millis()));
    Ok(vault)
}

fn open_by_asking(path: &Path, ui: &Ui, reads_stdin: bool) -> Result<Vault, Stop> {
    let mut tries = 1;
    loop {
        let secret = Secret::Passphrase(ask(reads_stdin, "Passphrase: ")?);
        match open_patiently(path, &secret, ui) {
            Err(OpenError::WrongKey) if tries < TRIES => {
                ui.note("That passphrase does not open the vault.");
                tries += 1;
            }
            opened => return Ok(opened?),
        }
    }
}

fn open_patiently(path: &Path, secret: &Secret, ui: &Ui) -> Result<Vault, OpenError> {
    let started = Instant::now();
    let mut told = false;
    loop {
        match Vault::open(path, secret.unlock()) {
            Err(OpenError::InUse) if started.elapsed() < PATIENCE => {
                if !told && ui.bar {
                    ui.note("Waiting for another program that holds the vault …");
                    told = true;
                }
                thread::sleep(PAUSE);
            }
            opened => return opened,
        }
    }
}

fn from_file(globals: &Globals) -> Result<Option<Secret>, Stop> {
    Ok(match (&globals.key_file, &globals.passphrase_file) {
        (Some(path), _) => {
            let key = parse_key(&read(path)?).ok_or_else(|| {
                Failure::argument(
                    "unlock.invalid_key_file",
                    format!("{}: not a key file", shown(path)),
                    "--key-file",
                )
                .with_advice("a key file holds 32 bytes, or 64 hex digits with or without newline")
            })?;
            Some(Secret::Key(key))
        }
        (None, Some(path)) => Some(Secret::Passphrase(first_line(read(path)?))),
        (None, None) => None,
    })
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Stop> {
    // Room for all of it, so that no copy stays behind in memory when the buffer grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * LONGEST));
    File::open(path)
        .and_then(|file| file.take(LONGEST as u64).read_to_end(&mut bytes))
        .map_err(|error| Failure::io(path, &error))?;
    Ok(bytes)
}

fn parse_key(bytes: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    if bytes.len() == key.len() {
        key.copy_from_slice(bytes);
        return Some(key);
    }
    let digits = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let digits = digits.strip_suffix(b"\r").unwrap_or(digits);
    if digits.len() != 2 * key.len() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (hex(pair[0])? << 4) | hex(pair[1])?;
    }
    Some(key)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn first_line(mut bytes: Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
    if let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
        bytes.truncate(end);
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    bytes
}

fn ask(reads_stdin: bool, prompt: &str) -> Result<Zeroizing<Vec<u8>>, Stop> {
    // Where stdin is the command's input, the terminal is still there for the passphrase.
    if !(io::stderr().is_terminal() && (reads_stdin || io::stdin().is_terminal())) {
        return Err(no_key().into());
    }
    match interrupt::hiding_input(|| rpassword::prompt_password(prompt)) {
        Ok(typed) => Ok(Zeroizing::new(typed.into_bytes())),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {
            Err(chartkeep::Error::Cancelled.into())
        }
        Err(_) => Err(no_key().into()),
    }
}

fn no_key() -> Failure {
    let mut failure = Failure::usage(
        "usage.no_key",
        "no key is given and there is no terminal to ask on",
        "--key-file",
    )
    .with_advice("give --key-file FILE or --passphrase-file FILE");
    failure.action = "NeedsUnlock";
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_files() {
        let hex: String = (0..32u8).map(|byte| format!("{byte:02x}")).collect();
        let key: Vec<u8> = (0..32).collect();
        let parse = |bytes: &[u8]| parse_key(bytes).map(|key| key.to_vec());
        assert_eq!(parse(&key), Some(key.clone()));
        assert_eq!(parse(hex.as_bytes()), Some(key.clone()));
        assert_eq!(parse(format!("{}\n", hex.to_uppercase()).as_bytes()), Some(key.clone()));
        assert_eq!(parse(format!("{hex}\r\n").as_bytes()), Some(key.clone()));
        for wrong in [&key[1..], b"", &hex.as_bytes()[1..], format!("{hex}\n\n").as_bytes()] {
            assert_eq!(parse(wrong), None);
        }
        assert_eq!(parse(hex.replace('f', "g").as_bytes()), None);
    }

    #[test]
    fn passphrase_files() {
        let line = |text: &str| first_line(Zeroizing::new(text.as_bytes().to_vec())).to_vec();
        assert_eq!(line("two words"), b"two words");
        assert_eq!(line(" kept \r\nsecond"), b" kept ");
        assert_eq!(line("\n"), b"");
    }
}
