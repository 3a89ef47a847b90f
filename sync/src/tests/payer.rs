//! A payer on loopback that a test scripts: it answers what `answer` says, and remembers every request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use chartkeep::{Clock, Unlock, Vault};
use serde_json::{Value, json};
use url::Url;

use super::signer::Signer;
use crate::{Brand, Client, Connection, Registration};

pub(crate) const START: i64 = 1_700_000_000_000;
pub(crate) const REDIRECT: &str = "app.example:/back";

#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(self.body.as_bytes());
        fields.find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    }
}

/// What a route answers.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Json(u16, Value),
    Text(u16, String),
    Redirect(String),
    /// The request is read, and the connection is closed without an answer.
    Lost,
}

type Answer = Box<dyn FnMut(&Request) -> Option<Reply> + Send>;

struct State {
    seen: Vec<Request>,
    /// Asked before the payer's own answers.
    answer: Answer,
    nonce: String,
}

#[derive(Clone)]
pub(crate) struct Payer {
    pub(crate) origin: String,
    state: Arc<Mutex<State>>,
    pub(crate) signer: Arc<Signer>,
    pub(crate) time: Arc<Mutex<i64>>,
}

impl Payer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let state = State { seen: Vec::new(), answer: Box::new(|_| None), nonce: String::new() };
        let payer = Self {
            origin,
            state: Arc::new(Mutex::new(state)),
            signer: Arc::new(Signer::ec("k")),
            time: Arc::new(Mutex::new(START)),
        };
        let server = payer.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || server.serve(stream));
            }
        });
        payer
    }

    pub(crate) fn base(&self) -> String {
        format!("{}/fhir", self.origin)
    }

    /// Scripts the answers that differ from the payer's own.
    pub(crate) fn answers(&self, answer: impl FnMut(&Request) -> Option<Reply> + Send + 'static) {
        self.state.lock().unwrap().answer = Box::new(answer);
    }

    /// The token endpoint answers this from now on.
    pub(crate) fn token_answers(&self, reply: Reply) {
        self.answers(move |request| (request.target == "/token").then(|| reply.clone()));
    }

    pub(crate) fn seen(&self, target: &str) -> Vec<Request> {
        let state = self.state.lock().unwrap();
        state.seen.iter().filter(|r| r.target.split('?').next() == Some(target)).cloned().collect()
    }

    pub(crate) fn configuration(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.origin);
        json!({
            "issuer": self.origin, "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"), "revocation_endpoint": at("/revoke"),
            "jwks_uri": at("/keys"), "code_challenge_methods_supported": ["S256"],
            "capabilities": ["launch-standalone", "permission-v2"],
        })
    }

    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.origin, "aud": "app", "exp": 1_700_000_600, "iat": 1_700_000_000,
            "nonce": self.state.lock().unwrap().nonce, "fhirUser": "Patient/p-1",
        })
    }

    pub(crate) fn tokens(patient: Option<&str>) -> Value {
        let mut tokens = json!({
            "access_token": "access-1", "token_type": "bearer", "expires_in": 600,
            "refresh_token": "refresh-1", "scope": "patient/*.rs",
        });
        if let Some(patient) = patient {
            tokens["patient"] = json!(patient);
        }
        tokens
    }

    fn own(&self, request: &Request) -> Reply {
        match request.target.split('?').next().unwrap_or_default() {
            "/fhir/.well-known/smart-configuration" => Reply::Json(200, self.configuration()),
            "/keys" => Reply::Text(200, Signer::jwks(&[&self.signer])),
            "/token" => Reply::Json(200, Self::tokens(Some("p-1"))),
            "/revoke" => Reply::Text(200, String::new()),
            _ => Reply::Text(404, String::new()),
        }
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(request) = read(&stream) else { return };
        let reply = {
            let mut state = self.state.lock().unwrap();
            state.seen.push(request.clone());
            (state.answer)(&request)
        };
        let (status, kind, extra, body) = match reply.unwrap_or_else(|| self.own(&request)) {
            Reply::Json(status, value) => {
                (status, "application/json", String::new(), value.to_string())
            }
            Reply::Text(status, text) => (status, "text/html", String::new(), text),
            Reply::Redirect(to) => (302, "text/html", format!("location: {to}\r\n"), String::new()),
            Reply::Lost => return,
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n{extra}\r\n",
            body.len()
        );
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    }

    pub(crate) fn clock(&self) -> Clock {
        let time = Arc::clone(&self.time);
        Clock::from_fn(move || *time.lock().unwrap())
    }

    pub(crate) fn pass(&self, seconds: i64) {
        *self.time.lock().unwrap() += seconds * 1000;
    }

    pub(crate) fn registration(&self) -> Registration {
        Registration::new(Brand::at(&self.base()), "app").redirect_uri(REDIRECT)
    }

    /// Begins a log-in; its callback with this code.
    pub(crate) async fn begin(&self, connection: &Connection, code: &str) -> String {
        let request = connection.begin_authorization().await.unwrap();
        let url = Url::parse(&request.url).unwrap();
        let get = |name: &str| {
            let value = url.query_pairs().find(|(n, _)| n == name);
            value.map(|(_, v)| v.into_owned()).unwrap_or_default()
        };
        self.state.lock().unwrap().nonce = get("nonce");
        format!("{}?code={code}&state={}", request.redirect_uri, get("state"))
    }
}

pub(crate) struct Person {
    pub(crate) payer: Payer,
    pub(crate) vault: Vault,
    pub(crate) client: Client,
    pub(crate) path: std::path::PathBuf,
    pub(crate) folder: tempfile::TempDir,
}

impl Person {
    pub(crate) fn new() -> Self {
        let payer = Payer::start();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("me.vault");
        let options = Vault::options().clock(payer.clock());
        let vault = options.create(&path, Unlock::key([7; 32])).unwrap();
        let client = Client::new(&vault).unwrap();
        Self { payer, vault, client, path, folder }
    }

    pub(crate) async fn connected(&self) -> Connection {
        let connection = self.client.connect(self.payer.registration()).await.unwrap();
        let callback = self.payer.begin(&connection, "code-1").await;
        self.client.finish_authorization(&callback).await.unwrap()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ').map(str::to_owned);
    let mut request =
        Request { method: words.next()?, target: words.next()?, ..Request::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        request.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = request.header("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}
