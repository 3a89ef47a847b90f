//! Behaviour of the whole, from outside.

/// Every file of the data pack, byte for byte.
mod pack;
/// Reads, versions, changes, writes, feeds, locks.
mod vault;
