//! The fields of the full-text index. The row is a fast column; nothing is stored.

use std::sync::OnceLock;

use tantivy::Index;
use tantivy::index::IndexSettings;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

use super::token::WordTokenizer;

/// Text fields: titles and bodies.
pub(super) const FIELDS: usize = 2;

/// Name of the row's column.
pub(super) const ROW: &str = "row";

/// The tokenizer's name is part of the stored schema: an index cut in another way is refused.
const WORDS: &str = "chartkeep-words-1";

/// The text fields of [`schema`], in the order of [`super::TextField`].
pub(super) fn text_fields() -> [Field; FIELDS] {
    [Field::from_field_id(0), Field::from_field_id(1)]
}

/// The row's field.
pub(super) fn row_field() -> Field {
    Field::from_field_id(2)
}

/// The one schema.
pub(super) fn schema() -> Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    let make = || {
        let words = TextFieldIndexing::default()
            .set_tokenizer(WORDS)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(words);
        let mut builder = Schema::builder();
        builder.add_text_field("title", text.clone());
        builder.add_text_field("body", text);
        builder.add_u64_field(ROW, NumericOptions::default() | FAST);
        builder.build()
    };
    SCHEMA.get_or_init(make).clone()
}

/// No threads, and no compression of a document store that stays empty.
pub(super) fn settings() -> IndexSettings {
    IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() }
}

/// Makes our word cutter known to an index.
pub(super) fn register(index: &Index) {
    index.tokenizers().register(WORDS, WordTokenizer);
}
