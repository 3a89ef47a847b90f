//! Every kind of fault, as a client meets it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod client;

use std::time::{Duration, Instant};

use chartkeep_sandbox::{Fault, FaultKind, LeakKind, Nth, Route, Sandbox};
use client::*;

struct Member {
    sandbox: Sandbox,
    token: String,
    url: String,
}

fn member() -> Member {
    let sandbox = Sandbox::builder().start().unwrap();
    let patient = sandbox.patients()[0].id.clone();
    let token = access_token(&sandbox, &patient);
    let url = format!("{}/Patient/{patient}/$everything", sandbox.base());
    Member { sandbox, token, url }
}

impl Member {
    /// The first page under this fault.
    fn page(&self, kind: FaultKind) -> std::io::Result<Answer> {
        self.sandbox.clear_faults();
        self.sandbox.fail(Fault::every(Route::Everything, kind));
        try_get(&self.url, &self.token)
    }
}

#[test]
fn statuses_and_their_headers() {
    let member = member();
    let answer = member.page(FaultKind::Status(503)).unwrap();
    assert_eq!((answer.status, &answer.json()["resourceType"]), (503, &"OperationOutcome".into()));
    let answer = member.page(FaultKind::RetryAfter { status: 429, seconds: 7 }).unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")));
    let date = "Sun, 06 Nov 1994 08:49:37 GMT".to_owned();
    let answer = member.page(FaultKind::RetryAfterDate { status: 503, date: date.clone() });
    assert_eq!(answer.unwrap().header("retry-after"), Some(date.as_str()));
    let answer = member.page(FaultKind::ExpiredToken).unwrap();
    assert!(answer.status == 401 && answer.header("www-authenticate").is_some());
    assert_eq!(member.page(FaultKind::CursorGone(410)).unwrap().status, 410);
    let answer = member.page(FaultKind::Redirect(307, "http://a.example/".to_owned())).unwrap();
    assert_eq!((answer.status, answer.header("location")), (307, Some("http://a.example/")));
}

#[test]
fn broken_connections() {
    let member = member();
    let whole = get(&member.url, &member.token);
    assert!(member.page(FaultKind::Reset).is_err());
    assert_eq!(member.sandbox.requests().last().unwrap().status, 0);
    assert!(member.page(FaultKind::LoseResponse).is_err());
    assert!(member.page(FaultKind::Truncate(20)).is_err());
    let short = member.page(FaultKind::WrongLength).unwrap();
    assert_eq!(short.body.len() + 16, whole.body.len());
    let started = Instant::now();
    let pause = Duration::from_millis(300);
    let late = member.page(FaultKind::Stall(pause)).unwrap();
    assert!(started.elapsed() >= pause && late.body.len() == whole.body.len());
    let drip = member.page(FaultKind::SlowDrip).unwrap();
    assert_eq!(drip.body.len(), whole.body.len());
}

#[test]
fn bodies_that_are_not_what_they_should_be() {
    let member = member();
    let page = |kind| member.page(kind).unwrap();
    assert!(page(FaultKind::Html200).text().starts_with("<!DOCTYPE html>"));
    let empty = page(FaultKind::EmptyBody200);
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    assert!(page(FaultKind::Bom).body.starts_with(b"\xEF\xBB\xBF{"));
    assert_eq!(page(FaultKind::WrongContentType).header("content-type"), Some("text/plain"));
    assert_eq!(page(FaultKind::BareResource).json()["resourceType"], "Patient");
    let outcomes = page(FaultKind::OutcomeEntries).json();
    assert_eq!(outcomes["entry"].as_array().unwrap().len(), 3);
    let broken = page(FaultKind::BadJson);
    assert!(serde_json::from_slice::<serde_json::Value>(&broken.body).is_err());
    let huge = page(FaultKind::HugeBody(3_000_000));
    assert!(huge.body.len() > 3_000_000 && huge.json()["resourceType"] == "Bundle");
    let bomb = page(FaultKind::GzipBomb);
    assert_eq!(bomb.header("content-encoding"), Some("gzip"));
    assert!(bomb.body.len() < 4_000_000, "{}", bomb.body.len());
    let link = page(FaultKind::NextLink("https://evil.example/fhir?ct=1".to_owned())).json();
    assert_eq!(next(&link).as_deref(), Some("https://evil.example/fhir?ct=1"));
}

