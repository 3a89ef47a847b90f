//! Texts of rows that no part of the index has yet: searched directly, with words listed at the
//! first search. One per commit, shared by snapshots.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use super::content::Texts;
use super::cursor::{Entry, summed};
use super::schema::FIELDS;
use super::score::Totals;
use super::token::Words;

/// Texts of one commit, in ascending order of rows.
pub(crate) struct RecentTexts {
    texts: Vec<(u32, Texts)>,
    words: OnceLock<RecentWords>,
}

impl std::fmt::Debug for RecentTexts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecentTexts").field("texts", &self.texts.len()).finish_non_exhaustive()
    }
}

/// The words of [`RecentTexts`].
pub(super) struct RecentWords {
    texts: Vec<RecentText>,
    totals: Totals,
    /// In ascending order; each with its range of `entries`.
    words: Vec<(String, std::ops::Range<usize>)>,
    entries: Vec<Entry>,
}

pub(super) struct RecentText {
    pub(super) row: u32,
    pub(super) lengths: [u32; FIELDS],
}

impl RecentTexts {
    /// Rows without text may be among them.
    pub(crate) fn new(texts: Vec<(u32, Texts)>) -> Self {
        RecentTexts { texts, words: OnceLock::new() }
    }

    /// For a flush.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Texts)> {
        self.texts.iter().map(|(row, texts)| (*row, texts))
    }

    pub(super) fn words(&self) -> &RecentWords {
        self.words.get_or_init(|| RecentWords::new(&self.texts))
    }
}

impl RecentWords {
    fn new(rows: &[(u32, Texts)]) -> Self {
        let mut texts = Vec::with_capacity(rows.len());
        let mut totals = Totals::default();
        let mut lists: HashMap<String, Vec<Entry>> = HashMap::new();
        let mut word = String::new();
        for (number, (row, text)) in (0..).zip(rows.iter().filter(|(_, texts)| !texts.is_empty())) {
            let mut lengths = [0; FIELDS];
            for (field, part) in text.parts() {
                let field = field.number();
                let mut cutter = Words::new(part);
                while cutter.next_into(&mut word).is_some() {
                    lengths[field] += 1;
                    match lists.get_mut(&word) {
                        Some(list) => count(list, number, field),
                        None => count(lists.entry(word.clone()).or_default(), number, field),
                    }
                }
            }
            totals.add(Totals { texts: 1, words: lengths.map(u64::from) });
            texts.push(RecentText { row: *row, lengths });
        }
        let mut lists: Vec<_> = lists.into_iter().collect();
        lists.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut entries = Vec::with_capacity(lists.iter().map(|(_, list)| list.len()).sum());
        let words = lists
            .into_iter()
            .map(|(word, list)| {
                let start = entries.len();
                entries.extend(list);
                (word, start..entries.len())
            })
            .collect();
        RecentWords { texts, totals, words, entries }
    }

    pub(super) fn totals(&self) -> Totals {
        self.totals
    }

    pub(super) fn text(&self, number: u32) -> &RecentText {
        &self.texts[usize::try_from(number).expect("numbers are given out here")]
    }

    pub(super) fn word(&self, word: &str) -> Cow<'_, [Entry]> {
        let found = self.words.binary_search_by(|(own, _)| own.as_str().cmp(word));
        found.map_or(Cow::Borrowed(&[]), |at| self.list(at))
    }

    pub(super) fn prefix(&self, prefix: &str) -> Cow<'_, [Entry]> {
        let from = self.words.partition_point(|(word, _)| word.as_str() < prefix);
        let own = self.words[from..].iter().take_while(|(word, _)| word.starts_with(prefix));
        match own.count() {
            0 => Cow::Borrowed(&[]),
            1 => self.list(from),
            count => {
                let range = self.words[from].1.start..self.words[from + count - 1].1.end;
                Cow::Owned(summed(self.entries[range].to_vec()))
            }
        }
    }

    fn list(&self, at: usize) -> Cow<'_, [Entry]> {
        Cow::Borrowed(&self.entries[self.words[at].1.clone()])
    }
}

/// Counts a word once more in the text that is read now.
fn count(list: &mut Vec<Entry>, text: u32, field: usize) {
    if list.last().is_none_or(|entry| entry.text != text) {
        list.push(Entry { text, counts: [0; FIELDS] });
    }
    if let Some(entry) = list.last_mut() {
        entry.counts[field] += 1;
    }
}
