//! Walks the texts that have a word, in one part of the index or in recent texts.

use std::borrow::Cow;

use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED};

use crate::error::Error;

use super::fault;
use super::index::OpenPart;
use super::recent::RecentWords;
use super::schema::FIELDS;
use super::score::{Counts, Totals, length_code};

/// A text (by its number in the part) and how often it has the word.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) text: u32,
    pub(super) counts: Counts,
}

/// What a query asks of a part.
#[derive(Clone, Copy)]
pub(super) enum Term<'q> {
    Word(&'q str),
    Prefix(&'q str),
}

/// Where a term was found in a part.
pub(super) enum Found<'s> {
    Nowhere,
    /// One word: its postings, by field.
    Postings([Option<TermInfo>; FIELDS]),
    /// A list in ascending order of texts.
    List(Cow<'s, [Entry]>),
}

/// A part of the index, or recent texts.
#[derive(Clone, Copy)]
pub(super) enum Source<'s> {
    Part(&'s OpenPart, u32),
    Recent(&'s RecentWords),
}

impl<'s> Source<'s> {
    pub(super) fn totals(self) -> Totals {
        match self {
            Source::Part(part, texts) => Totals {
                texts: u64::from(texts),
                words: std::array::from_fn(|field| part.words[field].total_num_tokens()),
            },
            Source::Recent(recent) => recent.totals(),
        }
    }

    pub(super) fn find(self, term: Term<'_>) -> Result<Found<'s>, Error> {
        match (self, term) {
            (Source::Part(part, _), Term::Word(word)) => {
                let mut found = [None, None];
                for (field, info) in found.iter_mut().enumerate() {
                    *info = part.words[field].terms().get(word).map_err(fault::io)?;
                }
                Ok(postings(found))
            }
            (Source::Part(part, texts), Term::Prefix(prefix)) => expand(part, texts, prefix),
            (Source::Recent(recent), Term::Word(word)) => Ok(list(recent.word(word))),
            (Source::Recent(recent), Term::Prefix(prefix)) => Ok(list(recent.prefix(prefix))),
        }
    }

    pub(super) fn cursor(self, found: Found<'s>) -> Result<Cursor<'s>, Error> {
        match (self, found) {
            (Source::Part(part, _), Found::Postings(found)) => {
                let mut fields = [None, None];
                for field in 0..FIELDS {
                    if let Some(info) = &found[field] {
                        let postings = part.words[field]
                            .read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)
                            .map_err(fault::io)?;
                        fields[field] = Some(Box::new(postings));
                    }
                }
                Ok(Cursor::Postings(fields))
            }
            (_, Found::List(list)) => Ok(Cursor::List { list, at: 0 }),
            _ => Ok(Cursor::List { list: Cow::Borrowed(&[]), at: 0 }),
        }
    }

    /// Codes of the text's lengths, by field.
    pub(super) fn lengths(self, text: u32) -> [u8; FIELDS] {
        match self {
            Source::Part(part, _) => {
                std::array::from_fn(|field| part.lengths[field].fieldnorm_id(text))
            }
            Source::Recent(recent) => recent.text(text).lengths.map(|n| length_code(n.into())),
        }
    }

    pub(super) fn row(self, text: u32) -> Result<u32, Error> {
        match self {
            Source::Part(part, _) => {
                let row = part.rows.first(text).and_then(|row| u32::try_from(row).ok());
                row.ok_or(fault::DAMAGED)
            }
            Source::Recent(recent) => Ok(recent.text(text).row),
        }
    }
}

fn list<'s>(entries: Cow<'s, [Entry]>) -> Found<'s> {
    match entries.is_empty() {
        true => Found::Nowhere,
        false => Found::List(entries),
    }
}

fn postings<'s>(found: [Option<TermInfo>; FIELDS]) -> Found<'s> {
    match found {
        [None, None] => Found::Nowhere,
        found => Found::Postings(found),
    }
}

/// All texts with a word of this prefix: every word of the dictionary counts, none is left out.
fn expand<'s>(part: &OpenPart, texts: u32, prefix: &str) -> Result<Found<'s>, Error> {
    let mut infos: [Vec<TermInfo>; FIELDS] = [vec![], vec![]];
    let mut end = prefix.as_bytes().to_vec();
    // UTF-8 has no byte 255.
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    for (field, infos) in infos.iter_mut().enumerate() {
        let words = part.words[field].terms().range().ge(prefix.as_bytes()).lt(&end);
        let mut words = words.into_stream().map_err(fault::io)?;
        while words.advance() {
            infos.push(words.value().clone());
        }
    }
    if infos.iter().all(|infos| infos.len() <= 1) {
        return Ok(postings(infos.map(|mut infos| infos.pop())));
    }
    let total: u64 = infos.iter().flatten().map(|info| u64::from(info.doc_freq)).sum();
    // Many hits are summed in a table over all texts of the part, few are sorted.
    let mut sums = match total * 4 > u64::from(texts) {
        true => Sums::Table(vec![[0; FIELDS]; usize::try_from(texts).unwrap_or(0)]),
        false => Sums::Pairs(Vec::with_capacity(usize::try_from(total).unwrap_or(0))),
    };
    for (field, infos) in infos.iter().enumerate() {
        let Some((first, rest)) = infos.split_first() else { continue };
        let words = &part.words[field];
        let option = IndexRecordOption::WithFreqs;
        let mut block =
            words.read_block_postings_from_terminfo(first, option).map_err(fault::io)?;
        sums.add(field, &mut block)?;
        for info in rest {
            words.reset_block_postings_from_terminfo(info, &mut block).map_err(fault::io)?;
            sums.add(field, &mut block)?;
        }
    }
    Ok(Found::List(Cow::Owned(sums.finish())))
}

enum Sums {
    Table(Vec<Counts>),
    Pairs(Vec<Entry>),
}

impl Sums {
    fn add(
        &mut self,
        field: usize,
        block: &mut tantivy::postings::BlockSegmentPostings,
    ) -> Result<(), Error> {
        while block.block_len() > 0 {
            for (&text, &count) in block.docs().iter().zip(block.freqs()) {
                match self {
                    Sums::Table(table) => {
                        let at = usize::try_from(text).unwrap_or(usize::MAX);
                        table.get_mut(at).ok_or(fault::DAMAGED)?[field] += count;
                    }
                    Sums::Pairs(pairs) => {
                        let mut counts = [0; FIELDS];
                        counts[field] = count;
                        pairs.push(Entry { text, counts });
                    }
                }
            }
            block.advance();
        }
        Ok(())
    }

    fn finish(self) -> Vec<Entry> {
        match self {
            Sums::Table(table) => (0..)
                .zip(table)
                .filter(|(_, counts)| *counts != [0; FIELDS])
                .map(|(text, counts)| Entry { text, counts })
                .collect(),
            Sums::Pairs(pairs) => summed(pairs),
        }
    }
}

/// Sorts and adds up what belongs to one text.
pub(super) fn summed(mut pairs: Vec<Entry>) -> Vec<Entry> {
    pairs.sort_unstable_by_key(|entry| entry.text);
    pairs.dedup_by(|next, kept| {
        let same = next.text == kept.text;
        if same {
            kept.counts = std::array::from_fn(|field| kept.counts[field] + next.counts[field]);
        }
        same
    });
    pairs
}

impl Found<'_> {
    /// How many texts have the term, by field.
    pub(super) fn texts(&self) -> [u64; FIELDS] {
        match self {
            Found::Nowhere => [0; FIELDS],
            Found::Postings(fields) => {
                let texts = |info: &Option<TermInfo>| info.as_ref().map_or(0, |i| i.doc_freq);
                [u64::from(texts(&fields[0])), u64::from(texts(&fields[1]))]
            }
            Found::List(list) => {
                let mut texts = [0; FIELDS];
                for entry in list.iter() {
                    for (sum, count) in texts.iter_mut().zip(entry.counts) {
                        *sum += u64::from(count > 0);
                    }
                }
                texts
            }
        }
    }

    pub(super) fn is_nowhere(&self) -> bool {
        matches!(self, Found::Nowhere)
    }
}

