//! A client of a few lines, so that the server is tested below what an HTTP library would hide.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    missing_docs,
    reason = "each test file uses its part"
)]

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chartkeep_sandbox::Sandbox;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

pub const REDIRECT: &str = "http://127.0.0.1:49152/callback";
pub const VERIFIER: &str = "a-verifier-that-is-long-enough-for-rfc-7636-0123456789";
pub const SCOPE: &str = "launch/patient openid fhirUser offline_access patient/*.rs";

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// One request on a connection of its own. An error is what a client would see of a broken answer.
pub fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> io::Result<Answer> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').map_or((rest, ""), |it| it);
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        head.push_str(&format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        ));
    }
    head.push_str("\r\n");
    head.push_str(body.unwrap_or_default());
    stream.write_all(head.as_bytes())?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    let mut answer = Answer { status, headers: Vec::new(), body: Vec::new() };
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        answer.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = answer.header("content-length").map_or(0, |it| it.parse().unwrap());
    answer.body = vec![0; length];
    reader.read_exact(&mut answer.body)?;
    Ok(answer)
}

pub fn get(url: &str, token: &str) -> Answer {
    try_get(url, token).unwrap()
}

pub fn try_get(url: &str, token: &str) -> io::Result<Answer> {
    send("GET", url, &[("Authorization", &format!("Bearer {token}"))], None)
}

pub fn discovery(sandbox: &Sandbox) -> Value {
    let url = format!("{}/.well-known/smart-configuration", sandbox.base());
    send("GET", &url, &[], None).unwrap().json()
}

pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

pub fn query(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The authorize URL of a public client; `change` may spoil its parameters.
pub fn authorize_url(
    sandbox: &Sandbox,
    change: impl FnOnce(&mut Vec<(&'static str, String)>),
) -> String {
    let mut pairs = vec![
        ("response_type", "code".to_owned()),
        ("client_id", sandbox.public_client().to_owned()),
        ("redirect_uri", REDIRECT.to_owned()),
        ("scope", SCOPE.to_owned()),
        ("state", "a state & more".to_owned()),
        ("aud", sandbox.base()),
        ("nonce", "a-nonce".to_owned()),
        ("code_challenge", challenge(VERIFIER)),
        ("code_challenge_method", "S256".to_owned()),
    ];
    change(&mut pairs);
    let endpoint = discovery(sandbox)["authorization_endpoint"].as_str().unwrap().to_owned();
    format!("{endpoint}?{}", Serializer::new(String::new()).extend_pairs(pairs).finish())
}

pub fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub fn token_request(sandbox: &Sandbox, pairs: &[(&str, &str)]) -> Answer {
    let endpoint = discovery(sandbox)["token_endpoint"].as_str().unwrap().to_owned();
    send("POST", &endpoint, &[], Some(&query(pairs))).unwrap()
}

pub fn exchange(sandbox: &Sandbox, code: &str, verifier: &str) -> Answer {
    token_request(
        sandbox,
        &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("client_id", sandbox.public_client()),
            ("code_verifier", verifier),
        ],
    )
}

pub fn refresh(sandbox: &Sandbox, token: &str) -> Answer {
    token_request(
        sandbox,
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", sandbox.public_client()),
        ],
    )
}

/// Logs in as this patient; the token response.
pub fn login(sandbox: &Sandbox, patient: &str) -> Value {
    let callback = sandbox.approve_as(&authorize_url(sandbox, |_| {}), patient).unwrap();
    let code = parameter(&callback, "code").unwrap();
    let answer = exchange(sandbox, &code, VERIFIER);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

pub fn access_token(sandbox: &Sandbox, patient: &str) -> String {
    login(sandbox, patient)["access_token"].as_str().unwrap().to_owned()
}

pub fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// The next link of a Bundle.
pub fn next(bundle: &Value) -> Option<String> {
    let links = bundle["link"].as_array()?;
    let next = links.iter().find(|link| link["relation"] == "next")?;
    Some(next["url"].as_str()?.to_owned())
}

/// The resources of a Bundle as their bytes, without outcome entries.
pub fn bodies(bundle: &[u8]) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Bundle<'a> {
        #[serde(borrow, default)]
        entry: Vec<Entry<'a>>,
    }
    #[derive(serde::Deserialize)]
    struct Entry<'a> {
        #[serde(borrow)]
        resource: &'a serde_json::value::RawValue,
        search: Value,
    }
    let bundle: Bundle<'_> = serde_json::from_slice(bundle).unwrap();
    let matches = bundle.entry.into_iter().filter(|entry| entry.search["mode"] == "match");
    matches.map(|entry| entry.resource.get().to_owned()).collect()
}
