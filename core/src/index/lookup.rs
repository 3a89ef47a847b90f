//! What the vault itself asks of the index: the current row of an identity, counts by type, everything.

use super::key::{self, system, tag};
use super::segment::KeyRange;
use super::view::Index;
use crate::Error;

impl Index {
    /// The newest row of exactly `key` that is current.
    pub(crate) fn newest(&self, key: &[u8]) -> Result<Option<u32>, Error> {
        for segment in self.segments().iter().rev() {
            let rows = segment.get(key)?;
            let newest = rows.iter().rfind(|row| !self.hidden().contains(*row));
            if newest.is_some() {
                return Ok(newest);
            }
        }
        Ok(None)
    }

    /// Current resources by type, in order of type names; types without any are left out.
    pub(crate) fn types(&self) -> Result<Vec<(String, u64)>, Error> {
        let mut prefix = Vec::new();
        key::begin(&mut prefix, system::TYPE, tag::PRESENCE);
        let mut walk = self.walk(&KeyRange::prefix(&prefix), false);
        let mut types = Vec::new();
        while walk.next()? {
            let mut count = 0;
            walk.for_each(|row| count += u64::from(!self.hidden().contains(row)))?;
            let name = walk.key().get(prefix.len()..).unwrap_or_default();
            let name = String::from_utf8_lossy(name).into_owned();
            if count > 0 {
                types.push((name, count));
            }
        }
        Ok(types)
    }

    /// Calls `each` with every key and row, rows that are not current too.
    pub(crate) fn each_pair(&self, mut each: impl FnMut(&[u8], u32)) -> Result<(), Error> {
        let mut walk = self.walk(&KeyRange::prefix(&[]), false);
        let mut key = Vec::new();
        while walk.next()? {
            key.clear();
            key.extend_from_slice(walk.key());
            walk.for_each(|row| each(&key, row))?;
        }
        Ok(())
    }
}
