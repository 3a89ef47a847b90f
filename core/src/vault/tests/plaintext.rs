//! Nothing that reaches the medium shows a piece of a record, at any moment; under a seal that does not seal,
//! which is the control of this scan, it does.

use super::*;
use crate::seal::{Change, Suite};

const RECORD: &[u8] = include_bytes!("../../../../tests/data/records/member.json");
const WINDOW: usize = 12;

/// By class, as the record has them.
const PIECES: [(&str, &str); 8] = [
    ("narrative", "keeps bees &amp; hens behind the old lighthouse"),
    ("narrative", "Slipped on the lighthouse steps on Christmas Eve"),
    ("name", "Guðmundsdóttir-Ångström"),
    ("name", "Dísa of the lighthouse"),
    ("identifier", "HBR-0047-219-883"),
    ("identifier", "NG-MRN-5510-9921"),
    ("display", "Hemoglobin A1c/Hemoglobin.total in Blood"),
    ("display", "Blood pressure panel with all children optional"),
];

/// Classes of which some piece shows.
fn shown(written: &[Vec<u8>]) -> Vec<&'static str> {
    let windows: Vec<(&str, &[u8])> = PIECES
        .iter()
        .flat_map(|(class, piece)| piece.as_bytes().windows(WINDOW).map(move |w| (*class, w)))
        .collect();
    let mut begins = [false; 256];
    windows.iter().for_each(|(_, window)| begins[usize::from(window[0])] = true);
    let mut found = Vec::new();
    for bytes in written {
        for here in bytes.windows(WINDOW).filter(|here| begins[usize::from(here[0])]) {
            found.extend(windows.iter().filter(|(_, window)| *window == here).map(|(c, _)| *c));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Everything that a vault writes in its life under this suite.
fn written(suite: Suite) -> Vec<Vec<u8>> {
    let medium = Arc::new(RecordingMedium::default());
    let unlock = Unlock::key([7; 32]);
    let options = Vault::options().clock(Clock::fixed(1_700_000_000_000)).suite(suite);
    let vault = options.on_medium(Arc::clone(&medium) as _, true, &unlock).unwrap();
    let here = vault.local_connection("here").unwrap();
    vault.import_bundle(here, RECORD, &CancelToken::new(), |_| {}).unwrap();
    vault.0.flush(&vault.0.state().unwrap()).unwrap();
    vault.compact(&CancelToken::new(), |_| {}).unwrap();
    drop(vault);
    let vault = open(&medium, false).unwrap();
    vault.find("lighthouse").unwrap();
    assert_eq!(record(&vault).unwrap().len(), 25);
    drop(vault);
    let changes = medium.take_changes().into_iter();
    let writes = changes.filter_map(|change| match change {
        Change::Write { data, .. } => Some(data),
        _ => None,
    });
    writes.chain([medium.bytes()]).collect()
}

#[test]
fn no_write_shows_a_piece_of_the_record() {
    assert_eq!(shown(&[RECORD.to_vec()]), ["display", "identifier", "name", "narrative"]);
    for suite in [Suite::Xaes, Suite::XChaCha] {
        let written = written(suite);
        assert!(written.len() > 50, "{} writes", written.len());
        assert_eq!(shown(&written), [""; 0], "{suite:?}");
    }
}

#[test]
fn a_seal_that_does_not_seal_fails_the_scan() {
    let found = shown(&written(Suite::PassThrough));
    // Bodies are compressed, but what the indexes hold as one value lies open.
    for class in ["identifier", "name"] {
        assert!(found.contains(&class), "only {found:?} show");
    }
}
