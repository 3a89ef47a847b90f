//! Continuation tokens, opaque like Microsoft's: version digit and base64 of deflated JSON, always
//! with a plus sign, a slash and an equals sign in it, so that careless re-encoding breaks them.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The phase of a page.
pub(crate) const PATIENT: u8 = 0;
pub(crate) const COMPARTMENT: u8 = 2;
pub(crate) const DEVICES: u8 = 3;

/// A place in a stream of pages: `phase` of the operation, and the last resource delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Position {
    #[serde(rename = "p")]
    pub(crate) phase: u8,
    #[serde(rename = "a")]
    pub(crate) after: u64,
}

/// Where the next page starts, and where the page before it started.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Cursor {
    pub(crate) at: Position,
    pub(crate) before: Position,
    /// Makes tokens for the same place differ.
    turn: u32,
}

impl Cursor {
    pub(crate) fn new(at: Position, before: Position) -> Self {
        Self { at, before, turn: 0 }
    }

    /// A cursor to the same place that does not look the same.
    pub(crate) fn renewed(self) -> Self {
        Self { turn: self.turn + 1, ..self }
    }

    pub(crate) fn encode(self) -> String {
        for salt in 0u32.. {
            let json = serde_json::json!([self, salt, "chartkeep-sandbox"]).to_string();
            let mut encoder =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            let packed = encoder
                .write_all(json.as_bytes())
                .and_then(|()| encoder.finish())
                .expect("writing to memory does not fail");
            let text = STANDARD.encode(packed);
            if ['+', '/', '='].into_iter().all(|sign| text.contains(sign)) {
                return format!("1{text}");
            }
        }
        unreachable!("one of four billion salts gives all three signs")
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        let packed = STANDARD.decode(text.strip_prefix('1')?).ok()?;
        let mut json = Vec::new();
        flate2::read::DeflateDecoder::new(packed.as_slice())
            .take(4096)
            .read_to_end(&mut json)
            .ok()?;
        let (cursor, _, _): (Self, u32, String) = serde_json::from_slice(&json).ok()?;
        Some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_carry_the_three_signs_and_round_trip() {
        for after in [0, 1, 77, 22_782, u64::MAX] {
            let cursor = Cursor::new(Position { phase: COMPARTMENT, after }, Position::default());
            let text = cursor.encode();
            assert!(['+', '/', '='].into_iter().all(|sign| text.contains(sign)), "{text}");
            assert_eq!(Cursor::decode(&text), Some(cursor));
            assert_eq!(Cursor::decode(&text.replace('+', " ")), None);
            assert_ne!(cursor.renewed().encode(), text);
        }
        assert_eq!(Cursor::decode("nonsense"), None);
    }
}
