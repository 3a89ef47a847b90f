//! What the suites and the bench need beyond the public API. Not part of it.

use std::sync::Arc;

use crate::fhir::{Tape, Zone};
use crate::index::key;
use crate::index::{Extractor, KeySink, Numbers, References, params};
use crate::text::Texts;
use crate::{Error, Vault};

/// One value that a search parameter takes from a resource, as the vault indexes it.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexValue {
    /// Code of the parameter.
    pub parameter: &'static str,
    /// The posting key behind the parameter's number.
    pub key: Vec<u8>,
    /// `token`, `string`, `date`, `number`, `quantity`, `canonical`, `local`, `foreign`, `uri`, `composite`,
    /// `presence`.
    pub kind: &'static str,
}

struct Values(Vec<IndexValue>, Vec<&'static str>);

impl KeySink for Values {
    fn key(&mut self, key: &[u8]) {
        let Some((number, payload)) = key.split_first_chunk::<2>() else { return };
        let place = usize::from(u16::from_be_bytes(*number)).checked_sub(64);
        let Some(parameter) = place.and_then(|place| self.1.get(place)) else { return };
        let kind = match payload.first() {
            Some(&key::tag::TOKEN) => "token",
            Some(&key::tag::STRING) => "string",
            Some(&key::tag::DATE) => "date",
            Some(&key::tag::NUMBER) => "number",
            Some(&key::tag::QUANTITY) => "quantity",
            Some(&key::tag::CANONICAL) => "canonical",
            Some(&key::tag::LOCAL) => "local",
            Some(&key::tag::FOREIGN) => "foreign",
            Some(&key::tag::URI) => "uri",
            Some(&key::tag::COMPOSITE) => "composite",
            _ => "presence",
        };
        self.0.push(IndexValue { parameter, key: payload.to_vec(), kind });
    }
}

/// All values that the vault indexes of a resource, presences too.
///
/// # Errors
/// When the bytes are no resource.
pub fn index_values(bytes: &[u8]) -> Result<Vec<IndexValue>, Error> {
    let tape = Tape::parse(bytes).map_err(|_| Error::Inconsistent("not JSON"))?;
    let root = tape.root();
    let kind = root.get("resourceType").and_then(|t| t.str()).unwrap_or_default();
    let extractor = Extractor::new(Zone::UTC, Arc::new(Numbers::built_in()));
    let refs = References { connection: 1, bases: &[], resolve: &|_| None };
    let mut values = Values(Vec::new(), params::codes());
    extractor.extract(&kind, root, &refs, &mut values);
    Ok(values.0)
}

/// The texts that the vault indexes of a resource, titles and bodies.
///
/// # Errors
/// When the bytes are no resource.
pub fn texts(bytes: &[u8]) -> Result<Vec<String>, Error> {
    let tape = Tape::parse(bytes).map_err(|_| Error::Inconsistent("not JSON"))?;
    Ok(Texts::of(tape.root()).parts().map(|(_, text)| text.to_owned()).collect())
}

/// Bytes read from and written to the file since it was opened.
pub fn traffic(vault: &Vault) -> (u64, u64) {
    vault.traffic()
}

/// Makes the recent tier a segment of the file now.
///
/// # Errors
/// Those of a write.
pub fn flush(vault: &Vault) -> Result<(), Error> {
    vault.flush()
}
