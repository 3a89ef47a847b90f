//! BM25 over the index and the recent texts together: one set of statistics, one function, so a
//! text has the same score before and after a flush.

use tantivy::fieldnorm::FieldNormReader;

use super::schema::FIELDS;

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// How much a match in a field counts: titles (names, displays) before narratives and notes.
const BOOST: [f32; FIELDS] = [2.0, 1.0];

/// How many texts there are, and how many words in each field of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) texts: u64,
    pub(super) words: [u64; FIELDS],
}

impl Totals {
    pub(super) fn add(&mut self, other: Totals) {
        self.texts += other.texts;
        for (sum, words) in self.words.iter_mut().zip(other.words) {
            *sum += words;
        }
    }
}

/// Occurrences of a word in the fields of one text.
pub(super) type Counts = [u32; FIELDS];

/// The length part of BM25 for every length code of each field.
pub(super) struct Lengths([[f32; 256]; FIELDS]);

impl Lengths {
    #[expect(clippy::cast_precision_loss, reason = "a score is an estimate")]
    pub(super) fn new(totals: Totals) -> Self {
        Lengths(totals.words.map(|words| {
            let average = (words.max(1) as f32) / (totals.texts.max(1) as f32);
            std::array::from_fn(|code| {
                let code = u8::try_from(code).expect("256 codes");
                K1 * (1.0 - B + B * FieldNormReader::id_to_fieldnorm(code) as f32 / average)
            })
        }))
    }
}

/// The rarity part of BM25 for one word.
pub(super) struct Rarity([f32; FIELDS]);

impl Rarity {
    /// `found`: how many texts have the word, by field. `share` scales the whole.
    #[expect(clippy::cast_precision_loss, reason = "a score is an estimate")]
    pub(super) fn new(totals: Totals, found: [u64; FIELDS], share: f32) -> Self {
        Rarity(std::array::from_fn(|field| {
            let found = found[field].min(totals.texts);
            let odds = ((totals.texts - found) as f32 + 0.5) / (found as f32 + 0.5);
            share * BOOST[field] * (K1 + 1.0) * odds.ln_1p()
        }))
    }

    /// Score of one word in one text.
    #[expect(clippy::cast_precision_loss, reason = "a score is an estimate")]
    pub(super) fn score(&self, lengths: &Lengths, codes: [u8; FIELDS], counts: Counts) -> f32 {
        let mut score = 0.0;
        for field in 0..FIELDS {
            let count = counts[field] as f32;
            if count > 0.0 {
                let length = lengths.0[field][usize::from(codes[field])];
                score += self.0[field] * count / (count + length);
            }
        }
        score
    }
}

/// The length code of a field with so many words.
pub(super) fn length_code(words: u64) -> u8 {
    FieldNormReader::fieldnorm_to_id(u32::try_from(words).unwrap_or(u32::MAX))
}
