//! What the index says of a row, derived again from its body: for a rebuild, and for a check.

use std::collections::HashMap;

use super::read::identity_of;
use super::state::State;
use crate::Error;
use crate::fhir::Tape;
use crate::index::{Extractor, KeySink, References, key};
use crate::source::ConnectionId;
use crate::storage::bundles;
use crate::storage::rows::{Row, RowRecord};
use crate::text::Texts;

const DAMAGED: Error = Error::Inconsistent("bodies");

/// A row read in full.
pub(super) struct Derived {
    pub(super) record: RowRecord,
    /// Content hash of the body, to be compared with the record's.
    pub(super) hash: [u8; 16],
    pub(super) length: usize,
    pub(super) texts: Texts,
}

/// Derives rows one after another; keeps the targets of the Bundle it is in.
pub(super) struct Deriver<'a> {
    state: &'a State,
    extractor: &'a Extractor,
    bundle: u32,
    targets: HashMap<String, (String, String)>,
}

struct Each<F>(F);

impl<F: FnMut(&[u8])> KeySink for Each<F> {
    fn key(&mut self, key: &[u8]) {
        (self.0)(key);
    }
}

impl<'a> Deriver<'a> {
    pub(super) fn new(state: &'a State, extractor: &'a Extractor) -> Self {
        Self { state, extractor, bundle: 0, targets: HashMap::new() }
    }

    /// Calls `each` with every posting key of `row`, some perhaps more than once.
    pub(super) fn derive(
        &mut self,
        row: Row,
        mut each: impl FnMut(&[u8]),
    ) -> Result<Derived, Error> {
        let record = self.state.record(row)?;
        if record.bundle != self.bundle {
            self.targets = self.targets_of(record.bundle)?;
            self.bundle = record.bundle;
        }
        let body = self.state.body(row)?;
        let tape = Tape::parse(&body).map_err(|_| DAMAGED)?;
        let (resource_type, id) = identity_of(tape.root(), &record)?;
        let mut system = Vec::with_capacity(64);
        key::identity(&mut system, &resource_type, &id, record.connection);
        each(&system);
        key::of_every_row(&mut system, &resource_type, record.connection, &mut each);
        let connection = ConnectionId(record.connection);
        let bases: Vec<String> = self
            .state
            .connections
            .iter()
            .find(|c| c.id == connection)
            .and_then(|c| c.base.clone())
            .into_iter()
            .collect();
        let resolve =
            |urn: &str| self.targets.get(urn).map(|(kind, id)| (kind.as_str(), id.as_str()));
        let refs = References { connection: record.connection, bases: &bases, resolve: &resolve };
        self.extractor.extract(&resource_type, tape.root(), &refs, &mut Each(each));
        Ok(Derived {
            record,
            hash: crate::fhir::content_hash(tape.root()),
            length: body.len(),
            texts: Texts::of(tape.root()),
        })
    }

    fn targets_of(&self, bundle: u32) -> Result<HashMap<String, (String, String)>, Error> {
        let mut targets = HashMap::new();
        if bundle == 0 {
            return Ok(targets);
        }
        for alias in bundles::get(&self.state.tables, bundle)? {
            let record = self.state.record(alias.row)?;
            let body = self.state.body(alias.row)?;
            let tape = Tape::parse(&body).map_err(|_| DAMAGED)?;
            let (resource_type, id) = identity_of(tape.root(), &record)?;
            let full_url = alias.full_url.unwrap_or_else(|| format!("urn:uuid:{id}"));
            targets.insert(full_url, (resource_type, id));
        }
        Ok(targets)
    }
}
