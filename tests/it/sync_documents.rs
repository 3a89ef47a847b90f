//! Documents that a record refers to: as JSON, raw, too late, not at all; and what a sync costs the disk.

use std::collections::BTreeSet;

use chartkeep::{ResourceId, Unlock, Vault};
use chartkeep_sandbox::{Fault, FaultKind, Route, Sandbox, SandboxBuilder, Switches};
use chartkeep_sync::{SyncOptions, Verdict};

use crate::sync::{assert_whole, block_on, connected, exported, payer_with, synced, truth};

/// A document of the member, and its Binary where it is at the payer.
fn document(id: &str, kind: &str, url: &str, data: Option<&str>) -> String {
    let mut text = format!(
        r#"{{"resourceType":"DocumentReference","id":"{id}","status":"current","subject":{{"reference":"Patient/me"}},"content":[{{"attachment":{{"contentType":"{kind}","url":"{url}"}}}}]}}"#
    );
    if let Some(data) = data {
        text.push_str(&format!(
            "\n{{\"resourceType\":\"Binary\",\"id\":\"b-{id}\",\"contentType\":\"{kind}\",\"data\":\"{data}\"}}"
        ));
    }
    text
}

fn member() -> String {
    [
        r#"{"resourceType":"Patient","id":"me"}"#.to_owned(),
        document(
            "letter",
            "text/plain",
            "Binary/b-letter",
            Some("RGVhciBwYXRpZW50LCB0aGUgZ2l6emFyZCBpcyB3ZWxsLg=="),
        ),
        document("scan", "application/pdf", "Binary/b-scan", Some("JVBERi0xLjQK")),
        document("page", "text/html", "Binary/b-page", Some("PHA+VGhlIHdpbGxvdzwvcD4=")),
        document("lost", "application/pdf", "Binary/b-lost", None),
        document("far", "application/pdf", "https://elsewhere.example/fhir/Binary/b-scan", None),
    ]
    .join("\n")
}

fn payer(raw: bool) -> SandboxBuilder {
    let switches = Switches { raw_binaries: raw, ..Switches::default() };
    Sandbox::builder().resources(member().into_bytes()).switches(switches)
}

#[test]
fn documents_come_as_json_and_raw_and_are_the_same() {
    for raw in [false, true] {
        let payer = payer(raw).start().unwrap();
        block_on(async {
            let vault = Vault::in_memory();
            let connection = connected(&vault, &payer, "me").await;
            let report = synced(&connection).await;
            assert_eq!((report.verdict, report.reason), (Verdict::Complete, ""));
            assert_eq!(exported(&vault), truth(&payer, "me"), "raw: {raw}");
            assert_eq!(vault.find("gizzard").unwrap().total, 1);
            assert_eq!(vault.find("willow").unwrap().total, 1);
            assert_eq!(synced(&connection).await.counts.new, 0);
            let asked = connection.ledger(0, 1_000).unwrap();
            // Four once each; what is lost is not asked for again.
            assert_eq!(asked.iter().filter(|(_, e)| e.request == "Binary/{id}").count(), 4);
            assert_whole(&vault);
        });
    }
}

#[test]
fn documents_are_left_out_where_they_are_not_wanted() {
    let payer = payer(true).start().unwrap();
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        let options = SyncOptions { attachments: false, ..SyncOptions::default() };
        let report = connection.sync(options).unwrap().report().await;
        assert_eq!((report.verdict, report.counts.new), (Verdict::Complete, 6));
        assert_eq!(synced(&connection).await.counts.new, 3);
        assert_eq!(exported(&vault), truth(&payer, "me"));
    });
}

#[test]
fn a_page_for_people_or_half_a_document_is_no_document() {
    let payer = payer(true).start().unwrap();
    block_on(async {
        let vault = Vault::in_memory();
        let connection = connected(&vault, &payer, "me").await;
        // In the order in which they are asked for: the Patient, letter, letter again, lost, page, scan.
        payer.fail(Fault::once(Route::Read, 2, FaultKind::Truncate(9)));
        payer.fail(Fault::once(Route::Read, 6, FaultKind::Html200));
        let report = synced(&connection).await;
        assert_eq!(report.verdict, Verdict::Complete);
        let id = |id: &str| ResourceId::new(connection.id(), "Binary", id);
        let kept: BTreeSet<&str> = ["b-letter", "b-page", "b-scan"]
            .into_iter()
            .filter(|name| vault.read(&id(name)).unwrap().is_some())
            .collect();
        assert_eq!(kept, BTreeSet::from(["b-letter", "b-page"]));
        assert_eq!(vault.find("gizzard").unwrap().total, 1);
        assert_eq!(vault.quarantined().unwrap().len(), 0);
    });
}

#[test]
fn a_page_costs_the_disk_at_most_three_syncs() {
    let folder = tempfile::tempdir().unwrap();
    let payer = payer_with(600).page_size(10).start().unwrap();
    block_on(async {
        let vault = Vault::create(folder.path().join("v.vault"), Unlock::key([7; 32])).unwrap();
        let connection = connected(&vault, &payer, "me").await;
        let before = chartkeep::testing::disk_syncs(&vault);
        let report = synced(&connection).await;
        let syncs = chartkeep::testing::disk_syncs(&vault) - before;
        assert_eq!(vault.info().unwrap().versions, 604);
        // 60 pages of ten at least; each is durable by itself.
        assert!(report.requests > 60 && syncs > 60, "{syncs} syncs");
        assert!(syncs <= 3 * report.requests, "{syncs} syncs, {} requests", report.requests);
    });
}
