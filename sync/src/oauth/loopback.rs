//! The listener that a desktop's browser comes back to: 127.0.0.1, one request to `/callback`, one neutral
//! page, and it is closed. Whether the callback is right is not for it to judge.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::error::{AuthorizationFault, SyncError};

const PATH: &str = "/callback";
/// Longest head of a request; codes of some servers have thousands of characters.
const MAX_HEAD: usize = 64 << 10;
/// Time for one request; a browser opens connections that it may never use.
const PATIENCE: Duration = Duration::from_secs(20);
const MAX_OPEN: usize = 16;

const PAGE: &str = "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Done</title>\
    <p>You can close this window.</p></html>";

/// Waits on this machine for the browser to come back.
#[derive(Debug)]
pub struct LoopbackListener {
    listener: TcpListener,
    port: u16,
}

impl LoopbackListener {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    ///
    /// # Errors
    /// [`SyncError::Listen`]: the port is taken.
    pub async fn bind(port: u16) -> Result<Self, SyncError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|e| SyncError::Listen(e.kind()))?;
        let port = listener.local_addr().map_err(|e| SyncError::Listen(e.kind()))?.port();
        Ok(Self { listener, port })
    }

    /// `http://127.0.0.1:PORT/callback`, the address to send the browser back to.
    pub fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// The address that the browser came back with; the listener is closed then. Requests to other
    /// addresses, such as for an icon, get 404.
    ///
    /// # Errors
    /// [`AuthorizationFault::Expired`] when nobody came in time; [`SyncError::Listen`].
    pub async fn callback(self, within: Duration) -> Result<String, SyncError> {
        match tokio::time::timeout(within, self.wait()).await {
            Ok(callback) => callback,
            Err(_) => Err(AuthorizationFault::Expired.into()),
        }
    }

    async fn wait(self) -> Result<String, SyncError> {
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if open.len() < MAX_OPEN => {
                    let (stream, _) = accepted.map_err(|e| SyncError::Listen(e.kind()))?;
                    open.spawn(tokio::time::timeout(PATIENCE, answer(stream)));
                }
                Some(served) = open.join_next() => {
                    if let Ok(Ok(Some(query))) = served {
                        return Ok(format!("{}?{query}", self.redirect_uri()));
                    }
                }
            }
        }
    }
}

/// Answers one request; its query, if it is the callback.
async fn answer(mut stream: TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.ok()?;
        if read == 0 || head.len() + read > MAX_HEAD {
            return None;
        }
        head.extend_from_slice(&piece[..read]);
    }
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (status, page, query) = match (method, path, query) {
        (_, path, _) if path != PATH => ("404 Not Found", "", None),
        ("GET", _, "") => ("400 Bad Request", "", None),
        ("GET", _, query) => ("200 OK", PAGE, Some(query.to_owned())),
        _ => ("405 Method Not Allowed", "", None),
    };
    let reply = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\ncontent-security-policy: default-src 'none'\r\n\
         referrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n{page}",
        page.len()
    );
    // A browser that is gone before it reads its page has been here all the same.
    if stream.write_all(reply.as_bytes()).await.is_ok() {
        let _ = stream.shutdown().await;
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        reply
    }

    #[tokio::test]
    async fn one_callback_is_answered_and_the_rest_is_not() {
        let listener = LoopbackListener::bind(0).await.unwrap();
        let port = listener.port;
        let redirect = listener.redirect_uri();
        assert_eq!(redirect, format!("http://127.0.0.1:{port}/callback"));
        let waiting = tokio::spawn(listener.callback(Duration::from_secs(10)));
        let silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        for (request, status) in [
            ("GET /favicon.ico HTTP/1.1\r\n\r\n", "404"),
            ("GET /callback/x?code=a HTTP/1.1\r\n\r\n", "404"),
            ("GET / HTTP/1.1\r\n\r\n", "404"),
            ("GET /callback HTTP/1.1\r\n\r\n", "400"),
            ("POST /callback?code=a HTTP/1.1\r\n\r\n", "405"),
        ] {
            let reply = ask(port, request).await;
            assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{request}");
        }
        let reply = ask(port, "GET /callback?code=a&state=b HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(reply.contains("no-store") && reply.contains("You can close this window"));
        assert!(!reply.contains("code=") && !reply.contains("<script"));
        assert_eq!(waiting.await.unwrap().unwrap(), format!("{redirect}?code=a&state=b"));
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err());
        drop(silent);
    }

    #[tokio::test]
    async fn nobody_comes() {
        let listener = LoopbackListener::bind(0).await.unwrap();
        let taken = LoopbackListener::bind(listener.port).await.unwrap_err();
        assert_eq!(taken.code(), "login.listen");
        let nobody = listener.callback(Duration::from_millis(20)).await.unwrap_err();
        assert_eq!(nobody, AuthorizationFault::Expired.into());
    }
}
