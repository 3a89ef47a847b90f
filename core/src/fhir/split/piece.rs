//! One resource cut from an input, with what its Bundle says about it.

use super::{SplitError, reason};
use crate::fhir::json::{JsonFault, Kind, Tape, TapeBuffer};

/// The exact bytes of one resource, or of a value that stands where one should.
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// Offset of its first byte in the input.
    pub(crate) offset: u64,
    /// `Bundle.entry.fullUrl`.
    pub(crate) full_url: Option<String>,
    /// Running number of the envelope Bundle, from 1; 0 = none.
    pub(crate) bundle: u32,
    /// The envelope is a searchset.
    pub(crate) searchset: bool,
    /// `Bundle.entry.search.mode` is `outcome`.
    pub(crate) search_mode_outcome: bool,
}

/// Why a piece's bytes are kept apart, neither current nor indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quarantine {
    /// Valid JSON, but no object with a `resourceType`.
    NotAResource,
    TooDeep,
    DuplicateKey,
    NumberTooLong,
    TooLarge,
}

/// Why a piece has no tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceFault {
    /// Not JSON: the input ends here.
    Broken(SplitError),
    /// JSON that is not taken for a resource.
    Quarantine(Quarantine),
}

impl Piece {
    pub(super) fn new(bytes: &[u8], offset: u64) -> Self {
        Self {
            bytes: bytes.to_vec(),
            offset,
            full_url: None,
            bundle: 0,
            searchset: false,
            search_mode_outcome: false,
        }
    }

    /// Checks the bytes and reads them as a resource.
    pub(crate) fn read<'a>(&'a self, buffer: &mut TapeBuffer) -> Result<Tape<'a>, PieceFault> {
        let tape = Tape::parse_into(&self.bytes, buffer).map_err(|error| {
            PieceFault::Quarantine(match error.kind {
                JsonFault::TooDeep => Quarantine::TooDeep,
                JsonFault::DuplicateKey => Quarantine::DuplicateKey,
                JsonFault::NumberTooLong => Quarantine::NumberTooLong,
                JsonFault::TooLarge => Quarantine::TooLarge,
                fault @ (JsonFault::Syntax | JsonFault::NotUtf8 | JsonFault::Trailing) => {
                    return PieceFault::Broken(SplitError {
                        offset: self.offset + error.offset as u64,
                        reason: reason(fault),
                        io: None,
                    });
                }
            })
        })?;
        let root = tape.root();
        let named = root.kind() == Kind::Object
            && root.get("resourceType").and_then(|n| n.str()).is_some_and(|t| is_type_name(&t));
        if named {
            Ok(tape)
        } else {
            tape.recycle(buffer);
            Err(PieceFault::Quarantine(Quarantine::NotAResource))
        }
    }
}

/// Whether a text has the form of a resource type's name.
fn is_type_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphabetic())
}
