//! How the time of a search grows with the record when what it finds does not: both engines' stores of a
//! small and of a large generated record, each pair in a process of its own.

use std::path::Path;

use crate::compare::{ENGINES, folder, number};
use crate::record::PLANTED;
use crate::table::{Cell, Row, Table, grouped};
use crate::{Outcome, child};

/// The most that a search may take more of the large record.
const GOAL: f64 = 1.5;

/// A table over the stores that lie below `small` and `large`, records of so many resources.
pub(crate) fn measure(small: &Path, large: &Path, sizes: [usize; 2]) -> Outcome<Table> {
    let mut rows: Vec<Row> = Vec::new();
    for (side, engine) in ENGINES.into_iter().enumerate() {
        let [first, second] = [small, large].map(|root| folder(root, engine).into_os_string());
        let figures = child::figures(&["growth".into(), engine.into(), first, second], None)?;
        for (at, search) in figures.as_array().ok_or("no figures")?.iter().enumerate() {
            let (small, large) = (number(search, "small"), number(search, "large"));
            let mut ratio = Cell::ratio(large / small, 2, "×");
            if side == 0 {
                ratio = ratio.at_most(GOAL);
                let label = search["name"].as_str().unwrap_or_default().to_owned();
                rows.push(Row { label, cells: Vec::new(), goal: format!("≤ {GOAL}×") });
            }
            let cells = [Cell::figure(small, 1), Cell::figure(large, 1), ratio].map(Some);
            rows.get_mut(at).ok_or("more searches than before")?.cells.extend(cells);
        }
    }
    let [small, large] = sizes.map(|size| grouped(size as f64, 0));
    let title = format!("growth with the same {PLANTED} found, µs");
    let heads = NAMES.into_iter().flat_map(|name| {
        [format!("{name}: {small}"), format!("{name}: {large}"), format!("{name}: ratio")]
    });
    Ok(Table { head: [title].into_iter().chain(heads).collect(), rows })
}

const NAMES: [&str; 2] = ["Chartkeep", "SQLCipher"];
