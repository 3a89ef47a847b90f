//! One whole measurement, its tables and what they were taken on; printed, and put into the README between
//! its two marks.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::compare::{self, Compared, Imports};
use crate::machine::{self, Started};
use crate::record::Record;
use crate::table::{MISSED, Table, grouped};
use crate::{Options, Outcome, growth, repeat, report, size, sync};

/// Resources of the large generated record.
pub(crate) const LARGE: usize = 200_000;
/// Resources of the small one, from which growth is counted.
const SMALL: usize = 20_000;

const BEGIN: &str = "<!-- figures: written by `./ci.sh bench --readme` -->";
const END: &str = "<!-- end of figures -->";

/// Measures, and says so wherever it was asked to.
pub(crate) fn publish(options: Options) -> Outcome<()> {
    if options.readme && (machine::profile() != "dist" || options.large != LARGE) {
        return Err(
            "the README takes figures of the profile dist and the whole large record".into()
        );
    }
    let started = Started::now();
    let (mut tables, records) = measure(options.large)?;
    let again = if options.repeat { Some(measure(options.large)?.0) } else { None };
    let machine = started.words();
    say("building the library and the smallest program");
    let compared = again.map(|again| repeat::compare(&tables, &again));
    tables.push(size::measure()?);
    let text = text(&tables, &records, &machine)?;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if let Some(compared) = compared {
        writeln!(out, "\n{}", compared.words)?;
        if compared.apart {
            return Err("the two runs are too far apart".into());
        }
    }
    if options.readme { put(&text) } else { Ok(()) }
}

/// All that is measured but the sizes.
fn measure(large: usize) -> Outcome<(Vec<Table>, [Compared; 2])> {
    let root = tempfile::tempdir()?;
    let root = root.path();
    say("composite record");
    let imports = Imports { vault: 5, peer: 5 };
    let first = compare::measure(&Record::composite()?, &root.join("composite"), imports)?;
    fs::remove_dir_all(root.join("composite"))?;

    say("large record");
    let record = Record::generate(root.join("large.ndjson.gz"), large)?;
    let imports = Imports { vault: 3, peer: 1 };
    let second = compare::measure(&record, &root.join("large"), imports)?;
    say("growth");
    let record = Record::generate(root.join("small.ndjson.gz"), SMALL)?;
    compare::fill(&record, &root.join("small"))?;
    let grown = growth::measure(&root.join("small"), &root.join("large"), [SMALL, large])?;

    say("sync");
    let records = [first, second];
    let [pages, documents] = sync::measure()?;
    Ok((vec![report::table(&records), grown, pages, documents], records))
}

/// What is being done, for whoever waits.
fn say(words: &str) {
    let _ = writeln!(std::io::stderr(), "bench: {words}");
}

/// The tables under what they are.
fn text(tables: &[Table], records: &[Compared; 2], machine: &str) -> Outcome<String> {
    let [composite, member] = records;
    let size = |record: &Compared| {
        let resources = grouped(record.resources as f64, 0);
        format!("{resources} resources, {:.1} MB of JSON", record.raw as f64 / 1e6)
    };
    let [vault, peer] = &composite.versions;
    let heading = format!(
        "{machine}; profile `{}`; commit {}.\n\n\
         {vault} against {peer} + FTS5 in the layout of Android's FHIR engine. Two records: a published one ({}) and a \
         generated member ({}). Processor time unless wall is said; searches warm, total and bytes of the first 20; \
         medians of rounds in which the engines take turns. {MISSED} misses its goal.\n",
        machine::profile(),
        machine::commit()?,
        size(composite),
        size(member),
    );
    let notes = "¹ By pages of 1,000 less the write of one page, which overlaps nothing.\n\
                 ² With one arena of the allocator: what idle threads keep would hide the difference.\n\
                 ³ x86_64 Linux, profile `mobile` (optimised for size), without symbols.\n";
    let tables: Vec<String> = tables.iter().map(Table::markdown).collect();
    Ok(format!("{heading}\n{}\n{notes}", tables.join("\n")))
}

/// Puts the text into the README.
fn put(text: &str) -> Outcome<()> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
    let readme = between(&fs::read_to_string(path)?, text)?;
    // Beside it first: a README is never half written.
    let beside = path.with_extension("md.new");
    fs::write(&beside, readme)?;
    Ok(fs::rename(beside, path)?)
}

/// `readme` with the text between its marks.
fn between(readme: &str, text: &str) -> Outcome<String> {
    let (before, rest) = readme.split_once(BEGIN).ok_or("README.md has no place for figures")?;
    let (_, after) = rest.split_once(END).ok_or("README.md has no end of figures")?;
    Ok(format!("{before}{BEGIN}\n\n{text}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_go_between_the_marks_and_nowhere_else() {
        let readme = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let once = between(&readme, "new\n").expect("marks");
        assert_eq!(once, format!("a\n{BEGIN}\n\nnew\n\n{END}\nb\n"));
        assert_eq!(between(&once, "new\n").expect("marks"), once);
        between("a\n", "new\n").expect_err("no marks");
    }

    #[test]
    fn the_readme_has_its_place() {
        between(include_str!("../../../README.md"), "new\n").expect("marks");
    }
}
