//! Random queries as data: how they are written, and what each means for a row.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::corpus::{
    BASE, CODES, Corpus, DATES, Ends, FOREIGN, IDS, MADE_ID, NOW_MS, NUMBERS, Row, SYSTEMS, Stored,
    TEXTS, UCUM, UNITS, URIS, params_of,
};
use crate::fhir::{Interval, Zone, fold};

const PREFIXES: [&str; 10] = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

/// A number as written in a query.
#[derive(Debug, Clone)]
pub(super) struct Number {
    prefix: &'static str,
    text: &'static str,
    /// In units of 0.0001: value, half a unit of the last digit.
    value: i64,
    half: i64,
}

const WRITTEN: [(&str, i64, i64); 9] = [
    ("0.5", 5_000, 500),
    ("0.50", 5_000, 50),
    ("0.500", 5_000, 5),
    ("1", 10_000, 5_000),
    ("1.0", 10_000, 500),
    ("0", 0, 5_000),
    ("-2", -20_000, 5_000),
    ("500", 5_000_000, 5_000),
    ("1e-3", 10, 5),
];

#[derive(Debug, Clone)]
pub(super) enum One {
    Token { system: Option<String>, code: Option<String> },
    Text { text: String, modifier: &'static str },
    Date { prefix: &'static str, text: &'static str },
    Number(Number),
    Quantity(Number, Unit),
    Reference { text: String, of: Option<&'static str> },
    Uri(String),
    Pair { code: String, number: Number, unit: Unit },
}

#[derive(Debug, Clone)]
pub(super) enum Unit {
    Any,
    Named(&'static str),
    Coded(&'static str, &'static str),
}

#[derive(Debug, Clone)]
pub(super) struct Clause {
    code: &'static str,
    modifier: &'static str,
    values: Vec<One>,
    missing: Option<bool>,
}

#[derive(Debug, Clone)]
pub(super) struct Asked {
    risk: bool,
    clauses: Vec<Clause>,
    sort: Option<(&'static str, bool)>,
    count: u32,
}

fn same_code(stored: &str, wanted: &str, case: bool) -> bool {
    if case { stored == wanted } else { stored.to_lowercase() == wanted.to_lowercase() }
}

impl Number {
    fn matches(&self, (lo, hi): Ends, scale: (i64, i64)) -> bool {
        // Both sides in the smaller unit.
        let lo = lo.map_or(i128::MIN, |v| i128::from(v) * i128::from(scale.0));
        let hi = hi.map_or(i128::MAX, |v| i128::from(v) * i128::from(scale.0));
        let own = |v: i64| i128::from(v) * i128::from(scale.1);
        let (value, half) = (own(self.value), own(self.half));
        let inside =
            value - half <= lo && lo < value + half && value - half <= hi && hi < value + half;
        let tenth = value.abs();
        match self.prefix {
            "" | "eq" => inside,
            "ne" => !inside,
            "gt" => hi > value,
            "ge" => hi >= value,
            "lt" => lo < value,
            "le" => lo <= value,
            "sa" => lo > value,
            "eb" => hi < value,
            // In tenths of the unit.
            _ => {
                lo.saturating_mul(10) <= value * 10 + tenth
                    && hi.saturating_mul(10) >= value * 10 - tenth
            }
        }
    }
}

fn quantity_matches(number: &Number, unit: &Unit, ends: Ends, stored: usize) -> bool {
    let (code, system, name) = UNITS[stored];
    let grams = |code| if code == "g" { 1_000 } else { 1 };
    match unit {
        Unit::Any => number.matches(ends, (1, 1)),
        Unit::Named(wanted) => (code == *wanted || name == *wanted) && number.matches(ends, (1, 1)),
        Unit::Coded(own_system, own_code) => {
            let convertible = |code| code == "g" || code == "mg";
            if *own_system == UCUM && convertible(*own_code) {
                system == UCUM
                    && convertible(code)
                    && number.matches(ends, (grams(code), grams(own_code)))
            } else {
                system == *own_system && code == *own_code && number.matches(ends, (1, 1))
            }
        }
    }
}

fn date_matches(prefix: &str, own: Interval, lo: i64, hi: i64) -> bool {
    let inside = own.lo <= lo && hi <= own.hi;
    match prefix {
        "" | "eq" => inside,
        "ne" => !inside,
        "gt" => hi > own.hi,
        "ge" => hi > own.hi || inside,
        "lt" => lo < own.lo,
        "le" => lo < own.lo || inside,
        "sa" => lo > own.hi,
        "eb" => hi < own.lo,
        _ => {
            let now = NOW_MS * 1_000;
            let distance = if now < own.lo { own.lo - now } else { (now - own.hi).max(0) };
            let reach = (distance / 10).max(own.hi - own.lo + 1);
            lo <= own.hi + reach && hi >= own.lo - reach
        }
    }
}

impl One {
    fn matches(&self, stored: &Stored, row: &Row, param: &str) -> bool {
        match (self, stored) {
            (Self::Token { system, code }, Stored::Token { system: own, code: own_code }) => {
                let case = param == "_id" || own == UCUM;
                system.as_ref().is_none_or(|s| s == own)
                    && code.as_ref().is_none_or(|c| same_code(own_code, c, case))
            }
            (Self::Text { text, modifier }, Stored::Text(own)) => match *modifier {
                "exact" => own == text,
                "contains" => fold(own).contains(&*fold(text)),
                _ => fold(own).starts_with(&*fold(text)),
            },
            (Self::Date { prefix, text }, Stored::Date { lo, hi }) => {
                date_matches(prefix, Interval::parse(text, Zone::UTC).unwrap(), *lo, *hi)
            }
            (Self::Number(number), Stored::Number(ends)) => number.matches(*ends, (1, 1)),
            (Self::Quantity(number, unit), Stored::Quantity { ends, unit: stored }) => {
                quantity_matches(number, unit, *ends, *stored)
            }
            (Self::Pair { code, number, unit }, Stored::Pair { code: own, ends, unit: stored }) => {
                same_code(own, code, false) && quantity_matches(number, unit, *ends, *stored)
            }
            (Self::Reference { text, of }, Stored::Local { resource_type, id }) => {
                let own = format!("{resource_type}/{id}");
                let plain = text.split("/_history/").next().unwrap();
                of.is_none_or(|of| of == *resource_type)
                    && (plain == own
                        || text == id
                        || row.connection == 1 && plain == format!("{BASE}/{own}"))
            }
            (Self::Reference { text, .. }, Stored::Foreign(own)) => text == own,
            (Self::Uri(text), Stored::Uri(own)) => text == own,
            _ => false,
        }
    }

    fn text(&self) -> String {
        let unit = |unit: &Unit| match unit {
            Unit::Any => String::new(),
            Unit::Named(name) => format!("||{}", escaped(name)),
            Unit::Coded(system, code) => format!("|{}|{}", escaped(system), escaped(code)),
        };
        match self {
            Self::Token { system, code } => {
                let code = code.as_deref().map(escaped).unwrap_or_default();
                system.as_ref().map_or(code.clone(), |s| format!("{}|{code}", escaped(s)))
            }
            Self::Text { text, .. } | Self::Reference { text, .. } | Self::Uri(text) => {
                escaped(text)
            }
            Self::Date { prefix, text } => format!("{prefix}{text}"),
            Self::Number(number) => format!("{}{}", number.prefix, number.text),
            Self::Quantity(number, of) => format!("{}{}{}", number.prefix, number.text, unit(of)),
            Self::Pair { code, number, unit: of } => {
                format!("{}${}{}{}", escaped(code), number.prefix, number.text, unit(of))
            }
        }
    }
}

fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| [Some('\\').filter(|_| r"\,|$".contains(c)), Some(c)])
        .flatten()
        .collect()
}

fn encoded(text: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~|,$:/+\\".contains(&b);
    text.bytes()
        .map(|b| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

impl Clause {
    fn holds(&self, row: &Row) -> bool {
        let mut own = row.values.iter().filter(|(code, _)| *code == self.code).map(|(_, v)| v);
        if let Some(missing) = self.missing {
            return own.next().is_none() == missing;
        }
        let any = own.any(|v| self.values.iter().any(|one| one.matches(v, row, self.code)));
        any != (self.modifier == "not")
    }

    fn text(&self) -> String {
        if let Some(missing) = self.missing {
            return format!("{}:missing={missing}", self.code);
        }
        let values: Vec<_> = self.values.iter().map(One::text).collect();
        let colon = if self.modifier.is_empty() { "" } else { ":" };
        format!("{}{colon}{}={}", self.code, self.modifier, encoded(&values.join(",")))
    }
}

/// What a value is sorted by.
fn sort_key(value: &Stored, descending: bool) -> Option<(Option<i64>, String)> {
    Some(match value {
        Stored::Token { system, code } => {
            (Some(0), format!("{}\u{0}{system}", code.to_lowercase()))
        }
        Stored::Text(text) => (Some(0), fold(text).into_owned()),
        Stored::Uri(text) | Stored::Foreign(text) => (Some(0), text.clone()),
        Stored::Date { lo, hi } => (Some(if descending { *hi } else { *lo }), String::new()),
        Stored::Number((lo, _)) | Stored::Quantity { ends: (lo, _), .. } => (*lo, String::new()),
        Stored::Local { resource_type, id } => (Some(0), format!("{resource_type}/{id}")),
        Stored::Pair { .. } | Stored::Bare => return None,
    })
}

impl Asked {
    pub(super) fn text(&self) -> String {
        let name = if self.risk { "RiskAssessment" } else { "Observation" };
        let mut parts: Vec<_> = self.clauses.iter().map(Clause::text).collect();
        if let Some((code, descending)) = self.sort {
            parts.push(format!("_sort={}{code}", if descending { "-" } else { "" }));
        }
        parts.push(format!("_count={}", self.count));
        format!("{name}?{}", parts.join("&"))
    }

    /// The rows of the whole answer, in order.
    pub(super) fn answer(&self, corpus: &Corpus, connections: Option<&[u32]>) -> Vec<u32> {
        let rows = (0u32..).zip(&corpus.rows).filter(|(_, row)| {
            row.risk == self.risk
                && !row.hidden
                && connections.is_none_or(|only| only.contains(&row.connection))
                && self.clauses.iter().all(|clause| clause.holds(row))
        });
        let Some((code, descending)) = self.sort else { return rows.map(|(at, _)| at).collect() };
        let mut keyed: Vec<_> = rows
            .map(|(at, row)| {
                let own = row.values.iter().filter(|(c, _)| *c == code);
                let keys = own.filter_map(|(_, value)| sort_key(value, descending));
                (if descending { keys.max() } else { keys.min() }, at)
            })
            .collect();
        keyed.sort_by(|(a, row_a), (b, row_b)| {
            let order = match (a, b) {
                (Some(a), Some(b)) if descending => b.cmp(a),
                (Some(a), Some(b)) => a.cmp(b),
                (None, None) => Ordering::Equal,
                (a, b) => a.is_none().cmp(&b.is_none()),
            };
            order.then(row_a.cmp(row_b))
        });
        keyed.into_iter().map(|(_, at)| at).collect()
    }

    /// A query of `status`, `date=lt…` and `_sort` only.
    pub(super) fn parse_plain(text: &'static str) -> Self {
        let mut asked = Self { risk: false, clauses: Vec::new(), sort: None, count: 0 };
        for pair in text.split_once('?').unwrap().1.split('&') {
            match pair.split_once('=').unwrap() {
                ("_count", count) => asked.count = count.parse().unwrap(),
                ("_sort", code) => {
                    let descending = code.starts_with('-');
                    asked.sort = Some((code.trim_start_matches('-'), descending));
                }
                ("status", code) => asked.clauses.push(Clause {
                    code: "status",
                    modifier: "",
                    values: vec![One::Token { system: None, code: Some(code.to_owned()) }],
                    missing: None,
                }),
                (_, date) => asked.clauses.push(Clause {
                    code: "date",
                    modifier: "",
                    values: vec![One::Date { prefix: "lt", text: &date[2..] }],
                    missing: None,
                }),
            }
        }
        asked
    }
}

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(from).prop_map(str::to_owned)
}

fn number() -> impl Strategy<Value = Number> {
    (prop::sample::select(&PREFIXES[..]), prop::sample::select(&WRITTEN[..])).prop_map(
        |(prefix, (text, value, half))| {
            debug_assert!(NUMBERS.contains(&value));
            Number { prefix, text, value, half }
        },
    )
}

fn unit() -> impl Strategy<Value = Unit> {
    prop::sample::select(
        &[
            (0, "", ""),
            (1, "", "mg"),
            (1, "", "tablets"),
            (2, UCUM, "mg"),
            (2, UCUM, "g"),
            (2, UCUM, "{score}"),
            (2, "http://other.example", "mg"),
        ][..],
    )
    .prop_map(|(form, system, code)| match form {
        0 => Unit::Any,
        1 => Unit::Named(code),
        _ => Unit::Coded(system, code),
    })
}

fn one(code: &'static str, modifier: &'static str) -> BoxedStrategy<One> {
    match code {
        "code" | "identifier" | "status" => {
            let codes = if code == "status" { &["final", "FINAL", "x"][..] } else { &CODES[..] };
            let full = (prop::option::of(pick(&SYSTEMS)), pick(codes))
                .prop_map(|(system, code)| One::Token { system, code: Some(code) });
            let system = pick(&SYSTEMS[1..])
                .prop_map(|system| One::Token { system: Some(system), code: None });
            prop_oneof![5 => full, 1 => system].boxed()
        }
        "_id" => prop_oneof![9 => pick(&IDS), 1 => Just(MADE_ID.to_owned())]
            .prop_map(|code| One::Token { system: None, code: Some(code) })
            .boxed(),
        "date" | "_lastUpdated" => {
            (prop::sample::select(&PREFIXES[..]), prop::sample::select(&DATES[..]))
                .prop_map(|(prefix, text)| One::Date { prefix, text })
                .boxed()
        }
        "value-string" => (pick(&TEXTS), 1usize..9)
            .prop_map(move |(text, length)| {
                let text = match modifier {
                    "exact" => text,
                    "contains" => text.chars().skip(1).take(length).collect(),
                    _ => text.chars().take(length).collect(),
                };
                One::Text { text, modifier }
            })
            .boxed(),
        "_profile" => pick(&URIS).prop_map(One::Uri).boxed(),
        "probability" => number().prop_map(One::Number).boxed(),
        "value-quantity" => (number(), unit()).prop_map(|(n, unit)| One::Quantity(n, unit)).boxed(),
        "code-value-quantity" => (pick(&CODES), number(), unit())
            .prop_map(|(code, number, unit)| One::Pair { code, number, unit })
            .boxed(),
        _ if modifier == "Patient" => {
            pick(&IDS).prop_map(|text| One::Reference { text, of: Some("Patient") }).boxed()
        }
        _ => prop_oneof![
            2 => pick(&IDS),
            2 => pick(&IDS).prop_map(|id| format!("Patient/{id}")),
            1 => pick(&IDS).prop_map(|id| format!("Group/{id}/_history/2")),
            1 => pick(&IDS).prop_map(|id| format!("{BASE}/Patient/{id}")),
            1 => pick(&FOREIGN),
        ]
        .prop_map(|text| One::Reference { text, of: None })
        .boxed(),
    }
}

fn clause(code: &'static str) -> impl Strategy<Value = Clause> {
    let modifiers: &[&str] = match code {
        "code" | "identifier" | "status" | "_id" => &["", "", "", "not"],
        "value-string" => &["", "exact", "contains"],
        "subject" => &["", "", "", "Patient"],
        _ => &[""],
    };
    let missing = prop::option::weighted(0.1, any::<bool>());
    (prop::sample::select(modifiers), missing).prop_flat_map(move |(modifier, missing)| {
        prop::collection::vec(one(code, modifier), 1..3).prop_map(move |values| Clause {
            code,
            modifier,
            values,
            missing,
        })
    })
}

pub(super) fn asked() -> impl Strategy<Value = Asked> {
    prop::bool::weighted(0.3).prop_flat_map(|risk| {
        let clause = prop::sample::select(params_of(risk)).prop_flat_map(clause);
        let codes: Vec<_> =
            params_of(risk).iter().copied().filter(|c| *c != "code-value-quantity").collect();
        let sort = prop::option::of((prop::sample::select(codes), any::<bool>()));
        let count = prop_oneof![1u32..5, Just(100u32)];
        (prop::collection::vec(clause, 0..4), sort, count)
            .prop_map(move |(clauses, sort, count)| Asked { risk, clauses, sort, count })
    })
}
