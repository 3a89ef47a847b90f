//! Search parameters, the values they take from a resource, and the segments that hold them.

pub(crate) mod column;
pub(crate) mod extract;
pub(crate) mod key;
pub(crate) mod merge;
pub(crate) mod params;
pub(crate) mod path;
pub(crate) mod rows;
pub(crate) mod segment;
pub(crate) mod view;
pub(crate) mod walk;
