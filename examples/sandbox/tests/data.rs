//! `$everything`, searches and reads give what was put in, byte for byte.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod client;

use std::collections::BTreeSet;
use std::path::Path;

use chartkeep_sandbox::{Everything, NextLinks, Sandbox, Since, Switches, Total};
use client::*;

/// Every page of a stream: bodies in order, and how many entries each page had.
fn walk(url: &str, token: &str) -> (Vec<String>, Vec<usize>) {
    let (mut all, mut sizes) = (Vec::new(), Vec::new());
    let mut next_url = Some(url.to_owned());
    while let Some(url) = next_url {
        let answer = get(&url, token);
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
        let bodies = bodies(&answer.body);
        sizes.push(bodies.len());
        all.extend(bodies);
        next_url = next(&answer.json());
    }
    (all, sizes)
}

/// Where a body is, and what it refers to.
fn key_and_references(body: &str) -> (String, Vec<String>) {
    fn collect(value: &serde_json::Value, out: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str() {
                        Some(text) if name == "reference" => out.push(text.to_owned()),
                        _ => collect(value, out),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|it| collect(it, out)),
            _ => {}
        }
    }
    let value: serde_json::Value = serde_json::from_str(body).unwrap();
    let mut references = Vec::new();
    collect(&value, &mut references);
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    (format!("{}/{}", text("resourceType"), text("id")), references)
}

/// A sync by hand: `$everything`, then reads of whatever is referred to, three deep.
fn crawl(sandbox: &Sandbox, patient: &str) -> BTreeSet<String> {
    let token = access_token(sandbox, patient);
    let base = sandbox.base();
    let (mut level, _) = walk(&format!("{base}/Patient/{patient}/$everything"), &token);
    let mut seen: BTreeSet<String> = level.iter().map(|body| key_and_references(body).0).collect();
    let mut all: BTreeSet<String> = level.iter().cloned().collect();
    for _ in 0..3 {
        let wanted: BTreeSet<String> =
            level.iter().flat_map(|body| key_and_references(body).1).collect();
        level.clear();
        for key in wanted {
            let relative = key.split('/').count() == 2 && !key.contains(['?', ':', '#']);
            if relative && seen.insert(key.clone()) {
                let answer = get(&format!("{base}/{key}"), &token);
                if answer.status == 200 {
                    level.push(answer.text().to_owned());
                }
            }
        }
        all.extend(level.iter().cloned());
    }
    all
}

fn one_line(body: &str) -> String {
    body.replace("\r\n", " ").replace(['\n', '\r'], " ")
}

fn truth(sandbox: &Sandbox, patient: &str) -> BTreeSet<String> {
    let text = String::from_utf8(sandbox.truth(Some(patient))).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn pages_are_phases_and_end_on_an_empty_one() {
    let mut record = r#"{"resourceType":"Patient","id":"me"}"#.to_owned();
    for at in 0..8 {
        record.push_str(&format!(
            "\n{{\"resourceType\":\"Goal\",\"id\":\"g{at}\",\"subject\":{{\"reference\":\"Patient/me\"}}}}"
        ));
    }
    let sandbox = Sandbox::builder().resources(record).start().unwrap();
    let token = access_token(&sandbox, "me");
    let url = format!("{}/Patient/me/$everything", sandbox.base());
    let first = get(&url, &token);
    assert_eq!(first.header("content-type"), Some("application/fhir+json; charset=utf-8"));
    let first = first.json();
    assert_eq!(first["entry"].as_array().unwrap().len(), 1);
    assert_eq!(first["entry"][0]["resource"]["resourceType"], "Patient");
    assert_eq!(first["total"], serde_json::Value::Null);
    let link = next(&first).unwrap();
    assert!(["%2B", "%2F", "%3D"].iter().all(|it| link.contains(it)), "{link}");
    let (_, sizes) = walk(&url, &token);
    assert_eq!(sizes, [1, 8, 0]);
    let last = {
        let second = get(&link, &token).json();
        get(&next(&second).unwrap(), &token).json()
    };
    assert_eq!(last["entry"], serde_json::Value::Null);
    let spoilt = link.replace("%2B", "+");
    assert_eq!(get(&spoilt, &token).status, 400);
}

#[test]
fn a_crawl_equals_the_truth() {
    let sandbox = Sandbox::builder().start().unwrap();
    for patient in sandbox.patients() {
        let truth = truth(&sandbox, &patient.id);
        assert_eq!(crawl(&sandbox, &patient.id), truth);
        assert_eq!(truth.len(), patient.resources);
    }
    let first = sandbox.patients()[0].id.clone();
    let token = access_token(&sandbox, &first);
    let url = format!("{}/Patient/{first}/$everything", sandbox.base());
    let (all, sizes) = walk(&url, &token);
    let devices = all.iter().filter(|body| body.contains("\"resourceType\":\"Device\"")).count();
    assert!(sizes.len() > 100 && sizes[1] == 10 && sizes.last() == Some(&devices), "{sizes:?}");
    let origin = sandbox.base().replace("/interop/external/fhir", "");
    let served = send("GET", &format!("{origin}/_sandbox/truth?patient={first}"), &[], None);
    assert_eq!(served.unwrap().body, sandbox.truth(Some(&first)));
}

/// Records that others published, where the data pack lies beside the repository.
#[test]
fn published_records_come_back_byte_for_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fhir/patients");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "the data pack ../shared/fhir is missing");
        return;
    }
    for set in [
        "synthea-3.0",
        "synthea-3x-uscore",
        "synthea-2021-hiv-uscore",
        "payer/inferno",
        "payer/cms-bluebutton-v2",
        "us-core/azure",
        "us-core/inferno",
    ] {
        let sandbox = Sandbox::builder().data(folder.join(set)).page_size(100).start().unwrap();
        for patient in sandbox.patients() {
            let crawled: BTreeSet<String> =
                crawl(&sandbox, &patient.id).iter().map(|body| one_line(body)).collect();
            assert_eq!(crawled, truth(&sandbox, &patient.id), "{set} {}", patient.id);
        }
    }
}

