//! Every published record: the vault holds exactly what the file has, byte for byte.

use std::collections::BTreeMap;

use chartkeep::{CancelToken, ResourceId, Vault};
use chartkeep_tests::{Slice, content, files, pack, same_content, slices};

/// What must be stored of one input: the bytes first received with the content that came last.
fn expected(found: &[Slice]) -> BTreeMap<(String, String), Vec<u8>> {
    let mut current: BTreeMap<(String, String), Vec<u8>> = BTreeMap::new();
    for slice in found {
        let Some(id) = &slice.id else { continue };
        let key = (slice.resource_type.clone(), id.clone());
        match current.get(&key) {
            Some(before) if same_content(before, &slice.bytes) => {}
            _ => {
                current.insert(key, slice.bytes.clone());
            }
        }
    }
    current
}

#[test]
fn every_file_of_the_pack_is_held_byte_for_byte() {
    let Some(pack) = pack() else { return };
    let mut count = (0, 0);
    for folder in ["patients", "examples"] {
        for path in files(&pack.join(folder)) {
            let bytes = content(&path);
            let found = slices(&bytes);
            let vault = Vault::in_memory();
            let connection = vault.local_connection("import").unwrap();
            let file = std::fs::File::open(&path).unwrap();
            let report =
                vault.import_bundle(connection, file, &CancelToken::new(), |_| {}).unwrap();
            let expected = expected(&found);
            let without_id = found.iter().filter(|s| s.id.is_none()).count();
            assert_eq!(report.quarantined, 0, "{}", path.display());
            assert_eq!(report.without_id, without_id as u64, "{}", path.display());
            for ((resource_type, id), bytes) in &expected {
                let id = ResourceId::new(connection, resource_type, id);
                let stored = vault.read(&id).unwrap().expect("every resource of the file is there");
                assert!(stored.bytes() == bytes.as_slice(), "other bytes in {}", path.display());
            }
            let mut exported: Vec<Vec<u8>> = Vec::new();
            vault
                .export(false, |r| {
                    exported.push(r.bytes().to_vec());
                    Ok(())
                })
                .unwrap();
            let mut wanted: Vec<Vec<u8>> = expected.values().cloned().collect();
            let mut anonymous: Vec<Vec<u8>> =
                found.iter().filter(|s| s.id.is_none()).map(|s| s.bytes.clone()).collect();
            anonymous.sort();
            anonymous.dedup();
            wanted.extend(anonymous);
            wanted.sort();
            exported.sort();
            assert!(exported == wanted, "export differs for {}", path.display());

            let info = vault.info().unwrap();
            assert_eq!(info.resources, exported.len() as u64);
            let file = std::fs::File::open(&path).unwrap();
            let again = vault.import_bundle(connection, file, &CancelToken::new(), |_| {}).unwrap();
            assert_eq!((again.new, again.changed), (0, 0), "{}", path.display());
            assert_eq!(vault.info().unwrap().counter, info.counter, "{}", path.display());
            count = (count.0 + 1, count.1 + exported.len());
        }
    }
    assert!(count.0 > 250 && count.1 > 60_000, "the pack is smaller than it was: {count:?}");
}

#[test]
fn a_joint_vault_keeps_files_apart_by_connection() {
    let Some(pack) = pack() else { return };
    let vault = Vault::in_memory();
    let mut total = 0;
    for path in files(&pack.join("patients/payer")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let folder = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let connection = vault.local_connection(&format!("{folder}/{name}")).unwrap();
        let file = std::fs::File::open(&path).unwrap();
        vault.import_bundle(connection, file, &CancelToken::new(), |_| {}).unwrap();
        let found = slices(&content(&path));
        let mut anonymous: Vec<&[u8]> =
            found.iter().filter(|s| s.id.is_none()).map(|s| &s.bytes[..]).collect();
        anonymous.sort_unstable();
        anonymous.dedup();
        total += expected(&found).len() + anonymous.len();
    }
    assert_eq!(vault.info().unwrap().resources, total as u64);
}
