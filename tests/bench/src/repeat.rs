//! Two runs side by side: whether a ratio comes again.

use std::fmt::Write as _;

use crate::table::Table;

/// So far apart two runs may be.
const MOST: f64 = 0.20;

/// What two runs have in common.
pub(crate) struct Repeated {
    pub(crate) words: String,
    /// Some ratio is too far from itself.
    pub(crate) apart: bool,
}

/// Every ratio of both runs and how far they are apart, as a share of the smaller.
pub(crate) fn compare(first: &[Table], second: &[Table]) -> Repeated {
    let mut words = String::from("| ratio | first run | second run | apart |\n|:--|--:|--:|--:|\n");
    let (mut count, mut over) = (0, 0);
    let ratios = |run: &[Table]| run.iter().flat_map(Table::ratios).collect::<Vec<_>>();
    for ((label, one), (_, two)) in ratios(first).into_iter().zip(ratios(second)) {
        // No number comes again as nothing.
        let apart = if one < two { two / one } else { one / two } - 1.0;
        let mark = if apart <= MOST { "" } else { " **over**" };
        count += 1;
        over += usize::from(!mark.is_empty());
        let _ = writeln!(words, "| {label} | {one:.3} | {two:.3} | {:.1} %{mark} |", apart * 100.0);
    }
    let _ = write!(words, "\n{} of {count} ratios within {:.0} %.", count - over, MOST * 100.0);
    Repeated { words, apart: over > 0 }
}
