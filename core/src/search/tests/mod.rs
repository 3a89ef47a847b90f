//! Answers against a naive model: every row looked at, every value compared by code of its own.

mod corpus;
mod model;

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::plan::Hits;
use super::{Query, Scope, matches, run};
use crate::clock::Clock;
use crate::fhir::Zone;
use crate::index::merge::merge;
use crate::index::params;
use crate::index::segment::{EncodedSegment, Segment, SegmentBuilder};
use crate::index::view::Index;
use corpus::{BASE, Corpus, NOW_MS, PARAMS, corpus};
use model::{Asked, asked};

fn numbers() -> Arc<[u16]> {
    let mut numbers = vec![0; params::count()];
    for (number, (base, code)) in (64..).zip(PARAMS) {
        numbers[params::find(base, code).unwrap().index] = number;
    }
    numbers.into()
}

fn number(base: &str, code: &str) -> u16 {
    numbers()[params::find(base, code).unwrap().index]
}

fn merged(parts: &[Segment]) -> Segment {
    let mut blocks = Vec::new();
    let sources: Vec<_> = parts.iter().collect();
    merge(&sources, |block| {
        blocks.push(block);
        Ok(())
    })
    .unwrap();
    let rows = parts[0].rows().start..parts[parts.len() - 1].rows().end;
    Segment::new(rows, Arc::new(EncodedSegment::new(blocks)))
}

/// Segments cut where the corpus says, some neighbours merged.
fn index(corpus: &Corpus) -> Index {
    let mut segments: Vec<Segment> = Vec::new();
    let end = u32::try_from(corpus.rows.len()).unwrap();
    let mut cuts: Vec<u32> = corpus.cuts.iter().map(|cut| cut * end / 1_000).collect();
    cuts.extend([0, end]);
    cuts.sort_unstable();
    cuts.dedup();
    for ends in cuts.windows(2) {
        let mut builder = SegmentBuilder::new();
        for row in ends[0]..ends[1] {
            corpus.rows[row as usize].keys(&mut |key| builder.add(key, row));
        }
        let encoded = builder.finish().unwrap();
        segments.push(Segment::new(ends[0]..ends[1], Arc::new(encoded)));
    }
    for &(at, count) in &corpus.merges {
        let at = at % segments.len();
        let parts: Vec<_> = segments.drain(at..(at + count).min(segments.len())).collect();
        segments.insert(at, merged(&parts));
    }
    let hidden: RoaringBitmap = (0..end).filter(|&row| corpus.rows[row as usize].hidden).collect();
    let segments = segments.into_iter().map(Arc::new).collect();
    Index::new(segments, Arc::new(hidden), numbers()).unwrap()
}

/// All pages, one after another by their next links.
fn pages(index: &Index, text: &str, scope: &Scope<'_>) -> (Vec<u32>, u64) {
    let clock = Clock::fixed(NOW_MS);
    let mut query = Query::parse(text, Zone::UTC).unwrap();
    let mut all = Vec::new();
    loop {
        let Hits { rows, total, next } = run(index, &query, scope, &clock).unwrap();
        assert!(rows.len() <= query.count as usize);
        all.extend(rows);
        match next {
            Some(next) => query = Query::parse(&next, Zone::UTC).unwrap(),
            None => return (all, total),
        }
    }
}

fn check(corpus: &Corpus, index: &Index, asked: &Asked, connections: Option<&[u32]>) {
    let bases = [(1, BASE.to_owned())];
    let scope = Scope { connections, bases: &bases, ..Scope::default() };
    let expected = asked.answer(corpus, connections);
    let text = asked.text();
    let query = Query::parse(&text, Zone::UTC).unwrap();
    let found = matches(index, &query, &scope, &Clock::fixed(NOW_MS)).unwrap();
    let as_set: BTreeSet<u32> = expected.iter().copied().collect();
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), as_set, "{text}");
    let (rows, total) = pages(index, &text, &scope);
    assert_eq!(rows, expected, "{text}");
    assert_eq!(total, expected.len() as u64, "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn answers_equal_a_naive_scan(
        corpus in corpus(),
        asked in prop::collection::vec(asked(), 24),
        connections in prop::option::weighted(0.3, prop::collection::vec(1u32..4, 0..3)),
    ) {
        let index = index(&corpus);
        for asked in &asked {
            check(&corpus, &index, asked, connections.as_deref());
        }
    }
}

#[test]
fn a_cursor_outlives_new_rows_and_belongs_to_its_query() {
    let clock = Clock::fixed(NOW_MS);
    let corpus = Corpus::of_dates(40);
    let index = index(&corpus);
    for sort in ["", "&_sort=date", "&_sort=-date", "&_sort=code", "&_sort=-_id"] {
        let text = format!("Observation?_count=7{sort}");
        let query = Query::parse(&text, Zone::UTC).unwrap();
        let first = run(&index, &query, &Scope::default(), &clock).unwrap();
        let next = first.next.unwrap();
        // Other rows come between, with values before and after the place of the cursor.
        let longer = self::index(&Corpus::of_dates(55));
        let query = Query::parse(&next, Zone::UTC).unwrap();
        let (rest, total) = pages(&longer, &next, &Scope::default());
        assert_eq!(total, 55);
        let before = run(&index, &query, &Scope::default(), &clock).unwrap();
        assert!(before.rows.iter().all(|row| rest.contains(row)), "{text}");
        assert!(first.rows.iter().all(|row| !rest.contains(row)), "{text}");
        let other = next.replace("Observation?", "Observation?status=final&");
        let fault = Query::parse(&other, Zone::UTC).unwrap_err();
        assert_eq!(fault.kind, crate::error::QueryErrorKind::InvalidCursor);
        // Another page size goes on from the same place.
        assert!(Query::parse(&next.replace("_count=7", "_count=3"), Zone::UTC).is_ok());
    }
}

#[test]
fn the_walk_over_dates_and_the_look_up_agree() {
    let corpus = Corpus::of_dates(9_000);
    let index = index(&corpus);
    for text in [
        "Observation?_sort=-date&_count=900",
        "Observation?_sort=date&_count=900",
        "Observation?status=final&_sort=-date&_count=1000",
        "Observation?date=lt2001&_sort=-date&_count=500",
    ] {
        let asked = Asked::parse_plain(text);
        check(&corpus, &index, &asked, None);
    }
}

#[test]
fn count_zero_gives_the_total_alone() {
    let index = index(&Corpus::of_dates(12));
    let query = Query::parse("Observation?_count=0", Zone::UTC).unwrap();
    let hits = run(&index, &query, &Scope::default(), &Clock::fixed(NOW_MS)).unwrap();
    assert!(hits.rows.is_empty() && hits.total == 12 && hits.next.is_none());
}

#[test]
fn a_subject_limits_the_answer() {
    let index = index(&Corpus::of_dates(12));
    let query = Query::parse("Observation", Zone::UTC).unwrap();
    let subjects = [(1, "p1".to_owned()), (2, "p0".to_owned())];
    let scope = Scope { subjects: Some(&subjects), ..Scope::default() };
    let hits = run(&index, &query, &scope, &Clock::fixed(NOW_MS)).unwrap();
    assert_eq!(hits.rows, [1, 4, 7, 10]);
}
