//! Random resources as lists of values, and the keys that they have.

use proptest::prelude::*;

use crate::fhir::{Bound, Decimal, Interval, Zone, canonical};
use crate::index::key::{self, tag};

pub(super) const NOW_MS: i64 = 1_650_000_000_000;
pub(super) const BASE: &str = "http://payer.example/fhir";
pub(super) const UCUM: &str = "http://unitsofmeasure.org";

pub(super) const PARAMS: [(&str, &str); 14] = [
    ("Observation", "code"),
    ("Observation", "status"),
    ("Observation", "date"),
    ("Observation", "value-string"),
    ("Observation", "subject"),
    ("Observation", "value-quantity"),
    ("Observation", "code-value-quantity"),
    ("Observation", "_id"),
    ("Observation", "_lastUpdated"),
    ("Observation", "_profile"),
    ("RiskAssessment", "probability"),
    ("RiskAssessment", "date"),
    ("RiskAssessment", "subject"),
    ("RiskAssessment", "identifier"),
];

/// The parameters of a type by the kind of their values.
pub(super) fn params_of(risk: bool) -> &'static [&'static str] {
    if risk {
        &["probability", "date", "subject", "identifier", "_id", "_lastUpdated", "_profile"]
    } else {
        &[
            "code",
            "status",
            "date",
            "value-string",
            "subject",
            "value-quantity",
            "code-value-quantity",
            "_id",
            "_lastUpdated",
            "_profile",
        ]
    }
}

/// A number in units of 0.0001; none = open.
pub(super) type Ends = (Option<i64>, Option<i64>);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stored {
    Token {
        system: String,
        code: String,
    },
    Text(String),
    Date {
        lo: i64,
        hi: i64,
    },
    Number(Ends),
    Quantity {
        ends: Ends,
        unit: usize,
    },
    Local {
        resource_type: &'static str,
        id: String,
    },
    Foreign(String),
    Uri(String),
    Pair {
        code: String,
        ends: Ends,
        unit: usize,
    },
    /// A value that makes no key.
    Bare,
}

/// Code, system, unit of quantities.
pub(super) const UNITS: [(&str, &str, &str); 5] = [
    ("mg", UCUM, "milligram"),
    ("g", UCUM, "mg"),
    ("", "", "tablets"),
    ("mg", "http://other.example", "mg"),
    ("{score}", UCUM, "{score}"),
];

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) risk: bool,
    pub(super) connection: u32,
    pub(super) hidden: bool,
    pub(super) subject: String,
    pub(super) values: Vec<(&'static str, Stored)>,
}

#[derive(Debug, Clone)]
pub(super) struct Corpus {
    pub(super) rows: Vec<Row>,
    /// Where segments end, in thousandths of the rows.
    pub(super) cuts: Vec<u32>,
    /// Which segment (modulo their number) is merged with how many.
    pub(super) merges: Vec<(usize, usize)>,
}

fn decimal(value: i64) -> Decimal {
    Decimal::parse(&format!("{value}e-4")).unwrap()
}

fn bounds(out: &mut Vec<u8>, ends: Ends, scale: impl Fn(Decimal) -> Decimal) {
    let end = |end: Option<i64>, open| end.map_or(open, |v| Bound::At(scale(decimal(v))));
    key::number(out, &end(ends.0, Bound::Lowest), &end(ends.1, Bound::Highest));
}

fn quantity(ends: Ends, unit: usize) -> Vec<(u8, Vec<u8>)> {
    let (code, system, name) = UNITS[unit];
    let mut written = Vec::new();
    key::quantity_unit(&mut written, code, system, name);
    bounds(&mut written, ends, |v| v);
    let mut all = vec![(tag::QUANTITY, written)];
    if system == UCUM
        && let Some(to) = canonical(code)
    {
        let mut payload = Vec::new();
        key::canonical_unit(&mut payload, &to.unit);
        bounds(&mut payload, ends, |v| to.convert(&v));
        all.push((tag::CANONICAL, payload));
    }
    all
}

