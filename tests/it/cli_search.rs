//! Asking: `search`, its batches, and `find`.

use serde_json::Value;

use crate::cli_run::Desk;

fn desk() -> Desk {
    let lines: String = (0..45)
        .map(|i| {
            let day = i % 28 + 1;
            format!(
                "{{\"resourceType\":\"Observation\",\"id\":\"o{i}\",\"status\":\"final\",\"code\":{{\"text\":\"Glucose number {i}\"}},\"effectiveDateTime\":\"2024-01-{day:02}\",\"valueQuantity\":{{\"value\":1.{i}0}}}}\n"
            )
        })
        .collect();
    Desk::with(&[
        ("o.ndjson", &lines),
        ("p.json", "{\"resourceType\":\"Patient\",\n\"id\":\"p1\"}"),
    ])
}

fn link<'a>(bundle: &'a Value, relation: &str) -> Option<&'a str> {
    let links = bundle["link"].as_array()?;
    links.iter().find(|link| link["relation"] == relation)?["url"].as_str()
}

#[test]
fn a_search_is_a_searchset() {
    let desk = desk();
    let ran =
        desk.run(&["search", "Observation?status=final&_count=20&_sort=date", "--json"]).done();
    assert!(ran.text().contains("\"value\":1.00}"), "numbers as they were written");
    let bundle = ran.json();
    assert_eq!((&bundle["resourceType"], &bundle["type"]), (&"Bundle".into(), &"searchset".into()));
    assert_eq!(bundle["total"], 45);
    let entries = bundle["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 20);
    for entry in entries {
        assert_eq!(entry["search"]["mode"], "match");
        let id = entry["resource"]["id"].as_str().unwrap();
        assert_eq!(entry["fullUrl"], format!("urn:chartkeep:import:Observation:{id}"));
    }
    let mut seen: Vec<Value> = entries.iter().map(|e| e["resource"]["id"].clone()).collect();
    let mut next = link(&bundle, "next").map(str::to_owned);
    while let Some(query) = next {
        let page = desk.json(&["search", &query]);
        assert_eq!(page["total"], 45);
        seen.extend(page["entry"].as_array().unwrap().iter().map(|e| e["resource"]["id"].clone()));
        next = link(&page, "next").map(str::to_owned);
    }
    assert_eq!(seen.len(), 45);
    seen.sort_by_key(|id| id.to_string());
    seen.dedup();
    assert_eq!(seen.len(), 45);
}

#[test]
fn a_count_of_zero_is_the_total_alone() {
    let desk = desk();
    let bundle = desk.json(&["search", "Observation?_count=0"]);
    assert_eq!(bundle["total"], 45);
    assert!(bundle["entry"].is_null() && link(&bundle, "next").is_none(), "{bundle}");
    let bundle = desk.json(&["search", "Observation/?_count=100000"]);
    assert_eq!(bundle["entry"].as_array().unwrap().len(), 45);
    assert_eq!(desk.json(&["search", "Observation?status=amended"])["total"], 0);
}

#[test]
fn a_batch_answers_line_by_line() {
    let desk = desk();
    let input = "Patient?\nFrob?x=canary\r\n\nObservation?_count=1\nObservation?_count=0";
    let ran = desk.feed(&["search", "--batch"], input.as_bytes()).done();
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0]["total"], 1);
    assert_eq!(lines[0]["entry"][0]["resource"]["id"], "p1");
    assert_eq!(lines[1]["error"]["code"], "search.unknown_type");
    assert_eq!(lines[2]["error"]["action"], "InvalidCall");
    assert_eq!((&lines[3]["total"], &lines[4]["total"]), (&45.into(), &45.into()));
    assert!(!ran.err.contains("canary"), "{}", ran.err);
    assert!(desk.feed(&["search", "--batch"], b"").done().out.is_empty());
}

#[test]
fn people_get_a_table() {
    let desk = desk();
    let ran = desk.run(&["search", "Observation?_count=2&_sort=date"]).done();
    let lines: Vec<&str> = ran.text().lines().collect();
    assert!(lines[0].starts_with("RESOURCE"), "{}", ran.text());
    assert!(lines[1].contains("Observation/o0") && lines[1].contains("Glucose number 0"));
    assert!(lines[1].contains("2024-01-01") && lines[1].contains("final"));
    assert_eq!(lines[3], "2 of 45 matches");
    assert!(lines[4].starts_with("next page: chartkeep search 'Observation?"), "{}", ran.text());
    assert_eq!(desk.run(&["search", "Patient?"]).done().text().lines().last(), Some("1 match"));
}

#[test]
fn find_gives_ranked_hits_with_parts() {
    let desk = desk();
    let page = desk.json(&["find", "glucose", "numb", "--limit", "2"]);
    assert_eq!(page["total"], 45);
    let hits = page["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 2);
    for hit in hits {
        assert_eq!((&hit["type"], &hit["connection"]), (&"Observation".into(), &"import".into()));
        assert!(hit["id"].is_string() && hit["title"].is_string() && hit["date"].is_string());
        assert!(hit["score"].is_number());
        let parts = hit["snippet"].as_array().unwrap();
        assert!(parts.iter().any(|part| part["matched"] == true && part["text"].is_string()));
    }
    let cursor = page["next"].as_str().unwrap();
    let second = desk.json(&["find", "glucose", "numb", "--limit", "2", "--after", cursor]);
    assert_ne!(second["hits"][0]["id"], hits[0]["id"]);
    let filtered = desk.json(&["find", "glucose", "--filter", "Observation?date=2024-01-28"]);
    assert_eq!(filtered["total"], 1);
    assert!(filtered["next"].is_null());
    assert_eq!(desk.json(&["find", "nothing"])["hits"], Value::Array(vec![]));
    let text = desk.run(&["find", "glucose", "--limit", "1"]).done();
    assert!(text.text().contains("[Glucose]"), "{}", text.text());
}

#[test]
fn a_record_cannot_steer_the_terminal() {
    let odd = "{\"resourceType\":\"Condition\",\"id\":\"c1\",\"code\":{\"text\":\"fever\\u001b[2J\\u009b31m\\u202e x\u{9b}y\"}}";
    let desk = Desk::with(&[("c.json", odd)]);
    for words in [&["search", "Condition?"][..], &["find", "fever"], &["show", "Condition/c1"]] {
        let ran = desk.run(words).done();
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!ran.text().contains(steers), "{words:?}: {:?}", ran.text());
    }
    let raw = desk.run(&["show", "Condition/c1", "--raw"]).done();
    assert_eq!(raw.text(), odd);
}
