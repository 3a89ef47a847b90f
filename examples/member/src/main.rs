//! `chartkeep-member`: writes one synthetic member's record as NDJSON.
#![forbid(unsafe_code)]
fn main() {}
