//! The place in a resource's texts that shows best why it was found, as parts: offsets would mean
//! something else in every language.

use std::ops::Range;

use super::content::Texts;
use super::query::TextQuery;
use super::token::Words;

/// Most characters of a snippet.
const LENGTH: usize = 160;

/// Characters shown before the first match.
const LEAD: usize = 40;

/// A piece of a snippet.
#[derive(Clone, PartialEq, Eq)]
pub struct SnippetPart {
    /// The text; white space is single spaces.
    pub text: String,
    /// Whether it is a word of the search.
    pub matched: bool,
}

impl std::fmt::Debug for SnippetPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnippetPart")
            .field("bytes", &self.text.len())
            .field("matched", &self.matched)
            .finish()
    }
}

/// A word of the text that is a word of the query.
struct Match {
    span: Range<usize>,
    /// Characters before it in the text.
    at: usize,
    place: usize,
}

/// The best window of about 160 characters; without a match the beginning.
pub(crate) fn snippet(texts: &Texts, query: &TextQuery) -> Vec<SnippetPart> {
    let mut best: Option<((usize, usize), &str, Vec<Match>)> = None;
    for (_, text) in texts.parts() {
        let (worth, window) = best_window(&matches(text, query), query);
        if best.as_ref().is_none_or(|(least, ..)| worth > *least) {
            let done = worth.0 == query.len();
            best = Some((worth, text, window));
            if done {
                break;
            }
        }
    }
    best.map_or_else(Vec::new, |(_, text, window)| cut(text, &window))
}

fn matches(text: &str, query: &TextQuery) -> Vec<Match> {
    let (mut words, mut word) = (Words::new(text), String::new());
    let mut found: Vec<Match> = Vec::new();
    let (mut counted, mut at) = (0, 0);
    while let Some(span) = words.next_into(&mut word) {
        // Several words may come of one place (½ is 1 and 2).
        if let Some(place) = query.place(&word)
            && found.last().is_none_or(|last| last.span != span)
        {
            at += text[counted..span.start].chars().count();
            counted = span.start;
            found.push(Match { span, at, place });
        }
    }
    found
}

/// The matches within one window: most different words first, then most words.
fn best_window(matches: &[Match], query: &TextQuery) -> ((usize, usize), Vec<Match>) {
    let mut best = ((0, 0), 0..0);
    let mut counts = vec![0_usize; query.len()];
    let (mut different, mut end) = (0, 0);
    for (start, first) in matches.iter().enumerate() {
        while end < matches.len() && matches[end].at < first.at + LENGTH - LEAD {
            counts[matches[end].place] += 1;
            different += usize::from(counts[matches[end].place] == 1);
            end += 1;
        }
        let worth = (different, end - start);
        if worth > best.0 {
            best = (worth, start..end);
        }
        counts[first.place] -= 1;
        different -= usize::from(counts[first.place] == 0);
    }
    let window = matches[best.1].iter();
    let window = window.map(|found| Match { span: found.span.clone(), ..*found });
    (best.0, window.collect())
}

fn cut(text: &str, window: &[Match]) -> Vec<SnippetPart> {
    let first = window.first().map_or(0, |found| found.span.start);
    let start = back(text, first, LEAD);
    let end = forward(text, start, LENGTH);
    let mut snippet = Parts(Vec::new());
    if start > 0 {
        snippet.push("… ", false);
    }
    let mut at = start;
    for found in window.iter().filter(|found| found.span.start < end) {
        snippet.push(&text[at..found.span.start], false);
        let until = found.span.end.min(end.max(forward(text, found.span.start, LENGTH)));
        snippet.push(&text[found.span.start..until], true);
        at = until;
    }
    snippet.push(&text[at..end.max(at)], false);
    if end.max(at) < text.len() {
        snippet.push(" …", false);
    }
    snippet.0
}

/// A start at most `chars` before `from`, at the beginning of a word where there is one.
fn back(text: &str, from: usize, chars: usize) -> usize {
    let before = &text[..from];
    let Some((start, _)) = before.char_indices().rev().take(chars + 1).last() else { return 0 };
    if start == 0 || before.chars().count() <= chars {
        return 0;
    }
    let gap = before[start..].find(char::is_whitespace);
    gap.map_or(from, |gap| start + gap).max(start)
}

/// An end at most `chars` after `from`, at the end of a word where there is one.
fn forward(text: &str, from: usize, chars: usize) -> usize {
    let after = &text[from..];
    let Some((end, _)) = after.char_indices().nth(chars) else { return text.len() };
    from + after[..end].rfind(char::is_whitespace).filter(|&gap| gap > 0).unwrap_or(end)
}

struct Parts(Vec<SnippetPart>);

impl Parts {
    /// Appends text with its white space made single spaces.
    fn push(&mut self, text: &str, matched: bool) {
        let mut clean = String::with_capacity(text.len());
        let mut gap = self.0.last().is_none_or(|part| part.text.ends_with(' '));
        for c in text.chars() {
            let space = c.is_whitespace() || c.is_control();
            if !(space && gap) {
                clean.push(if space { ' ' } else { c });
            }
            gap = space;
        }
        if clean.is_empty() {
            return;
        }
        match self.0.last_mut().filter(|last| last.matched == matched && !matched) {
            Some(last) => last.text.push_str(&clean),
            None => self.0.push(SnippetPart { text: clean, matched }),
        }
    }
}
