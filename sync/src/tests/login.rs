//! Log-ins from begin to end.

use std::sync::Arc;
use std::time::Duration;

use chartkeep::{TokenKind, Unlock, Vault};
use serde_json::{Value, json};

use super::payer::{Payer, Person, REDIRECT, Reply};
use crate::oauth::{CodeExchange, Exchange, TokenExchanger, TokenReply, TokenUse};
use crate::{
    AuthorizationFault, Brand, Client, ClientAuthentication, ConnectionState, HttpFault,
    Registration, Secret, SyncError,
};

#[tokio::test]
async fn a_log_in_from_discovery_to_tokens() {
    let person = Person::new();
    let connection = person.client.connect(person.payer.registration()).await.unwrap();
    assert_eq!(connection.state().unwrap(), ConnectionState::NeedsAuthorization);
    assert!(connection.granted().unwrap().is_empty() && connection.asked().unwrap().len() == 5);
    let callback = person.payer.begin(&connection, "code-1").await;
    let done = person.client.finish_authorization(&callback).await.unwrap();
    assert_eq!(done.id(), connection.id());
    assert_eq!(done.state().unwrap(), ConnectionState::Connected);
    assert_eq!(done.subjects().unwrap(), ["p-1"]);
    assert_eq!(done.granted().unwrap(), ["patient/*.rs"]);
    assert_eq!(done.ledger(0, 10).unwrap()[0].1.request, "login");
    let access = done.session().access().await.unwrap();
    assert_eq!(access.bearer.unwrap().expose(), "access-1");
    let sent = &person.payer.seen("/token")[0];
    assert_eq!(sent.method, "POST");
    assert_eq!(sent.field("grant_type").as_deref(), Some("authorization_code"));
    assert_eq!(sent.field("redirect_uri").as_deref(), Some(REDIRECT));
    assert_eq!(sent.field("client_id").as_deref(), Some("app"));
    assert_eq!(sent.field("code_verifier").unwrap().len(), 43);
    assert!(sent.header("authorization").is_none());
    for asked in person.payer.seen("/fhir/.well-known/smart-configuration") {
        assert!(asked.header("authorization").is_none());
    }
}

#[tokio::test]
async fn a_log_in_is_finished_by_another_process() {
    let Person { payer, vault, client, path, folder } = Person::new();
    let connection = client.connect(payer.registration()).await.unwrap();
    let callback = payer.begin(&connection, "code-1").await;
    drop((connection, client, vault));
    assert!(folder.path().is_dir());
    let options = Vault::options().clock(payer.clock());
    let vault = options.open(&path, Unlock::key([7; 32])).unwrap();
    let client = Client::new(&vault).unwrap();
    let done = client.finish_authorization(&callback).await.unwrap();
    assert_eq!(done.subjects().unwrap(), ["p-1"]);
    let again = client.finish_authorization(&callback).await.unwrap_err();
    assert_eq!(again, AuthorizationFault::UnknownState.into());
}

#[tokio::test]
async fn what_is_no_server_is_refused_and_makes_nothing() {
    let person = Person::new();
    let html = || Reply::Text(200, "<html>".to_owned());
    let gone = || Reply::Text(404, String::new());
    let json = || Reply::Json(200, json!({ "hello": 1 }));
    let redirect = || Reply::Redirect("https://evil.example/".to_owned());
    for (reply, error) in [
        (html(), SyncError::NotAServer),
        (gone(), SyncError::NotAServer),
        (json(), SyncError::NotAServer),
        (redirect(), SyncError::NotAServer),
        (Reply::Text(401, String::new()), SyncError::Status { status: 401 }),
        (Reply::Text(500, String::new()), SyncError::Status { status: 500 }),
        (Reply::Lost, HttpFault::Broken.into()),
    ] {
        person.payer.answers(move |_| Some(reply.clone()));
        let found = person.client.connect(person.payer.registration()).await.unwrap_err();
        assert!(found == error || found == HttpFault::Unreachable.into(), "{found:?}");
    }
    for base in ["", "payer.example", "http://payer.example/fhir", "https://a@payer.example"] {
        let registration = Registration::new(Brand::at(base), "app");
        assert!(matches!(
            person.client.connect(registration).await.unwrap_err(),
            SyncError::BaseUrl(_)
        ));
    }
    let unheard = Registration::new(Brand::at("http://127.0.0.1:9/fhir"), "app");
    let found = person.client.connect(unheard).await.unwrap_err();
    assert_eq!(found, HttpFault::Unreachable.into());
    assert!(person.client.connections().unwrap().is_empty());
}

