//! Large bodies: whole and raw ones, what they cost in memory, what they leave behind.

use chartkeep::{CancelToken, ResourceId, Unlock, Vault};

const MIB: usize = 1 << 20;

/// Bytes that do not compress, the same for a seed.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..length / 8 + 1).flat_map(|_| next()).collect();
    bytes.truncate(length);
    bytes
}

/// Base64 of the alphabet without its last signs; any text of it is valid where the length is a multiple of 4.
fn signs(length: usize, seed: u64) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    noise(length / 4 * 4, seed)
        .into_iter()
        .map(|b| char::from(SIGNS[usize::from(b % 64)]))
        .collect()
}

fn document(id: &str, data: &str) -> Vec<u8> {
    format!(
        r#"{{"resourceType":"DocumentReference","id":"{id}","meta":{{"versionId":"1"}},"status":"current","description":"Scan of {id}","content":[{{"attachment":{{"contentType":"application/pdf","data":"{data}"}}}}]}}"#
    )
    .into_bytes()
}

fn whole(vault: &Vault) {
    assert_eq!(vault.check(&CancelToken::new(), |_| {}).unwrap().problems, []);
}

#[test]
fn large_bodies_come_back_and_stay_through_flush_reopening_and_rebuild() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.vault");
    let vault = Vault::create(&path, Unlock::key([3; 32])).unwrap();
    let here = vault.local_connection("here").unwrap();
    let scan = document("scan", &signs(3 * MIB, 1));
    let blank = document("blank", &"QUJD".repeat(MIB));
    let small = document("small", "QUJD");
    // More text than is searched, its first and last word apart from the rest.
    let letter = format!("aardvark {} zebra", "word ".repeat(MIB / 2));
    let report = vault
        .write(here, |txn| {
            txn.put(&small)?;
            txn.put(&scan)?;
            txn.put(&blank)?;
            let mut pdf = vault.binary("pdf", "application/pdf")?;
            noise(5 * MIB, 2).chunks(70_001).try_for_each(|piece| pdf.push(piece))?;
            txn.put_binary(pdf)?;
            let mut text = vault.binary("letter", "text/plain; charset=utf-8")?;
            letter.as_bytes().chunks(9_999).try_for_each(|piece| text.push(piece))?;
            txn.put_binary(text)?;
            txn.put_binary(vault.binary("empty", "image/png")?)?;
            Ok::<_, chartkeep::Error>(txn.report())
        })
        .unwrap();
    assert_eq!((report.new, report.quarantined), (6, 0));

    let verify = |vault: &Vault| {
        let bytes = |resource_type: &str, id: &str| {
            let id = ResourceId::new(here, resource_type, id);
            vault.read(&id).unwrap().unwrap().bytes().to_vec()
        };
        for (id, body) in [("scan", &scan), ("blank", &blank), ("small", &small)] {
            assert!(bytes("DocumentReference", id) == *body, "{id}");
        }
        let json: serde_json::Value = serde_json::from_slice(&bytes("Binary", "pdf")).unwrap();
        assert_eq!(json["contentType"], "application/pdf");
        assert_eq!(json["data"].as_str().map(str::len), Some((5 * MIB).div_ceil(3) * 4));
        let empty = bytes("Binary", "empty");
        let text = r#"{"resourceType":"Binary","id":"empty","contentType":"image/png","data":""}"#;
        assert_eq!(empty, text.as_bytes());
        assert_eq!(vault.search("DocumentReference?_id=scan").unwrap().total, 1);
        assert_eq!(vault.search("Binary").unwrap().total, 3);
        assert_eq!(vault.find("aardvark").unwrap().total, 1);
        assert_eq!(vault.find("zebra").unwrap().total, 0);
        assert_eq!(vault.find("scan").unwrap().total, 3);
        whole(vault);
    };
    verify(&vault);
    chartkeep::testing::flush(&vault).unwrap();
    verify(&vault);
    vault.lock();
    let vault = Vault::open(&path, Unlock::key([3; 32])).unwrap();
    verify(&vault);
    vault.rebuild_index().unwrap();
    verify(&vault);

    // Again: nothing new; changed: a version more; nothing lies beside the vault.
    let again = vault
        .write(here, |txn| {
            txn.put(&scan)?;
            let mut pdf = vault.binary("pdf", "application/pdf")?;
            noise(5 * MIB, 2).chunks(1_000_003).try_for_each(|piece| pdf.push(piece))?;
            txn.put_binary(pdf)?;
            Ok::<_, chartkeep::Error>(txn.report())
        })
        .unwrap();
    assert_eq!((again.same, again.new, again.changed), (2, 0, 0));
    let other = document("scan", &signs(2 * MIB, 9));
    vault.write(here, |txn| txn.put(&other)).unwrap();
    let versions = vault.versions(&ResourceId::new(here, "DocumentReference", "scan")).unwrap();
    assert!(versions.len() == 2 && versions[0].bytes() == scan && versions[1].bytes() == other);
    drop(vault.binary("dropped", "application/pdf").unwrap());
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn what_is_no_id_or_media_type_is_refused() {
    let vault = Vault::in_memory();
    for (id, kind) in [("", "a/b"), ("../x", "a/b"), ("a\"b", "a/b"), ("a", ""), ("a", "a/\"b\"")] {
        let error = vault.binary(id, kind).unwrap_err();
        assert_eq!(error.code(), "call.invalid", "{id} {kind}");
    }
    vault.lock();
    assert_eq!(vault.binary("a", "a/b").unwrap_err(), chartkeep::Error::Locked);
}
