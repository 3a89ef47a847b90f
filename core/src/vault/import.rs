//! Imports from files: single resources, Bundles, NDJSON, plain or compressed, streamed. Durable in parts;
//! what came before a fault is kept.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, BufReader, Read};

use super::Vault;
use super::ahead::each_item;
use super::batch::Batch;
use super::intake::{Arrival, Intake};
use super::item;
use super::report::{CancelToken, ImportError, ImportProgress, ImportReport};
use crate::Error;
use crate::fhir::{Item, Piece, PieceFault, Quarantine, Tape, TapeBuffer};
use crate::index::key;
use crate::source::ConnectionId;
use crate::storage::dictionary;
use crate::storage::quarantine::QuarantineReason;

/// Rows of a commit.
const COMMIT_ROWS: usize = 2_000;
/// Bytes of bodies after which a commit comes earlier.
const COMMIT_BYTES: usize = 8 << 20;
/// Resources between two reports of progress.
const STEP: u64 = 256;
/// An import of this many rows leaves enough free space to be worth a compaction.
const COMPACT_ROWS: u64 = 10_000;

/// A resource that waits for the end of its Bundle, since it refers to an entry that is still to come.
struct Waiting {
    packed: Vec<u8>,
    length: usize,
    urn: Option<String>,
    offset: u64,
}

/// The Bundle that is being read.
#[derive(Default)]
struct Envelope {
    /// Its number in the input.
    in_input: u32,
    /// Its number in the vault.
    number: u32,
    /// Type and id of each urn.
    targets: HashMap<String, (String, String)>,
    waiting: Vec<Waiting>,
    /// Identities that wait: later versions of them wait too, so that the last stays the last.
    held: HashSet<Vec<u8>>,
}

struct Import<'a> {
    intake: Intake<'a>,
    batch: Batch,
    envelope: Envelope,
    next_bundle: u32,
    buffer: TapeBuffer,
}

impl Import<'_> {
    fn piece(&mut self, piece: Piece) -> Result<(), Error> {
        if piece.bundle != self.envelope.in_input {
            self.end_envelope()?;
            self.envelope.in_input = piece.bundle;
            if piece.bundle != 0 {
                self.envelope.number = self.next_bundle;
                self.next_bundle += 1;
            }
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let read = piece.read(&mut buffer);
        let tape = match &read {
            Ok(tape) => Ok(tape),
            Err(PieceFault::Broken(error)) => return Err((*error).into()),
            Err(PieceFault::Quarantine(reason)) => Err(quarantine_reason(*reason)),
        };
        let bytes = &piece.bytes;
        let urn = piece.full_url.as_deref().filter(|url| is_urn(url));
        if let Ok(tape) = tape {
            let is_outcome = piece.search_mode_outcome
                || (piece.searchset
                    && tape
                        .root()
                        .get("resourceType")
                        .is_some_and(|t| t.is_str("OperationOutcome")));
            if is_outcome {
                return Ok(());
            }
            if self.must_wait(tape, bytes, urn) {
                self.envelope.waiting.push(Waiting {
                    packed: dictionary::compress(None, bytes)?,
                    length: bytes.len(),
                    urn: urn.map(str::to_owned),
                    offset: piece.offset,
                });
                return Ok(());
            }
        }
        self.take(tape, bytes, urn)?;
        if let Ok(tape) = read {
            tape.recycle(&mut buffer);
        }
        self.buffer = buffer;
        Ok(())
    }

    /// Learns what the entry's urn stands for, and says whether it refers to an entry that was not seen yet.
    fn must_wait(&mut self, tape: &Tape<'_>, bytes: &[u8], urn: Option<&str>) -> bool {
        if self.envelope.number == 0 {
            return false;
        }
        let Some(found) = item::identify(tape.root()) else { return false };
        let mut identity = Vec::new();
        if !self.envelope.held.is_empty() {
            key::identity(&mut identity, &found.resource_type, &found.id, self.intake.connection.0);
        }
        if let Some(urn) = urn {
            let target = (found.resource_type.clone(), found.id.clone());
            self.envelope.targets.insert(urn.to_owned(), target);
        }
        let unseen = urns(bytes).any(|urn| !self.envelope.targets.contains_key(urn));
        if unseen {
            if identity.is_empty() {
                key::identity(
                    &mut identity,
                    &found.resource_type,
                    &found.id,
                    self.intake.connection.0,
                );
            }
            self.envelope.held.insert(identity);
            return true;
        }
        self.envelope.held.contains(&identity)
    }

    fn take(
        &mut self,
        tape: Result<&Tape<'_>, QuarantineReason>,
        bytes: &[u8],
        urn: Option<&str>,
    ) -> Result<(), Error> {
        let in_bundle =
            self.envelope.number != 0 && (urn.is_some() || urns(bytes).next().is_some());
        let arrival = Arrival {
            bytes,
            bundle: if in_bundle { self.envelope.number } else { 0 },
            urn: urn.filter(|_| in_bundle),
        };
        let targets = &self.envelope.targets;
        let resolve = |urn: &str| targets.get(urn).map(|(t, id)| (t.as_str(), id.as_str()));
        self.batch.put(&self.intake, arrival, tape, &resolve)?;
        if self.batch.items.len() >= COMMIT_ROWS || self.batch.bytes >= COMMIT_BYTES {
            self.commit()?;
        }
        Ok(())
    }

    /// Takes what waited for the end of its Bundle.
    fn end_envelope(&mut self) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.envelope.waiting);
        for entry in waiting {
            let bytes = dictionary::decompress(None, &entry.packed, entry.length)?;
            let tape = Tape::parse(&bytes).map_err(|fault| Error::BrokenInput {
                offset: entry.offset + fault.offset as u64,
                reason: "not valid JSON",
            })?;
            self.take(Ok(&tape), &bytes, entry.urn.as_deref())?;
        }
        self.envelope = Envelope::default();
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.intake.state = self.intake.inner.commit(&mut self.batch, None)?;
        self.intake.state = self.intake.inner.maintain()?;
        Ok(())
    }

    /// Decides what was left open and makes it durable.
    fn finish(&mut self) -> Result<(), Error> {
        self.end_envelope()?;
        self.batch.settle(&self.intake.state)?;
        self.commit()
    }
}

