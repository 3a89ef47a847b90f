//! The index and its questions against a plain scan, over random small corpora.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use super::files::MemoryFiles;
use super::*;
use crate::error::{Error, QueryErrorKind};
use crate::fhir::{Tape, fold};

/// A small generator of random numbers; the seed is in every failure.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const WORDS: &[&str] = &[
    "blood",
    "Blood",
    "bloody",
    "pressure",
    "press",
    "heart",
    "Herz",
    "ærø",
    "Müller",
    "muller",
    "MÜLLERIN",
    "a",
    "an",
    "ant",
    "anti",
    "antibody",
    "diabetes",
    "diabetic",
    "dia",
    "ß",
    "ss",
    "120",
    "12",
    "120/80",
    "ÅNGSTRÖM",
    "angst",
    "naïve",
    "na",
    "Ωmega",
    "血",
    "圧",
];

fn texts(title: &[&str], body: &[&str]) -> Texts {
    let quoted = |texts: &[&str]| serde_json::to_string(&texts).unwrap();
    let json = format!("{{\"name\":{},\"comment\":{}}}", quoted(title), quoted(body));
    Texts::of(Tape::parse(json.as_bytes()).unwrap().root())
}

fn random_texts(random: &mut Random) -> Texts {
    let mut some = |most: usize| {
        let count = random.below(most);
        let all: Vec<&str> = (0..count).map(|_| random.pick(WORDS)).collect();
        all.join(random.pick(&[" ", ", ", " - ", "\n"]))
    };
    let (title, note, more) = (some(4), some(12), some(3));
    texts(&[&title], &[&note, &more])
}

/// The vault's part: rows in the index, rows not yet in it.
struct World {
    files: Arc<MemoryFiles>,
    index: TextIndex,
    recent: Vec<Arc<RecentTexts>>,
    rows: BTreeMap<u32, Texts>,
}

impl World {
    fn new() -> World {
        let files = Arc::new(MemoryFiles::default());
        let index = open(&files, None);
        World { files, index, recent: vec![], rows: BTreeMap::new() }
    }

    fn commit(&mut self, batch: Vec<(u32, Texts)>) {
        self.rows.extend(batch.iter().cloned());
        self.recent.push(Arc::new(RecentTexts::new(batch)));
    }

    fn apply(&mut self, delta: TextDelta) {
        self.files = Arc::new(self.files.after(delta));
        self.index = open(&self.files, Some(&self.index));
    }

    fn flush(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        let built = TextSegment::build(recent.iter().flat_map(|texts| texts.iter())).unwrap();
        let delta = self.index.add(built).unwrap();
        self.apply(delta);
    }

    fn merge(&mut self, all: bool) {
        let delta = if all { self.index.merge_all() } else { self.index.merge() };
        if let Some(delta) = delta.unwrap() {
            self.apply(delta);
        }
    }

    fn find(&self, text: &str) -> FindHits {
        self.page(text, &|_| true, 1_000_000, None)
    }

    fn page(
        &self,
        text: &str,
        allowed: &dyn Fn(u32) -> bool,
        limit: usize,
        after: Option<&str>,
    ) -> FindHits {
        let query = TextQuery::parse(text).unwrap();
        find(&self.index, &self.recent, &query, allowed, limit, after).unwrap()
    }
}

fn open(files: &Arc<MemoryFiles>, previous: Option<&TextIndex>) -> TextIndex {
    let files: Arc<dyn TextFiles> = Arc::clone(files) as _;
    TextIndex::open(&files, previous).unwrap()
}

/// Words of a text, cut in another way than the index does.
fn scan_words(text: &str) -> Vec<String> {
    let spaced: String = text
        .chars()
        .flat_map(|c| if "血圧".contains(c) { vec![' ', c, ' '] } else { vec![c] })
        .collect();
    let words = spaced.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| fold(word).into_owned()).collect()
}

