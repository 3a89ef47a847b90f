//! Where everything lies in the file: `docs/format.md`, "Map of the file".

pub(crate) const PAGE_LEN: usize = 4_096;
pub(crate) const PAGE_LEN_U64: u64 = 4_096;
/// redb's super-header: the only bytes of page 0 that redb reads or writes.
pub(crate) const IMAGE_LEN: usize = 320;

pub(crate) const HEADER_LEN: usize = 20_480;
pub(crate) const HEADER_COPIES: [u64; 2] = [0, 20_480];
pub(crate) const PAGE_ZERO_SLOTS: [u64; 2] = [40_960, 45_056];
pub(crate) const PAGE_ZERO_SLOT_LEN: usize = 4_096;
/// Header copies and page-0 slots together; block 1 begins here.
pub(crate) const BASE: u64 = 49_152;
pub(crate) const BASE_LEN: usize = 49_152;

/// Largest number of blocks redb sees, block 0 included.
pub(crate) const MAX_BLOCKS: u64 = 1 << 24;
/// Pins in one record of the nonce table.
pub(crate) const PINS_PER_RECORD: u64 = 512;

/// The strides a vault may have.
pub(crate) const STRIDES: [u32; 2] = [4_608, 8_192];

/// Offsets that depend on the stride.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Geometry {
    stride: u32,
}

impl Geometry {
    pub(crate) fn new(stride: u32) -> Option<Self> {
        STRIDES.contains(&stride).then_some(Self { stride })
    }

    pub(crate) fn stride(self) -> u64 {
        u64::from(self.stride)
    }

    pub(crate) fn record_len(self) -> usize {
        self.stride as usize
    }

    /// Where the record of block `number` (1 or more) begins.
    pub(crate) fn block_at(self, number: u64) -> u64 {
        BASE + (number - 1) * self.stride()
    }

    /// The end of the last of `blocks` blocks, which is where the nonce table begins.
    pub(crate) fn blocks_end(self, blocks: u64) -> u64 {
        BASE + blocks.saturating_sub(1) * self.stride()
    }

    /// How many blocks redb sees in a file of `len` bytes, and the bytes left over.
    pub(crate) fn blocks_in(self, len: u64) -> (u64, u64) {
        let behind = len.saturating_sub(BASE);
        (1 + behind / self.stride(), behind % self.stride())
    }
}

/// Records of a nonce table for `blocks` blocks.
pub(crate) fn table_records(blocks: u64) -> u64 {
    blocks.saturating_sub(1).div_ceil(PINS_PER_RECORD)
}
