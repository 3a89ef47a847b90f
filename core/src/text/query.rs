//! What a person typed, as words. Never parsed: no character has a meaning, nothing can be
//! malformed; all words must match, and a last word still being typed matches as a prefix.

use crate::error::Error;

use super::token::Words;

/// More different words than any question has; each costs a look-up in every part of the index.
const MOST_WORDS: usize = 128;

/// The words of a question.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TextQuery {
    /// Different whole words, in order.
    pub(super) words: Vec<String>,
    /// The last word where the text ends in it.
    pub(super) prefix: Option<String>,
}

impl std::fmt::Debug for TextQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextQuery").field("words", &self.words.len()).finish_non_exhaustive()
    }
}

impl TextQuery {
    /// Cuts a question into words.
    pub(crate) fn parse(text: &str) -> Result<TextQuery, Error> {
        let (mut cutter, mut word) = (Words::new(text), String::new());
        let (mut words, mut end) = (Vec::<String>::new(), 0);
        while let Some(span) = cutter.next_into(&mut word) {
            end = span.end;
            // The last word is kept apart even where it occurs earlier.
            if let Some(last) = words.pop()
                && !words.contains(&last)
            {
                words.push(last);
            }
            if words.len() >= MOST_WORDS {
                return Err(refuse("at most 128 different words"));
            }
            words.push(word.clone());
        }
        let Some(last) = words.pop() else { return Err(refuse("at least one letter or digit")) };
        let mut query = TextQuery { words, prefix: None };
        if !query.words.contains(&last) {
            match end == text.len() {
                true => query.prefix = Some(last),
                false => query.words.push(last),
            }
        }
        Ok(query)
    }

    /// Which of the query's words this (folded) word is, counted from 0.
    pub(super) fn place(&self, word: &str) -> Option<usize> {
        self.words.iter().position(|own| own == word).or_else(|| {
            let prefix = self.prefix.as_deref()?;
            word.starts_with(prefix).then_some(self.words.len())
        })
    }

    /// How many different words must match.
    pub(super) fn len(&self) -> usize {
        self.words.len() + usize::from(self.prefix.is_some())
    }

    /// A number of this query, so that a page cursor of another one is noticed.
    pub(super) fn mark(&self) -> u32 {
        let ends = self.words.iter().map(|word| (word, 0u8));
        ends.chain(self.prefix.iter().map(|word| (word, 1)))
            .flat_map(|(word, end)| word.bytes().chain([0, end]))
            .fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }
}

fn refuse(expected: &'static str) -> Error {
    Error::Invalid { argument: "text", expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Vec<String>, Option<String>) {
        let query = TextQuery::parse(text).unwrap();
        (query.words, query.prefix)
    }

    #[test]
    fn last_word_is_a_prefix_while_typed() {
        assert_eq!(parsed("Blood pre"), (vec!["blood".into()], Some("pre".into())));
        assert_eq!(parsed("Blood pre "), (vec!["blood".into(), "pre".into()], None));
        assert_eq!(parsed("pre, blood, pre"), (vec!["pre".into(), "blood".into()], None));
        assert_eq!(parsed("a a a b"), (vec!["a".into()], Some("b".into())));
    }

    #[test]
    fn refuses_nothing_and_too_much() {
        for text in ["", "  ", "\"(*:~^", "\u{301}", "😀"] {
            let error = TextQuery::parse(text).unwrap_err();
            assert!(matches!(error, Error::Invalid { argument: "text", .. }));
        }
        let many: String = (0..200).map(|n| format!("w{n} ")).collect();
        assert!(TextQuery::parse(&many).is_err());
        assert!(TextQuery::parse(&"same word ".repeat(100_000)).is_ok());
    }

    #[test]
    fn debug_shows_no_word() {
        assert_eq!(
            format!("{:?}", TextQuery::parse("secret x").unwrap()),
            "TextQuery { words: 1, .. }"
        );
    }
}
