//! Uris: the text, to the letter.

use super::{Expected, Lookup, start, unescape};
use crate::index::key::{self, tag};

#[derive(Clone)]
pub(crate) struct UriTest(String);

impl UriTest {
    pub(super) fn parse(text: &str) -> Result<Self, Expected> {
        let text = unescape(text)?;
        if text.is_empty() { Err("a uri") } else { Ok(Self(text)) }
    }

    pub(super) fn lookups(&self, parameter: u16) -> Vec<Lookup> {
        let mut key = start(parameter, tag::URI);
        key::verbatim(&mut key, &self.0);
        vec![Lookup::Key(key)]
    }

    pub(super) fn test(&self, tag: u8, payload: &[u8]) -> bool {
        tag == tag::URI && payload == key::cut(&self.0).as_bytes()
    }
}
