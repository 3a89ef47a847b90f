//! The `help:` line of each error: what a person at a terminal does next.

use chartkeep::NeededAction;

/// The sentence for a code, or for its action where the code needs none of its own.
pub(crate) fn of(code: &str, action: &NeededAction) -> String {
    if let Some(text) = by_code(code) {
        return text.to_owned();
    }
    match action {
        NeededAction::NeedsUnlock => {
            "check the key file or the passphrase; nothing was changed".to_owned()
        }
        NeededAction::NeedsAuthorization { .. } => {
            "log in again at this connection; the record stays readable".to_owned()
        }
        NeededAction::NeedsSpace { .. } => {
            "free some space, then run the command again; the record is unchanged".to_owned()
        }
        NeededAction::NeedsRestore => {
            "the file was left as it is; keep it, and go on with an earlier copy".to_owned()
        }
        NeededAction::NeedsUpdate { .. } => {
            "install a newer chartkeep; nothing was changed".to_owned()
        }
        NeededAction::TryLater { .. } => "try again later".to_owned(),
        NeededAction::InvalidCall { expected, .. } if !expected.is_empty() => {
            format!("expected {expected}")
        }
        NeededAction::InvalidCall { .. } => "check the arguments".to_owned(),
        NeededAction::Cancelled => {
            "what was finished before is kept; run the command again to go on".to_owned()
        }
        // `NeedsSupport`, and whatever a later core adds.
        _ => "please report this with the code above; it holds nothing of the record".to_owned(),
    }
}

fn by_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "vault.not_found" => "check --vault, or create a vault with `chartkeep init`",
        "vault.exists" => "choose another path; nothing is ever overwritten",
        "vault.not_a_file" => "give the path of a regular file, not of a folder or a link",
        "vault.not_a_vault" => "check --vault; the file was left as it is",
        "vault.in_use" => "wait until the other program is done with the vault, then try again",
        "vault.block_damaged" | "vault.block_replaced" => {
            "the file was left as it is; `chartkeep check` lists what is damaged"
        }
        "path.exists" => "choose another path; nothing is ever overwritten",
        "connection.unknown" => "`chartkeep info` lists the connections",
        "resource.not_found" => {
            "the id is taken literally; `chartkeep search 'TYPE?'` lists what there is"
        }
        "input.broken" => "what came before the fault was kept; mend the file and import it again",
        _ => return None,
    })
}
