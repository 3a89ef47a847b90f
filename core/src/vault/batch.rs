//! Resources on their way in: each is parsed, compared with what is current, and turned into a row with
//! its postings and texts. A batch decides everything; committing it is dull.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::intake::{Arrival, Intake, Raw, Resolve};
use super::item::{Identity, Item, ItemBody, Keys, Previous, identify, is_correction};
use super::report::ImportReport;
use super::state::State;
use crate::Error;
use crate::fhir::{Node, Tape};
use crate::index::{References, key};
use crate::seal::sha256;
use crate::storage::changes::ChangeKind;
use crate::storage::large::{LARGE_BODY, LargeBody};
use crate::storage::quarantine::{self, QuarantineReason, Quarantined};
use crate::storage::rows::{self, NO_ROW, Row, RowRecord};
use crate::storage::seen::{self, Seen};
use crate::text::Texts;

/// What a `urn:` fullUrl stands for, before rows are numbered. `None` as text: `urn:uuid:` and the id.
pub(super) struct PendingAlias {
    pub(super) bundle: u32,
    pub(super) target: Previous,
    pub(super) full_url: Option<String>,
}

/// What one commit will add.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) items: Vec<Item>,
    pub(super) quarantined: Vec<Quarantined>,
    pub(super) seen: BTreeMap<Row, Seen>,
    /// What the `urn:` fullUrls of Bundles stand for. Kept until their Bundle brings a row: a Bundle that
    /// changes nothing leaves nothing.
    pub(super) aliases: Vec<PendingAlias>,
    /// Bundles that brought a row, and need their aliases when the index is built again.
    pub(super) filled: BTreeSet<u32>,
    /// Rows that are no longer at their source, and such that are there again.
    pub(super) gone: BTreeSet<Row>,
    pub(super) back: BTreeSet<Row>,
    /// Numbers the commits made of this batch.
    pub(super) part: u32,
    pub(super) report: ImportReport,
    /// Bytes of bodies that `items` hold in memory.
    pub(super) bytes: usize,
    /// The newest item of an identity.
    latest: HashMap<Vec<u8>, usize>,
    /// Content that was current once and came again while other content is current: a real step back, or
    /// an old file read again. What else arrives for the identity decides; see `settle`.
    reverts: HashMap<Vec<u8>, Item>,
    /// Connection and hash of everything in quarantine, once it is needed.
    kept_apart: Option<HashSet<(u32, [u8; 32])>>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
            && self.quarantined.is_empty()
            && self.seen.is_empty()
            && self.gone.is_empty()
            && self.back.is_empty()
    }

    /// Takes one resource. What is no resource is kept apart.
    pub(super) fn put<'a>(
        &mut self,
        intake: &'a Intake<'_>,
        arrival: Arrival<'_>,
        tape: Result<&Tape<'_>, QuarantineReason>,
        resolve: &'a Resolve<'a>,
    ) -> Result<(), Error> {
        let found = tape.and_then(|tape| {
            let root = tape.root();
            identify(root).map(|found| (root, found)).ok_or(QuarantineReason::NotAResource)
        });
        match found {
            Ok((root, found)) => self.take(intake, arrival, root, found, None, resolve),
            Err(reason) => self.set_apart(intake, reason, arrival.bytes),
        }
    }

    /// Takes a Binary that came raw.
    pub(super) fn put_raw(
        &mut self,
        intake: &Intake<'_>,
        stand_in: &str,
        Raw { hash, body }: Raw,
    ) -> Result<(), Error> {
        const NONE: Error = Error::Inconsistent("binary");
        let tape = Tape::parse(stand_in.as_bytes()).map_err(|_| NONE)?;
        let found = Identity { hash, ..identify(tape.root()).ok_or(NONE)? };
        let arrival = Arrival { bytes: stand_in.as_bytes(), bundle: 0, urn: None };
        self.take(intake, arrival, tape.root(), found, Some(body), &|_| None)
    }

    /// `raw`: the body, where the arrival's bytes only stand for it.
    fn take<'a>(
        &mut self,
        intake: &'a Intake<'_>,
        arrival: Arrival<'_>,
        root: Node<'_>,
        found: Identity,
        raw: Option<LargeBody>,
        resolve: &'a Resolve<'a>,
    ) -> Result<(), Error> {
        let (state, connection) = (&*intake.state, intake.connection.0);
        let mut identity = Vec::with_capacity(64);
        key::identity(&mut identity, &found.resource_type, &found.id, connection);
        if found.without_id {
            self.report.without_id += 1;
        }

        let current = self.current(state, &identity)?;
        if let Some((_, hash)) = current
            && hash == found.hash
        {
            let bytes = raw.is_none().then_some(arrival.bytes);
            self.same(state, &identity, root, bytes, &found)?;
            return self.alias(state, &identity, arrival, &found.id);
        }
        let stored = match current {
            Some((Previous::Row(row), _)) => Some(row),
            _ => None,
        };
        let mut keys = Keys(Vec::with_capacity(1_024));
        let refs = References { connection, bases: &intake.bases, resolve };
        intake.inner.extractor.extract(&found.resource_type, root, &refs, &mut keys);
        let mut flags = 0;
        if found.without_id {
            flags |= rows::WITHOUT_ID;
        }
        if is_correction(root) {
            flags |= rows::CORRECTED;
        }
        let length = match &raw {
            Some(body) => body.apart.plain,
            None => u32::try_from(arrival.bytes.len()).map_err(|_| Error::TooLarge)?,
        };
        let body = match raw {
            Some(body) => ItemBody::Large(body),
            None if arrival.bytes.len() > LARGE_BODY => {
                ItemBody::Large(LargeBody::of(arrival.bytes, intake.inner.db.spool()?)?)
            }
            None => ItemBody::Plain(arrival.bytes.to_vec()),
        };
        let item = Item {
            resource_type: found.resource_type,
            record: RowRecord {
                connection,
                hash: found.hash,
                received: intake.now(),
                previous: NO_ROW,
                version: 1,
                length,
                bundle: arrival.bundle,
                flags,
            },
            body,
            keys: keys.0,
            texts: Texts::of(root),
            previous: Previous::None,
            kind: ChangeKind::New,
            identity: identity.clone(),
        };
        if current.is_some() && self.was_current(state, &identity, &found.hash)? {
            if self.reverts.insert(identity.clone(), item).is_some() {
                self.report.same += 1;
            }
        } else {
            if let Some(step_back) = self.reverts.remove(&identity) {
                self.place(state, step_back, stored)?;
            }
            self.place(state, item, stored)?;
        }
        self.alias(state, &identity, arrival, &found.id)
    }

    /// Decides the contents that came again: what nothing newer followed is a real step back.
    pub(super) fn settle(&mut self, state: &State) -> Result<(), Error> {
        let mut waiting: Vec<Item> = self.reverts.drain().map(|(_, item)| item).collect();
        waiting.sort_by(|a, b| a.identity.cmp(&b.identity));
        for item in waiting {
            let stored = state.index.newest(&item.identity)?;
            self.place(state, item, stored)?;
        }
        Ok(())
    }

    /// Forgets what was committed; counts and undecided contents stay. `rows`: of each item.
    pub(super) fn committed(&mut self, rows: &[Row]) {
        let filled = std::mem::take(&mut self.filled);
        self.aliases.retain_mut(|alias| {
            if let Previous::Item(item) = alias.target {
                alias.target = Previous::Row(rows[item]);
            }
            !filled.contains(&alias.bundle)
        });
        self.items.clear();
        self.quarantined.clear();
        self.seen.clear();
        self.latest.clear();
        self.bytes = 0;
        self.part += 1;
    }

    /// `stored`: the current row of the item's identity in the vault.
    fn place(&mut self, state: &State, mut item: Item, stored: Option<Row>) -> Result<(), Error> {
        match self.latest.get(&item.identity) {
            Some(&before) => {
                item.previous = Previous::Item(before);
                item.record.version = self.items[before].record.version.saturating_add(1);
            }
            None => {
                if let Some(row) = stored {
                    item.previous = Previous::Row(row);
                    item.record.version = state.record(row)?.version.saturating_add(1);
                }
            }
        }
        item.kind = match item.previous {
            Previous::None => ChangeKind::New,
            _ if item.record.flags & rows::CORRECTED != 0 => ChangeKind::Corrected,
            _ => ChangeKind::Changed,
        };
        match item.kind {
            ChangeKind::New => self.report.new += 1,
            _ => self.report.changed += 1,
        }
        self.bytes += item.body.held();
        if item.record.bundle != 0 {
            self.filled.insert(item.record.bundle);
        }
        self.latest.insert(item.identity.clone(), self.items.len());
        self.items.push(item);
        Ok(())
    }

    /// What an identity is now, with its content hash.
    fn current(
        &self,
        state: &State,
        identity: &[u8],
    ) -> Result<Option<(Previous, [u8; 16])>, Error> {
        if let Some(&item) = self.latest.get(identity) {
            return Ok(Some((Previous::Item(item), self.items[item].record.hash)));
        }
        match state.index.newest(identity)? {
            None => Ok(None),
            Some(row) => Ok(Some((Previous::Row(row), state.record(row)?.hash))),
        }
    }

    /// Whether an identity ever had this content.
    fn was_current(&self, state: &State, identity: &[u8], hash: &[u8; 16]) -> Result<bool, Error> {
        let mut at = match self.current(state, identity)? {
            Some((previous, _)) => previous,
            None => return Ok(false),
        };
        loop {
            let record = match at {
                Previous::None => return Ok(false),
                Previous::Item(item) => {
                    at = self.items[item].previous;
                    self.items[item].record
                }
                Previous::Row(row) => {
                    let record = state.record(row)?;
                    // Versions point backwards; anything else would not end.
                    at = match record.previous {
                        before if before < row => Previous::Row(before),
                        _ => Previous::None,
                    };
                    record
                }
            };
            if record.hash == *hash {
                return Ok(true);
            }
        }
    }

    /// Equal content again: no row, but the stamps it came under are kept where they are new. `bytes`: none
    /// where it came raw, without stamps.
    fn same(
        &mut self,
        state: &State,
        identity: &[u8],
        root: Node<'_>,
        bytes: Option<&[u8]>,
        found: &Identity,
    ) -> Result<(), Error> {
        self.report.same += 1;
        if self.reverts.remove(identity).is_some() {
            self.report.same += 1;
        }
        if self.latest.contains_key(identity) || found.without_id {
            return Ok(());
        }
        let Some(row) = state.index.newest(identity)? else { return Ok(()) };
        if state.gone.contains(row) {
            self.back.insert(row);
        }
        let Some(bytes) = bytes else { return Ok(()) };
        if state.body(row)? == bytes {
            return Ok(());
        }
        let stamp = |name| {
            let text = root.get("meta").and_then(|m| m.get(name)).and_then(|v| v.str());
            text.map(std::borrow::Cow::into_owned).unwrap_or_default()
        };
        let new = Seen {
            version_id: stamp("versionId"),
            last_updated: stamp("lastUpdated"),
            etag: String::new(),
        };
        if seen::get(&state.tables, row)?.as_ref() != Some(&new) {
            self.seen.insert(row, new);
        }
        Ok(())
    }

    fn alias(
        &mut self,
        state: &State,
        identity: &[u8],
        arrival: Arrival<'_>,
        id: &str,
    ) -> Result<(), Error> {
        let Some(full_url) = arrival.urn else { return Ok(()) };
        let Some((target, _)) = self.current(state, identity)? else { return Ok(()) };
        let own = full_url.strip_prefix("urn:uuid:") == Some(id);
        let full_url = (!own).then(|| full_url.to_owned());
        self.aliases.push(PendingAlias { bundle: arrival.bundle, target, full_url });
        Ok(())
    }

    /// Keeps something apart, once however often it arrives.
    pub(super) fn set_apart(
        &mut self,
        intake: &Intake<'_>,
        reason: QuarantineReason,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let connection = intake.connection.0;
        let hash = sha256(bytes);
        self.report.quarantined += 1;
        let kept = match &mut self.kept_apart {
            Some(kept) => kept,
            none => none.insert(quarantine::known(&intake.state.tables)?.into_iter().collect()),
        };
        if !kept.insert((connection, hash)) {
            return Ok(());
        }
        let bytes = bytes.to_vec();
        let received = intake.now();
        self.quarantined.push(Quarantined { connection, reason, received, hash, bytes });
        Ok(())
    }
}
