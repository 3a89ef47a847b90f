//! Works on the text of a resource, not on a parsed value, so that `1.00` stays `1.00`.

use std::borrow::Cow;

use crate::style::{self, Style, paint};

/// A string as a JSON string.
pub(crate) fn string(text: &str) -> String {
    serde_json::to_string(text).expect("a string has a JSON form")
}

/// The same JSON on one line: the exact bytes, or with each line break, which in JSON can only
/// stand between tokens, replaced by a space.
pub(crate) fn one_line(json: &[u8]) -> Cow<'_, [u8]> {
    if !json.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return json.into();
    }
    let mut out = Vec::with_capacity(json.len());
    let mut bytes = json.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                out.push(b' ');
            }
            b'\n' => out.push(b' '),
            byte => out.push(byte),
        }
    }
    out.into()
}

/// Indented for people, two spaces a level, members in their order and numbers as written.
/// Characters that could steer a terminal are written as escapes, which is the same JSON.
pub(crate) fn pretty(json: &str, color: bool) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0usize;
    let mut rest = json.trim_start_matches(is_space);
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest);
        let (token, after) = rest.split_at(length);
        let next = after.trim_start_matches(is_space);
        match first {
            '{' | '[' => {
                out.push(first);
                if next.starts_with(['}', ']']) {
                    out.push_str(&next[..1]);
                    rest = next[1..].trim_start_matches(is_space);
                    continue;
                }
                depth += 1;
                new_line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(first);
            }
            ',' => {
                out.push(first);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            '"' => {
                let style = if next.starts_with(':') { Style::Key } else { Style::Text };
                out.push_str(&paint(color, style, &escaped(token)));
            }
            '-' | '0'..='9' => out.push_str(&paint(color, Style::Number, token)),
            _ => out.push_str(&paint(color, Style::Literal, &style::clean(token))),
        }
        rest = next;
    }
    out.push('\n');
    out
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// Bytes of the token that `text` begins with; never zero.
fn token_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes[0] {
        b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
        b'"' => {
            let mut at = 1;
            while at < bytes.len() && bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            floor(text, at + 1)
        }
        _ => {
            let end = |c: char| is_space(c) || matches!(c, '{' | '}' | '[' | ']' | ',' | ':' | '"');
            text.find(end).unwrap_or(text.len()).max(1)
        }
    }
}

/// The nearest place at or before `at` where `text` may be cut.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

fn escaped(token: &str) -> Cow<'_, str> {
    if !token.contains(style::steers) {
        return token.into();
    }
    let mut out = String::with_capacity(token.len() + 16);
    for c in token.chars() {
        if style::steers(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_keeps_every_token() {
        let json = "{ \"a\":1.00,\"b\":[],\"c\":[{\"d\\\"e\":null}, -2E+1,true],\"f\":{} }\n";
        let expected = "{\n  \"a\": 1.00,\n  \"b\": [],\n  \"c\": [\n    {\n      \"d\\\"e\": null\n    },\n    -2E+1,\n    true\n  ],\n  \"f\": {}\n}\n";
        assert_eq!(pretty(json, false), expected);
        let plain: String = pretty(json, true)
            .split('\x1b')
            .map(|part| {
                part.split_once('m')
                    .filter(|(code, _)| code.starts_with('['))
                    .map_or(part, |(_, text)| text)
            })
            .collect();
        assert_eq!(plain, expected);
    }

    #[test]
    fn pretty_escapes_what_steers_a_terminal() {
        let shown = pretty("{\"a\":\"x\u{9b}31my\u{202e}\"}", false);
        assert_eq!(shown, "{\n  \"a\": \"x\\u009b31my\\u202e\"\n}\n");
    }

    #[test]
    fn pretty_survives_broken_text() {
        for text in ["", "\"", "\"\\", "\"\\é", "{", "]", "é", "{\"a\"", "nul\u{0}"] {
            pretty(text, true);
        }
    }

    #[test]
    fn one_line_touches_line_breaks_only() {
        assert!(matches!(one_line(b"{\"a\":  1}"), Cow::Borrowed(_)));
        assert_eq!(&*one_line(b"{\r\n\"a\":\n\r1}"), b"{ \"a\":  1}");
    }
}
