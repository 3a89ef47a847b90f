//! FHIR search: query text, plan, page.

mod cursor;
mod kind;
mod parse;
mod plan;
mod query;
mod sort;
mod step;
#[cfg(test)]
mod tests;

pub(crate) use plan::{Scope, matches, run};
pub(crate) use query::Query;