impl Stored {
    /// Tags and payloads of the keys.
    fn payloads(&self, connection: u32) -> Vec<(u8, Vec<u8>)> {
        let mut out = Vec::new();
        let tag = match self {
            Self::Token { system, code } => {
                key::token(&mut out, system, code, false);
                tag::TOKEN
            }
            Self::Text(text) => {
                key::string(&mut out, text);
                tag::STRING
            }
            Self::Date { lo, hi } => {
                key::date(&mut out, *lo, *hi);
                tag::DATE
            }
            Self::Number(ends) => {
                bounds(&mut out, *ends, |v| v);
                tag::NUMBER
            }
            Self::Quantity { ends, unit } => return quantity(*ends, *unit),
            Self::Local { resource_type, id } => {
                key::local_reference(&mut out, resource_type, id, connection);
                tag::LOCAL
            }
            Self::Foreign(text) => {
                key::verbatim(&mut out, text);
                tag::FOREIGN
            }
            Self::Uri(text) => {
                key::verbatim(&mut out, text);
                tag::URI
            }
            Self::Pair { code, ends, unit } => {
                let mut token = Vec::new();
                key::token(&mut token, "http://loinc.org", code, false);
                let pair = |(tag, payload): (u8, Vec<u8>)| {
                    let mut out = Vec::new();
                    key::component(&mut out, tag::TOKEN, &token);
                    key::component(&mut out, tag, &payload);
                    (tag::COMPOSITE, out)
                };
                return quantity(*ends, *unit).into_iter().map(pair).collect();
            }
            Self::Bare => return Vec::new(),
        };
        vec![(tag, out)]
    }
}

impl Row {
    pub(super) fn type_name(&self) -> &'static str {
        if self.risk { "RiskAssessment" } else { "Observation" }
    }

    pub(super) fn keys(&self, sink: &mut dyn FnMut(&[u8])) {
        let mut key = Vec::new();
        key::resource_type(&mut key, self.type_name());
        sink(&key);
        key::connection(&mut key, self.connection);
        sink(&key);
        key::subject(&mut key, self.connection, &self.subject);
        sink(&key);
        let ids = || self.values.iter().filter(|(code, _)| *code == "_id");
        for (_, id) in ids() {
            let Stored::Token { code, .. } = id else { unreachable!("an id is a token") };
            key::identity(&mut key, self.type_name(), code, self.connection);
            sink(&key);
        }
        if ids().next().is_none() {
            key::identity(&mut key, self.type_name(), MADE_ID, self.connection);
            sink(&key);
        }
        for (code, value) in &self.values {
            let number = super::number(self.type_name(), code);
            key::begin(&mut key, number, tag::PRESENCE);
            sink(&key);
            if *code == "_id" {
                continue;
            }
            for (tag, payload) in value.payloads(self.connection) {
                key::begin(&mut key, number, tag);
                key.extend(payload);
                sink(&key);
            }
        }
    }
}

pub(super) const CODES: [&str; 8] = ["a", "A", "b", "ab", "É", "é", r"x,y|z$w\v", "a b&c=d+e%"];
pub(super) const SYSTEMS: [&str; 3] = ["", "http://loinc.org", UCUM];
pub(super) const TEXTS: [&str; 8] =
    ["Smith", "smith", "Smithers", "Müller", "MULLER", "a\u{1}b", "O'Neil, Ann", "straße"];
pub(super) const DATES: [&str; 10] = [
    "2020",
    "2020-02",
    "2020-02-10",
    "2020-02-10T10:00:00Z",
    "2020-02-10T10:00Z",
    "2020-02-10T10:00:00.250Z",
    "2020-02-11T00:30:00+02:00",
    "1999-12-31",
    "2021",
    "2022-04-15T05:00:00Z",
];
pub(super) const IDS: [&str; 4] = ["p0", "p1", "P1", "Q-7"];
/// What the vault calls a resource that came without an id.
pub(super) const MADE_ID: &str = "x-0";
pub(super) const FOREIGN: [&str; 3] =
    ["urn:uuid:0c3151bd", "http://other.example/fhir/Patient/p1", "Practitioner?identifier=5"];
pub(super) const URIS: [&str; 3] =
    ["http://x.example/p", "http://x.example/P", "http://x.example/p|1.0"];

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(from).prop_map(str::to_owned)
}

fn interval() -> impl Strategy<Value = Stored> {
    let date =
        || prop::sample::select(&DATES[..]).prop_map(|d| Interval::parse(d, Zone::UTC).unwrap());
    prop_oneof![
        4 => date().prop_map(|i| Stored::Date { lo: i.lo, hi: i.hi }),
        1 => (date(), date()).prop_map(|(a, b)| Stored::Date { lo: a.lo.min(b.lo), hi: a.hi.max(b.hi) }),
        1 => date().prop_map(|i| Stored::Date { lo: i.lo, hi: i64::MAX }),
        1 => date().prop_map(|i| Stored::Date { lo: i64::MIN, hi: i.hi }),
    ]
}

