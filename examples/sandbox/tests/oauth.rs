//! The authorization server as a client meets it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod client;

use chartkeep_sandbox::{
    ApiKey, Granted, IdToken, Iss, Metadata, Refresh, Sandbox, SandboxError, ScopeSyntax,
    SmartConfig, Switches,
};
use client::*;
use serde_json::Value;

fn start() -> Sandbox {
    Sandbox::builder().start().unwrap()
}

fn with(change: impl FnOnce(&mut Switches)) -> Sandbox {
    let mut switches = Switches::default();
    change(&mut switches);
    Sandbox::builder().switches(switches).start().unwrap()
}

fn error(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

fn patient_status(sandbox: &Sandbox, token: &str) -> u16 {
    let id = &sandbox.patients()[0].id;
    get(&format!("{}/Patient/{id}", sandbox.base()), token).status
}

#[test]
fn the_whole_flow() {
    let sandbox = start();
    let patient = sandbox.patients()[0].id.clone();
    let callback = sandbox.approve(&authorize_url(&sandbox, |_| {})).unwrap();
    assert!(callback.starts_with(REDIRECT));
    assert_eq!(parameter(&callback, "state").as_deref(), Some("a state & more"));
    assert_eq!(parameter(&callback, "iss"), Some(sandbox.base()));
    let answer = exchange(&sandbox, &parameter(&callback, "code").unwrap(), VERIFIER);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = answer.json();
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["expires_in"], 3600);
    assert_eq!(token["scope"], SCOPE);
    assert_eq!(token["patient"], patient.as_str());
    let id_token = token["id_token"].as_str().unwrap();
    let claims = claims(id_token);
    assert_eq!(claims["nonce"], "a-nonce");
    assert_eq!(claims["aud"], sandbox.public_client());
    assert_eq!(claims["iss"], sandbox.base());
    assert_eq!(claims["fhirUser"], format!("{}/Patient/{patient}", sandbox.base()));
    let access = token["access_token"].as_str().unwrap();
    assert_eq!(patient_status(&sandbox, access), 200);
    // The other patient is not this token's.
    let other = &sandbox.patients()[1].id;
    assert_eq!(get(&format!("{}/Patient/{other}", sandbox.base()), access).status, 403);
    let log = sandbox.requests();
    assert!(log.iter().any(|it| it.path.ends_with(&format!("Patient/{other}")) && it.authorized));
    let shown = format!("{sandbox:?}{log:?}");
    assert!(sandbox.secrets().iter().all(|secret| !shown.contains(secret)));
}

