//! Plain text out of XHTML and HTML, and base64.

use std::borrow::Cow;

/// The text of a piece of XHTML or HTML: tags, comments, scripts and styles left out, entities
/// decoded, white space made single, a line break where a block ends.
pub(crate) fn plain_text(markup: &str) -> String {
    let mut out = Text { out: String::with_capacity(markup.len() / 2), gap: Gap::None };
    let mut rest = markup;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('&') { entity(rest, &mut out) } else { tag(rest, &mut out) };
    }
    out.push_str(rest);
    out.out
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
}

/// Text that grows with single gaps between its words.
struct Text {
    out: String,
    gap: Gap,
}

impl Text {
    fn gap(&mut self, gap: Gap) {
        if !self.out.is_empty() {
            self.gap = self.gap.max(gap);
        }
    }

    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            return self.gap(Gap::Space);
        }
        match std::mem::replace(&mut self.gap, Gap::None) {
            Gap::None => {}
            Gap::Space => self.out.push(' '),
            Gap::Line => self.out.push('\n'),
        }
        self.out.push(c);
    }

    fn push_str(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c));
    }
}

/// Consumes a tag, comment or declaration at the start of `rest`.
fn tag<'t>(rest: &'t str, out: &mut Text) -> &'t str {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    if let Some(data) = rest.strip_prefix("<![CDATA[") {
        let (inside, after) = data.split_once("]]>").unwrap_or((data, ""));
        out.push_str(inside);
        return after;
    }
    let name_at = if rest.starts_with("</") { 2 } else { 1 };
    let name_end = rest[name_at..]
        .find(|c: char| !c.is_ascii_alphanumeric())
        .map_or(rest.len(), |at| at + name_at);
    let name = rest[name_at..name_end].to_ascii_lowercase();
    if name.is_empty() && !rest[name_at..].starts_with(['!', '?']) {
        // A bare "<" is text.
        out.push('<');
        return &rest[1..];
    }
    let after = &rest[tag_end(rest)..];
    match name.as_str() {
        "script" | "style" if name_at == 1 && !rest[..tag_end(rest)].ends_with("/>") => {
            return skip_element(after, &name);
        }
        "p" | "div" | "br" | "tr" | "li" | "ul" | "ol" | "dl" | "dt" | "dd" | "table" | "thead"
        | "tbody" | "caption" | "pre" | "blockquote" | "hr" | "h1" | "h2" | "h3" | "h4" | "h5"
        | "h6" => out.gap(Gap::Line),
        "td" | "th" | "img" => out.gap(Gap::Space),
        _ => {}
    }
    after
}

/// Length of the tag at the start, its attributes' quoted values respected.
fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    rest.len()
}

/// What follows the end tag of an element whose inside is no text.
fn skip_element<'t>(rest: &'t str, name: &str) -> &'t str {
    let mut at = 0;
    while let Some(found) = rest[at..].find("</") {
        at += found + 2;
        if rest.as_bytes()[at..]
            .get(..name.len())
            .is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes()))
        {
            return rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]);
        }
    }
    ""
}

/// Consumes an entity, or the ampersand that begins none.
fn entity<'t>(rest: &'t str, out: &mut Text) -> &'t str {
    let end = rest.bytes().take(12).position(|b| b == b';');
    if let Some(end) = end
        && let Some(c) = named(&rest[1..end])
    {
        out.push(c);
        return &rest[end + 1..];
    }
    out.push('&');
    &rest[1..]
}

fn named(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0');
    }
    let at = ENTITIES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    ENTITIES.get(at).map(|(_, c)| *c)
}