/// Rows and scores as the specification of the search says, by reading every text.
fn scan(rows: &BTreeMap<u32, Texts>, text: &str) -> BTreeMap<u32, f64> {
    let all: BTreeMap<u32, [Vec<String>; 2]> = rows
        .iter()
        .filter(|(_, texts)| !texts.is_empty())
        .map(|(row, texts)| {
            let mut words = [vec![], vec![]];
            for (field, part) in texts.parts() {
                words[field.number()].extend(scan_words(part));
            }
            (*row, words)
        })
        .collect();
    let mut asked: Vec<(String, bool, bool, f64)> = Vec::new();
    let words = scan_words(text);
    let (last, first) = words.split_last().unwrap();
    for word in first {
        if !asked.iter().any(|(own, ..)| own == word) && word != last {
            asked.push((word.clone(), false, true, 1.0));
        }
    }
    if first.contains(last) || !text.ends_with(char::is_alphanumeric) {
        asked.push((last.clone(), false, true, 1.0));
    } else {
        asked.push((last.clone(), true, true, 0.5));
        asked.push((last.clone(), false, false, 0.5));
    }
    let total = all.len() as f64;
    let mut scores: BTreeMap<u32, f64> = all.keys().map(|row| (*row, 0.0)).collect();
    for (word, prefix, must, share) in &asked {
        for (field, boost) in [(0, 2.0), (1, 1.0)] {
            let count = |words: &[Vec<String>; 2]| {
                let hit = |own: &&String| *own == word || (*prefix && own.starts_with(word));
                words[field].iter().filter(hit).count() as f64
            };
            let found = all.values().filter(|words| count(words) > 0.0).count() as f64;
            let average = all.values().map(|words| words[field].len() as f64).sum::<f64>() / total;
            let rarity = (1.0 + (total - found + 0.5) / (found + 0.5)).ln();
            for (row, words) in &all {
                let (count, length) = (count(words), words[field].len() as f64);
                if count > 0.0 {
                    let part = count / (count + 1.2 * (0.25 + 0.75 * length / average));
                    if let Some(score) = scores.get_mut(row) {
                        *score += share * boost * rarity * 2.2 * part;
                    }
                }
            }
        }
        scores.retain(|row, _| {
            let hit = |own: &String| own == word || (*prefix && own.starts_with(word));
            !must || all[row].iter().flatten().any(hit)
        });
    }
    scores
}

fn question(random: &mut Random) -> String {
    let count = 1 + random.below(3);
    let mut words: Vec<String> = (0..count).map(|_| random.pick(WORDS).to_owned()).collect();
    if random.below(2) == 0 {
        let last = words.last_mut().unwrap();
        let keep = 1 + random.below(last.chars().count());
        *last = last.chars().take(keep).collect();
    }
    if words.last().unwrap().ends_with('/') || random.below(3) == 0 {
        words.push(String::new());
    }
    words.join(" ")
}

fn same_as_scan(world: &World, text: &str, seed: u64) {
    let (hits, scan) = (world.find(text), scan(&world.rows, text));
    assert_eq!(hits.total as usize, scan.len(), "total, seed {seed}, {text}");
    assert_eq!(hits.hits.len(), scan.len(), "rows, seed {seed}, {text}");
    assert_eq!(hits.next, None);
    for hit in &hits.hits {
        let expected = scan[&hit.row];
        assert!(
            (f64::from(hit.score) - expected).abs() < 1e-4 * expected.max(1.0),
            "score {} of row {}, expected {expected}, seed {seed}, {text}",
            hit.score,
            hit.row
        );
    }
    let order = |pair: &[TextHit]| {
        let [a, b] = pair else { unreachable!() };
        a.score > b.score || (a.score == b.score && a.row > b.row)
    };
    assert!(hits.hits.windows(2).all(order), "order, seed {seed}, {text}");
}

