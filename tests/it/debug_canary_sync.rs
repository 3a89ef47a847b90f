//! The same for the crate that talks to servers: a member, tokens and addresses made of canaries.
//! `scripts/check-debug.py` reads this file too.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex};

use chartkeep::Vault;
use chartkeep_sandbox::Sandbox;
use chartkeep_sync::{
    AddressFault, AuthorizationFault, Base, Brand, Client, CodeExchange, Exchange, HttpFault,
    LoopbackListener, Refusal, Registration, RunBudget, Secret, SyncError, SyncOptions,
    TokenExchanger, TokenReply, TokenUse,
};

use crate::debug_canary::{RECORD, Shown};

const TOKEN: &str = "canary-access-token";

/// A broker that answers by itself, and shows what it is asked.
#[derive(Clone, Default)]
struct Broker(Arc<Mutex<Shown>>);

impl TokenExchanger for Broker {
    fn exchange<'a>(&'a self, request: CodeExchange<'a>) -> Exchange<'a> {
        let mut shown = self.0.lock().unwrap();
        shown.debug("sync::CodeExchange", &request);
        let body = format!(
            r#"{{"access_token":"{TOKEN}","refresh_token":"{TOKEN}","token_type":"Bearer","patient":"canary-logical-id"}}"#
        );
        let reply = TokenReply::new(200, body.into_bytes());
        shown.debug("sync::TokenReply", &reply);
        Box::pin(async { Ok(reply) })
    }

    fn refresh<'a>(&'a self, _: TokenUse<'a>) -> Exchange<'a> {
        Box::pin(async { Err(HttpFault::Unreachable) })
    }

    fn revoke<'a>(&'a self, request: TokenUse<'a>) -> Exchange<'a> {
        let mut shown = self.0.lock().unwrap();
        shown.debug("sync::TokenUse", &request);
        Box::pin(async { Err(HttpFault::Unreachable) })
    }
}

fn show_faults(shown: &mut Shown) {
    let every = [
        SyncError::Vault(chartkeep::Error::Locked),
        SyncError::Http(HttpFault::Foreign),
        SyncError::BaseUrl(AddressFault::UserInfo),
        SyncError::NotAServer,
        SyncError::Status { status: 418 },
        SyncError::NotBefore { at: 1 },
        SyncError::Authorization(AuthorizationFault::Refused("invalid_scope")),
        SyncError::Listen(ErrorKind::AddrInUse),
        SyncError::NeedsAuthorization { connection: 1 },
        SyncError::Cancelled,
    ];
    every.iter().for_each(|error| shown.both("sync::SyncError", error));
    shown.both("sync::HttpFault", &HttpFault::Redirected);
    shown.both("sync::AddressFault", &AddressFault::Foreign);
    shown.both("sync::AuthorizationFault", &AuthorizationFault::BadIdToken);
    let refused = Base::parse("https://canary-query-value@payer.example/?canary-access-token");
    shown.both("sync::AddressFault", &refused.expect_err("an address with a user name"));
}

async fn show_a_sync(shown: &mut Shown, payer: &Sandbox) -> Result<(), SyncError> {
    let vault = Vault::in_memory();
    let client = Client::new(&vault)?;
    shown.debug("sync::Client", &client);
    let brand = Brand::at(&payer.base());
    shown.debug("sync::Brand", &brand);
    shown.debug("sync::Base", &Base::parse(&payer.base()).expect("its own base"));
    shown.debug("sync::Secret", &Secret::new(TOKEN));
    let listener = LoopbackListener::bind(0).await?;
    shown.debug("sync::LoopbackListener", &listener);
    let registration = Registration::new(brand, payer.public_client())
        .with_header("x-key", Secret::new(TOKEN))
        .redirect_uri(&listener.redirect_uri())
        .named("canary-connection");
    shown.debug("sync::Registration", &registration);
    let connection = client.connect(registration).await?;
    let request = connection.begin_authorization().await?;
    shown.debug("sync::AuthorizationRequest", &request);
    let callback = payer.approve(&request.url).expect("a member that agrees");
    let connection = client.finish_authorization(&callback).await?;
    shown.debug("sync::Connection", &connection);
    shown.debug("sync::ConnectionState", &connection.state()?);
    let options =
        SyncOptions { budget: RunBudget::background(), full: true, ..SyncOptions::default() };
    shown.debug("sync::SyncOptions", &options);
    shown.debug("sync::RunBudget", &options.budget);
    let mut run = connection.sync(options)?;
    let progress = run.next().await.unwrap_or_default();
    shown.debug("sync::SyncProgress", &progress);
    shown.debug("sync::Stage", &progress.stage);
    shown.debug("sync::SyncRun", &run);
    let report = run.report().await;
    assert_eq!(report.counts.new, 2, "{report:?}");
    shown.debug("sync::RunReport", &report);
    shown.debug("sync::Verdict", &report.verdict);
    shown.debug("sync::Counts", &report.counts);
    let refusal = Refusal { what: "Claim".to_owned(), code: "sync.refused", advice: "" };
    shown.debug("sync::Refusal", &refusal);
    shown.debug("sync::Fetched", &connection.fetch("Patient/canary-logical-id").await?);
    Ok(())
}

#[test]
fn nothing_that_prints_leaks_on_the_way_to_a_server() -> Result<(), SyncError> {
    let payer = Sandbox::builder().resources(RECORD).start().expect("a sandbox");
    let broker = Broker::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let vault = Vault::in_memory();
        let client = Client::new(&vault)?;
        let registration = Registration::new(Brand::at(&payer.base()), payer.public_client())
            .redirect_uri("http://127.0.0.1:1/callback")
            .with_exchanger(Arc::new(broker.clone()));
        let connection = client.connect(registration).await?;
        let request = connection.begin_authorization().await?;
        let callback = payer.approve(&request.url).expect("a member that agrees");
        let connection = client.finish_authorization(&callback).await?;
        connection.revoke().await?;
        let mut shown = std::mem::take(&mut *broker.0.lock().unwrap());
        shown.debug("sync::ClientAuthentication", &chartkeep_sync::ClientAuthentication::Post);
        show_faults(&mut shown);
        show_a_sync(&mut shown, &payer).await?;
        assert_eq!(shown.leaks(), [""; 0]);
        Ok(())
    })
}