#[test]
fn bundles_are_taken_in_as_a_transaction() {
    let bundle = r#"{"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:aa","resource":{ "resourceType":"Patient","id":"1" }},
        {"fullUrl":"urn:uuid:bb","resource":{"resourceType":"Observation","id":"2",
            "valueQuantity":{"value":1.50}, "subject" : { "reference" : "urn:uuid:aa" }}}]}"#;
    let sandbox = Sandbox::builder().resources(bundle).start().unwrap();
    let token = access_token(&sandbox, "1");
    let body = get(&format!("{}/Observation/2", sandbox.base()), &token);
    let expected = r#"{"resourceType":"Observation","id":"2",
            "valueQuantity":{"value":1.50}, "subject" : { "reference" : "Patient/1" }}"#;
    assert_eq!(body.text(), expected);
    let (all, _) = walk(&format!("{}/Patient/1/$everything", sandbox.base()), &token);
    assert_eq!(all[1], expected);
}

#[test]
fn a_second_sync_sees_what_changed() {
    let sandbox = Sandbox::builder().start().unwrap();
    let patient = sandbox.patients()[0].id.clone();
    let token = access_token(&sandbox, &patient);
    let base = sandbox.base();
    let now = sandbox.requests()[0].at.duration_since(std::time::UNIX_EPOCH).unwrap();
    // The data is thirty days old; a bound of yesterday leaves it out.
    let yesterday = format_day(now.as_secs() / 86_400 - 1);
    let url = format!("{base}/Patient/{patient}/$everything?_since={yesterday}T00:00:00Z");
    assert_eq!(walk(&url, &token), (Vec::new(), vec![0]));
    let goal = format!(
        r#"{{"resourceType":"Goal","id":"new","subject":{{"reference":"Patient/{patient}"}}}}"#
    );
    sandbox.replace(&goal).unwrap();
    assert_eq!(walk(&url, &token), (vec![goal.clone()], vec![1, 0]));
    let search = format!("{base}/Goal?patient={patient}&_lastUpdated=ge{yesterday}");
    assert_eq!(walk(&search, &token).0, [goal]);
    sandbox.set_switches(|it| it.since = Since::Ignored);
    assert!(walk(&url, &token).0.len() > 1_000);
    sandbox.set_switches(|it| it.since = Since::Rejected);
    assert_eq!(get(&url, &token).status, 400);
    assert!(sandbox.remove("Goal", "new"));
    assert_eq!(get(&format!("{base}/Goal/new"), &token).status, 404);
}