#[test]
fn links_order_and_totals() {
    let member = member();
    let own = member.page(FaultKind::LinkToItself).unwrap().json();
    assert_eq!(next(&own), Some(member.url.clone()));
    assert_eq!(next(&member.page(FaultKind::LinkMissing).unwrap().json()), None);
    assert_eq!(member.page(FaultKind::WrongTotal(7)).unwrap().json()["total"], 7);
    let other = r#"{"resourceType":"Basic","id":"x"}"#.to_owned();
    let extra = member.page(FaultKind::ExtraEntry(other.clone())).unwrap();
    assert_eq!(bodies(&extra.body).last(), Some(&other));
    member.sandbox.clear_faults();
    let second = next(&get(&member.url, &member.token).json()).unwrap();
    let mut reversed = bodies(&get(&second, &member.token).body);
    member.sandbox.fail(Fault::every(Route::Everything, FaultKind::ReorderedPage));
    reversed.reverse();
    assert_eq!(bodies(&get(&second, &member.token).body), reversed);
}

#[test]
fn a_duplicate_page_misses_nothing() {
    for nth in 1..5 {
        let member = member();
        let stream = |url: &str| {
            let (mut pages, mut url) = (Vec::new(), Some(url.to_owned()));
            while let Some(at) = url {
                let answer = get(&at, &member.token);
                pages.push(bodies(&answer.body));
                url = next(&answer.json());
            }
            pages
        };
        let mut expected = stream(&member.url);
        member.sandbox.fail(Fault::once(Route::Everything, nth, FaultKind::DuplicatePage));
        let pages = stream(&member.url);
        let nth = usize::try_from(nth).unwrap();
        expected.insert(nth - 1, expected[nth.saturating_sub(2)].clone());
        assert_eq!(pages, expected);
    }
}

#[test]
fn faults_strike_at_their_request() {
    let member = member();
    let read = member.url.replace("/$everything", "");
    let status = || get(&read, &member.token).status;
    member.sandbox.fail(Fault::once(Route::Read, 2, FaultKind::Status(500)));
    member.sandbox.fail(Fault {
        route: Route::Read,
        nth: Nth::From(4),
        kind: FaultKind::Status(502),
    });
    assert_eq!([status(), status(), status(), status(), status()], [200, 500, 200, 502, 502]);
    assert_eq!(get(&member.url, &member.token).status, 200);
    member.sandbox.clear_faults();
    assert_eq!(status(), 200);
    let patient = member.sandbox.patients()[0].id.clone();
    let login = login(&member.sandbox, &patient);
    member.sandbox.fail(Fault::every(Route::Refresh, FaultKind::Status(503)));
    let token = login["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(&member.sandbox, token).status, 503);
    member.sandbox.clear_faults();
    assert_eq!(refresh(&member.sandbox, token).status, 200, "the first attempt changed nothing");
}

#[test]
fn the_attacker_notes_what_is_secret() {
    let member = member();
    let origin = member.sandbox.attacker();
    assert!(!member.sandbox.base().starts_with(&origin));
    send("GET", &format!("{origin}/fhir?ct=1"), &[("Accept", "*/*")], None).unwrap();
    assert!(member.sandbox.leaks().is_empty());
    get(&format!("{origin}/fhir"), &member.token);
    let url = format!("{origin}/fhir?x={}", member.token);
    send("GET", &url, &[], None).unwrap();
    send("POST", &origin, &[], Some(&format!("a={VERIFIER}"))).unwrap();
    let leaks = member.sandbox.leaks();
    assert_eq!(leaks[0].kinds, [LeakKind::Authorization, LeakKind::Secret]);
    assert_eq!(leaks[1].kinds, [LeakKind::Secret]);
    assert_eq!(leaks[2].kinds, [LeakKind::Secret]);
    assert_eq!(member.sandbox.attacker_requests().len(), 4);
    assert!(!format!("{leaks:?}").contains(&member.token));
}

#[test]
fn latency_and_restart() {
    let sandbox = Sandbox::builder().latency(Duration::from_millis(60)).start().unwrap();
    let started = Instant::now();
    discovery(&sandbox);
    assert!(started.elapsed() >= Duration::from_millis(60));
    let port = sandbox.base().split([':', '/']).nth(4).unwrap().parse().unwrap();
    assert!(Sandbox::builder().port(port).start().is_err(), "the port is taken");
    drop(sandbox);
    let again = Sandbox::builder().port(port).start().unwrap();
    discovery(&again);
}
