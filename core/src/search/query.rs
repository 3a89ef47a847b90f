//! A search as it is understood: nothing in it is text that still has to be read.

use std::fmt;

use super::kind::Value;
use crate::index::params::Param;

/// Matches of one page when `_count` is not given.
pub(crate) const DEFAULT_COUNT: u32 = 50;
/// The greatest `_count`.
pub(crate) const MAX_COUNT: u32 = 100_000;

/// One search.
#[derive(Clone)]
pub(crate) struct Query {
    pub(crate) resource_type: &'static str,
    /// All must hold.
    pub(crate) filters: Vec<Filter>,
    pub(crate) sort: Option<Sort>,
    pub(crate) count: u32,
    /// The last row of the page before.
    pub(crate) after: Option<u32>,
    /// The query without `_page`, for the next link.
    pub(crate) text: String,
    /// Of everything that decides which rows come in which order.
    pub(crate) hash: u64,
}

/// One parameter and what it must be.
#[derive(Clone)]
pub(crate) struct Filter {
    pub(crate) param: &'static Param,
    pub(crate) test: Test,
}

/// What a resource's values of one parameter must be.
#[derive(Clone)]
pub(crate) enum Test {
    /// At least one of the resource's values answers one of these.
    Any(Vec<Value>),
    /// None does; a resource without a value matches too.
    None(Vec<Value>),
    /// Whether the resource has no value at all.
    Missing(bool),
}

/// The order of the answer.
#[derive(Clone, Copy)]
pub(crate) struct Sort {
    pub(crate) param: &'static Param,
    pub(crate) descending: bool,
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("resource_type", &self.resource_type)
            .field("filters", &self.filters.len())
            .finish_non_exhaustive()
    }
}
