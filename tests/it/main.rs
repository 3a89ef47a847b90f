//! Behaviour of the whole, from outside.

/// Nothing that prints leaks.
mod debug_canary;
/// Every file of the data pack, byte for byte.
mod pack;
/// Reads, versions, changes, writes, feeds, locks.
mod vault;
