use serde::Deserialize;
use serde_json::value::RawValue;

use super::*;
use crate::fhir::json::TapeBuffer;
use crate::fhir::pack;

/// Gives at most `step` bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.0.len().min(self.1).min(out.len());
        out[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

/// Everything an input gives, as text: `offset:bytes`, then `!offset` for an error.
fn split(input: &[u8], step: usize) -> Vec<String> {
    let mut splitter = Splitter::new(Slow(input, step));
    let mut out = Vec::new();
    loop {
        match splitter.next() {
            Ok(None) => return out,
            Ok(Some(Item::BundleEnd(n))) => out.push(format!("end {n}")),
            Ok(Some(Item::Piece(piece))) => {
                let at = usize::try_from(piece.offset).unwrap();
                assert_eq!(&input[at..at + piece.bytes.len()], piece.bytes.as_slice());
                let mut line = String::from_utf8_lossy(&piece.bytes).into_owned();
                match piece.read(&mut TapeBuffer::default()) {
                    Ok(_) => {}
                    Err(PieceFault::Quarantine(why)) => line += &format!(" {why:?}"),
                    Err(PieceFault::Broken(e)) => {
                        out.push(format!("!{}", e.offset));
                        return out;
                    }
                }
                if piece.bundle != 0 {
                    line = format!("{} {line}", piece.bundle);
                }
                if let Some(url) = piece.full_url {
                    line = format!("<{url}> {line}");
                }
                if piece.search_mode_outcome {
                    line = format!("outcome {line}");
                }
                if piece.searchset {
                    line = format!("set {line}");
                }
                out.push(line);
            }
            Err(e) => {
                assert!(splitter.next().is_err());
                out.push(format!("!{}", e.offset));
                return out;
            }
        }
    }
}

#[track_caller]
fn check(input: &str, expected: &[&str]) {
    for step in [1, 2, 3, 7, 1 << 20] {
        assert_eq!(split(input.as_bytes(), step), expected, "step {step}");
    }
}

const P: &str = r#"{"resourceType":"Patient","id":"a"}"#;

#[test]
fn single_resources_ndjson_and_values_in_a_row() {
    check(P, &[P]);
    check("", &[]);
    check(" \n\r\t ", &[]);
    check(&format!("\u{feff}{P}\r\n\r\n{P}{P}"), &[P, P, P]);
    check(
        &format!("[{P}] 12 \"x\" null{P}"),
        &[&format!("[{P}] NotAResource"), "12 NotAResource", "\"x\" NotAResource", "!49"],
    );
    check(
        "{} {\"resourceType\":5} {\"resourceType\":\"a/b\"}",
        &[
            "{} NotAResource",
            "{\"resourceType\":5} NotAResource",
            "{\"resourceType\":\"a/b\"} NotAResource",
        ],
    );
    let late = r#"{"id":"}\"{","x":[{"resourceType":"Bundle"}],"resourceType":"Patient"}"#;
    check(late, &[late]);
}

#[test]
fn bundles_are_envelopes_except_documents_and_messages() {
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"searchset","link":[{{"url":"]}}"}}],"entry":[
        {{"fullUrl":"urn:uuid:1","resource":{P},"search":{{"mode":"match"}}}},
        {{"search":{{"mode":"outcome"}},"resource":{{"resourceType":"OperationOutcome"}}}},
        {{"fullUrl":"b"}}, {{}}, {{"resource":null}}, {{"resource":[1]}}, 7,
        {{"resource":{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{P}}}]}}}}
        ], "total": 3}}"#
    );
    let inner =
        format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{P}}}]}}"#);
    let expected = [
        format!("set <urn:uuid:1> 1 {P}"),
        "set outcome 1 {\"resourceType\":\"OperationOutcome\"}".to_owned(),
        "set 1 [1] NotAResource".to_owned(),
        "set 1 7 NotAResource".to_owned(),
        format!("set 1 {inner}"),
        "end 1".to_owned(),
    ];
    check(&bundle, &expected.each_ref().map(String::as_str));
    for kind in ["document", "message"] {
        let whole =
            format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{{"resource":{P}}}]}}"#);
        check(&whole, &[&whole]);
        let late =
            format!(r#"{{"entry":[{{"resource":{P}}}],"resourceType":"Bundle","type":"{kind}"}}"#);
        check(&format!("{late}\n{late}"), &[&late, &late]);
    }
}

