//! Search parameters, the values they take from a resource, and the segments that hold them.

pub(crate) mod extract;
pub(crate) mod key;
pub(crate) mod params;
pub(crate) mod path;