#[tokio::test]
async fn metadata_tells_where_the_well_known_does_not() {
    let person = Person::new();
    let origin = person.payer.origin.clone();
    person.payer.answers(move |request| {
        let uri = |name: &str| json!({ "url": name, "valueUri": format!("{origin}/{name}") });
        match request.target.as_str() {
            "/fhir/.well-known/smart-configuration" => Some(Reply::Text(200, "<html>".to_owned())),
            "/fhir/metadata" => Some(Reply::Json(
                200,
                json!({ "resourceType": "CapabilityStatement", "rest": [{ "security": { "extension": [{
                    "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                    "extension": [uri("authorize"), uri("token"), uri("revoke")],
                }] } }] }),
            )),
            _ => None,
        }
    });
    assert_eq!(person.connected().await.state().unwrap(), ConnectionState::Connected);
}

#[tokio::test]
async fn a_secret_goes_as_the_server_wants_it() {
    for (methods, authentication) in [
        (json!(null), ClientAuthentication::Basic),
        (json!(["client_secret_post", "client_secret_basic"]), ClientAuthentication::Basic),
        (json!(["client_secret_post"]), ClientAuthentication::Post),
        (json!(["private_key_jwt"]), ClientAuthentication::Basic),
    ] {
        let person = Person::new();
        let mut configuration = person.payer.configuration();
        configuration["token_endpoint_auth_methods_supported"] = methods;
        person.payer.answers(move |request| {
            let wanted = request.target.ends_with("smart-configuration");
            wanted.then(|| Reply::Json(200, configuration.clone()))
        });
        let registration = person
            .payer
            .registration()
            .with_secret(Secret::new("s&=cret"))
            .with_header("X-Api-Key", Secret::new("gate"));
        let connection = person.client.connect(registration).await.unwrap();
        assert_eq!(connection.session().details().unwrap().authentication, authentication);
        let callback = person.payer.begin(&connection, "code-1").await;
        person.client.finish_authorization(&callback).await.unwrap();
        let sent = &person.payer.seen("/token")[0];
        assert_eq!(sent.header("x-api-key"), Some("gate"));
        let basic = "Basic YXBwOnMlMjYlM0RjcmV0";
        match authentication {
            ClientAuthentication::Basic => {
                assert_eq!(sent.header("authorization"), Some(basic));
                assert!(sent.field("client_id").is_none() && !sent.body.contains("cret"));
            }
            _ => {
                assert_eq!(sent.header("authorization"), None);
                assert_eq!(sent.field("client_secret").as_deref(), Some("s&=cret"));
            }
        }
        let discovery = &person.payer.seen("/fhir/.well-known/smart-configuration")[0];
        assert_eq!(discovery.header("x-api-key"), Some("gate"));
        let access = connection.session().access().await.unwrap();
        assert_eq!(access.api_key.unwrap().1.expose(), "gate");
    }
}

#[tokio::test]
async fn the_gateways_key_stays_at_its_origin() {
    let (person, login) = (Person::new(), Payer::start());
    let configuration = login.configuration();
    person.payer.answers(move |request| {
        let wanted = request.target.ends_with("smart-configuration");
        wanted.then(|| Reply::Json(200, configuration.clone()))
    });
    let registration = person.payer.registration().with_header("X-Key", Secret::new("gate"));
    let connection = person.client.connect(registration).await.unwrap();
    let callback = person.payer.begin(&connection, "code-1").await;
    person.client.finish_authorization(&callback).await.unwrap();
    connection.revoke().await.unwrap();
    for sent in [login.seen("/token"), login.seen("/revoke")].concat() {
        assert!(sent.header("x-key").is_none() && !sent.body.contains("gate"));
    }
    assert_eq!((login.seen("/token").len(), login.seen("/revoke").len()), (1, 2));
}