pub(super) const NUMBERS: [i64; 10] =
    [0, 5_000, 5_050, 4_950, 10_000, 10_500, 9_500, -20_000, 5_000_000, 10];

fn ends() -> impl Strategy<Value = Ends> {
    let number = || prop::sample::select(&NUMBERS[..]);
    prop_oneof![
        6 => number().prop_map(|v| (Some(v), Some(v))),
        1 => (number(), number()).prop_map(|(a, b)| (Some(a.min(b)), Some(a.max(b)))),
        1 => number().prop_map(|v| (None, Some(v))),
        1 => number().prop_map(|v| (Some(v), None)),
    ]
}

fn stored(code: &'static str) -> BoxedStrategy<Stored> {
    let token =
        (pick(&SYSTEMS), pick(&CODES)).prop_map(|(system, code)| Stored::Token { system, code });
    let unit = 0..UNITS.len();
    match code {
        "code" | "identifier" => prop_oneof![9 => token, 1 => Just(Stored::Bare)].boxed(),
        "status" => prop::sample::select(&["final", "final", "final", "amended"][..])
            .prop_map(|code| Stored::Token { system: "s".to_owned(), code: code.to_owned() })
            .boxed(),
        "_id" => pick(&IDS).prop_map(|code| Stored::Token { system: String::new(), code }).boxed(),
        "date" | "_lastUpdated" => interval().boxed(),
        "value-string" => pick(&TEXTS).prop_map(Stored::Text).boxed(),
        "_profile" => pick(&URIS).prop_map(Stored::Uri).boxed(),
        "probability" => ends().prop_map(Stored::Number).boxed(),
        "value-quantity" => {
            (ends(), unit).prop_map(|(ends, unit)| Stored::Quantity { ends, unit }).boxed()
        }
        "code-value-quantity" => (pick(&CODES), ends(), unit)
            .prop_map(|(code, ends, unit)| Stored::Pair { code, ends, unit })
            .boxed(),
        _ => prop_oneof![
            6 => (prop::sample::select(&["Patient", "Group", "Device"][..]), pick(&IDS))
                .prop_map(|(resource_type, id)| Stored::Local { resource_type, id }),
            1 => pick(&FOREIGN).prop_map(Stored::Foreign),
            1 => Just(Stored::Bare),
        ]
        .boxed(),
    }
}

fn row() -> impl Strategy<Value = Row> {
    let head = (prop::bool::weighted(0.3), 1u32..4, prop::bool::weighted(0.15));
    head.prop_flat_map(|(risk, connection, hidden)| {
        let value =
            prop::sample::select(params_of(risk)).prop_flat_map(|code| (Just(code), stored(code)));
        prop::collection::vec(value, 0..9).prop_map(move |values| Row {
            risk,
            connection,
            hidden,
            subject: "p0".to_owned(),
            values,
        })
    })
}

pub(super) fn corpus() -> impl Strategy<Value = Corpus> {
    (
        prop::collection::vec(row(), 1..60),
        prop::collection::vec(0u32..1_000, 0..8),
        prop::collection::vec((any::<usize>(), 1usize..5), 0..4),
    )
        .prop_map(|(rows, cuts, merges)| Corpus { rows, cuts, merges })
}

impl Corpus {
    /// Observations with dates, codes and ids that repeat, in four segments.
    pub(super) fn of_dates(count: usize) -> Self {
        let row = |at: usize| {
            let day = (at * 7_919 % 4_001) as i64 * 86_400_000_000;
            let token = |code: String| Stored::Token { system: "s".to_owned(), code };
            let status = if at.is_multiple_of(3) { "final" } else { "amended" };
            let mut values = vec![
                ("code", token(format!("c{}", at % 5))),
                ("status", token(status.to_owned())),
                ("_id", token(format!("i{}", at * 31 % 1_000))),
            ];
            if at % 11 != 5 {
                values.push(("date", Stored::Date { lo: day, hi: day + (at % 3) as i64 * 1_000 }));
            }
            if at % 13 == 2 {
                values.push(("date", Stored::Date { lo: day * 2, hi: day * 2 }));
            }
            let subject = format!("p{}", at % 3);
            Row { risk: false, connection: 1, hidden: false, subject, values }
        };
        Self { rows: (0..count).map(row).collect(), cuts: vec![250, 500, 900], merges: Vec::new() }
    }
}
