use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::index::merge::merge;

type Model = BTreeMap<Vec<u8>, BTreeSet<u32>>;

fn build(pairs: &[(Vec<u8>, u32)]) -> EncodedSegment {
    let mut builder = SegmentBuilder::new();
    for (key, row) in pairs {
        builder.add(key, *row);
    }
    builder.finish().unwrap()
}

fn model(pairs: &[(Vec<u8>, u32)]) -> Model {
    let mut model = Model::new();
    for (key, row) in pairs {
        model.entry(key.clone()).or_default().insert(*row);
    }
    model
}

fn segment(encoded: &EncodedSegment, rows: Range<u32>) -> Segment {
    let copy = EncodedSegment::from_bytes(&encoded.to_bytes()).unwrap();
    Segment::new(rows, Arc::new(copy))
}

fn rows_of(set: &RowSet) -> BTreeSet<u32> {
    set.iter().collect()
}

fn forward(segment: &Segment, range: KeyRange) -> Vec<(Vec<u8>, BTreeSet<u32>)> {
    let (mut found, mut cursor) = (Vec::new(), segment.cursor(range));
    while cursor.next().unwrap() {
        let mut rows = BTreeSet::new();
        cursor.for_each(|row| assert!(rows.insert(row))).unwrap();
        found.push((cursor.key().to_vec(), rows));
    }
    assert!(!cursor.next().unwrap());
    found
}

fn backward(segment: &Segment, range: KeyRange) -> Vec<(Vec<u8>, BTreeSet<u32>)> {
    let (mut found, mut cursor) = (Vec::new(), segment.reverse(range));
    while cursor.next().unwrap() {
        let mut rows = BTreeSet::new();
        cursor.for_each(|row| _ = rows.insert(row)).unwrap();
        found.push((cursor.key().to_vec(), rows));
    }
    assert!(!cursor.next().unwrap());
    found
}

fn check(segment: &Segment, model: &Model, probes: &[Vec<u8>]) {
    let all: Vec<_> = model.iter().map(|(k, r)| (k.clone(), r.clone())).collect();
    assert_eq!(forward(segment, KeyRange::default()), all);
    for (key, rows) in model {
        assert_eq!(&rows_of(&segment.get(key).unwrap()), rows);
    }
    for probe in probes {
        let expected = model.get(probe).cloned().unwrap_or_default();
        assert_eq!(rows_of(&segment.get(probe).unwrap()), expected);
        let under: Vec<_> = all.iter().filter(|(key, _)| key.starts_with(probe)).cloned().collect();
        assert_eq!(forward(segment, KeyRange::prefix(probe)), under);
        let mut down = backward(segment, KeyRange::prefix(probe));
        down.reverse();
        assert_eq!(down, under);
        for other in probes {
            let range = KeyRange { lower: probe.clone(), upper: Some(other.clone()) };
            let within = |key: &Vec<u8>| key >= probe && key < other;
            let between: Vec<_> = all.iter().filter(|(key, _)| within(key)).cloned().collect();
            assert_eq!(forward(segment, range.clone()), between);
            let mut down = backward(segment, range);
            down.reverse();
            assert_eq!(down, between);
        }
    }
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0u8), Just(1), Just(7), Just(0xff), any::<u8>()];
    let id = "[0-9a-f]{2}3151bd-1cbf-4d64-b04d-cd9187a4c6[0-9a-f]{2}";
    prop_oneof![
        8 => prop::collection::vec(byte, 1..6),
        4 => (id, 0u8..3).prop_map(|(id, end)| [id.as_bytes(), &[0, 0, end]].concat()),
        1 => (0usize..6_000, any::<u8>()).prop_map(|(length, last)| {
            let mut key = vec![7; length];
            key.push(last);
            key
        }),
    ]
}

