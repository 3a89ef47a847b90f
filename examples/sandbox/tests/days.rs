//! Virtual days of generated members, by the handle and over HTTP.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod client;

use std::collections::{BTreeMap, BTreeSet};

use chartkeep_member::{Event, LAST_DAY, Member};
use chartkeep_sandbox::{Sandbox, SandboxError};
use client::*;
use serde_json::Value;

fn small() -> Member {
    Member::builder().seed(9).resources(300).build()
}

fn payer() -> Sandbox {
    Sandbox::builder().member(9, 300).start().unwrap()
}

/// What is served of the record of a day, by type and id.
fn expected(day: u32) -> BTreeMap<(String, String), String> {
    small().resources_at(day).map(|it| ((it.kind.to_owned(), it.id), it.json)).collect()
}

/// A resource as it is served now.
fn served(sandbox: &Sandbox, token: &str, kind: &str, id: &str) -> Option<String> {
    let answer = get(&format!("{}/{kind}/{id}", sandbox.base()), token);
    (answer.status == 200).then(|| answer.text().to_owned())
}

#[test]
fn a_day_brings_what_happened_up_to_it() {
    let sandbox = payer();
    assert_eq!(sandbox.today(), Some(0));
    let patient = sandbox.patients()[0].id.clone();
    let before = expected(0);
    sandbox.day(12).unwrap();
    let (after, token) = (expected(12), access_token(&sandbox, &patient));
    assert_ne!(before, after);
    for ((kind, id), body) in &after {
        assert_eq!(served(&sandbox, &token, kind, id).as_ref(), Some(body), "{kind}");
    }
    let gone = before.keys().filter(|key| !after.contains_key(*key)).collect::<Vec<_>>();
    assert!(!gone.is_empty(), "no resource of this seed goes in twelve days");
    for (kind, id) in gone {
        assert_eq!(served(&sandbox, &token, kind, id), None, "{kind}");
    }
    assert_eq!(sandbox.today(), Some(12));
    sandbox.day(12).unwrap();

    let later = Sandbox::builder().member(9, 300).day(12).start().unwrap();
    let lines = |sandbox: &Sandbox| {
        let text = String::from_utf8(sandbox.truth(Some(&patient))).unwrap();
        text.lines().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert_eq!(lines(&later), lines(&sandbox), "starting there is as going there");
    assert_eq!(later.today(), Some(12));
}

#[test]
fn a_filter_by_time_of_change_finds_the_days() {
    let sandbox = payer();
    let patient = sandbox.patients()[0].id.clone();
    sandbox.day(3).unwrap();
    let now = sandbox.http_date(std::time::Duration::ZERO);
    sandbox.day(5).unwrap();
    let token = access_token(&sandbox, &patient);
    let date = now.split(' ').collect::<Vec<_>>();
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = months.find(date[2]).unwrap() / 3 + 1;
    // A second later than the payer's clock said on day 3.
    let since = format!("{}-{month:02}-{}T{}.999Z", date[3], date[1], date[4]);
    let url = format!("{}/Patient/{patient}/$everything?_since={since}", sandbox.base());
    let mut found = BTreeSet::new();
    let mut next_url = Some(url);
    while let Some(url) = next_url {
        let answer = get(&url, &token);
        found.extend(bodies(&answer.body));
        next_url = next(&answer.json());
    }
    let mut last = BTreeMap::new();
    for event in [small().day(4), small().day(5)].into_iter().flatten() {
        if let Event::Put(it) = event {
            last.insert((it.kind, it.id), it.json);
        }
    }
    let own = |body: &String| body.contains(&format!("Patient/{patient}"));
    let changed: BTreeSet<String> = last.into_values().filter(own).collect();
    assert!(!changed.is_empty());
    assert_eq!(found, changed);
}

#[test]
fn tokens_age_with_the_days() {
    let sandbox = payer();
    let patient = sandbox.patients()[0].id.clone();
    let login = login(&sandbox, &patient);
    let status = |token: &Value| {
        let url = format!("{}/Patient/{patient}", sandbox.base());
        get(&url, token.as_str().unwrap()).status
    };
    assert_eq!(status(&login["access_token"]), 200);
    sandbox.day(1).unwrap();
    assert_eq!(status(&login["access_token"]), 401);
    let renewed = refresh(&sandbox, login["refresh_token"].as_str().unwrap()).json();
    assert_eq!(status(&renewed["access_token"]), 200);
    let since = |from: &str, to: &str| {
        let day = |date: &str| date[5..7].parse::<i32>().unwrap();
        day(to) - day(from)
    };
    let before = sandbox.http_date(std::time::Duration::ZERO);
    sandbox.day(2).unwrap();
    let after = sandbox.http_date(std::time::Duration::ZERO);
    assert!(since(&before, &after) == 1 || after[5..7] == *"01", "{before} {after}");
}

#[test]
fn days_go_forward_and_are_of_generated_members() {
    let sandbox = payer();
    sandbox.day(2).unwrap();
    assert!(matches!(sandbox.day(1), Err(SandboxError::Day { asked: 1, now: 2, .. })));
    assert!(matches!(sandbox.day(LAST_DAY + 1), Err(SandboxError::Day { .. })));
    let beyond = Sandbox::builder().day(LAST_DAY + 1).start();
    assert!(matches!(beyond, Err(SandboxError::Day { .. })));
    let given = || Sandbox::builder().resources(r#"{"resourceType":"Patient","id":"me"}"#);
    let fixed = given().start().unwrap();
    assert_eq!(fixed.today(), None);
    assert!(matches!(fixed.day(1), Err(SandboxError::NoDays)));
    assert!(matches!(given().day(1).start(), Err(SandboxError::NoDays)));
    let both = given().member(9, 300).start().unwrap();
    both.day(1).unwrap();
    assert_eq!(both.patients().len(), 2);
}

#[test]
fn days_over_http() {
    let sandbox = payer();
    let origin = sandbox.base().replace("/interop/external/fhir", "");
    let ask =
        |method: &str, path: &str| send(method, &format!("{origin}{path}"), &[], None).unwrap();
    let about = ask("GET", "/_sandbox").json();
    assert_eq!(about["day"], 0);
    let answer = ask("POST", "/_sandbox/day/3");
    assert_eq!((answer.status, &answer.json()["day"]), (200, &3.into()));
    assert_eq!(sandbox.today(), Some(3));
    let back = ask("POST", "/_sandbox/day/2");
    assert_eq!((back.status, &back.json()["resourceType"]), (409, &"OperationOutcome".into()));
    assert_eq!(ask("GET", "/_sandbox/day/4").status, 404);
    assert_eq!(ask("POST", "/_sandbox/day/soon").status, 404);
    assert_eq!(sandbox.today(), Some(3));
    assert!(sandbox.requests().is_empty(), "the sandbox's own paths are not in the log");
}
