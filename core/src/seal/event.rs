//! What opening found and mended; shown by `info` and kept by the app if it likes.

/// How the vault's blocks were proven fresh when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// The vault was just created.
    Created,
    /// By the sealed nonce table of a clean close.
    Table,
    /// By reading every page in use.
    Walk,
}

/// A part of the file that exists twice, or can be rebuilt, and was damaged or torn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Healed {
    /// A copy of the vault header, 0 or 1.
    HeaderCopy(u8),
    /// A slot of page 0, 0 or 1; it is written anew with the next commit.
    PageZeroSlot(u8),
    /// The nonce table; the walk took its place.
    NonceTable,
}

/// Something out of the ordinary that did not keep the vault from opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A damaged part was made good from its twin.
    Healed(Healed),
    /// Bytes behind the vault's end, cut off at the first write.
    LengthCut {
        /// How many bytes.
        bytes: u64,
    },
    /// The system could not make the file durable, so the vault is open for reading only.
    SyncFailed,
    /// A newer program marked the vault as readable but not writable by this one.
    NewerReadOnly,
}