#[test]
fn answers_as_a_scan_does() {
    let (mut asked, mut answered) = (0, 0);
    for seed in 0..25 {
        let mut random = Random(seed);
        let (mut world, mut row) = (World::new(), 0);
        for _ in 0..60 {
            match random.below(10) {
                0..=4 => {
                    let batch = (0..=random.below(20))
                        .map(|_| {
                            row += 1 + u32::try_from(random.below(2)).unwrap();
                            (row, random_texts(&mut random))
                        })
                        .collect();
                    world.commit(batch);
                }
                5 | 6 => world.flush(),
                7 => world.merge(random.below(4) == 0),
                8 => world.index = open(&world.files, None),
                _ => {
                    let mut digest = TextDigest::default();
                    let waits: Vec<u32> =
                        world.recent.iter().flat_map(|texts| texts.iter().map(|t| t.0)).collect();
                    let flushed = world.rows.iter().filter(|(row, _)| !waits.contains(row));
                    flushed.for_each(|(row, texts)| digest.add(*row, texts));
                    assert_eq!(world.index.digest().unwrap(), digest, "seed {seed}");
                    world.index.check_files().unwrap();
                }
            }
            for _ in 0..3 {
                let text = question(&mut random);
                same_as_scan(&world, &text, seed);
                asked += 1;
                answered += usize::from(world.find(&text).total > 0);
            }
        }
    }
    assert!(answered * 2 > asked, "{answered} of {asked} questions had an answer");
}

#[test]
fn flush_and_merge_change_no_score() {
    let mut random = Random(7);
    let mut world = World::new();
    for commit in 0..9 {
        let rows = (0..40).map(|n| (commit * 40 + n, random_texts(&mut random)));
        world.commit(rows.collect());
    }
    let questions: Vec<String> = (0..100).map(|_| question(&mut random)).collect();
    let ask =
        |world: &World| -> Vec<FindHits> { questions.iter().map(|q| world.find(q)).collect() };
    let before = ask(&world);
    let recent = std::mem::take(&mut world.recent);
    for texts in recent {
        world.recent = vec![texts];
        world.flush();
    }
    assert_eq!(world.index.parts().len(), 9);
    assert!(before == ask(&world), "flushed");
    world.merge(false);
    assert_eq!(world.index.parts().len(), 6);
    assert!(before == ask(&world), "merged");
    world.merge(true);
    assert_eq!(world.index.parts().len(), 1);
    assert!(before == ask(&world), "merged into one");
    assert!(world.index.merge().unwrap().is_none());
    // Nothing of the former parts is left in the store.
    assert_eq!(world.files.0.len(), 7);
}

