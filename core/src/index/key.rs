//! Posting keys: `[parameter u16][tag u8][payload]`, big endian, so that byte order is value order.
//! One parameter's keys of one kind are adjacent and sorted by value; a search is a key, a prefix
//! or a range. Text that something follows is escaped, and ends with a zero byte.

mod decode;

#[cfg(any(test, feature = "testing"))]
pub(crate) use decode::bounds;
pub(crate) use decode::{Value, decode, head, split_bounds};

use crate::fhir::{Bound, fold};

/// Parameter numbers of the keys that every vault has.
pub(crate) mod system {
    /// `Type 00 id 00 connection`: the rows of one resource.
    pub(crate) const IDENTITY: u16 = 1;
    /// `Type`: the rows of one resource type.
    pub(crate) const TYPE: u16 = 2;
    /// `connection`: the rows of one connection.
    pub(crate) const CONNECTION: u16 = 3;
    /// `connection, Patient id`: the rows about one subject.
    pub(crate) const SUBJECT: u16 = 4;
    /// The first number a vault gives to a search parameter.
    pub(crate) const FIRST_PARAMETER: u16 = 64;
}

/// The kinds of payload.
pub(crate) mod tag {
    /// The parameter has at least one value (`:missing`); the only tag of the system keys.
    pub(crate) const PRESENCE: u8 = 0x00;
    /// `case-folded code 00 system 00`, then the code as written where its system tells case apart
    /// and the fold differs.
    pub(crate) const TOKEN: u8 = 0x01;
    /// `folded text 00`, then the text as written where it differs.
    pub(crate) const STRING: u8 = 0x02;
    /// Both ends of the closed interval, microseconds, sign bit flipped.
    pub(crate) const DATE: u8 = 0x03;
    /// `01` and a decimal key: a point; or `02` and two, the lower end first: an interval. Points lie
    /// by themselves, so that a comparison with them is a range of keys.
    pub(crate) const NUMBER: u8 = 0x04;
    /// `code 00 system 00 unit 00`, then a number as above: a quantity as written.
    pub(crate) const QUANTITY: u8 = 0x05;
    /// `unit 00`, then a number as above: a quantity in canonical UCUM units.
    pub(crate) const CANONICAL: u8 = 0x06;
    /// `Type 00 id 00 connection`: a reference inside its connection.
    pub(crate) const LOCAL: u8 = 0x07;
    /// A reference to anything else, verbatim.
    pub(crate) const FOREIGN: u8 = 0x08;
    /// A uri, verbatim.
    pub(crate) const URI: u8 = 0x09;
    /// Components, each a tag and payload with `00` doubled to `00 FF`, ended by `00 01`.
    pub(crate) const COMPOSITE: u8 = 0x0A;
}

/// Begins a number that is a point.
pub(crate) const POINT: u8 = 1;
/// Begins a number that is an interval.
pub(crate) const INTERVAL: u8 = 2;

/// Only this many bytes of a text are keyed; a search cuts its value the same way.
pub(crate) const MAX_TEXT: usize = 60_000;

/// Code systems whose codes differ by case alone; all others are compared folded.
const CASE_SENSITIVE: [&str; 1] = ["http://unitsofmeasure.org"];

/// Whether codes of this system are told apart by case.
pub(crate) fn case_sensitive(system: &str) -> bool {
    CASE_SENSITIVE.contains(&system)
}

/// The part of a text that is keyed: at most `MAX_TEXT` bytes, whole characters.
pub(crate) fn cut(text: &str) -> &str {
    if text.len() <= MAX_TEXT { text } else { &text[..text.floor_char_boundary(MAX_TEXT)] }
}

/// Starts a key in `out`, dropping what was there.
pub(crate) fn begin(out: &mut Vec<u8>, parameter: u16, tag: u8) {
    out.clear();
    out.extend_from_slice(&parameter.to_be_bytes());
    out.push(tag);
}

/// Appends `text`, escaped, then the zero byte that ends it.
fn terminated(out: &mut Vec<u8>, text: &str) {
    escaped(out, text);
    out.push(0);
}

/// Appends `text`, escaped: no zero byte is left in it and its order is kept.
fn escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = cut(text).as_bytes();
    if bytes.iter().all(|&b| b > 1) {
        out.extend_from_slice(bytes);
        return;
    }
    for &b in bytes {
        match b {
            0 => out.extend_from_slice(&[1, 2]),
            1 => out.extend_from_slice(&[1, 3]),
            _ => out.push(b),
        }
    }
}

/// The rows of one resource: a whole key.
pub(crate) fn identity(out: &mut Vec<u8>, resource_type: &str, id: &str, connection: u32) {
    begin(out, system::IDENTITY, tag::PRESENCE);
    local_reference(out, resource_type, id, connection);
}

/// The rows of one type: a whole key.
pub(crate) fn resource_type(out: &mut Vec<u8>, resource_type: &str) {
    begin(out, system::TYPE, tag::PRESENCE);
    out.extend_from_slice(cut(resource_type).as_bytes());
}

/// The rows of one connection: a whole key.
pub(crate) fn connection(out: &mut Vec<u8>, connection: u32) {
    begin(out, system::CONNECTION, tag::PRESENCE);
    out.extend_from_slice(&connection.to_be_bytes());
}