fn pairs(rows: Range<u32>) -> impl Strategy<Value = Vec<(Vec<u8>, u32)>> {
    let few = prop::collection::vec((key(), rows.clone()), 0..200);
    let run = (key(), rows.clone(), 1usize..20, 1usize..2_000).prop_map(
        move |(key, first, step, count)| {
            let run = (first..rows.end).step_by(step).take(count);
            run.map(|row| (key.clone(), row)).collect::<Vec<_>>()
        },
    );
    (few, prop::collection::vec(run, 0..4)).prop_map(|(few, runs)| {
        let mut all = few;
        all.extend(runs.into_iter().flatten());
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_segment_is_the_sorted_map(
        pairs in pairs(70_000..140_000),
        probes in prop::collection::vec(key(), 1..6),
    ) {
        check(&segment(&build(&pairs), 70_000..140_000), &model(&pairs), &probes);
    }

    #[test]
    fn merged_neighbours_are_one_segment(
        parts in (pairs(0..3_000), pairs(3_000..3_001), pairs(4_000..9_000)),
        probes in prop::collection::vec(key(), 1..4),
    ) {
        let (a, b, c) = parts;
        let segments = [
            segment(&build(&a), 0..3_000),
            segment(&build(&b), 3_000..3_001),
            segment(&build(&c), 4_000..9_000),
        ];
        let mut blocks = Vec::new();
        merge(&segments.each_ref(), |block| {
            blocks.push(block);
            Ok(())
        }).unwrap();
        let all: Vec<_> = [a, b, c].concat();
        let merged = EncodedSegment::new(blocks);
        check(&segment(&merged, 0..9_000), &model(&all), &probes);
        // Built at once or merged: the same bytes.
        prop_assert_eq!(merged.to_bytes(), build(&all).to_bytes());
    }

    #[test]
    fn damaged_bytes_are_errors_never_panics(
        pairs in pairs(0..5_000),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = build(&pairs).to_bytes();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        if let Ok(encoded) = EncodedSegment::from_bytes(&bytes) {
            let segment = Segment::new(0..5_000, Arc::new(encoded));
            for (key, _) in pairs.iter().take(30) {
                let _ = segment.get(key);
            }
            let mut gather = Gather::new();
            let _ = segment.gather_range(&KeyRange::default(), |_| true, &mut gather);
            prop_assert!(gather.finish().iter().all(|row| row < 5_000));
            let mut reverse = segment.reverse(KeyRange::default());
            while let Ok(true) = reverse.next() {
                let _ = reverse.for_each(|_| ());
            }
            let _ = merge(&[&segment], |_| Ok(()));
        }
    }
}

#[test]
fn a_bitmap_that_claims_many_containers_is_refused() {
    let mut entries = Vec::new();
    varint::put(&mut entries, 1);
    varint::put(&mut entries, 0);
    varint::put(&mut entries, 8 << 2 | 2);
    entries.extend_from_slice(&12_346u32.to_le_bytes());
    entries.extend_from_slice(&u32::MAX.to_le_bytes());
    let encoded = EncodedSegment::new(vec![Block::new(b"k", &entries)]);
    let segment = Segment::new(0..10, Arc::new(encoded));
    assert_eq!(segment.get(b"k").err(), Some(damaged()));
}

#[test]
fn blocks_fit_a_page_unless_one_entry_does_not() {
    let mut builder = SegmentBuilder::new();
    for row in 0..20_000u32 {
        builder.add(&row.to_be_bytes(), row);
        builder.add(b"all", row);
        builder.add(&[b"some".as_slice(), &(row % 7).to_be_bytes()].concat(), row);
    }
    let encoded = builder.finish().unwrap();
    for block in encoded.blocks() {
        let single = block.find(block.first_key()).unwrap();
        assert!(single.is_some());
        assert!(
            block.first_key().len() + block.entries().len() <= 4_084
                || block.entries().len() > 2_000
        );
    }
    let small = encoded.blocks().iter().filter(|b| b.entries().len() < 3_000).count();
    assert!(small <= 9, "{small} blocks are short");
}

#[test]
fn rows_that_span_too_much_are_refused() {
    let mut builder = SegmentBuilder::new();
    builder.add(b"a", 5);
    builder.add(b"b", 5 + MAX_ROWS);
    assert_eq!(builder.finish().err(), Some(Error::TooLarge));
}
