//! Full text: tantivy in the vault's own file.
