//! Text to words: runs of letters and digits, folded (case, accents). The same cutter serves the
//! index, the recent texts, queries and snippets, so what matches is what is marked.

use std::borrow::Cow;
use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::char::is_combining_mark;

use crate::fhir::fold;

/// Longer words are cut here, in the index and in queries alike.
const LONGEST: usize = 128;

/// Words of a text, in order.
pub(super) struct Words<'t> {
    text: &'t str,
    at: usize,
    /// What folding made of the word at `span`, when that may be several words (½ is 1 and 2).
    folded: String,
    folded_at: usize,
    span: Range<usize>,
}

impl<'t> Words<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Words { text, at: 0, folded: String::new(), folded_at: 0, span: 0..0 }
    }

    /// Puts the next word into `word`; gives its place in the text.
    pub(super) fn next_into(&mut self, word: &mut String) -> Option<Range<usize>> {
        loop {
            if self.pending(word) {
                return Some(self.span.clone());
            }
            let start = self.skip_gap()?;
            let bytes = self.text.as_bytes();
            let mut end = start;
            while end < bytes.len() && bytes[end].is_ascii_alphanumeric() {
                end += 1;
            }
            if end == bytes.len() || bytes[end].is_ascii() {
                self.at = end;
                word.clear();
                word.push_str(&self.text[start..end.min(start + LONGEST)]);
                word.make_ascii_lowercase();
                return Some(start..end);
            }
            self.fold_word(start, end);
        }
    }

    /// The next start of a word at or after `at`.
    fn skip_gap(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if byte.is_ascii() {
                if byte.is_ascii_alphanumeric() {
                    return Some(self.at);
                }
                self.at += 1;
            } else {
                let c = self.text[self.at..].chars().next()?;
                if joins(c) {
                    return Some(self.at);
                }
                self.at += c.len_utf8();
            }
        }
        None
    }

    /// Takes the word that begins at `start` and is known up to `end`, and folds it.
    fn fold_word(&mut self, start: usize, known: usize) {
        let mut end = known;
        for c in self.text[known..].chars() {
            let alone = stands_alone(c);
            if !joins(c) || (alone && end > start) {
                break;
            }
            end += c.len_utf8();
            if alone {
                // Marks that belong to the sign.
                for mark in self.text[end..].chars().take_while(|&c| is_combining_mark(c)) {
                    end += mark.len_utf8();
                }
                break;
            }
        }
        self.at = end;
        self.span = start..end;
        self.folded_at = 0;
        self.folded.clear();
        let folded: Cow<'_, str> = fold(&self.text[start..end]);
        self.folded.extend(folded.chars().filter(|&c| !invisible(c)));
    }

    /// The next word of what folding left.
    fn pending(&mut self, word: &mut String) -> bool {
        let rest = &self.folded[self.folded_at..];
        let Some(from) = rest.find(char::is_alphanumeric) else {
            self.folded_at = self.folded.len();
            return false;
        };
        let run = &rest[from..];
        let len = run.find(|c: char| !c.is_alphanumeric()).unwrap_or(run.len());
        word.clear();
        word.push_str(&run[..run.floor_char_boundary(len.min(LONGEST))]);
        self.folded_at += from + len;
        true
    }
}

/// Part of a word: letters, digits, and marks and joiners inside one.
fn joins(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || invisible(c)
}

/// Soft hyphen and zero-width joiners: no gap, no content.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Scripts written without spaces: every sign is a word, so that any part of a phrase is found.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF // Thai, Lao, Myanmar, Khmer
        | 0x3040..=0x30FF | 0x31F0..=0x31FF // Kana
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF) // Han
}

/// [`Words`] as tantivy wants it.
#[derive(Clone)]
pub(super) struct WordTokenizer;

pub(super) struct WordStream<'t> {
    words: Words<'t>,
    token: Token,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'t> = WordStream<'t>;

    fn token_stream<'t>(&'t mut self, text: &'t str) -> WordStream<'t> {
        WordStream { words: Words::new(text), token: Token::default() }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(span) = self.words.next_into(&mut self.token.text) else { return false };
        self.token.offset_from = span.start;
        self.token.offset_to = span.end;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let (mut words, mut word, mut all) = (Words::new(text), String::new(), Vec::new());
        while let Some(span) = words.next_into(&mut word) {
            assert!(text.get(span).is_some());
            all.push(word.clone());
        }
        all
    }

    #[test]
    fn cuts_and_folds() {
        assert_eq!(words("HbA1c: 7.5 %, Crohn's"), ["hba1c", "7", "5", "crohn", "s"]);
        assert_eq!(words("Café Müller-Lüdenscheidt"), ["cafe", "muller", "ludenscheidt"]);
        assert_eq!(words("cafe\u{301} e\u{301}tude"), ["cafe", "etude"]);
        assert_eq!(words("Straße STRASSE"), ["strasse", "strasse"]);
        assert_eq!(words("½ dose"), ["1", "2", "dose"]);
        assert_eq!(words("dia\u{ad}betes"), ["diabetes"]);
        assert_eq!(words("高血圧 test血"), ["高", "血", "圧", "test", "血"]);
        assert_eq!(words(" \u{301} \u{200d} -- 😀"), Vec::<String>::new());
        assert_eq!(words(""), Vec::<String>::new());
    }

    #[test]
    fn long_words_are_cut_at_a_character() {
        assert_eq!(words(&"x".repeat(1_000)), ["x".repeat(LONGEST)]);
        let greek = words(&"λ".repeat(1_000));
        assert_eq!(greek, ["λ".repeat(LONGEST / 2)]);
    }
}
