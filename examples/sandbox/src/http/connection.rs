//! Connections: accepts them, reads requests, writes answers the way their delivery says.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::{Body, Delivery, Handler, Request, Response};

/// Serves connections until the task is dropped.
pub(crate) async fn accept(listener: TcpListener, handler: Arc<dyn Handler>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let handler = Arc::clone(&handler);
                // A broken connection is the client's affair.
                tokio::spawn(async move { drop(connection(stream, handler.as_ref()).await) });
            }
            // Out of file descriptors: those in use will be given back.
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, handler: &dyn Handler) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufStream::new(stream);
    loop {
        let request = match Request::read(&mut stream).await {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let answer = Response::new(400, "text/plain", "not a request this server reads\n");
                return send(&mut stream, answer, false, handler, false).await.map(drop);
            }
            Err(error) => return Err(error),
        };
        let latency = handler.latency();
        if !latency.is_zero() {
            sleep(latency).await;
        }
        let response = handler.answer(&request);
        let head_only = request.method == "HEAD";
        if !send(&mut stream, response, head_only, handler, request.keep_alive).await? {
            return Ok(());
        }
    }
}

/// Whether the connection can take another request.
async fn send(
    stream: &mut BufStream<TcpStream>,
    response: Response,
    head_only: bool,
    handler: &dyn Handler,
    keep_alive: bool,
) -> io::Result<bool> {
    if response.delivery == Delivery::Reset {
        // Closing with a zero linger sends RST instead of FIN.
        stream.get_ref().set_zero_linger()?;
        return Ok(false);
    }
    let length = match &response.body {
        Body::Plain(body) => size(body.len()),
        Body::Repeated { head, middle, times, tail } => {
            size(head.len()) + size(middle.len()) * times + size(tail.len())
        }
    };
    let announced = match response.delivery {
        Delivery::WrongLength => length.saturating_sub(16),
        _ => length,
    };
    let keep_alive =
        keep_alive && !matches!(response.delivery, Delivery::Truncate(_) | Delivery::WrongLength);
    stream.write_all(head(&response, announced, keep_alive, &handler.date()).as_bytes()).await?;
    if !head_only {
        body(stream, response).await?;
    }
    stream.flush().await?;
    if !keep_alive {
        stream.shutdown().await?;
    }
    Ok(keep_alive)
}

fn head(response: &Response, length: u64, keep_alive: bool, date: &str) -> String {
    use std::fmt::Write as _;
    let mut head = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        // A line break in a value would let it write headers of its own.
        let value: String = value.chars().filter(|char| !char.is_control()).collect();
        write!(head, "{name}: {value}\r\n").expect("writing to a String does not fail");
    }
    if response.status != 204 && response.status != 304 {
        write!(head, "Content-Length: {length}\r\n").expect("writing to a String does not fail");
    }
    let connection = if keep_alive { "keep-alive" } else { "close" };
    write!(head, "Date: {date}\r\nConnection: {connection}\r\n\r\n")
        .expect("writing to a String does not fail");
    head
}

async fn body(stream: &mut BufStream<TcpStream>, response: Response) -> io::Result<()> {
    let bytes = match response.body {
        Body::Plain(bytes) => bytes,
        Body::Repeated { head, middle, times, tail } => {
            stream.write_all(&head).await?;
            for _ in 0..times {
                stream.write_all(&middle).await?;
            }
            return stream.write_all(&tail).await;
        }
    };
    match response.delivery {
        Delivery::Whole | Delivery::WrongLength | Delivery::Reset => stream.write_all(&bytes).await,
        Delivery::Truncate(after) => stream.write_all(&bytes[..after.min(bytes.len())]).await,
        Delivery::Stall(pause) => {
            let (first, second) = bytes.split_at(bytes.len() / 2);
            stream.write_all(first).await?;
            stream.flush().await?;
            sleep(pause).await;
            stream.write_all(second).await
        }
        Delivery::Drip => {
            for piece in bytes.chunks(bytes.len().div_ceil(40).max(1)) {
                stream.write_all(piece).await?;
                stream.flush().await?;
                sleep(Duration::from_millis(10)).await;
            }
            Ok(())
        }
    }
}

fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        421 => "Misdirected Request",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Other",
    }
}
