//! Files of the text index, in parts that fill a redb page of 64 KiB. A file never changes once written;
//! the same name written again is a new file.

use std::ops::Range;

use super::codec::put_varint;
use super::tables::{CHUNK_BYTES, META, TEXT_CHUNKS, TEXT_FILES, key32, key32_with};
use super::txn::{ReadTables, WriteTables};
use crate::Error;

/// A file as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileEntry {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) length: u64,
}

pub(crate) fn list(tables: &ReadTables) -> Result<Vec<FileEntry>, Error> {
    let mut files = Vec::new();
    for stored in tables.from(TEXT_FILES, &[])? {
        let stored = stored?;
        let mut reader = stored.content()?;
        let name = std::str::from_utf8(stored.key()).map_err(|_| reader.fault())?.to_owned();
        files.push(FileEntry { name, id: reader.u32()?, length: reader.varint()? });
    }
    Ok(files)
}

/// The bytes `range` of a file.
pub(crate) fn read(
    tables: &ReadTables,
    file: &FileEntry,
    range: Range<u64>,
) -> Result<Vec<u8>, Error> {
    let fault = Error::Inconsistent("text index");
    if range.start > range.end || range.end > file.length {
        return Err(fault);
    }
    let part_bytes = CHUNK_BYTES as u64;
    let mut bytes =
        Vec::with_capacity(usize::try_from(range.end - range.start).map_err(|_| fault.clone())?);
    let mut at = range.start;
    while at < range.end {
        let part = u32::try_from(at / part_bytes).map_err(|_| fault.clone())?;
        let key = key32_with(file.id, &part.to_be_bytes());
        let stored = tables.get(TEXT_CHUNKS, &key)?.ok_or_else(|| fault.clone())?;
        let chunk = stored.content()?.rest();
        let from = usize::try_from(at % part_bytes).map_err(|_| fault.clone())?;
        let to =
            usize::try_from((range.end - at).min(part_bytes)).map_err(|_| fault.clone())? + from;
        let piece = chunk.get(from..to.min(chunk.len())).filter(|p| !p.is_empty());
        let piece = piece.ok_or_else(|| fault.clone())?;
        bytes.extend_from_slice(piece);
        at += piece.len() as u64;
    }
    Ok(bytes)
}

/// Stores a file under `name`, in place of one that has it already, as file `id`.
pub(crate) fn put(
    tables: &WriteTables,
    files: &[FileEntry],
    id: u32,
    name: &str,
    bytes: &[u8],
) -> Result<FileEntry, Error> {
    remove(tables, files, name)?;
    for (part, chunk) in (0u32..).zip(bytes.chunks(CHUNK_BYTES)) {
        tables.put(TEXT_CHUNKS, &key32_with(id, &part.to_be_bytes()), chunk)?;
    }
    let mut content = Vec::new();
    put_varint(&mut content, u64::from(id));
    put_varint(&mut content, bytes.len() as u64);
    tables.put(TEXT_FILES, name.as_bytes(), &content)?;
    tables.put(META, b"next_file", &key32(id + 1))?;
    Ok(FileEntry { name: name.to_owned(), id, length: bytes.len() as u64 })
}

pub(crate) fn remove(tables: &WriteTables, files: &[FileEntry], name: &str) -> Result<(), Error> {
    if let Some(file) = files.iter().find(|f| f.name == name) {
        tables.remove_prefix(TEXT_CHUNKS, &key32(file.id))?;
        tables.remove(TEXT_FILES, name.as_bytes())?;
    }
    Ok(())
}
