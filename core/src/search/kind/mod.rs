//! What a value of a query means, one file per kind of parameter. Each can say which keys may hold
//! what it matches, and decide a single key; the second is the meaning, the first only saves work.

mod composite;
mod date;
mod number;
mod quantity;
mod reference;
mod string;
mod token;
mod uri;

pub(crate) use date::{DateCheck, DateTest};

use composite::CompositeTest;
use number::NumberTest;
use quantity::QuantityTest;
use reference::ReferenceTest;
use string::StringTest;
use token::TokenTest;
use uri::UriTest;

use crate::fhir::Zone;
use crate::index::key;
use crate::index::params::{Kind, Param};
use crate::index::segment::KeyRange;

/// What a value is compared with beside the index itself.
pub(crate) struct Context<'c> {
    /// Addresses of connections, without a slash at the end.
    pub(crate) bases: &'c [(u32, String)],
    /// Microseconds since 1970.
    pub(crate) now: i64,
}

/// One value of a query.
#[derive(Clone)]
pub(crate) enum Value {
    Token(TokenTest),
    String(StringTest),
    Date(DateTest),
    Number(NumberTest),
    Quantity(QuantityTest),
    Reference(ReferenceTest),
    Uri(UriTest),
    Composite(CompositeTest),
}

/// Where the keys that a value matches are.
#[derive(Clone)]
pub(crate) enum Lookup {
    /// One key.
    Key(Vec<u8>),
    /// All keys of a range, or with `check` those that [`Value::test`] accepts.
    Range { range: KeyRange, check: bool },
    /// Local references to this id, of any type.
    AnyType(String),
}

/// What the payload of everything that a value matches begins with.
struct Beginning {
    tag: u8,
    payload: Vec<u8>,
    /// Nothing follows.
    whole: bool,
}

/// How a value of a query is modified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modifier<'m> {
    Plain,
    Exact,
    Contains,
    /// The type that a reference must be to.
    Type(&'m str),
}

/// What was expected in place of a value.
pub(crate) type Expected = &'static str;

/// The comparison that the two letters before a value ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
    Sa,
    Eb,
    Ap,
}

impl Prefix {
    /// The prefix and what follows; none is `eq`.
    fn split(text: &str) -> (Self, &str) {
        let prefix = match text.get(..2) {
            Some("eq") => Self::Eq,
            Some("ne") => Self::Ne,
            Some("gt") => Self::Gt,
            Some("lt") => Self::Lt,
            Some("ge") => Self::Ge,
            Some("le") => Self::Le,
            Some("sa") => Self::Sa,
            Some("eb") => Self::Eb,
            Some("ap") => Self::Ap,
            _ => return (Self::Eq, text),
        };
        (prefix, &text[2..])
    }
}

impl Value {
    /// Reads one value (still escaped) of a parameter of this kind.
    pub(crate) fn parse(
        param: &Param,
        modifier: Modifier<'_>,
        text: &str,
        zone: Zone,
    ) -> Result<Self, Expected> {
        if param.kind == Kind::Composite {
            return Ok(Self::Composite(CompositeTest::parse(&param.components, text, zone)?));
        }
        Self::parse_simple(param.kind, param.exact, modifier, text, zone)
    }

    fn parse_simple(
        kind: Kind,
        exact: bool,
        modifier: Modifier<'_>,
        text: &str,
        zone: Zone,
    ) -> Result<Self, Expected> {
        Ok(match kind {
            Kind::Token => Self::Token(TokenTest::parse(text, exact)?),
            Kind::String => Self::String(StringTest::parse(text, modifier)?),
            Kind::Date => Self::Date(DateTest::parse(text, zone)?),
            Kind::Number => Self::Number(NumberTest::parse(text)?),
            Kind::Quantity => Self::Quantity(QuantityTest::parse(text)?),
            Kind::Reference => Self::Reference(ReferenceTest::parse(text, modifier)?),
            Kind::Uri => Self::Uri(UriTest::parse(text)?),
            Kind::Composite => return Err("a value that is not itself a composite"),
        })
    }

    /// Where to look for it among the keys of the parameter with this number.
    pub(crate) fn lookups(&self, parameter: u16, context: &Context<'_>) -> Vec<Lookup> {
        match self {
            Self::Token(test) => test.lookups(parameter),
            Self::String(test) => test.lookups(parameter),
            Self::Date(_) => whole(parameter, key::tag::DATE),
            Self::Number(test) => {
                let start = start(parameter, key::tag::NUMBER);
                test.lookups(&start, |key, end| key.extend_from_slice(end)).collect()
            }
            Self::Quantity(test) => test.lookups(parameter),
            Self::Reference(test) => test.lookups(parameter, context),
            Self::Uri(test) => test.lookups(parameter),
            Self::Composite(test) => test.lookups(parameter),
        }
    }

    /// Tells whether it matches a single value, given as tag and payload of its key.
    pub(crate) fn test<'t>(
        &'t self,
        context: &'t Context<'_>,
    ) -> impl FnMut(u8, &[u8]) -> bool + 't {
        let mut buffer = Vec::new();
        move |tag, payload| match self {
            Self::Composite(test) => test.test(tag, payload, context, &mut buffer),
            simple => simple.test_simple(tag, payload, context),
        }
    }

    fn test_simple(&self, tag: u8, payload: &[u8], context: &Context<'_>) -> bool {
        match self {
            Self::Token(test) => test.test(tag, payload),
            Self::String(test) => test.test(tag, payload),
            Self::Date(test) => test.test(tag, payload, context),
            Self::Number(test) => tag == key::tag::NUMBER && test.test(payload),
            Self::Quantity(test) => test.test(tag, payload),
            Self::Reference(test) => test.test(tag, payload, context),
            Self::Uri(test) => test.test(tag, payload),
            // No composite is in a composite.
            Self::Composite(_) => false,
        }
    }

    /// How the payload of everything it matches begins, where that is one way.
    fn beginning(&self) -> Option<Beginning> {
        match self {
            Self::Token(test) => test.beginning(),
            Self::Quantity(test) => test.beginning(),
            _ => None,
        }
    }

    /// A number in whose order the keys are, behind what [`Self::beginning`] says.
    fn number(&self) -> Option<&NumberTest> {
        match self {
            Self::Quantity(test) => test.number(),
            _ => None,
        }
    }
}

/// The first bytes of all keys of a parameter with this tag.
fn start(parameter: u16, tag: u8) -> Vec<u8> {
    let mut start = Vec::with_capacity(64);
    key::begin(&mut start, parameter, tag);
    start
}

/// Looks at every key of the parameter with this tag.
fn whole(parameter: u16, tag: u8) -> Vec<Lookup> {
    vec![Lookup::Range { range: KeyRange::prefix(&start(parameter, tag)), check: true }]
}

/// Splits at a sign that no backslash takes away; the backslashes stay.
pub(crate) fn split(text: &str, sign: char) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    text.split(move |c| {
        let splits = c == sign && !escaped;
        escaped = c == '\\' && !escaped;
        splits
    })
}

/// A value without its backslashes.
pub(crate) fn unescape(text: &str) -> Result<String, Expected> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(sign @ (',' | '|' | '$' | '\\')) => out.push(sign),
                _ => return Err(r"after a backslash one of , | $ \"),
            },
            c => out.push(c),
        }
    }
    Ok(out)
}
