//! Colour, and text made safe for a terminal: a record may hold control characters, and a title
//! must not be able to move the cursor or recolour the screen.

use std::borrow::Cow;
use std::path::Path;

/// What a piece of text is, not how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Error,
    Help,
    Good,
    Heading,
    Dim,
    Match,
    Key,
    Text,
    Number,
    Literal,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Error => "1;31",
            Self::Help | Self::Key => "36",
            Self::Good | Self::Text => "32",
            Self::Heading => "1",
            Self::Dim => "2",
            Self::Match => "1;33",
            Self::Number => "33",
            Self::Literal => "35",
        }
    }
}

/// `text` in its style, or as it is where colour is off.
pub(crate) fn paint(on: bool, style: Style, text: &str) -> Cow<'_, str> {
    if on { format!("\x1b[{}m{text}\x1b[0m", style.code()).into() } else { text.into() }
}

/// Whether a character could steer a terminal: controls, and marks that turn the writing direction.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// One line of text without anything that steers a terminal.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return text.into();
    }
    let safe = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if steers(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(safe).collect::<String>().into()
}

/// Columns of a line, a character being one.
pub(crate) fn width(text: &str) -> usize {
    text.chars().count()
}

/// The text, or its beginning and an ellipsis where it has more columns.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let kept: String = text.chars().take(columns.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A path for people.
pub(crate) fn path(path: &Path) -> String {
    clean(&path.to_string_lossy()).into_owned()
}

/// `1234567` as `1,234,567`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of bytes in the largest unit that keeps one digit before the point.
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if n < 1_000 {
        return format!("{n} B");
    }
    let (mut whole, mut rest, mut unit) = (n / 1_000, n % 1_000, 0);
    while whole >= 1_000 && unit + 1 < UNITS.len() {
        (whole, rest, unit) = (whole / 1_000, whole % 1_000, unit + 1);
    }
    format!("{whole}.{} {}", rest / 100, UNITS[unit])
}

/// `1 file`, `2 files`.
pub(crate) fn plural(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(27_156_000), "27.1 MB");
        assert_eq!(plural(1, "file"), "1 file");
    }

    #[test]
    fn text_cannot_steer_a_terminal() {
        assert_eq!(clean("plain é"), "plain é");
        assert_eq!(clean("a\x1b[2Jb\nc\u{9b}d\u{202e}e"), "a\u{fffd}[2Jb c\u{fffd}d\u{fffd}e");
    }
}
