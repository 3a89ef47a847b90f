//! Small texts at the edges of JSON's grammar, with the verdict each must get.

use serde::de::IgnoredAny;

use super::{JsonFault, fault};

/// Texts that are JSON.
const ACCEPT: &[&str] = &[
    r#"null"#,
    r#"true"#,
    r#"false"#,
    r#"0"#,
    r#"-0"#,
    r#"1"#,
    r#"-1"#,
    r#"10"#,
    r#"1.0"#,
    r#"0.5"#,
    r#"-0.5"#,
    r#"1e1"#,
    r#"1E1"#,
    r#"1e+1"#,
    r#"1e-1"#,
    r#"1.50e-07"#,
    r#"0e0"#,
    r#"0E+1"#,
    r#"123456789012345678901234567890"#,
    r#"1e99999"#,
    r#"-1e-99999"#,
    r#""""#,
    r#""a""#,
    r#"" ""#,
    r#""é""#,
    r#""日本""#,
    r#""😀""#,
    r#""\"""#,
    r#""\\""#,
    r#""\/""#,
    r#""\b\f\n\r\t""#,
    r#""\u0000""#,
    r#""\u00e9""#,
    r#""\uD83D\uDE00""#,
    r#""\uFFFF""#,
    r#""\u0022""#,
    r#""a/b""#,
    r#""'""#,
    r#""\\u0061""#,
    r#""\\\\n""#,
    r#""{[,:]}""#,
    r#""12345678""#,
    r#""1234567""#,
    r#""123456789""#,
    r#""1234567\"""#,
    r#""1234567\\""#,
    r#""12345678\n9""#,
    r#"[]"#,
    r#"[ ]"#,
    r#"[1]"#,
    r#"[1,2]"#,
    r#"[1 , 2]"#,
    r#"[[]]"#,
    r#"[[],[]]"#,
    r#"[{}]"#,
    r#"["a",1,null,true,false,{},[]]"#,
    r#"[[[[[[]]]]]]"#,
    r#"{}"#,
    r#"{ }"#,
    r#"{"a":1}"#,
    r#"{ "a" : 1 }"#,
    r#"{"a":1,"b":2}"#,
    r#"{"a":{}}"#,
    r#"{"a":{"a":{"a":[]}}}"#,
    r#"{"":0}"#,
    r#"{"\u0061":1}"#,
    r#"{"a\"b":1}"#,
    r#"{"a":[1,{"b":[2]}]}"#,
    r#"{"é":"é"}"#,
    r#"{"a":"}"}"#,
    r#"{"a":"]"}"#,
    r#"{"a:":","}"#,
];

/// Texts that are not.
const REFUSE: &[&str] = &[
    r#"nul"#,
    r#"nulll"#,
    r#"True"#,
    r#"tru"#,
    r#"truE"#,
    r#"fals"#,
    r#"NULL"#,
    r#"undefined"#,
    r#"NaN"#,
    r#"Infinity"#,
    r#"-Infinity"#,
    r#"nan"#,
    r#"+1"#,
    r#"-"#,
    r#"- 1"#,
    r#"01"#,
    r#"-01"#,
    r#"00"#,
    r#"1."#,
    r#".1"#,
    r#"-.1"#,
    r#"1.e1"#,
    r#"1e"#,
    r#"1E+"#,
    r#"1e-"#,
    r#"1e1.5"#,
    r#"1e1e1"#,
    r#"0x1"#,
    r#"1_000"#,
    r#"1,0"#,
    r#"1 2"#,
    r#"1a"#,
    r#"0b1"#,
    r#"１"#,
    r#"1.2.3"#,
    r#"--1"#,
    r#"1-"#,
    r#"""#,
    r#""a"#,
    r#"a""#,
    r#"'a'"#,
    r#""\"#,
    r#""\""#,
    r#""\x""#,
    r#""\a""#,
    r#""\'""#,
    r#""\u""#,
    r#""\u0""#,
    r#""\u00""#,
    r#""\u000""#,
    r#""\u000g""#,
    r#""\U0041""#,
    r#""\u 041""#,
    r#""a""b""#,
    r#""a" "b""#,
    r#""\u+041""#,
    r#""\0""#,
    r#"["#,
    r#"]"#,
    r#"[1"#,
    r#"[1,"#,
    r#"[1,]"#,
    r#"[,]"#,
    r#"[,1]"#,
    r#"[1,,2]"#,
    r#"[1 2]"#,
    r#"[1:2]"#,
    r#"[1;2]"#,
    r#"[}"#,
    r#"[1}"#,
    r#"[[]"#,
    r#"[]]"#,
    r#"[][]"#,
    r#"["a]"#,
    r#"["a"#,
    r#"[1]x"#,
    r#"[1],"#,
    r#"{"#,
    r#"}"#,
    r#"{]"#,
    r#"{"a""#,
    r#"{"a":"#,
    r#"{"a":}"#,
    r#"{"a":1"#,
    r#"{"a":1,"#,
    r#"{"a":1,}"#,
    r#"{,}"#,
    r#"{,"a":1}"#,
    r#"{"a" 1}"#,
    r#"{"a"}"#,
    r#"{a:1}"#,
    r#"{'a':1}"#,
    r#"{1:1}"#,
    r#"{null:1}"#,
    r#"{"a"::1}"#,
    r#"{"a":1 "b":2}"#,
    r#"{"a":1;"b":2}"#,
    r#"{"a":1,,"b":2}"#,
    r#"{"a":1}}"#,
    r#"{"a":1]"#,
    r#"{"a":[}"#,
    r#"{"a",1}"#,
    r#"{"a":1}{}"#,
    r#"{"a":1}//"#,
    r#"{"a":1}/**/"#,
    r#"/**/{}"#,
    r#"{"a":1}#"#,
    r#"{"a":true false}"#,
    r#"{[]:1}"#,
    r#"{"a":1:2}"#,
];

