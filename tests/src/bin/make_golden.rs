//! Makes the golden vaults in `tests/data/vaults` of our own records. Run once for a format, when none of
//! them lies there yet: `cargo run -p chartkeep-tests --bin make_golden`.

use std::fs;

use chartkeep::{CancelToken, Error, LedgerEntry, TokenKind, Vault, testing};
use chartkeep_tests::golden::{self, CONNECTION, Golden, MADE};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    for made in Golden::ALL {
        let there = made.path();
        if there.exists() {
            return Err(format!("{} exists; a golden vault is kept", there.display()).into());
        }
        let path = folder.path().join(made.name());
        let options = Vault::options().clock(golden::clock()).cheap_passphrase();
        let vault = options.create(&path, made.unlock())?;
        fill(&vault, made)?;
        let exported = golden::export(&vault)?;
        if made != Golden::Unclean {
            vault.lock();
        }
        fs::copy(&path, &there)?;
        fs::write(there.with_extension("ndjson"), exported)?;
    }
    Ok(())
}

fn fill(vault: &Vault, made: Golden) -> Result<(), Error> {
    let connection = vault.local_connection(CONNECTION)?;
    for (number, name) in made.files().iter().enumerate() {
        golden::import(vault, connection, name)?;
        if number == 0 || made == Golden::Raw {
            testing::flush(vault)?;
            vault.compact(&CancelToken::new(), |_| {})?;
        }
    }
    if made == Golden::Raw {
        vault.write(connection, |tx| {
            tx.put(br#"{"kind":"no resource"}"#)?;
            tx.set_cursor("everything", "page 2");
            tx.set_token(TokenKind::Refresh, b"a token of nobody")?;
            tx.ledger(LedgerEntry {
                run: 1,
                at: MADE,
                request: "Patient/$everything".to_owned(),
                status: Some(200),
                received: 25,
                reason: None,
            });
            Ok::<(), Error>(())
        })?;
        testing::flush(vault)?;
    }
    Ok(())
}
