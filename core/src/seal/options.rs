//! Choices at creation and opening; the defaults are the product's.

use super::cipher::Suite;

/// What a new passphrase slot costs to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KdfCost {
    /// 64 MiB and at least three passes, raised until one try takes half a second.
    Calibrated,
    /// As given; must be within the format's bounds.
    #[cfg_attr(
        not(any(test, feature = "testing")),
        expect(dead_code, reason = "only tests choose a cost so far")
    )]
    Fixed { memory_kib: u32, passes: u32 },
}

/// The cheapest cost that the format allows.
#[cfg(any(test, feature = "testing"))]
pub(crate) const CHEAPEST_KDF: KdfCost = KdfCost::Fixed { memory_kib: 19 * 1_024, passes: 2 };

/// Options of [`super::create`] and [`super::open`].
#[derive(Debug, Clone)]
pub(crate) struct SealOptions {
    /// redb's page cache.
    pub(crate) cache_bytes: usize,
    /// 4,608 or 8,192; only for creation.
    pub(crate) stride: u32,
    /// Only for creation.
    pub(crate) suite: Suite,
    /// Only for creation.
    pub(crate) kdf: KdfCost,
    /// A passphrase slot that asks for more memory is refused before any work.
    pub(crate) kdf_top_kib: u32,
    /// Counter of the anchor the app kept: an older vault is refused.
    pub(crate) anchor: Option<u64>,
    /// Vault id the app kept: another vault is refused.
    pub(crate) expected_vault_id: Option<[u8; 16]>,
    /// Nothing is written to the file.
    pub(crate) read_only: bool,
    /// Walk even if the nonce table is good.
    pub(crate) walk: bool,
    /// A wrong order of writes, which the power-cut suite must catch.
    #[cfg(test)]
    pub(crate) control: Option<super::tests::Control>,
}

impl Default for SealOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 8 << 20,
            stride: 4_608,
            suite: Suite::Xaes,
            kdf: KdfCost::Calibrated,
            kdf_top_kib: 1 << 20,
            anchor: None,
            expected_vault_id: None,
            read_only: false,
            walk: false,
            #[cfg(test)]
            control: None,
        }
    }
}
