//! One request, read whole: head and body are small and come from loopback.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const LINE_LIMIT: usize = 64 * 1024;
const HEADER_LIMIT: usize = 200;
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// A request as it arrived. Header names are lower case.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) keep_alive: bool,
}

impl Request {
    /// The path, still percent-encoded.
    pub(crate) fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// The query without its question mark, still percent-encoded.
    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The first header of that name, which is given in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The pairs of a form body; empty when it is none.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        form_pairs(std::str::from_utf8(&self.body).unwrap_or_default())
    }

    /// Reads the next request of a connection; `None` when the peer has closed it.
    pub(crate) async fn read<S>(stream: &mut S) -> io::Result<Option<Self>>
    where
        S: AsyncBufRead + AsyncWrite + Unpin,
    {
        let Some(first) = line(stream).await? else { return Ok(None) };
        let mut words = first.split(' ');
        let (Some(method), Some(target), Some(version)) =
            (words.next(), words.next(), words.next())
        else {
            return Err(invalid("request line"));
        };
        let mut request = Self {
            method: method.to_owned(),
            target: origin_form(target).to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            keep_alive: version == "HTTP/1.1",
        };
        loop {
            let text = line(stream).await?.ok_or_else(|| invalid("head"))?;
            if text.is_empty() {
                break;
            }
            let (name, value) = text.split_once(':').ok_or_else(|| invalid("header"))?;
            request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            if request.headers.len() > HEADER_LIMIT {
                return Err(invalid("too many headers"));
            }
        }
        if let Some(connection) = request.header("connection") {
            request.keep_alive = !connection.eq_ignore_ascii_case("close");
        }
        if request.header("expect").is_some_and(|it| it.eq_ignore_ascii_case("100-continue")) {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
            stream.flush().await?;
        }
        request.body = if request.header("transfer-encoding").is_some() {
            chunked(stream).await?
        } else {
            let length = request.header("content-length").map_or(Ok(0), str::parse::<usize>);
            exactly(stream, length.map_err(|_| invalid("content length"))?).await?
        };
        Ok(Some(request))
    }
}

/// The pairs of a query or form, decoded (`+` is a space, as servers read it).
pub(crate) fn form_pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// A query value with everything but unreserved characters encoded.
pub(crate) fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a String does not fail");
        }
    }
    out
}

/// A proxy's absolute form names an origin before the path.
fn origin_form(target: &str) -> &str {
    let Some((_, rest)) = target.split_once("://").filter(|_| !target.starts_with('/')) else {
        return target;
    };
    rest.find('/').map_or("/", |at| &rest[at..])
}

async fn line<S: AsyncBufRead + Unpin>(stream: &mut S) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(LINE_LIMIT).unwrap_or(u64::MAX);
    let count = (&mut *stream).take(limit).read_until(b'\n', &mut bytes).await?;
    if count == 0 {
        return Ok(None);
    }
    if bytes.pop() != Some(b'\n') {
        return Err(invalid("line"));
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    String::from_utf8(bytes).map(Some).map_err(|_| invalid("text"))
}

async fn exactly<S: AsyncBufRead + Unpin>(stream: &mut S, length: usize) -> io::Result<Vec<u8>> {
    if length > BODY_LIMIT {
        return Err(invalid("body too long"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(body)
}

async fn chunked<S: AsyncBufRead + Unpin>(stream: &mut S) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(stream).await?.ok_or_else(|| invalid("chunk"))?;
        let digits = size.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16).map_err(|_| invalid("chunk size"))?;
        if size == 0 {
            while line(stream).await?.is_some_and(|trailer| !trailer.is_empty()) {}
            return Ok(body);
        }
        if body.len().saturating_add(size) > BODY_LIMIT {
            return Err(invalid("body too long"));
        }
        body.extend_from_slice(&exactly(stream, size).await?);
        line(stream).await?;
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_values_survive_a_round_trip() {
        let encoded = percent_encode("a+b/c= d&é");
        assert_eq!(encoded, "a%2Bb%2Fc%3D%20d%26%C3%A9");
        assert_eq!(form_pairs(&format!("ct={encoded}")), [("ct".into(), "a+b/c= d&é".into())]);
    }

    #[test]
    fn absolute_targets_lose_their_origin() {
        assert_eq!(origin_form("http://127.0.0.1:1/a?b=http://c/d"), "/a?b=http://c/d");
        assert_eq!(origin_form("/a?b=http://c/d"), "/a?b=http://c/d");
        assert_eq!(origin_form("http://127.0.0.1:1"), "/");
    }
}
