//! The Binary resource that raw content stands for, written in pieces (R4 Binary: the raw content and the
//! resource are two representations of the same).

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Writes `{"resourceType":"Binary","id":…,"contentType":…,"data":…}`, and its content hash.
pub(crate) struct BinaryWriter {
    hash: Context,
    /// Bytes that make no group of three yet.
    odd: Vec<u8>,
    id: String,
}

impl BinaryWriter {
    /// Begins the resource in `out`. `id` and `content_type` must need no escapes in JSON.
    pub(crate) fn begin(id: &str, content_type: &str, out: &mut Vec<u8>) -> Self {
        out.extend_from_slice(head(id, content_type).as_bytes());
        out.extend_from_slice(br#","data":""#);
        let mut hash = Context::new(&SHA256);
        // Members in the order of the canonical form.
        hash.update(format!(r#"{{"contentType":"{content_type}","data":""#).as_bytes());
        Self { hash, odd: Vec::with_capacity(3), id: id.to_owned() }
    }

    /// Appends the next piece of the content to `out`.
    pub(crate) fn piece(&mut self, mut raw: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        while !self.odd.is_empty() && !raw.is_empty() {
            self.odd.push(raw[0]);
            raw = &raw[1..];
            if self.odd.len() == 3 {
                out.extend_from_slice(STANDARD.encode(&self.odd).as_bytes());
                self.odd.clear();
            }
        }
        let (groups, odd) = raw.split_at(raw.len() / 3 * 3);
        out.extend_from_slice(STANDARD.encode(groups).as_bytes());
        self.odd.extend_from_slice(odd);
        self.hash.update(&out[start..]);
    }

    /// Ends the resource in `out`; returns its content hash.
    pub(crate) fn end(mut self, out: &mut Vec<u8>) -> [u8; 16] {
        let rest = STANDARD.encode(&self.odd);
        out.extend_from_slice(rest.as_bytes());
        out.extend_from_slice(br#""}"#);
        self.hash.update(rest.as_bytes());
        let id = &self.id;
        self.hash.update(format!(r#"","id":"{id}","resourceType":"Binary"}}"#).as_bytes());
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(self.hash.finish().as_ref()) {
            *to = *from;
        }
        short
    }
}

/// The resource as the indexes need it: `front` is as much of the content as is searched for text.
pub(crate) fn stand_in(id: &str, content_type: &str, front: &[u8]) -> String {
    let head = head(id, content_type);
    match front.is_empty() {
        true => format!("{head}}}"),
        false => format!(r#"{head},"data":"{}"}}"#, STANDARD.encode(front)),
    }
}

fn head(id: &str, content_type: &str) -> String {
    format!(r#"{{"resourceType":"Binary","id":"{id}","contentType":"{content_type}""#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::{Tape, base64, content_hash};

    #[test]
    fn pieces_of_any_length_make_the_same_resource() {
        let raw: Vec<u8> = (0..1_000u32).map(|i| (i * 37 % 251) as u8).collect();
        for (length, step) in [(0, 1), (1, 1), (2, 1), (3, 2), (1_000, 1), (1_000, 7), (999, 500)] {
            let mut out = Vec::new();
            let mut writer = BinaryWriter::begin("b-1", "application/pdf", &mut out);
            raw[..length].chunks(step).for_each(|piece| writer.piece(piece, &mut out));
            let hash = writer.end(&mut out);
            let tape = Tape::parse(&out).unwrap();
            let data = tape.root().get("data").and_then(|d| d.str()).unwrap();
            assert_eq!(base64(&data).unwrap(), raw[..length]);
            assert_eq!(content_hash(tape.root()), hash);
        }
    }
}
