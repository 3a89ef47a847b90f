//! One resource on its way to a row: who it is, what it is indexed under, what it replaces.

use crate::Error;
use crate::fhir::{self, JsonFault, Node};
use crate::index::KeySink;
use crate::storage::bodies::Content;
use crate::storage::changes::ChangeKind;
use crate::storage::codec::{Reader, put_bytes};
use crate::storage::large::LargeBody;
use crate::storage::quarantine::QuarantineReason;
use crate::storage::rows::{Row, RowRecord};
use crate::text::Texts;

/// The version before: none, a stored row, or an earlier item of the same batch.
#[derive(Debug, Clone, Copy)]
pub(super) enum Previous {
    None,
    Row(Row),
    Item(usize),
}

/// A row to be.
pub(super) struct Item {
    pub(super) identity: Vec<u8>,
    pub(super) resource_type: String,
    pub(super) record: RowRecord,
    pub(super) body: ItemBody,
    /// Posting keys, each behind its length.
    pub(super) keys: Vec<u8>,
    pub(super) texts: Texts,
    pub(super) previous: Previous,
    pub(super) kind: ChangeKind,
}

/// The exact bytes, in memory or set aside.
pub(super) enum ItemBody {
    Plain(Vec<u8>),
    Large(LargeBody),
}

impl ItemBody {
    /// As it goes into a frame.
    pub(super) fn content(&self) -> Content<'_> {
        match self {
            Self::Plain(bytes) => Content::Plain(bytes),
            Self::Large(body) => Content::Apart(body.apart),
        }
    }

    /// Bytes in memory.
    pub(super) fn held(&self) -> usize {
        self.content().plain().map_or(0, <[u8]>::len)
    }
}

impl Item {
    /// Calls `each` with every posting key.
    pub(super) fn keys(&self, mut each: impl FnMut(&[u8])) -> Result<(), Error> {
        let mut reader = Reader::new(&self.keys, "postings");
        while !reader.is_empty() {
            each(reader.bytes()?);
        }
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct Keys(pub(super) Vec<u8>);

impl KeySink for Keys {
    fn key(&mut self, key: &[u8]) {
        put_bytes(&mut self.0, key);
    }
}

/// Type and id of a resource; without an id of its own, one made of its content hash.
pub(super) struct Identity {
    pub(super) resource_type: String,
    pub(super) id: String,
    pub(super) hash: [u8; 16],
    pub(super) without_id: bool,
}

/// Reads the identity of a resource; `None` when it is not one.
pub(super) fn identify(root: Node<'_>) -> Option<Identity> {
    let resource_type = root.get("resourceType")?.str()?;
    let plausible = resource_type.len() <= 64
        && resource_type.starts_with(|c: char| c.is_ascii_uppercase())
        && resource_type.bytes().all(|b| b.is_ascii_alphanumeric());
    if !plausible {
        return None;
    }
    let hash = fhir::content_hash(root);
    let own = root.get("id").and_then(|id| id.str()).filter(|id| !id.is_empty());
    Some(Identity {
        resource_type: resource_type.into_owned(),
        without_id: own.is_none(),
        id: own.map_or_else(|| local_id(&hash), std::borrow::Cow::into_owned),
        hash,
    })
}

/// The id of a resource that has none.
pub(super) fn local_id(hash: &[u8; 16]) -> String {
    use std::fmt::Write;
    hash.iter().fold(String::from("x-"), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// Why bytes that have no tape are kept apart.
pub(super) fn reason(fault: JsonFault) -> QuarantineReason {
    match fault {
        JsonFault::DuplicateKey => QuarantineReason::DuplicateKey,
        JsonFault::TooDeep => QuarantineReason::TooDeep,
        JsonFault::TooLarge => QuarantineReason::TooLarge,
        _ => QuarantineReason::NotJson,
    }
}

/// Whether the source says that this version corrects an earlier one.
pub(super) fn is_correction(root: Node<'_>) -> bool {
    root.get("status").is_some_and(|s| {
        ["corrected", "amended", "entered-in-error"].iter().any(|word| s.is_str(word))
    })
}
