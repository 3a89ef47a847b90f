//! Reads the text of a query: `Type?name[:modifier]=value&…`. What is not understood is refused
//! with the name of the parameter, never left out.

use std::borrow::Cow;

use super::cursor;
use super::kind::{Modifier, Value, split};
use super::query::{DEFAULT_COUNT, Filter, MAX_COUNT, Query, Sort, Test};
use crate::error::{QueryError, QueryErrorKind};
use crate::fhir::Zone;
use crate::index::params::{self, Kind, Param};

/// Parameters of the specification about the answer, or about several types, that are not here yet.
const NOT_YET: [&str; 17] = [
    "_contained",
    "_containedType",
    "_content",
    "_elements",
    "_filter",
    "_format",
    "_has",
    "_include",
    "_list",
    "_pretty",
    "_query",
    "_revinclude",
    "_score",
    "_summary",
    "_text",
    "_type",
    "_maxresults",
];

/// What all errors are made with: which parameter, and where it stands.
struct At<'t> {
    name: &'t str,
    position: usize,
}

impl At<'_> {
    fn error(&self, kind: QueryErrorKind, expected: impl Into<String>) -> QueryError {
        let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        QueryError {
            kind,
            parameter: self.name.chars().filter(safe).take(64).collect(),
            position: Some(self.position as u64),
            expected: expected.into(),
        }
    }

    fn unsupported(&self, expected: impl Into<String>) -> QueryError {
        self.error(QueryErrorKind::NotSupported, expected)
    }

    fn invalid(&self, expected: impl Into<String>) -> QueryError {
        self.error(QueryErrorKind::InvalidValue, expected)
    }
}

impl Query {
    /// Times without a zone are read in `zone`.
    pub(crate) fn parse(text: &str, zone: Zone) -> Result<Self, QueryError> {
        let (head, pairs) = text.split_once('?').unwrap_or((text, ""));
        let resource_type = resource_type(head, pairs)?;
        let mut query = Self {
            resource_type,
            filters: Vec::new(),
            sort: None,
            count: DEFAULT_COUNT,
            after: None,
            text: format!("{resource_type}?"),
            hash: 0,
        };
        let mut seen = Once::default();
        let mut page = None;
        let mut hashed = vec![resource_type];
        let mut position = head.len() + 1;
        for pair in pairs.split('&') {
            let at = position;
            position += pair.len() + 1;
            if pair.is_empty() {
                continue;
            }
            let (name, value) = decoded(pair, at)?;
            let here = At { name: &name, position: at };
            match &*name {
                "_page" => {
                    seen.check(&here, 0)?;
                    page = Some((value.into_owned(), at));
                    continue;
                }
                "_count" => {
                    seen.check(&here, 1)?;
                    query.count = count(&here, &value)?;
                }
                "_total" => {
                    seen.check(&here, 2)?;
                    if !matches!(&*value, "none" | "estimate" | "accurate") {
                        return Err(here.invalid("none, estimate or accurate"));
                    }
                }
                "_sort" => {
                    if query.sort.is_some() {
                        return Err(here.unsupported("one _sort"));
                    }
                    query.sort = Some(sort(&here, resource_type, &value)?);
                    hashed.push(pair);
                }
                _ => {
                    query.filters.push(filter(&here, resource_type, &value, zone)?);
                    hashed.push(pair);
                }
            }
            if !query.text.ends_with('?') {
                query.text.push('&');
            }
            query.text.push_str(pair);
        }
        query.hash = cursor::hash(hashed.into_iter());
        if let Some((page, position)) = page {
            let row = cursor::read(&page, query.hash);
            query.after = Some(row.ok_or_else(|| {
                At { name: "_page", position }.error(
                    QueryErrorKind::InvalidCursor,
                    "the _page of a next link, with its query",
                )
            })?);
        }
        Ok(query)
    }
}

/// Parameters that may stand only once.
#[derive(Default)]
struct Once([bool; 3]);

impl Once {
    fn check(&mut self, here: &At<'_>, which: usize) -> Result<(), QueryError> {
        if std::mem::replace(&mut self.0[which], true) {
            return Err(here.invalid("once"));
        }
        Ok(())
    }
}

fn resource_type(head: &str, pairs: &str) -> Result<&'static str, QueryError> {
    let name = head.strip_suffix('/').unwrap_or(head);
    if name.is_empty() && !pairs.is_empty() {
        // A search over all types.
        return Err(At { name: "_type", position: 0 }.unsupported("one type before the ?"));
    }
    params::types().find(|known| *known == name).ok_or_else(|| {
        At { name, position: 0 }.error(QueryErrorKind::UnknownType, "a resource type of FHIR R4")
    })
}