#[tokio::test]
async fn another_member_is_another_connection() {
    let person = Person::new();
    let registration = || person.payer.registration().with_secret(Secret::new("x")).named("plan");
    let first = person.client.connect(registration()).await.unwrap();
    let mut ids = Vec::new();
    for patient in ["p-1", "p-2", "p-1", "p-2"] {
        person.payer.token_answers(Reply::Json(200, Payer::tokens(Some(patient))));
        let connection = person.client.connect(registration()).await.unwrap();
        assert_eq!(connection.id(), first.id());
        let callback = person.payer.begin(&connection, patient).await;
        let done = person.client.finish_authorization(&callback).await.unwrap();
        assert_eq!(done.subjects().unwrap(), [patient]);
        assert!(person.vault.token(done.id(), TokenKind::ClientSecret).unwrap().is_some());
        ids.push((done.id().get(), done.name().to_owned()));
    }
    assert_eq!(ids[..2], ids[2..]);
    assert_eq!(ids[0].1, "plan");
    assert_eq!(ids[1].1, "plan 2");
    assert_eq!(person.client.connections().unwrap().len(), 2);
}

#[tokio::test]
async fn names_clients_and_bases() {
    let person = Person::new();
    let connect = |id: &str| Registration::new(Brand::at(&person.payer.base()), id);
    let one = person.client.connect(connect("app")).await.unwrap();
    let same = person.client.connect(connect("app")).await.unwrap();
    let other = person.client.connect(connect("another")).await.unwrap();
    assert_eq!(one.id(), same.id());
    assert_eq!(other.name(), format!("{} 2", one.name()));
    person.vault.create_connection("taken", "https://payer.example").unwrap();
    assert!(person.client.connect(connect("app").named("taken")).await.is_err());
    assert!(person.client.connect(connect(" ")).await.is_err());
    let header = connect("app").with_header("Authorization", Secret::new("x"));
    assert!(person.client.connect(header).await.is_err());
    let header = connect("app").with_header("X-Key", Secret::new("a\r\nb: c"));
    assert!(person.client.connect(header).await.is_err());
    assert!(one.begin_authorization().await.is_err());
    for redirect in ["", "x", "http://payer.example/cb", "javascript:alert(1)", "app:/x#y"] {
        assert!(one.begin_authorization_at(redirect).await.is_err(), "{redirect}");
    }
}

#[tokio::test]
async fn a_mistyped_client_id_does_not_end_a_log_in() {
    let person = Person::new();
    let used = person.connected().await;
    let again =
        |id: &str| Registration::new(Brand::at(&person.payer.base()), id).named(used.name());
    let error = person.client.connect(again("mistyped")).await.unwrap_err();
    assert_eq!(error.code(), "call.invalid");
    assert_eq!(used.state().unwrap(), ConnectionState::Connected);
    used.session().access().await.unwrap();
    used.revoke().await.unwrap();
    assert_eq!(person.client.connect(again("other")).await.unwrap().id(), used.id());
}

#[tokio::test]
async fn whose_record_it_is() {
    let bundle = |ids: &[&str]| {
        let entries: Vec<Value> = ids
            .iter()
            .map(|id| json!({ "resource": { "resourceType": "Patient", "id": id } }))
            .collect();
        json!({ "resourceType": "Bundle", "entry": entries })
    };
    for (fhir_user, found, patient) in [
        (json!("Patient/p-9"), bundle(&[]), Some("p-9")),
        (json!(null), bundle(&["p-8"]), Some("p-8")),
        (json!(null), json!({ "resourceType": "Patient", "id": "p-7" }), Some("p-7")),
        (json!(null), bundle(&["p-8", "p-9"]), None),
        (json!(null), bundle(&[]), None),
        (json!("Practitioner/p-1"), bundle(&["p-8"]), None),
        (json!("RelatedPerson/p-1"), bundle(&["p-8"]), None),
    ] {
        let person = Person::new();
        let connection = person.client.connect(person.payer.registration()).await.unwrap();
        let callback = person.payer.begin(&connection, "code-1").await;
        let (mut tokens, mut claims) = (Payer::tokens(None), person.payer.claims());
        claims["fhirUser"] = fhir_user;
        tokens["id_token"] = json!(person.payer.signer.token(&claims));
        person.payer.answers(move |request| match request.target.as_str() {
            "/token" => Some(Reply::Json(200, tokens.clone())),
            "/fhir/Patient" => Some(Reply::Json(200, found.clone())),
            _ => None,
        });
        let done = person.client.finish_authorization(&callback).await;
        match patient {
            Some(patient) => assert_eq!(done.unwrap().subjects().unwrap(), [patient]),
            None => assert_eq!(done.unwrap_err(), AuthorizationFault::NoPatient.into()),
        }
    }
}

