//! Attacks on the log-in, each refused.

use std::sync::{Arc, Mutex};

use chartkeep::TokenKind;
use serde_json::{Value, json};
use url::Url;

use super::payer::{Payer, Person, REDIRECT, Reply};
use super::signer::{Signer, encoded};
use crate::{AuthorizationFault, Connection, ConnectionState, Secret, SyncError};

/// The connection is as before its first log-in, and the code went nowhere more often than that.
fn untouched(person: &Person, connection: &Connection, sent: usize) {
    assert_eq!(person.payer.seen("/token").len(), sent);
    assert_eq!(connection.state().unwrap(), ConnectionState::NeedsAuthorization);
    assert!(connection.subjects().unwrap().is_empty());
    for kind in [TokenKind::Access, TokenKind::Refresh, TokenKind::Id] {
        assert!(person.vault.token(connection.id(), kind).unwrap().is_none());
    }
}

async fn waiting() -> (Person, Connection, String) {
    let person = Person::new();
    let connection = person.client.connect(person.payer.registration()).await.unwrap();
    let callback = person.payer.begin(&connection, "code-1").await;
    (person, connection, callback)
}

async fn refused(person: &Person, callback: &str) -> AuthorizationFault {
    match person.client.finish_authorization(callback).await.unwrap_err() {
        SyncError::Authorization(fault) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn callbacks_that_are_not_ours() {
    use AuthorizationFault::{BadCallback, UnknownState};
    let (person, connection, callback) = waiting().await;
    let state = callback.rsplit('=').next().unwrap();
    for (forged, fault) in [
        (format!("{REDIRECT}?code=evil"), UnknownState),
        (format!("{REDIRECT}?code=evil&state="), UnknownState),
        (format!("{REDIRECT}?code=evil&state=guess"), UnknownState),
        (format!("{REDIRECT}?code=evil&state={}", state.to_lowercase() + "x"), UnknownState),
        (format!("{REDIRECT}?code=evil&state={state}&state={state}"), BadCallback),
        (format!("{REDIRECT}?code=a&code=b&state={state}"), BadCallback),
        (format!("{REDIRECT}?error=access_denied&state=guess"), UnknownState),
        (format!("{REDIRECT}?state={state}"), BadCallback),
        ("not an address".to_owned(), BadCallback),
    ] {
        assert_eq!(refused(&person, &forged).await, fault, "{forged}");
    }
    untouched(&person, &connection, 0);
    person.client.finish_authorization(&callback).await.unwrap();
}

#[tokio::test]
async fn a_callback_that_is_refused_is_used_up() {
    use AuthorizationFault::{BadCallback, Denied, Refused, UnknownState, WrongIssuer};
    for (more, fault) in [
        ("&iss=https%3A%2F%2Fevil.example", WrongIssuer),
        ("&error=access_denied", Denied),
        ("&error=server_error&error_description=%3Cscript%3E", Refused("server_error")),
        ("&error=x%0d%0ainjected", Refused("other")),
    ] {
        let (person, connection, callback) = waiting().await;
        assert_eq!(refused(&person, &format!("{callback}{more}")).await, fault);
        assert_eq!(refused(&person, &callback).await, UnknownState);
        untouched(&person, &connection, 0);
    }
    let (person, connection, callback) = waiting().await;
    let elsewhere = callback.replace("app.example:", "evil.example:");
    assert_eq!(refused(&person, &elsewhere).await, BadCallback);
    untouched(&person, &connection, 0);
}

#[tokio::test]
async fn a_callback_counts_once() {
    let (person, _, callback) = waiting().await;
    let (one, other) = tokio::join!(
        person.client.finish_authorization(&callback),
        person.client.finish_authorization(&callback)
    );
    assert!(one.is_ok() != other.is_ok());
    assert_eq!(refused(&person, &callback).await, AuthorizationFault::UnknownState);
    assert_eq!(person.payer.seen("/token").len(), 1);
}

#[tokio::test]
async fn a_code_is_never_sent_twice() {
    let (person, connection, callback) = waiting().await;
    person.payer.token_answers(Reply::Lost);
    assert!(person.client.finish_authorization(&callback).await.is_err());
    assert_eq!(refused(&person, &callback).await, AuthorizationFault::UnknownState);
    untouched(&person, &connection, 1);
}

#[tokio::test]
async fn a_log_in_that_waited_too_long() {
    let (person, connection, callback) = waiting().await;
    person.payer.pass(601);
    assert_eq!(refused(&person, &callback).await, AuthorizationFault::Expired);
    untouched(&person, &connection, 0);
    let (mut first, details) = (String::new(), || connection.session().details().unwrap());
    for number in 0..20 {
        let callback = person.payer.begin(&connection, "c").await;
        if number == 0 {
            first = callback;
        }
    }
    assert_eq!(details().waiting.len(), 8);
    assert_eq!(refused(&person, &first).await, AuthorizationFault::UnknownState);
    person.payer.pass(601);
    person.payer.begin(&connection, "c").await;
    assert_eq!(details().waiting.len(), 1);
}

#[tokio::test]
async fn a_server_that_offers_plain_gets_s256() {
    let person = Person::new();
    let mut configuration = person.payer.configuration();
    configuration["code_challenge_methods_supported"] = json!(["plain"]);
    person.payer.answers(move |request| {
        let wanted = request.target.ends_with("smart-configuration");
        wanted.then(|| Reply::Json(200, configuration.clone()))
    });
    let connection = person.client.connect(person.payer.registration()).await.unwrap();
    let request = connection.begin_authorization().await.unwrap();
    let url = Url::parse(&request.url).unwrap();
    let get = |name: &str| url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    assert_eq!(get("code_challenge_method"), "S256");
    let (state, challenge) = (get("state"), get("code_challenge"));
    assert!(state.len() >= 43);
    let callback = format!("{REDIRECT}?code=c&state={state}");
    person.client.finish_authorization(&callback).await.unwrap();
    let verifier = person.payer.seen("/token")[0].field("code_verifier").unwrap();
    assert_ne!(verifier, challenge);
}

#[tokio::test]
async fn answers_of_the_token_endpoint_that_are_none() {
    use AuthorizationFault::{BadClient, BadTokenAnswer, Refused};
    let error = |code: &str| json!({ "error": code });
    let evil = Payer::start();
    for (reply, fault) in [
        (Reply::Redirect(format!("{}/token", evil.origin)), BadTokenAnswer),
        (Reply::Text(200, "<html>sign in</html>".to_owned()), BadTokenAnswer),
        (Reply::Text(400, "<html>".to_owned()), BadTokenAnswer),
        (Reply::Json(200, json!({ "token": "x" })), BadTokenAnswer),
        (Reply::Json(200, json!({ "access_token": "x", "token_type": "mac" })), BadTokenAnswer),
        (Reply::Json(401, error("invalid_client")), BadClient),
        (Reply::Json(400, error("invalid_grant")), Refused("invalid_grant")),
        (Reply::Json(400, error("<b>")), Refused("other")),
    ] {
        let (person, connection, callback) = waiting().await;
        person.payer.token_answers(reply);
        assert_eq!(refused(&person, &callback).await, fault);
        untouched(&person, &connection, 1);
    }
    assert!(evil.seen("/token").is_empty());
}

#[tokio::test]
async fn forged_id_tokens() {
    let stranger = Signer::ec("k");
    type Forge<'a> = (&'a str, &'a dyn Fn(&Payer, Value) -> String);
    let forge: [Forge<'_>; 8] = [
        ("none", &|_, claims| {
            format!("{}.{}.", encoded(r#"{"alg":"none"}"#), encoded(&claims.to_string()))
        }),
        ("wrong key", &|_, claims| stranger.token(&claims)),
        ("hmac", &|payer, claims| payer.signer.sign(r#"{"alg":"HS256","kid":"k"}"#, &claims)),
        ("unknown key", &|_, claims| Signer::ec("other").token(&claims)),
        ("audience", &|payer, claims| payer.signer.token(&changed(claims, "aud", json!("x")))),
        ("nonce", &|payer, claims| payer.signer.token(&changed(claims, "nonce", json!("x")))),
        ("expired", &|payer, claims| {
            payer.signer.token(&changed(claims, "exp", json!(1_600_000_000)))
        }),
        ("issuer", &|payer, claims| {
            payer.signer.token(&changed(claims, "iss", json!("https://x")))
        }),
    ];
    for (name, forged) in forge {
        let (person, connection, callback) = waiting().await;
        let mut tokens = Payer::tokens(Some("p-1"));
        tokens["id_token"] = json!(forged(&person.payer, person.payer.claims()));
        person.payer.token_answers(Reply::Json(200, tokens));
        assert_eq!(refused(&person, &callback).await, AuthorizationFault::BadIdToken, "{name}");
        untouched(&person, &connection, 1);
    }
    let (person, _, callback) = waiting().await;
    let mut tokens = Payer::tokens(Some("p-1"));
    tokens["id_token"] = json!(person.payer.signer.token(&person.payer.claims()));
    person.payer.token_answers(Reply::Json(200, tokens));
    person.client.finish_authorization(&callback).await.unwrap();
}

fn changed(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[tokio::test]
async fn endpoints_that_change_after_the_request() {
    let (person, connection, callback) = waiting().await;
    let evil = Payer::start();
    let configuration = evil.configuration();
    person.payer.answers(move |request| {
        let wanted = request.target.ends_with("smart-configuration");
        wanted.then(|| Reply::Json(200, configuration.clone()))
    });
    person.client.connect(person.payer.registration()).await.unwrap();
    person.client.finish_authorization(&callback).await.unwrap();
    assert!(evil.seen("/token").is_empty() && evil.seen("/keys").is_empty());

    // The next log-in would go there, and the person sees it; the refresh token of this one does not.
    person.client.connect(person.payer.registration()).await.unwrap();
    assert_eq!(connection.state().unwrap(), ConnectionState::Moved);
    person.payer.pass(600);
    connection.session().access().await.unwrap();
    assert!(evil.seen("/token").is_empty());
    assert_eq!(person.payer.seen("/token").len(), 2);
}

#[tokio::test]
async fn two_servers_do_not_mix_up() {
    let (person, connection, callback) = waiting().await;
    let other = Payer::start();
    let theirs = person.client.connect(other.registration()).await.unwrap();
    let at_other = other.begin(&theirs, "code-2").await;
    let mixed = format!("{at_other}&iss={}", person.payer.origin);
    assert_eq!(refused(&person, &mixed).await, AuthorizationFault::WrongIssuer);
    assert!(other.seen("/token").is_empty());
    untouched(&person, &connection, 0);
    let right = format!("{callback}&iss={}", person.payer.origin);
    person.client.finish_authorization(&right).await.unwrap();
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let (person, connection, callback) = waiting().await;
    let log = Arc::new(Mutex::new(String::new()));
    let logger = Logger(Arc::clone(&log));
    let (error, done) = {
        let _guard = tracing::subscriber::set_default(logger);
        let error = person.client.finish_authorization(&format!("{REDIRECT}?state=x&code=y")).await;
        (error.unwrap_err(), person.client.finish_authorization(&callback).await.unwrap())
    };
    let request = connection.begin_authorization().await.unwrap();
    let registration = person.payer.registration().with_secret(Secret::new("secret-1"));
    let printed = format!(
        "{error} {error:?} {done:?} {request:?} {registration:?} {:?} {}",
        person.client,
        log.lock().unwrap()
    );
    assert!(printed.contains("token endpoint"), "{printed}");
    for hidden in ["access-1", "refresh-1", "code-1", "p-1", "secret-1", "state="] {
        assert!(!printed.contains(hidden), "{hidden}");
    }
}

struct Logger(Arc<Mutex<String>>);

impl tracing::field::Visit for &Logger {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.lock().unwrap().push_str(&format!("{field}={value:?} "));
    }
}

impl tracing::Subscriber for Logger {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut &*self);
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut &*self);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