/// Name and value of a pair, percent-decoded once.
fn decoded(pair: &str, at: usize) -> Result<(Cow<'_, str>, Cow<'_, str>), QueryError> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let here = At { name, position: at };
    let broken = |offset| QueryError {
        position: Some((at + offset) as u64),
        ..here.error(QueryErrorKind::Syntax, "after % two hexadecimal digits, UTF-8 in all")
    };
    if !pair.contains('=') {
        return Err(here.error(QueryErrorKind::Syntax, "= after the name of a parameter"));
    }
    let decoded_name = percent_decoded(name).map_err(broken)?;
    let value = percent_decoded(value).map_err(|offset| broken(name.len() + 1 + offset))?;
    Ok((decoded_name, value))
}

/// The text without percent-encoding, or where it is broken.
fn percent_decoded(text: &str) -> Result<Cow<'_, str>, usize> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|&b| char::from(b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let (high, low) = digit(at + 1).zip(digit(at + 2)).ok_or(at)?;
            out.push(u8::try_from(high * 16 + low).map_err(|_| at)?);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    String::from_utf8(out).map(Cow::Owned).map_err(|fault| fault.utf8_error().valid_up_to())
}

fn count(here: &At<'_>, value: &str) -> Result<u32, QueryError> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let count = value.parse().ok().filter(|count| digits && *count <= MAX_COUNT);
    count.ok_or_else(|| here.invalid("a number from 0 to 100000"))
}

fn sort(here: &At<'_>, resource_type: &str, value: &str) -> Result<Sort, QueryError> {
    if value.contains(',') {
        return Err(here.unsupported("one sort key"));
    }
    let (code, descending) = match value.strip_prefix('-') {
        Some(code) => (code, true),
        None => (value, false),
    };
    match params::find(resource_type, code) {
        Some(param) if param.kind == Kind::Composite => {
            Err(here.unsupported("a sort key that is no composite"))
        }
        Some(param) => Ok(Sort { param, descending }),
        None if is_known(resource_type, code) => {
            Err(At { name: code, ..*here }.unsupported("another sort key"))
        }
        None => Err(At { name: code, ..*here }
            .error(QueryErrorKind::UnknownParameter, "a search parameter of the type")),
    }
}

/// Whether the specification has this parameter though it is not searched here.
fn is_known(resource_type: &str, code: &str) -> bool {
    NOT_YET.contains(&code) || params::known_unsupported(resource_type, code)
}

fn filter(
    here: &At<'_>,
    resource_type: &str,
    value: &str,
    zone: Zone,
) -> Result<Filter, QueryError> {
    let (code, modifier) = match here.name.split_once(':') {
        Some((code, modifier)) => (code, Some(modifier)),
        None => (here.name, None),
    };
    let Some(param) = params::find(resource_type, code) else {
        return Err(match code.split_once('.') {
            Some((first, _)) if params::find(resource_type, first).is_some() => {
                here.unsupported("a parameter of the type itself, no chain")
            }
            _ if is_known(resource_type, code) => here.unsupported("another parameter"),
            _ => here.error(QueryErrorKind::UnknownParameter, "a search parameter of the type"),
        });
    };
    let test = match modifier {
        Some("missing") => Test::Missing(match value {
            "true" => true,
            "false" => false,
            _ => return Err(here.invalid("true or false")),
        }),
        Some("not") if param.kind == Kind::Token => {
            Test::None(values(here, param, Modifier::Plain, value, zone)?)
        }
        None => Test::Any(values(here, param, Modifier::Plain, value, zone)?),
        Some(name) => {
            let modifier = match (param.kind, name) {
                (Kind::String, "exact") => Modifier::Exact,
                (Kind::String, "contains") => Modifier::Contains,
                (Kind::Reference, name) if params::is_type(name) => Modifier::Type(name),
                _ => return Err(here.unsupported(modifiers(param.kind))),
            };
            Test::Any(values(here, param, modifier, value, zone)?)
        }
    };
    Ok(Filter { param, test })
}

fn modifiers(kind: Kind) -> &'static str {
    match kind {
        Kind::Token => "no modifier, :not or :missing",
        Kind::String => "no modifier, :exact, :contains or :missing",
        Kind::Reference => "no modifier, a type or :missing",
        _ => "no modifier or :missing",
    }
}

/// The values between commas, any of which may match.
fn values(
    here: &At<'_>,
    param: &Param,
    modifier: Modifier<'_>,
    value: &str,
    zone: Zone,
) -> Result<Vec<Value>, QueryError> {
    let one = |text| Value::parse(param, modifier, text, zone);
    split(value, ',').map(|text| one(text).map_err(|expected| here.invalid(expected))).collect()
}

#[cfg(test)]
mod tests;
