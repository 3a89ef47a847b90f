//! The same for what crosses the border: the texts of records, objects and errors of the bindings.
//! `scripts/check-debug.py` reads this file too.

use std::sync::Arc;

use chartkeep_ffi::{CancelToken, ChartkeepError, ResourceId, Unlock, VaultHandle};

use crate::debug_canary::{KEY, RECORD, Shown};

fn show_errors(shown: &mut Shown) {
    let (code, advice) = (String::new, String::new);
    let every = [
        ChartkeepError::NeedsUnlock { code: code(), advice: advice() },
        ChartkeepError::NeedsAuthorization { code: code(), advice: advice(), connection: 1 },
        ChartkeepError::NeedsSpace { code: code(), advice: advice(), bytes: 1 },
        ChartkeepError::NeedsRestore { code: code(), advice: advice() },
        ChartkeepError::NeedsUpdate { code: code(), advice: advice(), found: 2, known: 1 },
        ChartkeepError::NeedsSupport { code: code(), advice: advice(), reference: code() },
        ChartkeepError::TryLater { code: code(), advice: advice(), after_ms: 1 },
        ChartkeepError::InvalidCall {
            code: code(),
            advice: advice(),
            argument: code(),
            position: None,
            expected: advice(),
        },
        ChartkeepError::Cancelled { code: code(), advice: advice() },
    ];
    every.iter().for_each(|error| shown.both("ffi::ChartkeepError", error));
}

fn show_vault(shown: &mut Shown, vault: &VaultHandle) -> Result<(), ChartkeepError> {
    shown.debug("ffi::VaultHandle", vault);
    let report = vault.import_bundle("canary-connection".to_owned(), RECORD.as_bytes(), None)?;
    shown.both("ffi::ImportReport", &report);
    let id = ResourceId {
        connection: "canary-connection".to_owned(),
        resource_type: "Patient".to_owned(),
        id: "canary-logical-id".to_owned(),
    };
    shown.both("ffi::ResourceId", &id);
    shown.both("ffi::StoredResource", &vault.read(id)?.expect("just imported"));
    let page = vault.search("Patient?name=Canarinia-Family&_count=1".to_owned())?;
    shown.both("ffi::ResourceRow", page.rows.first().expect("its name is asked for"));
    shown.both("ffi::SearchPage", &page);
    let found = vault.find("canary narrative".to_owned(), None, 1, None)?;
    let hit = found.hits.first().expect("its narrative is asked for");
    shown.both("ffi::SnippetPart", hit.snippet.first().expect("a hit has a snippet"));
    shown.both("ffi::FindHit", hit);
    shown.both("ffi::FindPage", &found);
    shown.both("ffi::VaultInfo", &vault.info()?);
    let refused = vault.search("Patient?birthdate=canary-query-value".to_owned());
    shown.both("ffi::ChartkeepError", &refused.expect_err("no date"));
    Ok(())
}

#[test]
fn nothing_that_prints_leaks_across_the_border() -> Result<(), ChartkeepError> {
    let mut shown = Shown::default();
    shown.debug("ffi::Unlock", Unlock::key(&KEY)?.as_ref());
    shown.debug("ffi::Unlock", Unlock::passphrase(b"canary-passphrase")?.as_ref());
    shown.debug("ffi::CancelToken", CancelToken::new().as_ref());
    let vault: Arc<VaultHandle> = VaultHandle::in_memory()?;
    show_vault(&mut shown, &vault)?;
    show_errors(&mut shown);
    assert_eq!(shown.leaks(), Vec::<&str>::new());
    Ok(())
}
