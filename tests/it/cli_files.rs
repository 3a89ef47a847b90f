//! Files into the vault and out again: `import`, `info`, `show`, `export`, `check`, `compact`.

use std::fs;
use std::io::Write;

use serde_json::Value;

use crate::cli_run::{Desk, Ran};

const P1: &str = r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Rivera"}],"x":1.00}"#;
const P1_NEW: &str = r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Rivera-Lopez"}]}"#;
const O1: &str =
    "{ \"resourceType\" : \"Observation\",\r\n\t\"id\": \"o1\",\n  \"status\":\"final\" }";
const NO_ID: &str = r#"{"resourceType":"Basic","code":{"text":"no id"}}"#;

fn counts(json: &Value) -> [u64; 6] {
    ["new", "changed", "same", "quarantined", "without_id", "files"]
        .map(|name| json[name].as_u64().unwrap_or_else(|| panic!("{name} in {json}")))
}

fn bundle(resources: &[&str]) -> String {
    let entries: Vec<String> =
        resources.iter().map(|resource| format!("{{\"resource\":{resource}}}")).collect();
    format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","))
}

#[test]
fn init_creates_and_info_tells_the_state() {
    let desk = Desk::empty();
    let created = desk.json(&["init", "--zone", "-05:00"]);
    let info = desk.json(&["info"]);
    assert_eq!(created["vault_id"].as_str().unwrap().len(), 32);
    assert_eq!(created["vault_id"], info["vault_id"]);
    assert_eq!(info["zone"], "-05:00");
    for name in ["resources", "bytes_raw", "versions", "quarantined", "without_id", "connections"] {
        assert_eq!(info[name], 0, "{name}");
    }
    assert_eq!(info["opened"], "table");
    assert_eq!(info["bytes_file"], fs::metadata(&desk.vault).unwrap().len());
    for name in ["counter", "recent_rows", "segments"] {
        assert!(info[name].is_u64(), "{name}");
    }
}

#[test]
fn import_counts_repeats_and_takes_the_last() {
    let desk = Desk::new();
    let all = desk.file("all.json", bundle(&[P1, O1, NO_ID, P1_NEW]).as_bytes());
    let all = all.to_str().unwrap();
    assert_eq!(counts(&desk.json(&["import", all])), [3, 1, 0, 0, 1, 1]);
    let before = desk.run(&["export", "-"]).done().out;
    assert_eq!(desk.run(&["show", "Patient/p1", "--raw"]).done().out, P1_NEW.as_bytes());
    assert_eq!(desk.run(&["show", "Patient/p1", "--raw", "--version", "1"]).out, P1.as_bytes());
    desk.run(&["show", "Patient/p1", "--version", "3"]).refused(1, "resource.not_found");
    let info = desk.json(&["info"]);
    assert_eq!((&info["resources"], &info["versions"]), (&3.into(), &4.into()));
    assert_eq!(info["by_type"], serde_json::json!({"Basic": 1, "Observation": 1, "Patient": 1}));
    assert_eq!(info["bytes_raw"], (P1_NEW.len() + O1.len() + NO_ID.len()) as u64);
    let only = desk.file("only.json", P1_NEW.as_bytes());
    assert_eq!(counts(&desk.json(&["import", only.to_str().unwrap()])), [0, 0, 1, 0, 0, 1]);
    assert_eq!(desk.run(&["export", "-"]).done().out, before);
}

