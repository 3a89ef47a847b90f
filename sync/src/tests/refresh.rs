//! Tokens that end, and how they are renewed.

use chartkeep::TokenKind;
use serde_json::json;

use super::payer::{Person, Reply};
use crate::details::Details;
use crate::{AuthorizationFault, Connection, ConnectionState, HttpFault, SyncError};

fn second() -> Reply {
    Reply::Json(
        200,
        json!({ "access_token": "access-2", "token_type": "Bearer", "expires_in": 600,
            "refresh_token": "refresh-2" }),
    )
}

async fn bearer(connection: &Connection) -> Result<String, SyncError> {
    let access = connection.session().access().await?;
    Ok(access.bearer.unwrap().expose().to_owned())
}

fn held(person: &Person, connection: &Connection, kind: TokenKind) -> Option<String> {
    let token = person.vault.token(connection.id(), kind).unwrap();
    token.map(|token| String::from_utf8(token.to_vec()).unwrap())
}

/// A connection whose access token has ended, and the number of its requests to the token endpoint.
async fn ended() -> (Person, Connection) {
    let person = Person::new();
    let connection = person.connected().await;
    person.payer.pass(600);
    (person, connection)
}

fn journal(connection: &Connection) -> (bool, u8) {
    let details = connection.session().details().unwrap();
    (details.refresh_began.is_some(), details.refresh_tries)
}