/// The same, where bytes must be spelled out.
const REFUSE_BYTES: &[&[u8]] = &[
    b"",
    b" ",
    b"\n",
    b"\xef\xbb\xbf",
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\0}\0",
    b"\0",
    b"[1]\0",
    b"[\x0b1]",
    b"[\x0c]",
    b"[\xc2\xa0]",
    b"\"\x00\"",
    b"\"\x1f\"",
    b"\"\n\"",
    b"\"a\tb\"",
    b"\"\x80\"",
    b"\"\xc3\"",
    b"\"\xc0\xaf\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xf4\x90\x80\x80\"",
    b"\"\xf8\x88\x80\x80\x80\"",
    b"\"\\u00\xc3\xa9\"",
    b"{\"\xff\":1}",
    b"[1\xe5]",
    b"\xc3\xa9",
];

const ACCEPT_BYTES: &[&[u8]] = &[
    b"\"\x7f\"",
    b"\r\n[\t1 \n]\r\n",
    b"\"\xc2\x80\"",
    b"\"\xf0\x90\x80\x80\"",
    b"\"\xef\xbf\xbf\"",
];

/// Left to the implementation by JSON's grammar: taken, since the bytes are kept as they are.
const LONE_SURROGATES: &[&str] = &[
    r#""\uD800""#,
    r#""\uDC00""#,
    r#""\uD800a""#,
    r#""\uD800\uD800""#,
    r#""\uDC00\uD800""#,
    r#""\ud800\n""#,
];

#[test]
fn accepts_what_is_json() {
    for text in ACCEPT
        .iter()
        .chain(LONE_SURROGATES)
        .map(|t| t.as_bytes())
        .chain(ACCEPT_BYTES.iter().copied())
    {
        let shown = String::from_utf8_lossy(text);
        assert_eq!(fault(text), None, "{shown}");
        assert!(serde_json::from_slice::<IgnoredAny>(text).is_ok(), "{shown}");
        assert_eq!(fault(format!(" {shown}\n").as_bytes()), None, "{shown}");
        assert_eq!(fault(format!("[{{\"a\":{shown}}},{shown}]").as_bytes()), None, "{shown}");
    }
}

#[test]
fn refuses_what_is_not() {
    for text in REFUSE.iter().map(|t| t.as_bytes()).chain(REFUSE_BYTES.iter().copied()) {
        let shown = String::from_utf8_lossy(text);
        let (kind, offset) = fault(text).unwrap_or_else(|| panic!("accepted {shown}"));
        assert!(kind.is_broken() && offset <= text.len(), "{shown}");
        let strict = std::str::from_utf8(text).map(serde_json::from_str::<IgnoredAny>);
        assert!(!matches!(strict, Ok(Ok(_))), "{shown}");
    }
}

#[test]
fn faults_are_named_by_their_place() {
    use JsonFault::{NotUtf8, Syntax, Trailing};
    for (text, kind, offset) in [
        (&b""[..], Syntax, 0),
        (b"  ", Syntax, 2),
        (b"{\"a\":1", Syntax, 6),
        (b"{\"a\":1,}", Syntax, 7),
        (b"[1,tru]", Syntax, 6),
        (b"[\"a\nb\"]", Syntax, 3),
        (b"[\"\\q\"]", Syntax, 3),
        (b"[\"\\u12x4\"]", Syntax, 6),
        (b"[01]", Syntax, 2),
        (b"[1.]", Syntax, 3),
        (b"[1] 2", Trailing, 4),
        (b"[\"\xff\"]", NotUtf8, 2),
        (b"[\"\xc3\"]", NotUtf8, 2),
        // Cut inside a character: the text breaks off.
        (b"[\"\xe2\x82", Syntax, 4),
        // The grammar's fault comes first.
        (b"[x \"\xff\"]", Syntax, 1),
    ] {
        assert_eq!(fault(text), Some((kind, offset)), "{}", String::from_utf8_lossy(text));
    }
}