#[test]
fn import_reads_folders_stdin_and_packed_files() {
    let desk = Desk::new();
    desk.file("in/b/2.ndjson", format!("{P1}\n{NO_ID}\n").as_bytes());
    desk.file("in/a/1.json", P1_NEW.as_bytes());
    desk.file("in/README.md", b"# not for import");
    desk.file("in/noname", O1.as_bytes());
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(br#"{"resourceType":"Basic","id":"gz"}"#).unwrap();
    desk.file("in/c.json.gz", &gz.finish().unwrap());
    let zst = zstd::encode_all(&br#"{"resourceType":"Basic","id":"zst"}"#[..], 3).unwrap();
    desk.file("in/d.json.zst", &zst);
    let folder = desk.path("in");
    let folder = folder.to_str().unwrap();
    let json = desk.json(&["import", folder, "--connection", "Health plan"]);
    // `a/1.json` comes before `b/2.ndjson`, so that the latter's patient is the current one.
    assert_eq!(counts(&json), [5, 1, 0, 0, 1, 5]);
    assert_eq!(desk.run(&["show", "Patient/p1", "--raw"]).done().out, P1.as_bytes());
    let fed = desk.feed(&["import", "-", "--json", "--connection", "Health plan"], P1.as_bytes());
    assert_eq!(counts(&fed.done().json()), [0, 0, 1, 0, 0, 1]);
    desk.feed(&["import", "-", "-"], b"").refused(2, "usage.conflict");
    assert_eq!(desk.json(&["info"])["connections"], 1);
}

#[test]
fn a_broken_file_keeps_what_came_before_and_the_others_go_in() {
    let desk = Desk::new();
    let text = format!("{P1}\n{{\"resourceType\":\"Basic\",\"id\":\"cut\n");
    let broken = desk.file("broken.ndjson", text.as_bytes());
    let good = desk.file("good.json", O1.as_bytes());
    let (broken, good) = (broken.to_str().unwrap(), good.to_str().unwrap());
    let ran = desk.run(&["import", broken, good, "--json"]).refused(1, "input.broken");
    let json = ran.json();
    assert_eq!(counts(&json), [2, 0, 0, 0, 0, 2]);
    assert_eq!(json["error"]["argument"], broken);
    let offset = json["error"]["position"].as_u64().unwrap();
    assert!((P1.len() as u64..=text.len() as u64).contains(&offset), "{offset}");
    assert!(ran.err.contains(broken) && ran.err.contains(&format!("byte {offset}")), "{}", ran.err);
    desk.run(&["show", "Observation/o1"]).done();
    desk.run(&["show", "Patient/p1"]).done();
    desk.run(&["import", "absent.json", good]).refused(1, "input.unreadable");
    let many: Vec<String> = (0..9).map(|i| format!("absent-{i}.json")).collect();
    let words: Vec<&str> =
        ["import", "--json"].into_iter().chain(many.iter().map(String::as_str)).collect();
    let json = desk.run(&words).refused(1, "input.unreadable").json();
    assert_eq!(json["errors"].as_array().unwrap().len(), 9);
}

#[test]
fn show_is_exact_pretty_or_refused() {
    let desk = Desk::with(&[("o.json", O1), ("p.json", P1)]);
    assert_eq!(desk.run(&["show", "Observation/o1", "--raw"]).done().out, O1.as_bytes());
    let pretty = desk.run(&["show", "Patient/p1"]).done();
    assert!(pretty.text().contains("\n  \"x\": 1.00\n"), "{}", pretty.text());
    let json: Value = serde_json::from_slice(&pretty.out).unwrap();
    assert_eq!(json, serde_json::from_str::<Value>(P1).unwrap());
    let other = desk.path("p.json").to_str().unwrap().to_owned();
    desk.run(&["import", &other, "--connection", "clinic"]).done();
    let several = desk.run(&["show", "Patient/p1"]).refused(2, "usage.ambiguous");
    assert!(several.err.contains("import, clinic"), "{}", several.err);
    desk.run(&["show", "Patient/p1", "--connection", "clinic", "--raw"]).done();
    desk.run(&["show", "Patient/p1", "--connection", "none"]).refused(1, "connection.unknown");
    for id in ["p2", "..", "p1?", "p1/_history/1", "P1", "p%31", " p1"] {
        desk.run(&["show", &format!("Patient/{id}")]).refused(1, "resource.not_found");
    }
}

#[test]
fn ids_are_taken_literally() {
    let ids = ["..", "a b", "q?x=1", "a/b", "100%"];
    let lines: String =
        ids.map(|id| format!("{{\"resourceType\":\"Basic\",\"id\":\"{id}\"}}\n")).concat();
    let desk = Desk::with(&[("odd.ndjson", &lines)]);
    for (id, line) in ids.iter().zip(lines.lines()) {
        let shown = desk.run(&["show", &format!("Basic/{id}"), "--raw"]);
        assert_eq!(shown.done().text(), line);
    }
}

#[test]
fn export_keeps_bytes_but_for_line_breaks() {
    let desk = Desk::with(&[("all.json", &bundle(&[P1, O1, P1_NEW]))]);
    let out = desk.path("out.ndjson");
    let done = desk.json(&["export", out.to_str().unwrap()]);
    assert_eq!(done["resources"], 2);
    let flat = O1.replace("\r\n", " ").replace('\n', " ");
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let current = fs::read_to_string(&out).unwrap();
    assert_eq!(sorted(&current), sorted(&format!("{flat}\n{P1_NEW}\n")));
    let all = desk.run(&["export", "-", "--all-versions"]).done();
    assert_eq!(sorted(all.text()), sorted(&format!("{P1}\n{flat}\n{P1_NEW}\n")));
    assert!(all.text().find(P1) < all.text().find(P1_NEW));
    desk.run(&["export", "no/such/folder"]).refused(1, "io.failed");
}

#[test]
fn check_and_compact_leave_the_record() {
    let many: String = (0..2_500)
        .map(|i| format!("{{\"resourceType\":\"Basic\",\"id\":\"b{i}\",\"code\":{{\"text\":\"text {i}\"}}}}\n"))
        .collect();
    let desk = Desk::with(&[("many.ndjson", &many)]);
    let before = desk.run(&["export", "-"]).done().out;
    assert_eq!(before, many.as_bytes());
    for words in [&["compact"][..], &["compact", "--deep"]] {
        let json = desk.json(words);
        assert!(
            json["bytes_after"].as_u64().unwrap() > 0 && json["bytes_before"].is_u64(),
            "{json}"
        );
        // Closing the vault writes a few blocks more.
        let size = fs::metadata(&desk.vault).unwrap().len();
        assert!(size.abs_diff(json["bytes_after"].as_u64().unwrap()) <= 65_536, "{json}, {size}");
        let check = desk.json(&["check"]);
        assert_eq!(
            (&check["resources"], &check["problems"]),
            (&2_500.into(), &Value::Array(vec![]))
        );
        assert!(check["blocks"].as_u64().unwrap() > 0);
        assert_eq!(desk.run(&["export", "-"]).done().out, before);
    }
    let text = desk.run(&["check"]).done();
    assert!(text.text().starts_with("whole: "), "{}", text.text());
}

#[test]
fn damage_is_found() {
    let many: String = (0..2_500)
        .map(|i| format!("{{\"resourceType\":\"Basic\",\"id\":\"b{i}\",\"code\":{{\"text\":\"text {i}\"}}}}\n"))
        .collect();
    let desk = Desk::with(&[("many.ndjson", &many)]);
    let mut bytes = fs::read(&desk.vault).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&desk.vault, &bytes).unwrap();
    let ran: Ran = desk.run(&["check", "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let json = ran.json();
    assert_eq!(json["error"]["action"], "NeedsRestore", "{json}");
    if !json["problems"].is_null() {
        assert!(!json["problems"].as_array().unwrap().is_empty());
    }
}