#[test]
fn pages_join_to_the_whole_and_filters_count() {
    let mut random = Random(3);
    let mut world = World::new();
    world.commit((0..300).map(|row| (row, random_texts(&mut random))).collect());
    world.flush();
    world.commit((300..500).map(|row| (row, random_texts(&mut random))).collect());
    let allowed = |row: u32| !row.is_multiple_of(3);
    let all = world.page("an", &allowed, 1_000, None);
    assert!(all.total > 50 && all.hits.iter().all(|hit| allowed(hit.row)));
    for limit in [1, 7, 50] {
        let (mut hits, mut after) = (Vec::new(), None);
        loop {
            let page = world.page("an", &allowed, limit, after.as_deref());
            assert_eq!(page.total, all.total);
            assert!(page.hits.len() == limit || page.next.is_none());
            hits.extend(page.hits);
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        assert_eq!(hits, all.hits);
    }
    let none = world.page("an", &allowed, 0, None);
    assert_eq!((none.total, none.hits.len(), none.next), (all.total, 0, None));
    // Rows that may not be seen are not counted either.
    assert_eq!(world.page("an", &|_| false, 10, None), FindHits::default());

    let next = world.page("an", &allowed, 1, None).next.unwrap();
    let refused = |text: &str, cursor: &str| {
        let query = TextQuery::parse(text).unwrap();
        match find(&world.index, &[], &query, &|_| true, 10, Some(cursor)) {
            Err(Error::Query(error)) => error.kind == QueryErrorKind::InvalidCursor,
            _ => false,
        }
    };
    assert!(refused("ant", &next) && refused("an ", &next));
    for cursor in ["", "x", "é", &next[1..], &format!("{next}0"), &next.replace('0', "+")] {
        assert!(refused("an", cursor) || *cursor == next);
    }
}

#[test]
fn prefix_finds_more_words_than_any_cap() {
    let mut world = World::new();
    world.commit((0..3_000).map(|row| (row, texts(&[], &[&format!("w{row:04}x")]))).collect());
    assert_eq!(world.find("w").total, 3_000);
    world.flush();
    assert_eq!(world.find("w").total, 3_000);
    assert_eq!(world.find("w12").total, 100);
    assert_eq!(world.find("w1234").total, 1);
    assert_eq!(world.find("w1234 ").total, 0);
    assert_eq!(world.find("w1234x ").total, 1);
}

#[test]
fn titles_and_whole_words_come_first() {
    let mut world = World::new();
    world.commit(vec![
        (1, texts(&[], &["the patient uses an inhaler at home"])),
        (2, texts(&["Inhaler"], &[])),
        (3, texts(&["Inhalers and spacers"], &[])),
    ]);
    let rows = |text| world.find(text).hits.iter().map(|hit| hit.row).collect::<Vec<_>>();
    assert_eq!(rows("inhaler"), [2, 1, 3]);
    assert_eq!(rows("inhal"), [2, 3, 1]);
    assert_eq!(rows("inhaler "), [2, 1]);
    assert_eq!(rows("INHAL home"), Vec::<u32>::new());
    assert_eq!(rows("home inhal"), [1]);
}

#[test]
fn huge_texts() {
    let long: String = (0..400_000).map(|n| format!("word{} ", n % 50_000)).collect();
    let huge = texts(&["Letter"], &[&long, "unseen"]);
    let size: usize = huge.parts().map(|(_, text)| text.len()).sum();
    assert!(size <= 1 << 20 && size > (1 << 20) - 20);
    let mut world = World::new();
    world.commit((0..20).map(|row| (row, huge.clone())).collect());
    assert_eq!(world.find("word49999").total, 20);
    world.flush();
    assert_eq!(world.find("letter word49999").total, 20);
    assert_eq!(world.find("unseen").total, 0);
    let query = TextQuery::parse(&"word1 word2 ".repeat(200_000)).unwrap();
    assert_eq!(find(&world.index, &[], &query, &|_| true, 5, None).unwrap().total, 20);
}

/// Files of which every read fails, or that count reads.
struct Watched {
    files: Arc<MemoryFiles>,
    fault: Option<Error>,
    reads: AtomicUsize,
}

impl Watched {
    fn new(files: &Arc<MemoryFiles>, fault: Option<Error>) -> Arc<Watched> {
        Arc::new(Watched { files: Arc::clone(files), fault, reads: AtomicUsize::new(0) })
    }
}

impl TextFiles for Watched {
    fn list(&self) -> Result<Vec<(String, u64)>, Error> {
        self.files.list()
    }

    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, Error> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        match &self.fault {
            Some(fault) if name != "meta.json" => Err(fault.clone()),
            _ => self.files.read(name, range),
        }
    }
}

fn flushed(rows: Range<u32>) -> World {
    let mut random = Random(11);
    let mut world = World::new();
    world.commit(rows.map(|row| (row, random_texts(&mut random))).collect());
    world.flush();
    world
}

#[test]
fn a_newer_snapshot_replaces_the_older() {
    let mut world = flushed(0..100);
    let first = Watched::new(&world.files, None);
    let held: Weak<Watched> = Arc::downgrade(&first);
    let one = TextIndex::open(&(first as Arc<dyn TextFiles>), None).unwrap();
    let query = TextQuery::parse("an").unwrap();
    let hits = find(&one, &[], &query, &|_| true, 10, None).unwrap();

    // The same parts: the open ones are shared, the older snapshot is let go at once.
    let second = Watched::new(&world.files, None);
    let two = TextIndex::open(&(Arc::clone(&second) as Arc<dyn TextFiles>), Some(&one)).unwrap();
    assert!(held.upgrade().is_none());
    assert_eq!(find(&one, &[], &query, &|_| true, 10, None).unwrap(), hits);

    // Another part more: the first is shared again.
    world.commit(vec![(1_000, texts(&["an"], &[]))]);
    world.flush();
    let held = Arc::downgrade(&second);
    drop(second);
    let third = Watched::new(&world.files, None);
    let three = TextIndex::open(&(Arc::clone(&third) as Arc<dyn TextFiles>), Some(&two)).unwrap();
    assert!(held.upgrade().is_none());
    assert_eq!(three.parts().len(), 2);
    assert_eq!(find(&two, &[], &query, &|_| true, 10, None).unwrap(), hits);
    assert_eq!(find(&three, &[], &query, &|_| true, 10, None).unwrap().total, hits.total + 1);

    // Merged away: who still has the parts reads them where they are, and lets go with them.
    world.merge(true);
    let held = Arc::downgrade(&third);
    drop(third);
    let four = open(&world.files, Some(&three));
    assert!(held.upgrade().is_some());
    assert_eq!(find(&three, &[], &query, &|_| true, 10, None).unwrap().total, hits.total + 1);
    assert_eq!(find(&four, &[], &query, &|_| true, 10, None).unwrap().total, hits.total + 1);
    drop((one, two, three));
    assert!(held.upgrade().is_none());
}

