//! Carries out faults: answers instead of the payer, or spoils the payer's answer.

use flate2::{Compress, Compression, FlushCompress};

use crate::fault::FaultKind;
use crate::fhir::outcome::{failure, unauthorized};
use crate::http::{Body, Delivery, Response};

/// What a bomb unfolds to.
const BOMB: u64 = 1024 * 1024 * 1024;
const MEBIBYTE: usize = 1024 * 1024;

/// The answer of a fault that keeps the request from being processed.
pub(crate) fn instead(fault: &FaultKind) -> Option<Response> {
    let status = |status: u16| {
        let code = if status == 429 { "throttled" } else { "transient" };
        failure(status, code, "The sandbox was told to fail here.")
    };
    Some(match fault {
        FaultKind::Status(code) => status(*code),
        FaultKind::RetryAfter { status: code, seconds } => {
            status(*code).with("Retry-After", seconds.to_string())
        }
        FaultKind::RetryAfterDate { status: code, date } => {
            status(*code).with("Retry-After", date.as_str())
        }
        FaultKind::Reset => {
            let mut response = Response::new(500, "text/plain", "");
            response.delivery = Delivery::Reset;
            response
        }
        FaultKind::ExpiredToken => unauthorized("The token has expired."),
        FaultKind::CursorGone(code) => {
            failure(*code, "not-found", "The continuation token is not known any more.")
        }
        FaultKind::Html200 => {
            Response::html(200, "<!DOCTYPE html><title>Maintenance</title><p>Back soon.\n")
        }
        FaultKind::Redirect(code, location) => Response::redirect(*code, location),
        _ => return None,
    })
}

/// The payer's answer, spoilt.
pub(crate) fn after(mut response: Response, fault: &FaultKind) -> Response {
    match fault {
        FaultKind::LoseResponse => response.delivery = Delivery::Reset,
        FaultKind::Truncate(after) => response.delivery = Delivery::Truncate(*after),
        FaultKind::Stall(pause) => response.delivery = Delivery::Stall(*pause),
        FaultKind::SlowDrip => response.delivery = Delivery::Drip,
        FaultKind::WrongLength => response.delivery = Delivery::WrongLength,
        FaultKind::EmptyBody200 => {
            response.status = 200;
            response.edit(|_| Vec::new());
        }
        FaultKind::Bom => response.edit(|body| [b"\xEF\xBB\xBF".as_slice(), &body].concat()),
        FaultKind::WrongContentType => response.replace_header("Content-Type", "text/plain"),
        FaultKind::BadJson => response.edit(|mut body| {
            body.truncate(body.len() * 2 / 3);
            body
        }),
        FaultKind::HugeBody(bytes) => response.body = huge(*bytes),
        FaultKind::GzipBomb => {
            response.body = bomb();
            response.headers.push(("Content-Encoding", "gzip".to_owned()));
        }
        _ => {}
    }
    response
}

/// A valid Bundle with so many bytes of padding.
fn huge(bytes: u64) -> Body {
    let megabyte = u64::try_from(MEBIBYTE).unwrap_or(u64::MAX);
    let (piece, times) = if bytes < megabyte {
        (usize::try_from(bytes).unwrap_or(MEBIBYTE), 1)
    } else {
        (MEBIBYTE, bytes.div_ceil(megabyte))
    };
    Body::Repeated {
        head: br#"{"resourceType":"Bundle","type":"searchset","id":""#.to_vec(),
        middle: vec![b'x'; piece],
        times,
        tail: b"\"}".to_vec(),
    }
}

/// One gzip member of spaces. A block that ends in a full flush refers to nothing before it, so it
/// can stand in the stream as often as wanted. The checksum at the end is wrong: whoever gets there
/// has unfolded everything already.
fn bomb() -> Body {
    let mut block = Vec::with_capacity(MEBIBYTE / 64);
    Compress::new(Compression::best(), false)
        .compress_vec(&vec![b' '; MEBIBYTE], &mut block, FlushCompress::Full)
        .expect("compressing memory into memory does not fail");
    let head = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    Body::Repeated {
        head,
        middle: block,
        times: BOMB / u64::try_from(MEBIBYTE).unwrap_or(u64::MAX),
        tail: vec![3, 0, 0, 0, 0, 0, 0, 0, 0, 0x40],
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_bomb_unfolds() {
        let Body::Repeated { mut head, middle, times, .. } = bomb() else { panic!() };
        assert_eq!(times, 1024);
        assert!(middle.len() < 4096, "{}", middle.len());
        for _ in 0..3 {
            head.extend_from_slice(&middle);
        }
        let mut out = Vec::new();
        // The end is missing here, so only the content counts.
        drop(flate2::read::GzDecoder::new(head.as_slice()).read_to_end(&mut out));
        assert_eq!(out.len(), 3 * MEBIBYTE);
    }
}
