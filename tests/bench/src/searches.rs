//! The ten searches, kept in `searches.tsv`: the vault's question and SQLCipher's two statements.

use crate::Outcome;

/// One search, as each engine is asked.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    /// A FHIR query, or `find:` and the text.
    pub(crate) query: &'static str,
    /// Gives the total.
    pub(crate) count: &'static str,
    /// Gives the bodies of the first twenty.
    pub(crate) page: &'static str,
}

/// All of them, in the file's order.
pub(crate) fn all() -> Outcome<Vec<Asked>> {
    let lines = include_str!("../searches.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [name, query, count, page] => Ok(Asked { name, query, count, page }),
            _ => Err(format!("searches.tsv: not four columns: {line}").into()),
        })
        .collect()
}