#[test]
fn opening_reads_the_list_only_and_pieces_are_kept() {
    let world = flushed(0..500);
    let files = Watched::new(&world.files, None);
    let index = TextIndex::open(&(Arc::clone(&files) as Arc<dyn TextFiles>), None).unwrap();
    assert_eq!(files.reads.load(Ordering::Relaxed), 1);
    let query = TextQuery::parse("blood pre").unwrap();
    find(&index, &[], &query, &|_| true, 10, None).unwrap();
    let reads = files.reads.load(Ordering::Relaxed);
    find(&index, &[], &query, &|_| true, 10, None).unwrap();
    assert_eq!(files.reads.load(Ordering::Relaxed), reads);
    assert!(reads < 10, "{reads} reads");
}

#[test]
fn the_stores_error_comes_through() {
    let world = flushed(0..50);
    let files = Watched::new(&world.files, Some(Error::BlockDamaged(7)));
    let index = TextIndex::open(&(files as Arc<dyn TextFiles>), None).unwrap();
    let query = TextQuery::parse("blood").unwrap();
    let error = find(&index, &[], &query, &|_| true, 10, None).unwrap_err();
    assert_eq!(error, Error::BlockDamaged(7));
    assert_eq!(index.check_files().unwrap_err(), Error::BlockDamaged(7));
    assert_eq!(index.digest().unwrap_err(), Error::BlockDamaged(7));
}

#[test]
fn damaged_files_are_an_error() {
    let world = flushed(0..200);
    let open = |files: MemoryFiles| {
        let files: Arc<dyn TextFiles> = Arc::new(files);
        TextIndex::open(&files, None)
    };
    let ask = |index: &TextIndex| {
        for text in ["blood", "an", "dia muller ", "b"] {
            find(index, &[], &TextQuery::parse(text).unwrap(), &|_| true, 10, None)?;
        }
        Ok::<(), Error>(())
    };
    let damaged =
        |result: Result<(), Error>| matches!(result, Err(Error::Inconsistent("text index")));
    for name in world.files.0.keys() {
        let mut without = (*world.files).clone();
        without.0.remove(name);
        assert!(damaged(open(without).and_then(|index| index.check_files())), "{name}");
        let mut short = (*world.files).clone();
        let bytes = short.0.get_mut(name).unwrap();
        bytes.truncate(bytes.len() / 2);
        assert!(damaged(open(short).and_then(|index| index.check_files())), "{name}");
        for at in 0..world.files.0[name].len() {
            let mut flipped = (*world.files).clone();
            flipped.0.get_mut(name).unwrap()[at] ^= 0x10;
            // Any answer but a panic: the seal below is what notices.
            if name != "meta.json" {
                let index = open(flipped).unwrap();
                let _ = ask(&index);
                assert!(damaged(index.check_files()), "{name} {at}");
            }
        }
    }
}

