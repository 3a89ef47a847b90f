//! The person's browser, for programs: agrees at a sandbox of another process.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use url::{Host, Url};

const WITHIN: Duration = Duration::from_secs(10);

/// Agrees to the request of this authorization URL, and returns the callback URL without asking it.
/// `None` when it is no sandbox's that is running on this machine, or when the sandbox does not say yes.
pub fn approve(authorize_url: &str) -> Option<String> {
    let asked = Url::parse(authorize_url).ok()?;
    let mut about = asked.clone();
    about.set_path("/_sandbox");
    about.set_query(None);
    let answer = get(&about)?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let about: Value = serde_json::from_str(body).ok()?;
    let mut agree = Url::parse(about["authorize"].as_str()?).ok()?;
    agree.set_query(asked.query());
    let answer = get(&agree)?;
    let (head, _) = answer.split_once("\r\n\r\n")?;
    let location = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
    });
    location.filter(|_| head.starts_with("HTTP/1.1 302"))
}

/// A whole answer of a server on this machine.
fn get(url: &Url) -> Option<String> {
    let here = match url.host()? {
        Host::Ipv4(address) => address == Ipv4Addr::LOCALHOST,
        Host::Domain(name) => name == "localhost",
        Host::Ipv6(_) => false,
    };
    if url.scheme() != "http" || !here {
        return None;
    }
    let port = url.port()?;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(WITHIN)).ok()?;
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    String::from_utf8(answer).ok()
}
