//! Tokens: `code`, `system|code`, `|code` (no system), `system|` (any code of it).

use super::{Beginning, Expected, Lookup, split, start, unescape, whole};
use crate::index::key::{self, tag};
use crate::index::segment::KeyRange;

/// At least one of the two is there; a system that is there but empty means none.
#[derive(Clone)]
pub(crate) struct TokenTest {
    system: Option<String>,
    code: Option<String>,
    /// Case counts whatever the system.
    exact: bool,
    /// The payload, if code and system are there; its beginning, if the code is.
    payload: Vec<u8>,
}

impl TokenTest {
    pub(super) fn parse(text: &str, exact: bool) -> Result<Self, Expected> {
        const EXPECTED: Expected = "code, system|code, |code or system|";
        let mut parts = split(text, '|').map(unescape);
        let (first, second) = (parts.next().ok_or(EXPECTED)??, parts.next().transpose()?);
        let (system, code) = match second {
            None => (None, Some(first)),
            Some(code) => (Some(first), Some(code).filter(|code| !code.is_empty())),
        };
        let empty = match &code {
            Some(code) => code.is_empty(),
            None => system.as_ref().is_none_or(String::is_empty),
        };
        if empty || parts.next().is_some() {
            return Err(EXPECTED);
        }
        let mut payload = Vec::new();
        match (&system, &code) {
            (Some(system), Some(code)) => key::token(&mut payload, system, code, exact),
            (None, Some(code)) => key::token_prefix(&mut payload, None, code),
            (_, None) => {}
        }
        Ok(Self { system, code, exact, payload })
    }

    /// The id that `_id` is asked for.
    pub(crate) fn id(&self) -> Option<&str> {
        self.code.as_deref().filter(|_| self.system.as_ref().is_none_or(String::is_empty))
    }

    pub(super) fn lookups(&self, parameter: u16) -> Vec<Lookup> {
        if self.code.is_none() {
            return whole(parameter, tag::TOKEN);
        }
        let key = [start(parameter, tag::TOKEN), self.payload.clone()].concat();
        vec![match self.system {
            Some(_) => Lookup::Key(key),
            None => Lookup::Range { range: KeyRange::prefix(&key), check: true },
        }]
    }

    pub(super) fn beginning(&self) -> Option<Beginning> {
        self.code.as_ref()?;
        let whole = self.system.is_some();
        Some(Beginning { tag: tag::TOKEN, payload: self.payload.clone(), whole })
    }

    pub(super) fn test(&self, tag: u8, payload: &[u8]) -> bool {
        if tag != tag::TOKEN || !payload.starts_with(&self.payload) {
            return false;
        }
        if let (Some(_), Some(_)) = (&self.system, &self.code) {
            return payload == self.payload;
        }
        let Some(key::Value::Token { folded, system, code: written }) = key::decode(tag, payload)
        else {
            return false;
        };
        match (&self.system, &self.code) {
            (Some(own), _) => *own == system,
            (None, Some(code)) if self.exact || key::case_sensitive(&system) => {
                written.unwrap_or(&folded) == key::cut(code)
            }
            _ => true,
        }
    }
}