#[test]
fn content_of_a_resource() {
    let json = r##"{"resourceType":"DocumentReference","id":"hiddenid",
      "meta":{"tag":[{"system":"s","code":"c","display":"hiddentag"}]},
      "text":{"status":"generated","div":"<div xmlns=\"http://x\"><p>Narra<b>tive</b> <i class=\"hiddenclass\">here</i></p></div>"},
      "type":{"coding":[{"system":"http://loinc.org","code":"hiddencode","display":"Summary note"}],"text":"Summary note"},
      "subject":{"reference":"Patient/hidden","display":"Peter Chalmers"},
      "contained":[{"resourceType":"Practitioner","name":[{"family":"Careful","given":["Adam","B."]}]}],
      "note":[{"text":"a remark"}],
      "extension":[{"url":"http://hidden","valueString":"extended"}],
      "content":[
        {"attachment":{"contentType":"text/plain; charset=utf-8","data":"cGxhaW4gdGV4dCBpbnNpZGU=","title":"Letter"}},
        {"attachment":{"contentType":"text/html","data":"PHA+aHRtbCA8Yj5pbnNpZGU8L2I+PC9wPg=="}},
        {"attachment":{"data":"dW5kZWNsYXJlZA=="}},
        {"attachment":{"contentType":"text/plain","data":"R3L832U="}},
        {"attachment":{"contentType":"application/pdf","data":"aGlkZGVu"}},
        {"attachment":{"data":"AAECAwQ="}}],
      "valueSampledData":{"origin":{"value":1},"data":"hidden"},
      "telecom":[{"system":"phone","value":"hidden"}]}"##;
    let texts = Texts::of(Tape::parse(json.as_bytes()).unwrap().root());
    let words = |field| {
        let parts = texts.parts().filter(move |(own, _)| *own == field);
        parts.flat_map(|(_, text)| scan_words(text)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(words(TextField::Title), "summary note careful adam b letter");
    let body = words(TextField::Body);
    for part in [
        "narrative here",
        "peter chalmers",
        "a remark",
        "extended",
        "plain text inside",
        "html inside",
        "undeclared",
        "gruße",
    ] {
        assert!(
            body.replace("narra tive", "narrative").replace("grusse", "gruße").contains(part),
            "{part}: {body}"
        );
    }
    assert!(!format!("{} {body}", words(TextField::Title)).contains("hidden"));

    assert!(!format!("{texts:?}").contains("Careful"));
}

fn shown(texts: &Texts, text: &str) -> String {
    let parts = snippet(texts, &TextQuery::parse(text).unwrap());
    let mark = |part: &SnippetPart| match part.matched {
        true => format!("[{}]", part.text),
        false => part.text.clone(),
    };
    parts.iter().map(mark).collect()
}

#[test]
fn snippets_show_the_best_place() {
    let short = texts(&["Hemoglobin A1c"], &["Blood\n  pressure,\tBLOOD sugar"]);
    assert_eq!(shown(&short, "blood press"), "[Blood] [pressure], [BLOOD] sugar");
    assert_eq!(shown(&short, "hemo"), "[Hemoglobin] A1c");
    assert_eq!(shown(&short, "nothing"), "Hemoglobin A1c");
    assert_eq!(
        shown(&texts(&[], &["Grüße aus Café-Straße"]), "cafe strasse"),
        "Grüße aus [Café]-[Straße]"
    );
    assert_eq!(snippet(&Texts::default(), &TextQuery::parse("x").unwrap()), []);

    let filler = "lorem ipsum dolor sit amet ".repeat(40);
    let long = texts(&[], &[&format!("asthma {filler} severe asthma attack at night {filler}")]);
    let text = shown(&long, "asthma attack");
    assert!(text.starts_with("… ") && text.ends_with(" …"), "{text}");
    assert!(text.contains("severe [asthma] [attack] at night"), "{text}");
    let plain: String = snippet(&long, &TextQuery::parse("asthma attack").unwrap())
        .iter()
        .map(|part| part.text.as_str())
        .collect();
    assert!(plain.chars().count() <= 165, "{plain}");

    let solid = texts(&[], &[&format!("{}needle{}", "é".repeat(500), "é".repeat(500))]);
    assert!(shown(&solid, &"é".repeat(80)).chars().count() <= 170);
    let parts = snippet(&short, &TextQuery::parse("blood").unwrap());
    assert!(!format!("{parts:?}").contains("lood"));
}

#[test]
fn snippets_of_random_texts_are_parts_of_them() {
    let mut random = Random(5);
    for _ in 0..2_000 {
        let texts = random_texts(&mut random);
        let text = question(&mut random);
        let query = TextQuery::parse(&text).unwrap();
        let parts = snippet(&texts, &query);
        let matched = parts.iter().filter(|part| part.matched);
        assert!(
            matched
                .clone()
                .all(|part| scan_words(&part.text).iter().any(|w| query.place(w).is_some()))
        );
        let has = texts
            .parts()
            .any(|(_, part)| scan_words(part).iter().any(|w| query.place(w).is_some()));
        assert_eq!(has, matched.count() > 0);
    }
}
