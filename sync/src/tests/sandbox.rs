//! The same against the sandbox payer, whose rules are its own: codes, verifiers and refresh tokens count
//! once there, and a secret that reaches its attacker's origin is a failure.

use std::time::Duration;

use chartkeep::{Unlock, Vault};
use chartkeep_sandbox::{
    ApiKey, Fault, FaultKind, IdToken, Iss, Refresh, Route, Sandbox, ScopeSyntax, SmartConfig,
    Switches,
};
use serde_json::json;

use crate::{
    AuthorizationFault, Brand, Client, Connection, ConnectionState, LoopbackListener, Registration,
    Secret, SyncError,
};

const REDIRECT: &str = "http://127.0.0.1:49152/callback";

fn start(change: impl FnOnce(&mut Switches)) -> (Sandbox, Client) {
    let mut switches = Switches::default();
    change(&mut switches);
    let sandbox = Sandbox::builder().switches(switches).start().unwrap();
    (sandbox, Client::new(&Vault::in_memory()).unwrap())
}

fn public(sandbox: &Sandbox) -> Registration {
    Registration::new(Brand::at(&sandbox.base()), sandbox.public_client()).redirect_uri(REDIRECT)
}

async fn log_in(
    sandbox: &Sandbox,
    client: &Client,
    registration: Registration,
) -> Result<Connection, SyncError> {
    let connection = client.connect(registration).await?;
    let request = connection.begin_authorization().await?;
    let callback = sandbox.approve(&request.url).unwrap();
    client.finish_authorization(&callback).await
}

async fn bearer(connection: &Connection) -> Result<String, SyncError> {
    let access = connection.session().access().await?;
    Ok(access.bearer.unwrap().expose().to_owned())
}

#[tokio::test]
async fn every_kind_of_client_logs_in_and_reads() {
    let confidential = |sandbox: &Sandbox| {
        let (id, secret) = sandbox.confidential_client();
        Registration::new(Brand::at(&sandbox.base()), id)
            .redirect_uri(REDIRECT)
            .with_secret(Secret::new(secret))
    };
    for profile in Switches::PROFILES {
        for basic in [true, false] {
            let (sandbox, client) = start(|switches| {
                *switches = Switches::profile(profile).unwrap();
                if !basic {
                    let post = json!(["client_secret_post"]);
                    let name = "token_endpoint_auth_methods_supported".to_owned();
                    switches.smart_config_members.insert(name, post);
                }
            });
            let mut registration = confidential(&sandbox);
            if let Some(ApiKey { header, value }) = sandbox.switches().api_key {
                registration = registration.with_header(&header, Secret::new(value));
            }
            let done = log_in(&sandbox, &client, registration).await.unwrap();
            let patient = done.subjects().unwrap().remove(0);
            let session = done.session();
            let access = session.access().await.unwrap();
            let url = access.base.below(&format!("Patient/{patient}")).unwrap();
            let within = Duration::from_secs(5);
            let read = session.http().get(&access, &url, "application/fhir+json", within).await;
            assert_eq!(read.unwrap().status, 200, "{profile}");
            let v1 = sandbox.switches().scope_syntax == ScopeSyntax::V1;
            let data = if v1 { "patient/*.read" } else { "patient/*.rs" };
            assert!(done.granted().unwrap().iter().any(|scope| scope == data), "{profile}");
        }
    }
    let (sandbox, client) = start(|s| s.smart_config = SmartConfig::RelativeUrls);
    log_in(&sandbox, &client, public(&sandbox)).await.unwrap();
    let (sandbox, client) = start(|s| s.patient_in_token = false);
    log_in(&sandbox, &client, public(&sandbox)).await.unwrap();
    let (sandbox, client) = start(|s| {
        s.patient_in_token = false;
        s.id_token = IdToken::Off;
    });
    log_in(&sandbox, &client, public(&sandbox)).await.unwrap();
}

#[tokio::test]
async fn on_a_real_loopback_port() {
    let (sandbox, client) = start(|_| {});
    let connection = client.connect(public(&sandbox)).await.unwrap();
    let listener = LoopbackListener::bind(0).await.unwrap();
    let request = connection.begin_authorization_at(&listener.redirect_uri()).await.unwrap();
    let callback = sandbox.approve(&request.url).unwrap();
    let browser = tokio::spawn(async move {
        let http = crate::http::Http::new().unwrap();
        let url = url::Url::parse(&callback).unwrap();
        http.get_public(&url, &[], Duration::from_secs(5)).await.unwrap().status
    });
    let callback = listener.callback(Duration::from_secs(5)).await.unwrap();
    assert_eq!(browser.await.unwrap(), 200);
    client.finish_authorization(&callback).await.unwrap();
}