fn claims(id_token: &str) -> Value {
    use base64::Engine as _;
    let part = id_token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn a_replayed_code_ends_the_login() {
    let sandbox = start();
    let callback = sandbox.approve(&authorize_url(&sandbox, |_| {})).unwrap();
    let code = parameter(&callback, "code").unwrap();
    let first = exchange(&sandbox, &code, VERIFIER).json();
    let access = first["access_token"].as_str().unwrap();
    assert_eq!(patient_status(&sandbox, access), 200);
    assert_eq!(error(&exchange(&sandbox, &code, VERIFIER)), (400, "invalid_grant".into()));
    assert_eq!(patient_status(&sandbox, access), 401);
    let again = refresh(&sandbox, first["refresh_token"].as_str().unwrap());
    assert_eq!(error(&again), (400, "invalid_grant".into()));
}

#[test]
fn codes_need_their_verifier_client_and_redirect_and_die_after_five_minutes() {
    let sandbox = start();
    let code = || {
        let callback = sandbox.approve(&authorize_url(&sandbox, |_| {})).unwrap();
        parameter(&callback, "code").unwrap()
    };
    let wrong = VERIFIER.replace('a', "b");
    for verifier in [wrong.as_str(), "", &challenge(VERIFIER)] {
        let answer = exchange(&sandbox, &code(), verifier);
        assert_eq!(error(&answer), (400, "invalid_grant".into()), "{verifier}");
    }
    let (id, secret) = sandbox.confidential_client();
    let mut pairs = vec![("grant_type", "authorization_code"), ("code_verifier", VERIFIER)];
    let text = code();
    pairs.push(("code", &text));
    let elsewhere = [&pairs[..], &[("client_id", id), ("client_secret", secret)]].concat();
    let elsewhere = [&elsewhere[..], &[("redirect_uri", REDIRECT)]].concat();
    assert_eq!(error(&token_request(&sandbox, &elsewhere)), (400, "invalid_grant".into()));
    pairs.push(("client_id", sandbox.public_client()));
    pairs.push(("redirect_uri", "http://127.0.0.1:49153/callback"));
    assert_eq!(error(&token_request(&sandbox, &pairs)), (400, "invalid_grant".into()));
    let late = code();
    sandbox.advance(std::time::Duration::from_secs(301));
    assert_eq!(error(&exchange(&sandbox, &late, VERIFIER)), (400, "invalid_grant".into()));
}

#[test]
fn wrong_authorization_requests_are_refused() {
    let sandbox = start();
    let set = |name: &'static str, value: &'static str| {
        authorize_url(&sandbox, move |pairs| {
            pairs.retain(|(key, _)| *key != name);
            if !value.is_empty() {
                pairs.push((name, value.to_owned()));
            }
        })
    };
    for (name, value) in [
        ("client_id", "somebody"),
        ("client_id", ""),
        ("redirect_uri", "http://evil.example/callback"),
        ("redirect_uri", ""),
    ] {
        let refused = sandbox.approve(&set(name, value));
        assert!(matches!(refused, Err(SandboxError::Authorization(_))), "{name}={value}");
    }
    for (name, value, code) in [
        ("response_type", "token", "unsupported_response_type"),
        ("aud", "", "invalid_request"),
        ("aud", "http://evil.example/fhir", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("scope", "system/*.rs", "invalid_scope"),
    ] {
        let callback = sandbox.approve(&set(name, value)).unwrap();
        assert_eq!(parameter(&callback, "error").as_deref(), Some(code), "{name}={value}");
        assert_eq!(parameter(&callback, "state").as_deref(), Some("a state & more"));
        assert_eq!(parameter(&callback, "code"), None);
    }
    let twice = authorize_url(&sandbox, |pairs| pairs.push(("state", "b".to_owned())));
    assert!(sandbox.approve(&twice).is_err());
    let denied = sandbox.deny(&authorize_url(&sandbox, |_| {})).unwrap();
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
}

#[test]
fn refresh_tokens_rotate_and_a_second_use_ends_the_login() {
    let sandbox = start();
    let first = login(&sandbox, &sandbox.patients()[0].id.clone());
    let old = first["refresh_token"].as_str().unwrap();
    let second = refresh(&sandbox, old).json();
    let (new, access) = (second["refresh_token"].as_str().unwrap(), &second["access_token"]);
    assert_ne!(old, new);
    assert_eq!(patient_status(&sandbox, access.as_str().unwrap()), 200);
    assert_eq!(error(&refresh(&sandbox, old)), (400, "invalid_grant".into()));
    assert_eq!(error(&refresh(&sandbox, new)), (400, "invalid_grant".into()));
    assert_eq!(patient_status(&sandbox, access.as_str().unwrap()), 401);
}

#[test]
fn refresh_switches() {
    let sandbox = with(|it| it.refresh = Refresh::Fixed);
    let patient = sandbox.patients()[0].id.clone();
    let token = login(&sandbox, &patient)["refresh_token"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let answer = refresh(&sandbox, &token);
        assert_eq!((answer.status, &answer.json()["refresh_token"]), (200, &Value::Null));
    }
    sandbox.set_switches(|it| it.refresh = Refresh::None);
    assert_eq!(login(&sandbox, &patient)["refresh_token"], Value::Null);

    let sandbox = with(|it| {
        it.lose_refresh_response = true;
        it.refresh_grace = 60;
    });
    let token = login(&sandbox, &patient)["refresh_token"].as_str().unwrap().to_owned();
    let endpoint = discovery(&sandbox)["token_endpoint"].as_str().unwrap().to_owned();
    let body = query(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", &token),
        ("client_id", sandbox.public_client()),
    ]);
    assert!(send("POST", &endpoint, &[], Some(&body)).is_err(), "the answer was to be lost");
    assert_eq!(refresh(&sandbox, &token).status, 200, "within the grace time");
    sandbox.advance(std::time::Duration::from_secs(61));
    assert_eq!(error(&refresh(&sandbox, &token)), (400, "invalid_grant".into()));
}

#[test]
fn tokens_expire_are_revoked_and_introspected() {
    let sandbox = start();
    let patient = sandbox.patients()[0].id.clone();
    let token = login(&sandbox, &patient);
    let access = token["access_token"].as_str().unwrap();
    let endpoints = discovery(&sandbox);
    let post = |endpoint: &str, token: &str| {
        let body = query(&[("token", token), ("client_id", sandbox.public_client())]);
        send("POST", endpoints[endpoint].as_str().unwrap(), &[], Some(&body)).unwrap()
    };
    let active = post("introspection_endpoint", access).json();
    assert_eq!((&active["active"], &active["patient"]), (&true.into(), &patient.as_str().into()));
    sandbox.advance(std::time::Duration::from_secs(3600));
    let url = format!("{}/Patient/{patient}", sandbox.base());
    let expired = get(&url, access);
    assert_eq!(expired.status, 401);
    assert!(expired.header("www-authenticate").unwrap().contains("invalid_token"));
    assert_eq!(post("introspection_endpoint", access).json()["active"], false);
    let token = refresh(&sandbox, token["refresh_token"].as_str().unwrap()).json();
    assert_eq!(get(&url, token["access_token"].as_str().unwrap()).status, 200);
    assert_eq!(post("revocation_endpoint", "nonsense").status, 200);
    assert_eq!(post("revocation_endpoint", token["refresh_token"].as_str().unwrap()).status, 200);
    assert_eq!(get(&url, token["access_token"].as_str().unwrap()).status, 401);
    let access = access_token(&sandbox, &patient);
    sandbox.expire_tokens();
    assert_eq!(get(&url, &access).status, 401);
    let token = login(&sandbox, &patient);
    sandbox.revoke_consent();
    let refused = refresh(&sandbox, token["refresh_token"].as_str().unwrap());
    assert_eq!(error(&refused), (400, "invalid_grant".into()));
    assert_eq!(send("GET", &url, &[], None).unwrap().status, 401);
}

#[test]
fn confidential_clients_by_basic_and_by_post() {
    let sandbox = start();
    let (id, secret) = sandbox.confidential_client();
    let endpoint = discovery(&sandbox)["token_endpoint"].as_str().unwrap().to_owned();
    let attempt = |header: Option<String>, fields: &[(&str, &str)]| {
        let url = authorize_url(&sandbox, |pairs| pairs[1].1 = id.to_owned());
        let code = parameter(&sandbox.approve(&url).unwrap(), "code").unwrap();
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        pairs.extend_from_slice(fields);
        let headers: Vec<(&str, &str)> =
            header.iter().map(|it| ("Authorization", it.as_str())).collect();
        send("POST", &endpoint, &headers, Some(&query(&pairs))).unwrap()
    };
    assert_eq!(attempt(Some(basic(id, secret)), &[]).status, 200);
    assert_eq!(attempt(None, &[("client_id", id), ("client_secret", secret)]).status, 200);
    for (header, fields) in [
        (Some(basic(id, "wrong")), &[][..]),
        (Some("Basic !".to_owned()), &[]),
        (None, &[("client_id", id)]),
        (None, &[("client_id", id), ("client_secret", "wrong")]),
        (None, &[("client_id", "other"), ("client_secret", secret)]),
    ] {
        let answer = attempt(header, fields);
        assert_eq!(error(&answer), (401, "invalid_client".into()));
        assert!(answer.header("www-authenticate").is_some());
    }
}

#[test]
fn the_consent_page_asks_once_and_grants_what_is_ticked() {
    let sandbox = start();
    let url = authorize_url(&sandbox, |_| {});
    let page = send("GET", &url, &[], None).unwrap();
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    for patient in sandbox.patients() {
        assert!(page.text().contains(&patient.name), "{}", patient.name);
    }
    let request = page.text().split("name=\"request\" value=\"").nth(1).unwrap();
    let request = request.split('"').next().unwrap();
    let other = sandbox.patients()[1].id.clone();
    let consent = url.split("/authorize?").next().unwrap().to_owned() + "/consent";
    let form = query(&[
        ("request", request),
        ("scope", "patient/*.rs"),
        ("patient", &other),
        ("decision", "allow"),
    ]);
    let forged = form.replace("request=", "request=x");
    assert_eq!(send("POST", &consent, &[], Some(&forged)).unwrap().status, 400);
    let answer = send("POST", &consent, &[], Some(&form)).unwrap();
    assert_eq!(answer.status, 303);
    let code = parameter(answer.header("location").unwrap(), "code").unwrap();
    let token = exchange(&sandbox, &code, VERIFIER).json();
    assert_eq!(token["scope"], "patient/*.rs");
    assert_eq!(token["patient"], other.as_str());
    assert_eq!(token["id_token"], Value::Null);
    assert_eq!(send("POST", &consent, &[], Some(&form)).unwrap().status, 400, "a second time");
}

#[test]
fn approval_without_a_person() {
    let sandbox = start();
    let url = authorize_url(&sandbox, |_| {});
    let other = sandbox.patients()[1].id.clone();
    let origin = sandbox.base().replace("/interop/external/fhir", "");
    let about = send("GET", &format!("{origin}/_sandbox"), &[], None).unwrap().json();
    let endpoint = about["authorize"].as_str().unwrap();
    let query = url.split_once('?').unwrap().1;
    let answer = send("GET", &format!("{endpoint}?{query}&_patient={other}"), &[], None).unwrap();
    let code = parameter(answer.header("location").unwrap(), "code").unwrap();
    assert_eq!(exchange(&sandbox, &code, VERIFIER).json()["patient"], other.as_str());

    let sandbox = Sandbox::builder().auto_approve(true).patient(&other).start().unwrap();
    let answer = send("GET", &authorize_url(&sandbox, |_| {}), &[], None).unwrap();
    assert_eq!(answer.status, 302);
    let code = parameter(answer.header("location").unwrap(), "code").unwrap();
    assert_eq!(exchange(&sandbox, &code, VERIFIER).json()["patient"], other.as_str());
}

#[test]
fn discovery_switches() {
    let sandbox = with(|it| {
        it.smart_config = SmartConfig::NotFound;
        it.metadata = Metadata::OauthUris;
    });
    let base = sandbox.base();
    let url = format!("{base}/.well-known/smart-configuration");
    assert_eq!(send("GET", &url, &[], None).unwrap().status, 404);
    let metadata = send("GET", &format!("{base}/metadata"), &[], None).unwrap().json();
    let uris = &metadata["rest"][0]["security"]["extension"][0];
    assert!(uris["url"].as_str().unwrap().ends_with("/oauth-uris"));
    assert_eq!(uris["extension"][1]["url"], "token");
    sandbox.set_switches(|it| it.smart_config = SmartConfig::Html);
    assert_eq!(
        send("GET", &url, &[], None).unwrap().header("content-type"),
        Some("text/html; charset=utf-8")
    );
    sandbox.set_switches(|it| it.smart_config = SmartConfig::RelativeUrls);
    let token = discovery(&sandbox)["token_endpoint"].as_str().unwrap().to_owned();
    assert!(token.starts_with('/'), "{token}");
    sandbox.set_switches(|it| it.metadata = Metadata::NotFound);
    assert_eq!(send("GET", &format!("{base}/metadata"), &[], None).unwrap().status, 404);
}

#[test]
fn switches_of_the_answers() {
    let sandbox = start();
    let patient = sandbox.patients()[0].id.clone();
    let at = |change: &dyn Fn(&mut Switches)| {
        sandbox.set_switches(|it| {
            *it = Switches::default();
            change(it);
        });
        let callback = sandbox.approve(&authorize_url(&sandbox, |_| {})).unwrap();
        let code = parameter(&callback, "code").unwrap();
        (callback, exchange(&sandbox, &code, VERIFIER).json())
    };
    assert_eq!(parameter(&at(&|it| it.iss = Iss::Absent).0, "iss"), None);
    assert_ne!(parameter(&at(&|it| it.iss = Iss::Wrong).0, "iss"), Some(sandbox.base()));
    assert_eq!(at(&|it| it.patient_in_token = false).1["patient"], Value::Null);
    assert_eq!(at(&|it| it.say_expires_in = false).1["expires_in"], Value::Null);
    assert_eq!(at(&|it| it.id_token = IdToken::Off).1["id_token"], Value::Null);
    let id_token = |switch| {
        let token = at(&|it| it.id_token = switch).1["id_token"].as_str().unwrap().to_owned();
        claims(&token)
    };
    assert_eq!(id_token(IdToken::WrongNonce)["nonce"], "not-the-nonce");
    assert_eq!(id_token(IdToken::WrongAudience)["aud"], "another-client");
    let expired = id_token(IdToken::Expired);
    assert!(expired["exp"].as_i64() < id_token(IdToken::On)["iat"].as_i64());

    let changed = at(&|it| {
        it.token_members.insert("token_type".to_owned(), "BEARER".into());
        it.token_members.insert("scope".to_owned(), Value::Null);
        it.id_token_members.insert("sub".to_owned(), "x".into());
    })
    .1;
    assert_eq!((&changed["token_type"], &changed["scope"]), (&"BEARER".into(), &Value::Null));
    assert_eq!(claims(changed["id_token"].as_str().unwrap())["sub"], "x");
    let endpoint = format!("{}/token", sandbox.attacker());
    sandbox.set_switches(|it| {
        it.smart_config_members.insert("token_endpoint".to_owned(), endpoint.as_str().into());
    });
    assert_eq!(discovery(&sandbox)["token_endpoint"], endpoint.as_str());

    let subset = at(&|it| it.granted = Granted::Subset(vec!["Goal".to_owned()])).1;
    assert!(subset["scope"].as_str().unwrap().ends_with(" patient/Goal.rs"));
    let token = subset["access_token"].as_str().unwrap();
    let base = sandbox.base();
    assert_eq!(get(&format!("{base}/Goal?patient={patient}"), token).status, 200);
    assert_eq!(get(&format!("{base}/Condition?patient={patient}"), token).status, 403);
    let empty = at(&|it| it.granted = Granted::Empty).1;
    assert!(!empty["scope"].as_str().unwrap().contains("patient/*"));
    let v1 = at(&|it| it.scope_syntax = ScopeSyntax::V1).1;
    assert!(!v1["scope"].as_str().unwrap().contains(".rs"));
}

#[test]
fn a_profile_with_a_key_and_without_public_clients() {
    let switches = Switches::profile("healthpartners-like").unwrap();
    let key: ApiKey = switches.api_key.clone().unwrap();
    assert!(!format!("{switches:?}").contains(&key.value));
    let sandbox = Sandbox::builder().switches(switches).start().unwrap();
    assert!(sandbox.approve(&authorize_url(&sandbox, |_| {})).is_err());
    let (id, secret) = sandbox.confidential_client();
    let url = authorize_url(&sandbox, |pairs| pairs[1].1 = id.to_owned());
    let code = parameter(&sandbox.approve(&url).unwrap(), "code").unwrap();
    let token = token_request(
        &sandbox,
        &[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT),
            ("client_id", id),
            ("client_secret", secret),
            ("code_verifier", VERIFIER),
        ],
    )
    .json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let url = format!("{}/Patient/{}", sandbox.base(), token["patient"].as_str().unwrap());
    let send = |headers: &[(&str, &str)]| send("GET", &url, headers, None).unwrap().status;
    assert_eq!(send(&[("Authorization", &bearer)]), 401);
    assert_eq!(send(&[("Authorization", &bearer), (&key.header, &key.value)]), 200);
}
