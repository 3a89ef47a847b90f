//! Full text: tantivy in the vault's own file.
//!
//! `content` makes [`Texts`] of a resource, `segment` makes an immutable index part of many of
//! them, `index` is the set of parts that one snapshot of the vault holds, `recent` the texts that
//! no part has yet, and `find` asks both at once. Only this module names tantivy.

mod content;
mod cursor;
mod digest;
mod directory;
mod fault;
mod files;
mod find;
mod index;
mod query;
mod recent;
mod schema;
mod score;
mod segment;
mod snippet;
#[cfg(test)]
mod tests;
mod token;

#[cfg(test)]
pub(crate) use content::TextField;
pub(crate) use content::{SEARCHED, Texts};
pub(crate) use digest::TextDigest;
pub(crate) use files::{TextDelta, TextFiles};
#[cfg(test)]
pub(crate) use find::FindHits;
pub(crate) use find::{TextHit, find};
pub(crate) use index::TextIndex;
pub(crate) use query::TextQuery;
pub(crate) use recent::RecentTexts;
pub(crate) use segment::TextSegment;
pub use snippet::SnippetPart;
pub(crate) use snippet::snippet;

/// Number of the full-text index's content: what is taken from a resource, how it is cut into
/// words, how the parts are stored. Another number in a vault means: rebuild from the bodies.
pub(crate) const TEXT_VERSION: u32 = 1;