fn quarantine_reason(reason: Quarantine) -> QuarantineReason {
    match reason {
        Quarantine::NotAResource => QuarantineReason::NotAResource,
        Quarantine::TooDeep => QuarantineReason::TooDeep,
        Quarantine::DuplicateKey => QuarantineReason::DuplicateKey,
        Quarantine::NumberTooLong => QuarantineReason::NotJson,
        Quarantine::TooLarge => QuarantineReason::TooLarge,
    }
}

/// Whether a fullUrl is one that references inside its Bundle may use and none outside can (Bundle,
/// "Resolving references").
fn is_urn(url: &str) -> bool {
    url.starts_with("urn:uuid:") || url.starts_with("urn:oid:")
}

/// The urns that `bytes`, a resource, has as references.
fn urns(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.match_indices("\"urn:").filter_map(|(at, _)| {
        let name = text[..at].trim_end().strip_suffix(':')?.trim_end();
        let rest = &text[at + 1..];
        let urn = &rest[..rest.find('"')?];
        (name.ends_with("\"reference\"") && is_urn(urn)).then_some(urn)
    })
}

/// Decompresses gzip and zstd, told by their first bytes.
fn decompressed<'r>(reader: impl Read + Send + 'r) -> io::Result<Box<dyn Read + Send + 'r>> {
    let mut input = BufReader::with_capacity(64 << 10, reader);
    let head = input.fill_buf()?;
    if head.starts_with(&[0x1F, 0x8B]) {
        return Ok(Box::new(flate2::bufread::MultiGzDecoder::new(input)));
    }
    if head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        return Ok(Box::new(zstd::stream::read::Decoder::with_buffer(input)?));
    }
    Ok(Box::new(input))
}

impl Vault {
    /// Imports a resource, a Bundle of any type or NDJSON, plain, gzip or zstd, as a stream: memory is the
    /// largest entry and one commit. The last version of a (type, id) in reading order becomes the current
    /// one; content that the vault has already changes nothing. `urn:uuid:` references resolve inside their
    /// Bundle, for search only. `progress` is called every few hundred resources.
    ///
    /// # Errors
    /// [`Error::BrokenInput`] with the byte offset in the decompressed input, [`Error::Input`],
    /// [`Error::Cancelled`], [`Error::Suspended`]: what came before is kept and counted in [`ImportError::report`].
    pub fn import_bundle(
        &self,
        connection: ConnectionId,
        reader: impl Read + Send,
        cancel: &CancelToken,
        mut progress: impl FnMut(ImportProgress),
    ) -> Result<ImportReport, ImportError> {
        let inner = &*self.0;
        let refused = |error| ImportError { error, report: ImportReport::default() };
        let _writer = inner.begin();
        let state = inner.state().map_err(refused)?;
        if inner.db.is_read_only() {
            return Err(refused(Error::ReadOnly));
        }
        let mut import = Import {
            next_bundle: state.bundles + 1,
            intake: Intake::new(inner, state, connection).map_err(refused)?,
            batch: Batch::default(),
            envelope: Envelope::default(),
            buffer: TapeBuffer::default(),
        };
        let input = decompressed(reader).map_err(|e| refused(Error::Input(e.kind())))?;
        let (mut resources, mut bytes) = (0, 0);
        let take = |item: Item, position: u64| -> Result<(), Error> {
            bytes = position;
            match item {
                Item::BundleEnd(number) if number == import.envelope.in_input => {
                    import.end_envelope()?;
                }
                Item::BundleEnd(_) => {}
                Item::Piece(piece) => {
                    import.piece(piece)?;
                    resources += 1;
                    if resources % STEP == 0 {
                        cancel.check()?;
                        inner.may_go_on()?;
                        progress(ImportProgress { resources, bytes });
                    }
                }
            }
            Ok(())
        };
        let broke_off = cancel.check().and_then(|()| each_item(input, take)).err();
        let finished = import.finish();
        progress(ImportProgress { resources, bytes });
        let report = import.batch.report;
        drop(import);
        let compacted = match finished {
            Ok(()) if report.new + report.changed >= COMPACT_ROWS && inner.may_go_on().is_ok() => {
                inner.compact_in_place()
            }
            other => other,
        };
        match inner.written(broke_off.map_or(Ok(()), Err).and(match compacted {
            // A reader holds a snapshot: the space is given back another time.
            Err(Error::Busy) => Ok(()),
            other => other,
        })) {
            Ok(()) => Ok(report),
            Err(error) => Err(ImportError { error, report }),
        }
    }
}