#[tokio::test]
async fn attacks_are_refused() {
    use AuthorizationFault::{BadClient, BadIdToken, BadTokenAnswer, NoPatient, WrongIssuer};
    type Change = fn(&mut Switches);
    let attacks: [(Change, AuthorizationFault); 8] = [
        (|s| s.iss = Iss::Wrong, WrongIssuer),
        (|s| s.id_token = IdToken::AlgNone, BadIdToken),
        (|s| s.id_token = IdToken::WrongKey, BadIdToken),
        (|s| s.id_token = IdToken::WrongNonce, BadIdToken),
        (|s| s.id_token = IdToken::WrongAudience, BadIdToken),
        (|s| s.id_token = IdToken::Expired, BadIdToken),
        (
            |s| {
                s.patient_in_token = false;
                s.id_token_members.insert("fhirUser".to_owned(), json!("Practitioner/x"));
            },
            NoPatient,
        ),
        (|s| drop(s.token_members.insert("token_type".to_owned(), json!("mac"))), BadTokenAnswer),
    ];
    for (change, fault) in attacks {
        let (sandbox, client) = start(change);
        let error = log_in(&sandbox, &client, public(&sandbox)).await.unwrap_err();
        assert_eq!(error, fault.into());
        let connection = &client.connections().unwrap()[0];
        assert_eq!(connection.state().unwrap(), ConnectionState::NeedsAuthorization);
        assert!(bearer(connection).await.is_err() && connection.subjects().unwrap().is_empty());
    }

    let (sandbox, client) = start(|_| {});
    let connection = client.connect(public(&sandbox)).await.unwrap();
    let request = connection.begin_authorization().await.unwrap();
    let denied = sandbox.deny(&request.url).unwrap();
    let error = client.finish_authorization(&denied).await.unwrap_err();
    assert_eq!(error, AuthorizationFault::Denied.into());

    let (id, _) = sandbox.confidential_client();
    let wrong = Registration::new(Brand::at(&sandbox.base()), id)
        .redirect_uri(REDIRECT)
        .with_secret(Secret::new("wrong"));
    let error = log_in(&sandbox, &client, wrong).await.unwrap_err();
    assert_eq!(error, BadClient.into());

    let stolen = format!("{}/token", sandbox.attacker());
    for kind in [
        FaultKind::Redirect(302, stolen.clone()),
        FaultKind::Redirect(307, stolen),
        FaultKind::Html200,
    ] {
        sandbox.fail(Fault::every(Route::Token, kind));
        let error = log_in(&sandbox, &client, public(&sandbox)).await.unwrap_err();
        assert_eq!(error, BadTokenAnswer.into());
        sandbox.clear_faults();
    }
    assert!(sandbox.leaks().is_empty() && sandbox.attacker_requests().is_empty());
}

#[tokio::test]
async fn rotation_survives_ends_and_losses() {
    let (sandbox, client) = start(|_| {});
    let done = log_in(&sandbox, &client, public(&sandbox)).await.unwrap();
    for _ in 0..5 {
        let used = done.session().access().await.unwrap();
        sandbox.expire_tokens();
        let (one, other) =
            tokio::join!(done.session().renewed(&used), done.session().renewed(&used));
        assert!(one.unwrap().bearer == other.unwrap().bearer);
    }
    let refreshes = |sandbox: &Sandbox| {
        sandbox.requests().iter().filter(|r| r.path.ends_with("/token")).count() - 1
    };
    assert_eq!(refreshes(&sandbox), 5);

    sandbox.set_switches(|s| (s.lose_refresh_response, s.refresh_grace) = (true, 60));
    let used = done.session().access().await.unwrap();
    done.session().renewed(&used).await.unwrap();
    assert_eq!(refreshes(&sandbox), 7);

    sandbox.set_switches(|s| (s.lose_refresh_response, s.refresh_grace) = (true, 0));
    let used = done.session().access().await.unwrap();
    let error = done.session().renewed(&used).await.err().unwrap();
    assert_eq!(error.code(), "login.needed");
    assert_eq!(done.state().unwrap(), ConnectionState::NeedsAuthorization);

    let again = log_in(&sandbox, &client, public(&sandbox)).await.unwrap();
    assert_eq!(again.id(), done.id());
    bearer(&again).await.unwrap();
    sandbox.revoke_consent();
    let used = done.session().access().await.unwrap();
    assert!(done.session().renewed(&used).await.is_err());
    assert_eq!(done.state().unwrap(), ConnectionState::ConsentEnded);

    let again = log_in(&sandbox, &client, public(&sandbox)).await.unwrap();
    assert!(again.revoke().await.unwrap());
    assert_eq!(again.state().unwrap(), ConnectionState::NeedsAuthorization);
}

#[tokio::test]
async fn without_offline_access_the_person_is_asked_again() {
    let (sandbox, client) = start(|s| s.refresh = Refresh::None);
    let done = log_in(&sandbox, &client, public(&sandbox)).await.unwrap();
    let used = done.session().access().await.unwrap();
    assert_eq!(done.session().renewed(&used).await.err().unwrap().code(), "login.needed");
}

#[tokio::test]
async fn no_secret_lies_in_the_file_in_clear() {
    let (sandbox, _) = start(|_| {});
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("me.vault");
    let vault = Vault::create(&path, Unlock::key([7; 32])).unwrap();
    let client = Client::new(&vault).unwrap();
    let (id, secret) = sandbox.confidential_client();
    let registration = Registration::new(Brand::at(&sandbox.base()), id)
        .redirect_uri(REDIRECT)
        .with_secret(Secret::new(secret));
    let done = log_in(&sandbox, &client, registration).await.unwrap();
    done.begin_authorization().await.unwrap();
    drop((done, client, vault));
    let file = std::fs::read(&path).unwrap();
    let holds = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
    let secrets = sandbox.secrets();
    assert!(secrets.len() > 4 && secrets.iter().all(|secret| !holds(secret)));
}