#[tokio::test]
async fn on_loopback() {
    let person = Person::new();
    let connection = person.client.connect(person.payer.registration()).await.unwrap();
    let browser = |url: &str| {
        let url = url::Url::parse(url).unwrap();
        let get = |name: &str| url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
        let back = format!("{}?code=c&state={}", get("redirect_uri"), get("state"));
        assert!(back.starts_with("http://127.0.0.1:"));
        tokio::spawn(async move {
            let http = crate::http::Http::new().unwrap();
            let url = url::Url::parse(&back).unwrap();
            http.get_public(&url, &[], Duration::from_secs(5)).await.unwrap();
        });
    };
    let done = connection.authorize_on_loopback(browser, Duration::from_secs(20)).await.unwrap();
    assert_eq!(done.state().unwrap(), ConnectionState::Connected);
    let nobody = connection.authorize_on_loopback(|_| {}, Duration::from_millis(10)).await;
    assert_eq!(nobody.unwrap_err(), AuthorizationFault::Expired.into());
}

#[tokio::test]
async fn revoking_keeps_the_data_and_forgets_the_tokens() {
    for (reply, confirmed) in [
        (Reply::Text(200, String::new()), true),
        (Reply::Text(503, String::new()), false),
        (Reply::Lost, false),
    ] {
        let person = Person::new();
        let connection = person.connected().await;
        person.payer.answers(move |request| (request.target == "/revoke").then(|| reply.clone()));
        assert_eq!(connection.revoke().await.unwrap(), confirmed);
        assert_eq!(connection.state().unwrap(), ConnectionState::NeedsAuthorization);
        assert_eq!(connection.subjects().unwrap(), ["p-1"]);
        for kind in [TokenKind::Access, TokenKind::Refresh] {
            assert!(person.vault.token(connection.id(), kind).unwrap().is_none());
        }
        assert_eq!(person.payer.seen("/revoke")[0].field("token").as_deref(), Some("refresh-1"));
    }
}

struct Broker;

impl TokenExchanger for Broker {
    fn exchange<'a>(&'a self, request: CodeExchange<'a>) -> Exchange<'a> {
        assert!(request.code.expose() == "code-1" && request.client_id == "app");
        let tokens = Payer::tokens(Some("p-1")).to_string();
        Box::pin(async move { Ok(TokenReply::new(200, tokens.into_bytes())) })
    }

    fn refresh<'a>(&'a self, _: TokenUse<'a>) -> Exchange<'a> {
        let tokens = json!({ "access_token": "access-2" }).to_string();
        Box::pin(async move { Ok(TokenReply::new(200, tokens.into_bytes())) })
    }

    fn revoke<'a>(&'a self, _: TokenUse<'a>) -> Exchange<'a> {
        Box::pin(async move { Ok(TokenReply::new(200, Vec::new())) })
    }
}

#[tokio::test]
async fn a_broker_talks_to_the_token_endpoint() {
    let person = Person::new();
    let registration = person.payer.registration().with_exchanger(Arc::new(Broker));
    let connection = person.client.connect(registration).await.unwrap();
    let callback = person.payer.begin(&connection, "code-1").await;
    let without = Client::new(&person.vault).unwrap();
    assert_eq!(without.finish_authorization(&callback).await.unwrap_err().code(), "call.invalid");
    let with = Client::new(&person.vault).unwrap().with_exchanger(Arc::new(Broker));
    let done = with.finish_authorization(&callback).await.unwrap();
    person.payer.pass(600);
    let access = done.session().access().await.unwrap();
    assert_eq!(access.bearer.unwrap().expose(), "access-2");
    assert!(person.payer.seen("/token").is_empty());
}
