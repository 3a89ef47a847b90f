//! The inside of a JSON string that holds escapes, piece by piece.

/// Part of an escaped string.
pub(crate) enum Piece<'t> {
    /// Bytes as they stand.
    Plain(&'t str),
    /// An escape that names a character.
    Char(char),
    /// A surrogate without its other half; JSON's grammar allows it, Unicode does not.
    Lone(u16),
}

/// Iterator over the pieces of a string's inside; the escapes were checked by the parser.
pub(crate) struct Escaped<'t>(&'t str);

impl<'t> Escaped<'t> {
    pub(crate) fn new(inside: &'t str) -> Self {
        Self(inside)
    }

    /// The text with escapes resolved; a lone surrogate becomes U+FFFD.
    pub(crate) fn decode(inside: &'t str) -> String {
        let mut out = String::with_capacity(inside.len());
        for piece in Self::new(inside) {
            match piece {
                Piece::Plain(text) => out.push_str(text),
                Piece::Char(c) => out.push(c),
                Piece::Lone(_) => out.push(char::REPLACEMENT_CHARACTER),
            }
        }
        out
    }

    fn escape(&mut self) -> Option<Piece<'t>> {
        let rest = self.0;
        let letter = *rest.as_bytes().get(1)?;
        let c = match letter {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            other => char::from(other),
        };
        self.0 = rest.get(2..)?;
        Some(Piece::Char(c))
    }

    fn unicode(&mut self) -> Option<Piece<'t>> {
        let rest = self.0;
        let unit = hex(rest.get(2..6)?)?;
        self.0 = rest.get(6..)?;
        if (0xd800..0xdc00).contains(&unit)
            && let Some(low) = self.0.strip_prefix("\\u").and_then(|r| hex(r.get(..4)?))
            && (0xdc00..0xe000).contains(&low)
        {
            self.0 = self.0.get(6..)?;
            let pair = [unit, low];
            return char::decode_utf16(pair).next()?.ok().map(Piece::Char);
        }
        Some(char::from_u32(u32::from(unit)).map_or(Piece::Lone(unit), Piece::Char))
    }
}

fn hex(digits: &str) -> Option<u16> {
    u16::from_str_radix(digits, 16).ok()
}

impl<'t> Iterator for Escaped<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        if self.0.is_empty() {
            return None;
        }
        match self.0.find('\\') {
            Some(0) => self.escape(),
            Some(at) => {
                let (plain, rest) = self.0.split_at(at);
                self.0 = rest;
                Some(Piece::Plain(plain))
            }
            None => Some(Piece::Plain(std::mem::take(&mut self.0))),
        }
    }
}