#[test]
fn the_type_may_stand_last_or_be_absent() {
    let line = format!("1 {P}");
    for tail in [
        r#","resourceType":"Bundle","type":"batch""#,
        r#","type":"x","resourceType":"Bundle""#,
        r#","resourceType":"Bundle""#,
    ] {
        check(
            &format!(r#"{{"entry":[{{"resource":{P}}}, {{"resource":{P}}}],"id":"q"{tail}}}"#),
            &[&line, &line, "end 1"],
        );
    }
    check(r#"{"resourceType":"Bundle"}{"resourceType":"Bundle","entry":{}}"#, &["end 1", "end 2"]);
    let two = format!(r#"{{"resourceType":"Bundle","entry":{{"resource":{P}}}}}"#);
    check(&two, &[&line, "end 1"]);
}

#[test]
fn doubled_members_lose_nothing() {
    let entry = format!(r#"{{"resource":{P},"resource":{P}}}"#);
    check(
        &format!(
            r#"{{"resourceType":"Bundle","type":"batch","entry":[{entry}],"entry":[{{"resource":{P}}}]}}"#
        ),
        &[&format!("1 {entry} DuplicateKey"), &format!("1 {P}"), "end 1"],
    );
}

#[test]
fn too_deep_is_set_apart_not_fatal() {
    let deep =
        format!("{{\"resourceType\":\"Basic\",\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
    check(&format!("{deep}\n{P}"), &[&format!("{deep} TooDeep"), P]);
    let fits = format!("{{\"resourceType\":\"Basic\",\"a\":{}{}}}", "[".repeat(99), "]".repeat(99));
    check(&fits, &[&fits]);
    check(&"[".repeat(100_000)[..], &["!100000"]);
}

#[test]
fn faults_are_named_by_their_first_byte() {
    check("}", &["!0"]);
    check("{", &["!1"]);
    check("\u{feff}{\"a\" 1}", &["!8"]);
    check(&format!("{P} x"), &[P, "!36"]);
    check(&format!("{P},{P}"), &[P, "!35"]);
    // The first unescaped quote turns strings inside out up to the end of the input.
    check(r#"{"resourceType":"Patient","x":"a"b","y":"c"}"#, &["!33"]);
    let start = r#"{"resourceType":"Bundle","type":"batch","entry":["#;
    for (entry, at) in [
        (r#"{"resource":{"resourceType":"A","x":"a"b","y":"c"}}]}"#, 39),
        (r#"{"resource":{"resourceType":"A" "b":1}}]}"#, 32),
        (r#"{"resource":{"resourceType":"A"]}]}"#, 31),
        (r#"{"resource" {}}]}"#, 12),
        (r#"{"resource":{},}]}"#, 15),
        (r#"{"fullUrl":tru,"resource":{}}]}"#, 14),
        (r#"{"fullUrl":"\x","resource":{}}]}"#, 13),
        (r#", {}]}"#, 0),
        (r#"{} {}]}"#, 3),
        (r#"{}}"#, 2),
    ] {
        let error = format!("!{}", start.len() + at);
        check(&format!("{start}{entry}"), &[&error]);
    }
    let one = format!("{start}{{\"resource\":{P}}}");
    let line = format!("1 {P}");
    check(&format!("{one},]}}"), &[&line, &format!("!{}", one.len() + 1)]);
    check(&format!("{one}],}}"), &[&line, &format!("!{}", one.len() + 2)]);
    check(&format!("{one}],\"link\":[}}}}"), &[&line, &format!("!{}", one.len() + 10)]);
    check(&format!("{one}] \"a\":1}}"), &[&line, &format!("!{}", one.len() + 2)]);
}

#[test]
fn an_input_cut_anywhere_fails_at_its_end() {
    let input = format!(
        r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"fullUrl":"é\u0041","resource":{P}}},{{"resource":{P}}}],"total":2}}"#
    );
    let first = input.find(P).unwrap() + P.len() + 1;
    let second = input.rfind(P).unwrap() + P.len() + 1;
    for cut in 1..input.len() {
        let got = split(&input.as_bytes()[..cut], 5);
        assert_eq!(got.last().unwrap(), &format!("!{cut}"));
        assert_eq!(got.len(), 1 + usize::from(cut >= first) + usize::from(cut >= second), "{cut}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_a_fault_of_their_place() {
    let mut input = format!(r#"{{"resourceType":"Patient","id":"?"}} {P}"#).into_bytes();
    input[32] = 0xe9;
    assert_eq!(split(&input, 9), ["!32"]);
    assert_eq!(split(b"\xff\xfe{\0}\0", 9), ["!0"]);
}

#[test]
fn a_value_over_the_limit_is_refused_without_holding_it() {
    struct Endless(bool);
    impl Read for Endless {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            out.fill(b'x');
            if !std::mem::replace(&mut self.0, true) {
                out[..5].copy_from_slice(b"{\"a\":");
                out[5] = b'"';
                return Ok(6);
            }
            Ok(out.len())
        }
    }
    let mut input = Input::new(Endless(false));
    assert!(input.peek().is_ok());
    let error = input.value(0, 1 << 20).err().unwrap();
    assert_eq!((error.offset, error.io), (0, None));
}

#[test]
fn a_reader_that_fails_is_told_apart() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    let error = Splitter::new(Failing).next().err().unwrap();
    assert_eq!(error.io, Some(io::ErrorKind::PermissionDenied));
}

/// What `serde_json` takes an input apart into.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    resource_type: String,
    r#type: Option<String>,
    #[serde(borrow, default)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    full_url: Option<String>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
}

fn by_serde_json(input: &[u8]) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    for value in serde_json::Deserializer::from_slice(input).into_iter::<&RawValue>() {
        let text = value.unwrap().get();
        match serde_json::from_str::<Envelope<'_>>(text) {
            Ok(bundle)
                if bundle.resource_type == "Bundle"
                    && !matches!(bundle.r#type.as_deref(), Some("document" | "message")) =>
            {
                let entries = bundle.entry.into_iter();
                out.extend(
                    entries.filter_map(|e| Some((e.resource?.get().to_owned(), e.full_url))),
                );
            }
            _ => out.push((text.to_owned(), None)),
        }
    }
    out
}

#[test]
fn pack_files_come_apart_as_serde_json_takes_them_apart() {
    let Some(paths) = pack::files("") else { return };
    let mut pieces = 0;
    let mut buffer = TapeBuffer::default();
    for path in paths {
        // The largest file is an NDJSON like others.
        let content = pack::content(&path);
        let content = &content[..content.len().min(4 << 20)];
        let whole = if content.len() == 4 << 20 {
            &content[..content.iter().rposition(|b| *b == b'\n').unwrap_or(0)]
        } else {
            content
        };
        let mut expected = by_serde_json(whole).into_iter();
        let mut splitter = Splitter::new(Slow(whole, 10_007));
        while let Some(item) = splitter.next().unwrap() {
            let Item::Piece(piece) = item else { continue };
            let (bytes, full_url) = expected.next().unwrap();
            assert!(piece.bytes == bytes.as_bytes() && piece.full_url == full_url);
            let tape = piece.read(&mut buffer).ok().unwrap();
            tape.recycle(&mut buffer);
            pieces += 1;
        }
        assert!(expected.next().is_none());
        assert_eq!(splitter.position(), whole.len() as u64);
    }
    assert!(pieces > 10_000);
}
