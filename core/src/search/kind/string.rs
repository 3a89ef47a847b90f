//! Strings: begins with (without case and accents), `:exact`, `:contains`.

use super::{Expected, Lookup, Modifier, start, unescape, whole};
use crate::fhir::fold;
use crate::index::key::{self, tag};
use crate::index::segment::KeyRange;

#[derive(Clone)]
pub(crate) enum StringTest {
    /// Folded.
    StartsWith(String),
    /// Folded.
    Contains(String),
    Exact(String),
}

impl StringTest {
    pub(super) fn parse(text: &str, modifier: Modifier<'_>) -> Result<Self, Expected> {
        let text = unescape(text)?;
        if text.is_empty() {
            return Err("a text");
        }
        let text = key::cut(&text);
        Ok(match modifier {
            Modifier::Exact => Self::Exact(text.to_owned()),
            Modifier::Contains => Self::Contains(fold(text).into_owned()),
            Modifier::Plain | Modifier::Type(_) => Self::StartsWith(fold(text).into_owned()),
        })
    }

    pub(super) fn lookups(&self, parameter: u16) -> Vec<Lookup> {
        let mut key = start(parameter, tag::STRING);
        match self {
            Self::StartsWith(folded) => {
                key::string_start(&mut key, folded);
                vec![Lookup::Range { range: KeyRange::prefix(&key), check: false }]
            }
            Self::Exact(text) => {
                key::string(&mut key, text);
                vec![Lookup::Key(key)]
            }
            Self::Contains(_) => whole(parameter, tag::STRING),
        }
    }

    pub(super) fn test(&self, tag: u8, payload: &[u8]) -> bool {
        if tag != tag::STRING {
            return false;
        }
        let Some(key::Value::String { folded, text }) = key::decode(tag, payload) else {
            return false;
        };
        match self {
            Self::StartsWith(own) => folded.starts_with(own.as_str()),
            Self::Contains(own) => folded.contains(own.as_str()),
            Self::Exact(own) => text.unwrap_or(&folded) == own,
        }
    }
}