/// The keys that every row has beside its identity: its type and its connection.
pub(crate) fn of_every_row(
    buffer: &mut Vec<u8>,
    type_name: &str,
    connection_number: u32,
    mut each: impl FnMut(&[u8]),
) {
    buffer.clear();
    resource_type(buffer, type_name);
    each(buffer);
    buffer.clear();
    connection(buffer, connection_number);
    each(buffer);
}

/// The rows about one subject: a whole key.
pub(crate) fn subject(out: &mut Vec<u8>, connection: u32, patient_id: &str) {
    begin(out, system::SUBJECT, tag::PRESENCE);
    out.extend_from_slice(&connection.to_be_bytes());
    out.extend_from_slice(cut(patient_id).as_bytes());
}

/// Appends the case fold of a code, escaped and ended. Accents stay: R4 ignores case in tokens only.
fn folded_code(out: &mut Vec<u8>, code: &str) {
    let code = cut(code);
    if code.is_ascii() {
        let from = out.len();
        terminated(out, code);
        out[from..].make_ascii_lowercase();
    } else {
        terminated(out, &caseless::default_case_fold_str(code));
    }
}

/// Payload of a token; no system is the empty one. The code as written is added where case counts:
/// `exact` by the element's type, else by the system.
pub(crate) fn token(out: &mut Vec<u8>, system: &str, code: &str, exact: bool) {
    let from = out.len();
    token_prefix(out, Some(system), code);
    if (exact || case_sensitive(system)) && !out[from..].starts_with(code.as_bytes()) {
        out.extend_from_slice(cut(code).as_bytes());
    }
}

/// Prefix of the payloads of all tokens with this code, in any case, in one system or in all.
pub(crate) fn token_prefix(out: &mut Vec<u8>, system: Option<&str>, code: &str) {
    folded_code(out, code);
    if let Some(system) = system {
        terminated(out, system);
    }
}

/// Appends the fold of a text, escaped; says whether it differs from the text.
fn folded(out: &mut Vec<u8>, text: &str) -> bool {
    if text.is_ascii() {
        let from = out.len();
        escaped(out, text);
        out[from..].make_ascii_lowercase();
        text.bytes().any(|b| b.is_ascii_uppercase())
    } else {
        let fold = fold(text);
        escaped(out, &fold);
        fold != text
    }
}

/// Payload of a string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    let text = cut(text);
    let differs = folded(out, text);
    out.push(0);
    if differs {
        out.extend_from_slice(text.as_bytes());
    }
}

/// Prefix of the payloads of all strings that begin with this text, by their folds.
pub(crate) fn string_start(out: &mut Vec<u8>, text: &str) {
    folded(out, cut(text));
}

/// Payload of a date: a closed interval in microseconds since 1970.
pub(crate) fn date(out: &mut Vec<u8>, lo: i64, hi: i64) {
    out.extend_from_slice(&instant(lo));
    out.extend_from_slice(&instant(hi));
}

/// One end of a date key: byte order is time order.
pub(crate) fn instant(micros: i64) -> [u8; 8] {
    (micros ^ i64::MIN).to_be_bytes()
}

/// Payload of a number, and the end of that of a quantity: the ends of the closed interval. The
/// bytes of one end compare as its value does.
pub(crate) fn number(out: &mut Vec<u8>, lo: &Bound, hi: &Bound) {
    if lo == hi {
        out.push(POINT);
        lo.order_key(out);
    } else {
        out.push(INTERVAL);
        lo.order_key(out);
        hi.order_key(out);
    }
}

/// Prefix of the payloads of all quantities written with this code, system and unit; what
/// [`number`] writes follows.
pub(crate) fn quantity_unit(out: &mut Vec<u8>, code: &str, system: &str, unit: &str) {
    terminated(out, code);
    terminated(out, system);
    terminated(out, unit);
}

/// Prefix of the payloads of all quantities with this canonical unit; what [`number`]
/// writes follows.
pub(crate) fn canonical_unit(out: &mut Vec<u8>, unit: &str) {
    terminated(out, unit);
}

/// Payload of a reference inside its connection.
pub(crate) fn local_reference(out: &mut Vec<u8>, resource_type: &str, id: &str, connection: u32) {
    terminated(out, resource_type);
    terminated(out, id);
    out.extend_from_slice(&connection.to_be_bytes());
}

/// Prefix of the payloads of all local references to this type and id, in any connection.
pub(crate) fn local_target(out: &mut Vec<u8>, resource_type: &str, id: &str) {
    terminated(out, resource_type);
    terminated(out, id);
}

/// Payload of a uri or of a reference to something else: the text verbatim.
pub(crate) fn verbatim(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(cut(text).as_bytes());
}

/// Appends one component of a composite: its tag and its payload (whole, or a prefix of it, which
/// then leaves the component open).
pub(crate) fn component_start(out: &mut Vec<u8>, tag: u8, payload: &[u8]) {
    out.push(tag);
    component_more(out, payload);
}

/// Appends more of an open component's payload.
pub(crate) fn component_more(out: &mut Vec<u8>, payload: &[u8]) {
    for &b in payload {
        out.push(b);
        if b == 0 {
            out.push(0xFF);
        }
    }
}

/// Appends one whole component of a composite.
pub(crate) fn component(out: &mut Vec<u8>, tag: u8, payload: &[u8]) {
    component_start(out, tag, payload);
    out.extend_from_slice(&[0, 1]);
}

#[cfg(test)]
mod tests;
