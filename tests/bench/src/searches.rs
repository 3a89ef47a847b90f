//! The searches, kept in `searches.tsv` and `growth.tsv`: the vault's question and SQLCipher's two
//! statements, with what is asked of each record.

use crate::Outcome;
use crate::record::Kind;

/// One search of one record, as each engine is asked.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    /// A FHIR query, or `find:` and the text.
    pub(crate) query: String,
    /// Gives the total.
    pub(crate) count: String,
    /// Gives the bodies of the first twenty.
    pub(crate) page: String,
}

/// The ten of a record, in the file's order.
pub(crate) fn ten(record: Kind) -> Outcome<Vec<Asked>> {
    read(include_str!("../searches.tsv"), record)
}

/// Those whose answers do not grow with a generated record.
pub(crate) fn growth() -> Outcome<Vec<Asked>> {
    read(include_str!("../growth.tsv"), Kind::Member)
}

fn read(table: &'static str, record: Kind) -> Outcome<Vec<Asked>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [name, composite, member, query, count, page] => {
                let values = match record {
                    Kind::Composite => composite,
                    Kind::Member => member,
                };
                let [query, count, page] = [query, count, page].map(|text| fill(text, values));
                Ok(Asked { name, query, count, page })
            }
            _ => Err(format!("not six columns: {line}").into()),
        })
        .collect()
}

/// `text` with each `{n}` replaced by the nth of `values`.
fn fill(text: &str, values: &str) -> String {
    values
        .split("; ")
        .enumerate()
        .fold(text.to_owned(), |text, (at, value)| text.replace(&format!("{{{at}}}"), value))
}