/// Stands at a text that has the term, or at [`TERMINATED`].
pub(super) enum Cursor<'s> {
    Postings([Option<Box<SegmentPostings>>; FIELDS]),
    List { list: Cow<'s, [Entry]>, at: usize },
}

impl Cursor<'_> {
    pub(super) fn text(&self) -> u32 {
        match self {
            Cursor::Postings(fields) => {
                let texts = fields.iter().flatten().map(|postings| postings.doc());
                texts.min().unwrap_or(TERMINATED)
            }
            Cursor::List { list, at } => list.get(*at).map_or(TERMINATED, |entry| entry.text),
        }
    }

    pub(super) fn advance(&mut self) {
        let text = self.text();
        match self {
            Cursor::Postings(fields) => {
                for postings in fields.iter_mut().flatten() {
                    if postings.doc() == text {
                        postings.advance();
                    }
                }
            }
            Cursor::List { at, .. } => *at += 1,
        }
    }

    /// Goes to the first text at or after `target`.
    pub(super) fn seek(&mut self, target: u32) -> u32 {
        match self {
            Cursor::Postings(fields) => {
                for postings in fields.iter_mut().flatten() {
                    if postings.doc() < target {
                        postings.seek(target);
                    }
                }
            }
            Cursor::List { list, at } => {
                let rest = list.get(*at..).unwrap_or_default();
                // Doubling steps, then halving: short ways stay short.
                let mut step = 1;
                while step < rest.len() && rest[step].text < target {
                    step *= 2;
                }
                let near = &rest[step / 2..rest.len().min(step + 1)];
                *at += step / 2 + near.partition_point(|entry| entry.text < target);
            }
        }
        self.text()
    }

    /// Counts in the text at which the cursor stands.
    pub(super) fn counts(&self, text: u32) -> Counts {
        match self {
            Cursor::Postings(fields) => std::array::from_fn(|field| match &fields[field] {
                Some(postings) if postings.doc() == text => postings.term_freq(),
                _ => 0,
            }),
            Cursor::List { list, at } => match list.get(*at) {
                Some(entry) if entry.text == text => entry.counts,
                _ => [0; FIELDS],
            },
        }
    }
}
