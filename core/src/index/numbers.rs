//! The numbers that a vault gives to search parameters: never reused, kept with the hash of each
//! definition, so that a changed definition takes a new number and is seen to be stale.

use std::collections::HashMap;
use std::sync::Arc;

use super::extract::ParamNumbers;
use super::key::system::FIRST_PARAMETER;
use super::params::{self, Param};
use crate::Error;
use crate::seal::sha256;
use crate::storage::codec::{Reader, put_varint};
use crate::storage::dictionary;

/// No list of parameters is longer.
const MOST_BYTES: usize = 16 << 20;

/// Numbers by the parameter's place in the built-in table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numbers {
    by_place: Arc<[u16]>,
    /// Base, code and hash of every definition that has a number, in the order of numbers.
    given: Vec<String>,
}

fn number(place: usize) -> Option<u16> {
    FIRST_PARAMETER.checked_add(u16::try_from(place).ok()?)
}

impl Numbers {
    /// Those of a new vault.
    pub(crate) fn built_in() -> Self {
        let given: Vec<String> = params::definitions().collect();
        let by_place = (0..given.len()).map(|place| number(place).unwrap_or(u16::MAX)).collect();
        Self { by_place, given }
    }

    /// By [`Param::index`].
    pub(crate) fn by_place(&self) -> &Arc<[u16]> {
        &self.by_place
    }

    /// What the vault keeps: the list's SHA-256 and length, then the list, compressed.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, Error> {
        let list = self.given.join("\n");
        let mut out = sha256(list.as_bytes()).to_vec();
        put_varint(&mut out, list.len() as u64);
        out.extend_from_slice(&dictionary::compress(None, list.as_bytes())?);
        Ok(out)
    }

    /// The numbers of a vault, and whether a definition is new or changed since, so that rows must be
    /// indexed again.
    pub(crate) fn decode(stored: &[u8]) -> Result<(Self, bool), Error> {
        const DAMAGED: Error = Error::Inconsistent("parameters");
        let built_in = Self::built_in();
        if stored.starts_with(&sha256(built_in.given.join("\n").as_bytes())) {
            return Ok((built_in, false));
        }
        let mut reader = Reader::new(stored, "parameters");
        let hash = reader.array::<32>()?;
        let length = usize::try_from(reader.varint()?).map_err(|_| DAMAGED)?;
        let list = dictionary::decompress(None, reader.rest(), length.min(MOST_BYTES))?;
        if sha256(&list) != hash {
            return Err(DAMAGED);
        }
        let list = std::str::from_utf8(&list).map_err(|_| DAMAGED)?;
        let mut given: Vec<String> = list.lines().map(str::to_owned).collect();
        let known: HashMap<String, usize> =
            given.iter().enumerate().map(|(place, text)| (text.clone(), place)).collect();
        let mut by_place = Vec::with_capacity(built_in.given.len());
        let mut stale = false;
        for definition in built_in.given {
            let place = match known.get(&definition) {
                Some(place) => *place,
                None => {
                    stale = true;
                    given.push(definition);
                    given.len() - 1
                }
            };
            by_place.push(number(place).ok_or(Error::TooLarge)?);
        }
        Ok((Self { by_place: by_place.into(), given }, stale))
    }
}

impl ParamNumbers for Numbers {
    fn number(&self, param: &'static Param) -> u16 {
        self.by_place[param.index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_and_changed_definitions_take_new_ones() {
        let numbers = Numbers::built_in();
        assert_eq!(Numbers::decode(&numbers.encode().unwrap()).unwrap(), (numbers.clone(), false));

        let mut older = numbers.clone();
        older.given.remove(3);
        older.given[5].push('0');
        let (newer, stale) = Numbers::decode(&older.encode().unwrap()).unwrap();
        assert!(stale);
        let all = newer.by_place.to_vec();
        let mut distinct = all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(newer.by_place[0], FIRST_PARAMETER);
        assert!(usize::from(newer.by_place[3] - FIRST_PARAMETER) >= older.given.len());
        assert!(Numbers::decode(&numbers.encode().unwrap()[1..]).is_err());
    }
}