/// Entities of XML and the usual ones of HTML, sorted by name.
const ENTITIES: &[(&str, char)] = &[
    ("AElig", 'Æ'),
    ("Aacute", 'Á'),
    ("Agrave", 'À'),
    ("Aring", 'Å'),
    ("Auml", 'Ä'),
    ("Ccedil", 'Ç'),
    ("Eacute", 'É'),
    ("Egrave", 'È'),
    ("Ntilde", 'Ñ'),
    ("Oacute", 'Ó'),
    ("Oslash", 'Ø'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("aacute", 'á'),
    ("acirc", 'â'),
    ("aelig", 'æ'),
    ("agrave", 'à'),
    ("alpha", 'α'),
    ("amp", '&'),
    ("apos", '\''),
    ("aring", 'å'),
    ("atilde", 'ã'),
    ("auml", 'ä'),
    ("beta", 'β'),
    ("bull", '•'),
    ("ccedil", 'ç'),
    ("cent", '¢'),
    ("copy", '©'),
    ("deg", '°'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("egrave", 'è'),
    ("emsp", '\u{2003}'),
    ("ensp", '\u{2002}'),
    ("euml", 'ë'),
    ("euro", '€'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("frac34", '¾'),
    ("gamma", 'γ'),
    ("ge", '≥'),
    ("gt", '>'),
    ("hellip", '…'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("iexcl", '¡'),
    ("igrave", 'ì'),
    ("iquest", '¿'),
    ("iuml", 'ï'),
    ("laquo", '«'),
    ("ldquo", '“'),
    ("le", '≤'),
    ("lsquo", '‘'),
    ("lt", '<'),
    ("mdash", '—'),
    ("micro", 'µ'),
    ("middot", '·'),
    ("mu", 'μ'),
    ("nbsp", '\u{a0}'),
    ("ndash", '–'),
    ("ne", '≠'),
    ("ntilde", 'ñ'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("ograve", 'ò'),
    ("ordf", 'ª'),
    ("ordm", 'º'),
    ("oslash", 'ø'),
    ("otilde", 'õ'),
    ("ouml", 'ö'),
    ("para", '¶'),
    ("plusmn", '±'),
    ("pound", '£'),
    ("quot", '"'),
    ("raquo", '»'),
    ("rdquo", '”'),
    ("reg", '®'),
    ("rsquo", '’'),
    ("sect", '§'),
    ("shy", '\u{ad}'),
    ("sup2", '²'),
    ("sup3", '³'),
    ("szlig", 'ß'),
    ("times", '×'),
    ("trade", '™'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("ugrave", 'ù'),
    ("uuml", 'ü'),
    ("yen", '¥'),
];

/// Decodes base64 (RFC 4648, plain or URL alphabet), white space anywhere, padding optional.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count, mut padding) = (0_u32, 0, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            b' ' | b'\n' | b'\r' | b'\t' => continue,
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            let [_, a, b, c] = bits.to_be_bytes();
            out.extend([a, b, c]);
            (bits, count) = (0, 0);
        }
    }
    let [_, a, b, _] = (bits << (6 * (4 - count))).to_be_bytes();
    match count {
        0 => {}
        2 => out.push(a),
        3 => out.extend([a, b]),
        _ => return None,
    }
    let expected = (4 - count) % 4;
    (padding == 0 || padding == expected).then_some(out)
}

/// Bytes of an attachment as text: UTF-8 or UTF-16 with or without its mark, else Latin-1.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_go_and_entities_are_read() {
        for (markup, text) in [
            ("", ""),
            ("plain", "plain"),
            (
                "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>A  <b>b</b>c\n d</p><p>e</p></div>",
                "A bc d\ne",
            ),
            (
                "a &amp; b &lt;c&gt; &#233;&#xE9; &eacute; &nbsp; x&nope; &",
                "a & b <c> éé é x&nope; &",
            ),
            ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
            ("a<!-- <p>no</p> -->b", "ab"),
            ("a<SCRIPT>if (a < b) x('</p>')</Script >b<style>p{}</style>c<script/>d", "abcd"),
            ("<a title=\"x > y\">link</a>", "link"),
            ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
            ("x<br/>y<hr>z", "x\ny\nz"),
            ("<![CDATA[a<b>c]]>d", "a<b>cd"),
            ("<?xml version=\"1.0\"?><!DOCTYPE html>t", "t"),
            ("cut <b", "cut"),
            ("<p>cut &am", "cut &am"),
            ("&#0;&#x110000;&#99999999999;", "&#0;&#x110000;&#99999999999;"),
        ] {
            assert_eq!(plain_text(markup), text, "{markup}");
        }
        assert!(ENTITIES.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn base64_forms() {
        for (text, bytes) in [
            ("", Some("")),
            ("Zg==", Some("f")),
            ("Zg", Some("f")),
            ("Zm8=", Some("fo")),
            ("Zm9v\r\n YmFy", Some("foobar")),
            ("Pz8_Pz8-", Some("??????>")),
            ("Z", None),
            ("Zg=", None),
            ("Zg==Zg==", None),
            ("Zm9v=", None),
            ("Zm9*", None),
        ] {
            let decoded = base64(text);
            if text.starts_with("Pz8") {
                assert_eq!(decoded, Some(b"???\x3f\x3f\x3e".to_vec()));
            } else {
                assert_eq!(decoded.as_deref(), bytes.map(str::as_bytes), "{text}");
            }
        }
    }

    #[test]
    fn attachments_in_other_encodings() {
        assert_eq!(text_of(b"\xef\xbb\xbf\xc3\xa9"), "é");
        assert_eq!(text_of(b"\xe9t\xe9"), "été");
        assert_eq!(text_of(b"\xff\xfeA\0\xe9\0"), "Aé");
        assert_eq!(text_of(b"\xfe\xff\0A\xd8\0"), "A\u{fffd}");
    }

    proptest! {
        #[test]
        fn any_markup_is_read_without_panic(text in any::<String>(), like in "[<>a/!&;#x\"' é-]{0,60}") {
            let _ = plain_text(&text);
            let _ = plain_text(&like);
            let _ = base64(&text);
        }
    }
}
