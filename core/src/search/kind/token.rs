//! Tokens: `code`, `system|code`, `|code` (no system), `system|` (any code of it).

use super::{Expected, Lookup, split, start, unescape, whole};
use crate::index::key::{self, tag};
use crate::index::segment::KeyRange;

/// At least one of the two is there; a system that is there but empty means none.
#[derive(Clone)]
pub(crate) struct TokenTest {
    system: Option<String>,
    code: Option<String>,
    /// Case counts whatever the system.
    exact: bool,
}

impl TokenTest {
    pub(super) fn parse(text: &str, exact: bool) -> Result<Self, Expected> {
        const EXPECTED: Expected = "code, system|code, |code or system|";
        let mut parts = split(text, '|').map(unescape);
        let (first, second) = (parts.next().ok_or(EXPECTED)??, parts.next().transpose()?);
        let test = match second {
            None => Self { system: None, code: Some(first), exact },
            Some(code) => {
                Self { system: Some(first), code: Some(code).filter(|c| !c.is_empty()), exact }
            }
        };
        let empty = match &test.code {
            Some(code) => code.is_empty(),
            None => test.system.as_ref().is_none_or(String::is_empty),
        };
        if empty || parts.next().is_some() { Err(EXPECTED) } else { Ok(test) }
    }

    pub(super) fn lookups(&self, parameter: u16) -> Vec<Lookup> {
        let Some(code) = &self.code else { return whole(parameter, tag::TOKEN) };
        let mut key = start(parameter, tag::TOKEN);
        if let Some(system) = &self.system {
            key::token(&mut key, system, code, self.exact);
            return vec![Lookup::Key(key)];
        }
        key::token_prefix(&mut key, None, code);
        vec![Lookup::Range { range: KeyRange::prefix(&key), check: true }]
    }

    pub(super) fn prefix(&self) -> Option<(u8, Vec<u8>)> {
        let mut payload = Vec::new();
        key::token_prefix(&mut payload, self.system.as_deref(), self.code.as_ref()?);
        Some((tag::TOKEN, payload))
    }

    pub(super) fn test(&self, tag: u8, payload: &[u8]) -> bool {
        if tag != tag::TOKEN {
            return false;
        }
        let Some(key::Value::Token { folded, system, code: written }) = key::decode(tag, payload)
        else {
            return false;
        };
        if self.system.as_ref().is_some_and(|own| *own != system) {
            return false;
        }
        let Some(code) = &self.code else { return true };
        if self.exact || key::case_sensitive(&system) {
            return written.unwrap_or(&folded) == code;
        }
        let mut prefix = Vec::with_capacity(code.len() + 1);
        key::token_prefix(&mut prefix, None, code);
        payload.starts_with(&prefix)
    }
}
