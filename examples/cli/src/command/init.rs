//! `chartkeep init`

use chartkeep::{OpenError, Vault};
use serde::Serialize;

use crate::args::{Globals, Init};
use crate::failure::{Failure, Stop, USAGE};
use crate::ui::{Ui, shown};
use crate::unlock;

#[derive(Serialize)]
struct Created {
    vault_id: String,
}

pub(crate) fn run(args: &Init, globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let path = unlock::vault_path(globals)?;
    let options =
        Vault::options().zone(&args.zone).map_err(|error| Failure::from(error).with_exit(USAGE))?;
    // Refused before anybody types a passphrase, and before a long key derivation.
    if path.symlink_metadata().is_ok() {
        return Err(OpenError::AlreadyExists.into());
    }
    let secret = unlock::new_secret(globals)?;
    let vault = options.create(&path, secret.unlock())?;
    let vault_id = vault.info()?.vault_id;
    drop(vault);
    let text = format!("Created vault {vault_id} at {}\n", shown(&path));
    ui.answer(&Created { vault_id }, || text)?;
    if !ui.json {
        ui.note("Its key can't be recovered: keep the key file or the passphrase safe.");
    }
    Ok(())
}
