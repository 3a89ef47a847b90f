//! A number over all words of all rows that does not depend on order or parts: equal numbers of
//! the index and of the bodies mean that the index says what the bodies say.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use tantivy::schema::IndexRecordOption;

use crate::error::Error;

use super::content::Texts;
use super::fault;
use super::index::TextIndex;
use super::token::Words;

/// Sum over (row, field, word, count).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TextDigest {
    rows: u64,
    sum: u64,
}

impl TextDigest {
    /// Adds the texts of a row. Rows without text count as nothing.
    pub(crate) fn add(&mut self, row: u32, texts: &Texts) {
        if texts.is_empty() {
            return;
        }
        self.rows += 1;
        let mut counts: HashMap<(usize, String), u32> = HashMap::new();
        let mut word = String::new();
        for (field, part) in texts.parts() {
            let mut cutter = Words::new(part);
            while cutter.next_into(&mut word).is_some() {
                *counts.entry((field.number(), word.clone())).or_default() += 1;
            }
        }
        for ((field, word), count) in counts {
            self.sum = self.sum.wrapping_add(mix(of_word(field, word.as_bytes()), row, count));
        }
    }
}

impl TextIndex {
    /// The digest of everything in the index.
    pub(crate) fn digest(&self) -> Result<TextDigest, Error> {
        fault::guard(|| {
            let mut digest = TextDigest { rows: self.texts(), sum: 0 };
            for part in self.parts() {
                let open = part.open()?;
                let mut rows = Vec::new();
                for text in 0..part.texts {
                    let row = open.rows.first(text).and_then(|row| u32::try_from(row).ok());
                    rows.push(row.ok_or(fault::DAMAGED)?);
                }
                for (field, words) in open.words.iter().enumerate() {
                    let mut terms = words.terms().stream().map_err(fault::io)?;
                    while terms.advance() {
                        let word = of_word(field, terms.key());
                        let option = IndexRecordOption::WithFreqs;
                        let mut block = words
                            .read_block_postings_from_terminfo(terms.value(), option)
                            .map_err(fault::io)?;
                        while block.block_len() > 0 {
                            for (&text, &count) in block.docs().iter().zip(block.freqs()) {
                                let text = usize::try_from(text).unwrap_or(usize::MAX);
                                let row = *rows.get(text).ok_or(fault::DAMAGED)?;
                                digest.sum = digest.sum.wrapping_add(mix(word, row, count));
                            }
                            block.advance();
                        }
                    }
                }
            }
            Ok(digest)
        })
    }
}

fn of_word(field: usize, word: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_usize(field);
    hasher.write(word);
    hasher.finish()
}

fn mix(word: u64, row: u32, count: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_u64(word);
    hasher.write_u32(row);
    hasher.write_u32(count);
    hasher.finish()
}
