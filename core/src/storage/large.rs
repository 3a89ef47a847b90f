//! Large bodies on their way in: compressed piece by piece into a spool, and part by part from there into
//! the chunk table. What lies in memory is a part, whatever the body's length.

use std::io::{self, Write};

use zstd::stream::write::Encoder;

use super::bodies::Apart;
use super::chunks;
use super::dictionary;
use super::tables::CHUNK_BYTES;
use super::txn::WriteTables;
use crate::Error;
use crate::seal::{Sha256, Spool};

/// A body of more bytes is compressed on its way in.
pub(crate) const LARGE_BODY: usize = 1 << 20;

/// A large body that is all there, and waits for its commit.
#[derive(Debug)]
pub(crate) struct LargeBody {
    spool: Spool,
    pub(crate) apart: Apart,
}

impl LargeBody {
    /// Sets aside a body that lies in memory.
    pub(crate) fn of(bytes: &[u8], spool: Spool) -> Result<Self, Error> {
        let mut writer = LargeWriter::new(spool)?;
        writer.push(bytes)?;
        writer.finish()
    }

    pub(crate) fn put(&self, tables: &WriteTables) -> Result<(), Error> {
        let mut part = Vec::new();
        for at in 0..self.spool.len() {
            self.spool.read(at, &mut part)?;
            chunks::put_part(tables, &self.apart.hash, at, &part)?;
        }
        Ok(())
    }
}

/// Takes a body piece by piece.
pub(crate) struct LargeWriter {
    encoder: Encoder<'static, Sink>,
    plain: u64,
}

impl LargeWriter {
    pub(crate) fn new(spool: Spool) -> Result<Self, Error> {
        let part = Vec::with_capacity(CHUNK_BYTES);
        let sink = Sink { spool, part, hash: Sha256::new(), length: 0, fault: None };
        let encoder = Encoder::new(sink, dictionary::LEVEL).map_err(|_| Error::TooLarge)?;
        Ok(Self { encoder, plain: 0 })
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.plain += bytes.len() as u64;
        let written = self.encoder.write_all(bytes);
        written.map_err(|_| self.encoder.get_mut().fault.take().unwrap_or(Error::TooLarge))
    }

    pub(crate) fn finish(self) -> Result<LargeBody, Error> {
        let plain = u32::try_from(self.plain).map_err(|_| Error::TooLarge)?;
        let mut sink = self.encoder.try_finish().map_err(|(mut encoder, _)| {
            encoder.get_mut().fault.take().unwrap_or(Error::TooLarge)
        })?;
        if !sink.part.is_empty() {
            sink.set_aside()?;
        }
        let packed = u32::try_from(sink.length).map_err(|_| Error::TooLarge)?;
        let apart = Apart { hash: sink.hash.finish(), packed, plain, dictionary: 0 };
        Ok(LargeBody { spool: sink.spool, apart })
    }
}

/// Compressed bytes, cut into parts as the chunk table has them.
struct Sink {
    spool: Spool,
    part: Vec<u8>,
    hash: Sha256,
    length: u64,
    /// Why the last write failed, for `io::Error` can't say.
    fault: Option<Error>,
}

impl Sink {
    fn set_aside(&mut self) -> Result<(), Error> {
        self.spool.push(&mut self.part)?;
        self.part.clear();
        Ok(())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK_BYTES - self.part.len());
        self.hash.update(&bytes[..taken]);
        self.length += taken as u64;
        self.part.extend_from_slice(&bytes[..taken]);
        if self.part.len() == CHUNK_BYTES {
            self.set_aside().map_err(|error| {
                self.fault = Some(error);
                io::Error::other("spool")
            })?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
