//! Asks the index and the recent texts: every word must match, best BM25 first. Rows are filtered
//! while collecting, so the total is exact and a page is full.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use tantivy::TERMINATED;

use crate::error::{Error, QueryError, QueryErrorKind};

use super::cursor::{Cursor, Found, Source, Term};
use super::fault;
use super::index::TextIndex;
use super::query::TextQuery;
use super::recent::RecentTexts;
use super::schema::FIELDS;
use super::score::{Lengths, Rarity, Totals};

/// A row that matches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TextHit {
    pub(crate) row: u32,
    pub(crate) score: f32,
}

/// One page of rows that match.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FindHits {
    /// Best first; rows of equal score newest first.
    pub(crate) hits: Vec<TextHit>,
    /// All allowed rows that match, on whatever page.
    pub(crate) total: u32,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<String>,
}

/// Order of results: by score, then by row.
#[derive(Clone, Copy, PartialEq)]
struct Rank {
    score: f32,
    row: u32,
}

impl Eq for Rank {}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One term of the query: what is asked, whether a text must have it, its weight.
struct Asked<'q> {
    term: Term<'q>,
    must: bool,
    share: f32,
}

/// The best `limit` allowed rows after the cursor `after`, which is the `next` of an earlier page
/// of the same query. No row may be both in the index and among the recent texts.
pub(crate) fn find(
    index: &TextIndex,
    recent: &[Arc<RecentTexts>],
    query: &TextQuery,
    allowed: &dyn Fn(u32) -> bool,
    limit: usize,
    after: Option<&str>,
) -> Result<FindHits, Error> {
    let after = after.map(|text| read_cursor(text, query)).transpose()?;
    let mut page = Page { allowed, limit, after, total: 0, later: 0, best: BinaryHeap::new() };
    fault::guard(|| collect(index, recent, query, &mut page))?;
    Ok(page.finish(query))
}

fn asked(query: &TextQuery) -> Vec<Asked<'_>> {
    let whole = |word| Asked { term: Term::Word(word), must: true, share: 1.0 };
    let mut asked: Vec<Asked<'_>> = query.words.iter().map(|word| whole(word.as_str())).collect();
    if let Some(word) = &query.prefix {
        // Words that begin so count as one word; the word itself counts once more.
        asked.push(Asked { term: Term::Prefix(word), must: true, share: 0.5 });
        asked.push(Asked { term: Term::Word(word), must: false, share: 0.5 });
    }
    asked
}

fn collect(
    index: &TextIndex,
    recent: &[Arc<RecentTexts>],
    query: &TextQuery,
    page: &mut Page<'_>,
) -> Result<(), Error> {
    let mut sources = Vec::with_capacity(index.parts().len() + recent.len());
    for part in index.parts() {
        sources.push(Source::Part(part.open()?, part.texts));
    }
    sources.extend(recent.iter().map(|texts| Source::Recent(texts.words())));
    let mut totals = Totals::default();
    sources.iter().for_each(|source| totals.add(source.totals()));

    let asked = asked(query);
    let mut found: Vec<Vec<Found<'_>>> = sources.iter().map(|_| Vec::new()).collect();
    let mut rarities = Vec::with_capacity(asked.len());
    for Asked { term, must, share } in &asked {
        let mut texts = [0; FIELDS];
        for (source, found) in sources.iter().zip(&mut found) {
            let here = source.find(*term)?;
            texts = std::array::from_fn(|field| texts[field] + here.texts()[field]);
            found.push(here);
        }
        if *must && texts == [0; FIELDS] {
            return Ok(());
        }
        rarities.push(Rarity::new(totals, texts, *share));
    }

    let lengths = Lengths::new(totals);
    for (source, found) in sources.into_iter().zip(found) {
        let missing = |(asked, found): (&Asked<'_>, &Found<'_>)| asked.must && found.is_nowhere();
        if !asked.iter().zip(&found).any(missing) {
            walk(source, &asked, found, &rarities, &lengths, page)?;
        }
    }
    Ok(())
}

/// Visits the texts of one source that have all the words.
fn walk<'s>(
    source: Source<'s>,
    asked: &[Asked<'_>],
    found: Vec<Found<'s>>,
    rarities: &[Rarity],
    lengths: &Lengths,
    page: &mut Page<'_>,
) -> Result<(), Error> {
    let mut order: Vec<(u64, usize)> = (0..asked.len())
        .filter(|&at| asked[at].must)
        .map(|at| (found[at].texts().iter().sum(), at))
        .collect();
    order.sort_unstable();
    let mut cursors = Vec::with_capacity(found.len());
    for found in found {
        cursors.push(source.cursor(found)?);
    }
    let Some((&(_, rarest), rest)) = order.split_first() else { return Ok(()) };
    let mut text = cursors[rarest].text();
    'texts: while text < TERMINATED {
        for &(_, at) in rest {
            let next = seek(&mut cursors[at], text);
            if next != text {
                text = seek(&mut cursors[rarest], next);
                continue 'texts;
            }
        }
        let row = source.row(text)?;
        if (page.allowed)(row) {
            let codes = source.lengths(text);
            let mut score = 0.0;
            for ((cursor, rarity), asked) in cursors.iter_mut().zip(rarities).zip(asked) {
                if asked.must || seek(cursor, text) == text {
                    score += rarity.score(lengths, codes, cursor.counts(text));
                }
            }
            page.offer(Rank { score, row });
        }
        cursors[rarest].advance();
        text = cursors[rarest].text();
    }
    Ok(())
}

fn seek(cursor: &mut Cursor<'_>, target: u32) -> u32 {
    match cursor.text() {
        text if text >= target => text,
        _ => cursor.seek(target),
    }
}

/// Keeps the best of what is offered.
struct Page<'a> {
    allowed: &'a dyn Fn(u32) -> bool,
    limit: usize,
    after: Option<Rank>,
    total: u32,
    /// How many come after the cursor.
    later: usize,
    best: BinaryHeap<Reverse<Rank>>,
}

impl Page<'_> {
    fn offer(&mut self, rank: Rank) {
        self.total += 1;
        if self.after.is_some_and(|after| rank >= after) {
            return;
        }
        self.later += 1;
        if self.best.len() < self.limit {
            self.best.push(Reverse(rank));
        } else if let Some(mut worst) = self.best.peek_mut()
            && rank > worst.0
        {
            *worst = Reverse(rank);
        }
    }

    fn finish(self, query: &TextQuery) -> FindHits {
        let more = self.later > self.best.len();
        let best = self.best.into_sorted_vec();
        let next = best.last().filter(|_| more).map(|Reverse(last)| write_cursor(*last, query));
        let hits = best.into_iter().map(|Reverse(Rank { score, row })| TextHit { row, score });
        FindHits { hits: hits.collect(), total: self.total, next }
    }
}

fn write_cursor(last: Rank, query: &TextQuery) -> String {
    format!("{:08x}{:08x}{:08x}", query.mark(), last.score.to_bits(), last.row)
}

fn read_cursor(text: &str, query: &TextQuery) -> Result<Rank, Error> {
    let number = |at: usize| {
        let digits = text.get(at..at + 8)?;
        let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        hex.then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let read = || {
        let (mark, score, row) = (number(0)?, number(8)?, number(16)?);
        (text.len() == 24 && mark == query.mark())
            .then(|| Rank { score: f32::from_bits(score), row })
    };
    read().ok_or_else(|| {
        Error::Query(QueryError {
            kind: QueryErrorKind::InvalidCursor,
            parameter: "cursor".to_owned(),
            position: None,
            expected: "the cursor of an earlier page of the same search".to_owned(),
        })
    })
}