fn format_day(days: u64) -> String {
    let (mut year, mut rest) = (1970, days);
    let length = |year: u64| if year.is_multiple_of(4) { 366 } else { 365 };
    while rest >= length(year) {
        rest -= length(year);
        year += 1;
    }
    let mut month = 0;
    let months = [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while rest >= months[month] {
        rest -= months[month];
        month += 1;
    }
    format!("{year}-{:02}-{:02}", month + 1, rest + 1)
}

#[test]
fn searches_page_filter_and_drop_what_they_do_not_know() {
    let sandbox = Sandbox::builder().start().unwrap();
    let patient = sandbox.patients()[0].id.clone();
    let token = access_token(&sandbox, &patient);
    let base = sandbox.base();
    let (all, sizes) =
        walk(&format!("{base}/Observation?subject=Patient/{patient}&_count=7"), &token);
    assert!(sizes[..sizes.len() - 1].iter().all(|&size| size == 7), "{sizes:?}");
    assert_eq!(all.len(), sizes.iter().sum::<usize>());
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    let (people, _) = walk(&format!("{base}/Practitioner"), &token);
    let id = |body: &str| key_and_references(body).0.replace("Practitioner/", "");
    let two = format!("{base}/Practitioner?_id={},{},none", id(&people[0]), id(&people[1]));
    assert_eq!(walk(&two, &token).0, people[..2]);
    let odd = get(&format!("{base}/Goal?patient={patient}&colour=red&_count=1"), &token).json();
    let entries = odd["entry"].as_array().unwrap();
    assert_eq!(entries[1]["search"]["mode"], "outcome");
    assert!(!odd["link"].to_string().contains("colour"));
    let body = format!("patient={patient}&_count=1");
    let headers = [("Authorization", format!("Bearer {token}"))];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let posted = send("POST", &format!("{base}/Goal/_search"), &headers, Some(&body)).unwrap();
    assert_eq!(bodies(&posted.body).len(), 1);
    assert!(next(&posted.json()).unwrap().starts_with(&format!("{base}/Goal?patient=")));
    let foreign = format!("{base}/Observation?patient={}", sandbox.patients()[1].id);
    assert_eq!(get(&foreign, &token).status, 403);
    sandbox.set_switches(|it| it.search_count_max = 3);
    let clamped = get(&format!("{base}/Observation?patient={patient}&_count=500"), &token);
    assert_eq!(bodies(&clamped.body).len(), 3);
}

#[test]
fn everything_switches() {
    let sandbox = Sandbox::builder().start().unwrap();
    let patient = sandbox.patients()[0].id.clone();
    let token = access_token(&sandbox, &patient);
    let url = format!("{}/Patient/{patient}/$everything", sandbox.base());
    let set = |change: &dyn Fn(&mut Switches)| sandbox.set_switches(|it| change(it));
    let (all, _) = walk(&url, &token);
    set(&|it| it.everything = Everything::SingleBundle);
    assert_eq!(walk(&url, &token), (all.clone(), vec![all.len()]));
    set(&|it| it.total = Total::Exact);
    assert_eq!(get(&url, &token).json()["total"], all.len());
    set(&|it| *it = Switches { empty_account: true, ..Switches::default() });
    assert_eq!(walk(&url, &token), (Vec::new(), vec![0]));
    assert_eq!(get(&url.replace("/$everything", ""), &token).status, 403);
    set(&|it| *it = Switches { everything: Everything::Off, ..Switches::default() });
    assert_eq!(get(&url, &token).status, 404);
    set(&|it| it.everything = Everything::Forbidden);
    assert_eq!(get(&url, &token).status, 403);
    set(&|it| *it = Switches { next_links: NextLinks::Relative, ..Switches::default() });
    assert!(next(&get(&url, &token).json()).unwrap().starts_with("Patient/"));
    set(&|it| it.next_links = NextLinks::OtherOrigin("http://backend.internal".to_owned()));
    let moved = next(&get(&url, &token).json()).unwrap();
    assert!(moved.starts_with("http://backend.internal/interop/external/fhir/Patient/"));
    set(&|it| *it = Switches { everything_carers: true, ..Switches::default() });
    assert_eq!(bodies(&get(&url, &token).body).len(), 3);
    let typed = format!("{url}?_type=Goal,Device&_count=50");
    let (some, _) = walk(&typed, &token);
    let wanted = |body: &&String| {
        ["Goal/", "Device/"].iter().any(|kind| key_and_references(body).0.starts_with(kind))
    };
    assert_eq!(some, all.iter().filter(wanted).cloned().collect::<Vec<_>>());
    assert!(some.len() > 2);
    assert!(get(&typed, &token).text().contains("\"mode\":\"outcome\""));
}

#[test]
fn connections_are_kept_and_bodies_compressed_where_wanted() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    let sandbox = Sandbox::builder().start().unwrap();
    let base = sandbox.base();
    let host = base.split('/').nth(2).unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut read = |encoding: &str| {
        let head = format!(
            "GET /interop/external/fhir/metadata HTTP/1.1\r\nHost: {host}\r\n\
             Accept-Encoding: {encoding}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let (mut length, mut packed, mut line) = (0, false, String::new());
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
            if let Some(text) = line.strip_prefix("Content-Length: ") {
                length = text.trim().parse().unwrap();
            }
            packed |= line == "Content-Encoding: gzip\r\n";
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        (packed, body)
    };
    let (packed, plain) = read("identity");
    assert!(!packed);
    let (packed, body) = read("gzip, br");
    assert!(packed && body.len() < plain.len() / 2);
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
    sandbox.set_switches(|it| it.gzip = false);
    assert!(!read("gzip").0);
}

#[test]
fn another_name_for_the_loopback_address_is_refused() {
    let sandbox = Sandbox::builder().start().unwrap();
    let url = format!("{}/metadata", sandbox.base());
    let answer = send("GET", &url, &[], None).unwrap();
    assert_eq!(answer.status, 200);
    use std::io::{Read as _, Write as _};
    let host = url.split('/').nth(2).unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    stream
        .write_all(b"GET /_sandbox HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 421 "), "{text}");
}
