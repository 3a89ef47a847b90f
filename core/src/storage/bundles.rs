//! Which row each `urn:` fullUrl of a Bundle stands for. References resolve inside their Bundle, and a
//! rebuild of the index must find the same targets again.

use super::codec::{put_bytes, put_varint};
use super::rows::Row;
use super::tables::{BUNDLES, key32, key32_with};
use super::txn::{ReadTables, WriteTables};
use crate::Error;

/// A fullUrl and the row of its entry. `None` as text stands for `urn:uuid:` and the row's own id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    pub(crate) row: Row,
    pub(crate) full_url: Option<String>,
}

/// Stores the entries of a Bundle that one commit brought; `part` orders the commits.
pub(crate) fn put(
    tables: &WriteTables,
    bundle: u32,
    part: u32,
    aliases: &[Alias],
) -> Result<(), Error> {
    let mut content = Vec::with_capacity(aliases.len() * 3);
    put_varint(&mut content, aliases.len() as u64);
    let mut last = 0u32;
    for alias in aliases {
        put_varint(&mut content, u64::from(alias.row.wrapping_sub(last)));
        last = alias.row;
        put_bytes(&mut content, alias.full_url.as_deref().unwrap_or_default().as_bytes());
    }
    tables.put(BUNDLES, &key32_with(bundle, &part.to_be_bytes()), &content)
}

pub(crate) fn get(tables: &ReadTables, bundle: u32) -> Result<Vec<Alias>, Error> {
    let mut aliases = Vec::new();
    for stored in tables.prefix(BUNDLES, &key32(bundle))? {
        let stored = stored?;
        let mut reader = stored.content()?;
        let mut row = 0u32;
        for _ in 0..reader.varint()? {
            row = row.wrapping_add(reader.u32()?);
            let text = reader.text()?;
            let full_url = (!text.is_empty()).then(|| text.to_owned());
            aliases.push(Alias { row, full_url });
        }
    }
    Ok(aliases)
}

/// The greatest number that a Bundle has; 0 when there is none.
pub(crate) fn newest(tables: &ReadTables) -> Result<u32, Error> {
    match tables.floor(BUNDLES, &[0xFF; 8])? {
        None => Ok(0),
        Some(stored) => match stored.key().first_chunk::<4>() {
            Some(number) => Ok(u32::from_be_bytes(*number)),
            None => Err(Error::Inconsistent("bundles")),
        },
    }
}
