//! One response, and the ways in which it may be spoilt on its way out.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Bodies below this size gain nothing from compression.
const GZIP_FROM: usize = 512;

/// What is sent.
pub(crate) enum Body {
    /// As it is, compressed where the client accepts it.
    Plain(Vec<u8>),
    /// A head, a middle sent `times` times, a tail: large bodies without the memory for them.
    Repeated { head: Vec<u8>, middle: Vec<u8>, times: u64, tail: Vec<u8> },
}

/// How it is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Delivery {
    /// As HTTP wants it.
    Whole,
    /// The connection is reset instead of an answer.
    Reset,
    /// The true length is announced, the connection closes after so many bytes of the body.
    Truncate(usize),
    /// Half of the body, then silence for so long, then the rest.
    Stall(Duration),
    /// In forty pieces over 400 ms.
    Drip,
    /// Sixteen bytes fewer are announced than are sent, then the connection closes.
    WrongLength,
}

/// An answer.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
    pub(crate) delivery: Delivery,
}

impl Response {
    /// An answer with a body of some media type.
    pub(crate) fn new(status: u16, media: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", media.to_owned())],
            body: Body::Plain(body.into()),
            delivery: Delivery::Whole,
        }
    }

    /// A FHIR resource or Bundle.
    pub(crate) fn fhir(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/fhir+json; charset=utf-8", body)
    }

    /// Plain JSON, never to be stored: OAuth's answers.
    pub(crate) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status, "application/json", value.to_string())
            .with("Cache-Control", "no-store")
            .with("Pragma", "no-cache")
    }

    /// A page for people.
    pub(crate) fn html(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "text/html; charset=utf-8", body).with("Cache-Control", "no-store")
    }

    /// A redirect without a body.
    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Plain(Vec::new()),
            delivery: Delivery::Whole,
        }
        .with("Location", location)
        .with("Cache-Control", "no-store")
    }

    /// One more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same answer with another value of a header.
    pub(crate) fn replace_header(&mut self, name: &'static str, value: &str) {
        self.headers.retain(|(key, _)| *key != name);
        self.headers.push((name, value.to_owned()));
    }

    /// Changes a plain body.
    pub(crate) fn edit(&mut self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        if let Body::Plain(body) = &mut self.body {
            *body = change(std::mem::take(body));
        }
    }

    /// Compresses a plain body that is worth it.
    pub(crate) fn compress(&mut self) {
        let Body::Plain(body) = &mut self.body else { return };
        if body.len() < GZIP_FROM || self.headers.iter().any(|(key, _)| *key == "Content-Encoding")
        {
            return;
        }
        let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
        if encoder.write_all(body).is_ok()
            && let Ok(packed) = encoder.finish()
        {
            *body = packed;
            self.headers.push(("Content-Encoding", "gzip".to_owned()));
            self.headers.push(("Vary", "Accept-Encoding".to_owned()));
        }
    }
}