#[tokio::test]
async fn a_token_is_renewed_shortly_before_its_end() {
    let person = Person::new();
    let connection = person.connected().await;
    person.payer.token_answers(second());
    person.payer.pass(569);
    assert_eq!(bearer(&connection).await.unwrap(), "access-1");
    person.payer.pass(1);
    assert_eq!(bearer(&connection).await.unwrap(), "access-2");
    assert_eq!(held(&person, &connection, TokenKind::Refresh).as_deref(), Some("refresh-2"));
    assert_eq!(connection.granted().unwrap(), ["patient/*.rs"]);
    assert_eq!(journal(&connection), (false, 0));
    let sent = &person.payer.seen("/token")[1];
    assert_eq!(sent.field("grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(sent.field("refresh_token").as_deref(), Some("refresh-1"));
}

#[tokio::test]
async fn without_a_new_refresh_token_the_old_one_stays() {
    let (person, connection) = ended().await;
    person.payer.token_answers(Reply::Json(
        200,
        json!({ "access_token": "access-2", "scope": "patient/Coverage.rs" }),
    ));
    assert_eq!(bearer(&connection).await.unwrap(), "access-2");
    assert_eq!(held(&person, &connection, TokenKind::Refresh).as_deref(), Some("refresh-1"));
    assert_eq!(connection.granted().unwrap(), ["patient/Coverage.rs"]);
    assert_eq!(connection.subjects().unwrap(), ["p-1"]);
}

#[tokio::test]
async fn two_refreshers_send_one_token() {
    let (person, connection) = ended().await;
    person.payer.token_answers(second());
    let again = person.client.connection(connection.name()).unwrap().unwrap();
    let (one, other, third) = tokio::join!(bearer(&connection), bearer(&again), bearer(&again));
    assert_eq!([one.unwrap(), other.unwrap(), third.unwrap()], ["access-2"; 3]);
    assert_eq!(person.payer.seen("/token").len(), 2);
}

#[tokio::test]
async fn a_401_renews_once() {
    let person = Person::new();
    let connection = person.connected().await;
    person.payer.token_answers(second());
    let session = connection.session();
    let used = session.access().await.unwrap();
    let (one, other) = tokio::join!(session.renewed(&used), session.renewed(&used));
    for access in [one.unwrap(), other.unwrap()] {
        assert_eq!(access.bearer.unwrap().expose(), "access-2");
    }
    assert_eq!(person.payer.seen("/token").len(), 2);
}

#[tokio::test]
async fn a_401_without_a_refresh_token_asks_the_person() {
    let person = Person::new();
    person
        .payer
        .token_answers(Reply::Json(200, json!({ "access_token": "access-1", "patient": "p-1" })));
    let connection = person.connected().await;
    let used = connection.session().access().await.unwrap();
    let error = connection.session().renewed(&used).await.err().unwrap();
    assert_eq!(error, SyncError::NeedsAuthorization { connection: connection.id().get() });
    assert_eq!(connection.state().unwrap(), ConnectionState::NeedsAuthorization);
    assert_eq!(bearer(&connection).await.unwrap_err(), error);
    assert_eq!(connection.subjects().unwrap(), ["p-1"]);
}

#[tokio::test]
async fn what_a_refusal_means() {
    let error = |code: &str| json!({ "error": code });
    let needed = |connection: &Connection| SyncError::NeedsAuthorization {
        connection: connection.id().get(),
    };
    let (person, connection) = ended().await;
    person.payer.token_answers(Reply::Json(400, error("invalid_grant")));
    assert_eq!(bearer(&connection).await.unwrap_err(), needed(&connection));
    assert_eq!(connection.state().unwrap(), ConnectionState::ConsentEnded);
    assert_eq!(bearer(&connection).await.unwrap_err(), needed(&connection));
    assert_eq!(connection.state().unwrap(), ConnectionState::ConsentEnded);
    assert_eq!(person.payer.seen("/token").len(), 2);

    let (person, connection) = ended().await;
    person.payer.token_answers(Reply::Json(401, error("invalid_client")));
    assert_eq!(bearer(&connection).await.unwrap_err(), AuthorizationFault::BadClient.into());
    assert_eq!(connection.state().unwrap(), ConnectionState::AppProblem);
    person.payer.token_answers(second());
    assert_eq!(bearer(&connection).await.unwrap(), "access-2");
    assert_eq!(connection.state().unwrap(), ConnectionState::Connected);
}

#[tokio::test]
async fn an_outage_keeps_the_tokens() {
    let wait = SyncError::NotBefore { at: super::payer::START + 600_000 + 60_000 };
    for (reply, error) in [
        (Reply::Text(500, "<html>".to_owned()), SyncError::Status { status: 500 }),
        (Reply::Text(503, "<html>".to_owned()), wait.clone()),
        (Reply::Text(429, String::new()), wait),
        (Reply::Text(200, "<html>".to_owned()), AuthorizationFault::BadTokenAnswer.into()),
        (Reply::Redirect("https://evil.example".to_owned()), HttpFault::Redirected.into()),
    ] {
        let (person, connection) = ended().await;
        person.payer.token_answers(reply);
        assert_eq!(bearer(&connection).await.unwrap_err(), error);
        assert_eq!(connection.state().unwrap(), ConnectionState::Connected);
        assert_eq!(held(&person, &connection, TokenKind::Refresh).as_deref(), Some("refresh-1"));
        assert_eq!(journal(&connection), (false, 0));
        person.payer.token_answers(second());
        assert_eq!(bearer(&connection).await.unwrap(), "access-2");
    }
}

#[tokio::test]
async fn while_the_old_token_lasts_an_outage_is_no_matter() {
    let person = Person::new();
    let connection = person.connected().await;
    person.payer.pass(580);
    person.payer.token_answers(Reply::Text(500, String::new()));
    assert_eq!(bearer(&connection).await.unwrap(), "access-1");
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_once_more() {
    let (person, connection) = ended().await;
    let mut lost = 0;
    person.payer.answers(move |request| {
        lost += u8::from(request.target == "/token");
        (request.target == "/token").then(|| if lost == 1 { Reply::Lost } else { second() })
    });
    assert_eq!(bearer(&connection).await.unwrap(), "access-2");
    let sent = person.payer.seen("/token");
    assert_eq!(sent.len(), 3);
    assert!(sent[1..].iter().all(|s| s.field("refresh_token").as_deref() == Some("refresh-1")));

    let (person, connection) = ended().await;
    person.payer.token_answers(Reply::Lost);
    assert_eq!(bearer(&connection).await.unwrap_err().code(), "login.needed");
    assert_eq!(person.payer.seen("/token").len(), 3);
    assert_eq!(connection.state().unwrap(), ConnectionState::NeedsAuthorization);
    assert!(bearer(&connection).await.is_err());
    assert_eq!(person.payer.seen("/token").len(), 3);
}

#[tokio::test]
async fn a_refresh_that_a_crash_cut_off_is_tried_once() {
    let crashed = |seconds_ago: i64, tries: u8| async move {
        let person = Person::new();
        let connection = person.connected().await;
        Details::update(&person.vault, connection.id(), |details, _| {
            details.refresh_began = Some(super::payer::START - seconds_ago * 1000);
            details.refresh_tries = tries;
            Ok(())
        })
        .unwrap();
        (person, connection)
    };
    for seconds_ago in [5, 3600] {
        let (person, connection) = crashed(seconds_ago, 1).await;
        person.payer.token_answers(second());
        assert_eq!(bearer(&connection).await.unwrap(), "access-2");
        assert_eq!(journal(&connection), (false, 0));

        let (person, connection) = crashed(seconds_ago, 1).await;
        person.payer.token_answers(Reply::Json(400, json!({ "error": "invalid_grant" })));
        assert_eq!(bearer(&connection).await.unwrap_err().code(), "login.needed");
        assert_eq!(connection.state().unwrap(), ConnectionState::NeedsAuthorization);
    }
    let (person, connection) = crashed(5, 2).await;
    assert_eq!(bearer(&connection).await.unwrap_err().code(), "login.needed");
    assert_eq!(person.payer.seen("/token").len(), 1);
}

#[tokio::test]
async fn what_never_left_this_machine_was_not_sent() {
    let (person, connection) = ended().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = person.payer.origin.clone() + "/token";
    let set = |token: String| {
        Details::update(&person.vault, connection.id(), |details, _| {
            details.endpoints.token = token;
            Ok(())
        })
        .unwrap();
    };
    set(format!("http://127.0.0.1:{port}/token"));
    for _ in 0..3 {
        assert_eq!(bearer(&connection).await.unwrap_err(), HttpFault::Unreachable.into());
        assert_eq!(journal(&connection), (false, 0));
    }
    set(endpoint);
    person.payer.token_answers(second());
    assert_eq!(bearer(&connection).await.unwrap(), "access-2");
}

#[tokio::test]
async fn a_caller_that_gives_up_loses_no_token() {
    let (person, connection) = ended().await;
    person.payer.answers(|request| {
        let wanted = request.target == "/token";
        if wanted {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        wanted.then(second)
    });
    let soon = std::time::Duration::from_millis(50);
    assert!(tokio::time::timeout(soon, bearer(&connection)).await.is_err());
    assert_eq!(bearer(&connection).await.unwrap(), "access-2");
    assert_eq!(person.payer.seen("/token").len(), 2);
}
