//! What redb sees as its storage: pages in, sealed records out. Keeps the order of writes, checks
//! pins on every read, and latches the first failure.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::failure::Failure;
use super::geometry::{
    Geometry, IMAGE_LEN, MAX_BLOCKS, PAGE_LEN, PAGE_LEN_U64, PAGE_ZERO_SLOTS, table_records,
};
use super::keys::{Area, Keys};
use super::lock::FileLock;
use super::medium::Medium;
use super::nonce_table;
use super::overlay::Overlay;
use super::page_zero::PageZero;
use super::pins::{Freshness, Pins};
use super::record;
use super::rule_w::{PageZeroState, needs_recovery};

/// The sealed file, shared by redb and the handle.
pub(crate) struct Backend {
    pub(super) medium: Arc<dyn Medium>,
    pub(super) geometry: Geometry,
    keys: RwLock<Option<Arc<Keys>>>,
    lock: Mutex<Option<Arc<FileLock>>>,
    /// Blocks redb sees, block 0 included; 0 only while a vault is being created.
    blocks: AtomicU64,
    /// Counter of the newest slot, written into every block.
    counter: AtomicU64,
    pub(super) pins: Pins,
    zero: Mutex<PageZeroState>,
    /// Something was written or resized since the last sync.
    dirty: AtomicBool,
    /// The file may hold bytes behind the last block.
    has_tail: AtomicBool,
    /// Held while a record and its pin, or the length and the pins, are out of step.
    changing: Mutex<()>,
    /// redb's writes, when nothing may reach the file.
    overlay: Option<Overlay>,
    failure: Mutex<Option<Failure>>,
    /// redb has opened its database: from here on closing may call the vault clean.
    running: AtomicBool,
    closed_clean: AtomicBool,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    syncs: AtomicU64,
}

/// What a backend begins with.
pub(crate) struct Start {
    pub(crate) medium: Arc<dyn Medium>,
    pub(crate) geometry: Geometry,
    pub(crate) keys: Arc<Keys>,
    pub(crate) lock: Option<Arc<FileLock>>,
    pub(crate) blocks: u64,
    pub(crate) zero: PageZeroState,
    pub(crate) pins: Pins,
    pub(crate) has_tail: bool,
    pub(crate) read_only: bool,
}

impl Backend {
    pub(crate) fn new(start: Start) -> Self {
        Self {
            medium: start.medium,
            geometry: start.geometry,
            keys: RwLock::new(Some(start.keys)),
            lock: Mutex::new(start.lock),
            blocks: AtomicU64::new(start.blocks),
            counter: AtomicU64::new(start.zero.counter),
            pins: start.pins,
            zero: Mutex::new(start.zero),
            dirty: AtomicBool::new(false),
            has_tail: AtomicBool::new(start.has_tail),
            changing: Mutex::new(()),
            overlay: start.read_only.then(Overlay::default),
            failure: Mutex::new(None),
            running: AtomicBool::new(false),
            closed_clean: AtomicBool::new(false),
            bytes_read: AtomicU64::new(0),
            bytes_written: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
        }
    }

    pub(crate) fn keys(&self) -> Result<Arc<Keys>, Failure> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone().ok_or(Failure::Closed)
    }

    pub(super) fn lock(&self) -> Option<Arc<FileLock>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn zero(&self) -> MutexGuard<'_, PageZeroState> {
        self.zero.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// redb's walk, if there was one, is over: what was not read has no pin and is not readable.
    pub(super) fn set_running(&self) {
        self.pins.stop_learning();
        self.running.store(true, Ordering::Release);
    }

    pub(crate) fn blocks(&self) -> u64 {
        self.blocks.load(Ordering::Acquire)
    }

    pub(super) fn hold_changes(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.overlay.is_some()
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn latch(&self, failure: Failure) -> Failure {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure)
    }

    pub(crate) fn closed_clean(&self) -> bool {
        self.closed_clean.load(Ordering::Acquire)
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn bytes_written(&self) -> u64 {
        self.bytes_written.load(Ordering::Relaxed)
    }

    #[cfg(feature = "testing")]
    pub(crate) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    fn sync_medium(&self) -> Result<(), Failure> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        Ok(self.medium.sync()?)
    }

    /// Counts what opening read before there was a backend.
    pub(crate) fn count_read(&self, bytes: u64) {
        self.bytes_read.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn read_medium(&self, offset: u64, out: &mut [u8]) -> Result<(), Failure> {
        self.medium.read(offset, out)?;
        self.bytes_read.fetch_add(out.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    fn write_medium(&self, offset: u64, data: &[u8]) -> Result<(), Failure> {
        self.dirty.store(true, Ordering::Release);
        self.medium.write(offset, data)?;
        self.bytes_written.fetch_add(data.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// The blocks of a request of redb: whole pages only.
    fn blocks_of(offset: u64, len: usize) -> Result<std::ops::Range<u64>, Failure> {
        if !offset.is_multiple_of(PAGE_LEN_U64) || !len.is_multiple_of(PAGE_LEN) || len == 0 {
            return Err(Failure::UnknownShape);
        }
        let first = offset / PAGE_LEN_U64;
        Ok(first..first + (len / PAGE_LEN) as u64)
    }

    pub(super) fn read_pages(&self, offset: u64, out: &mut [u8]) -> Result<(), Failure> {
        if offset < PAGE_LEN_U64 {
            let at = usize::try_from(offset).map_err(|_| Failure::UnknownShape)?;
            let zero = self.zero();
            let source = zero.image.get(at..at + out.len()).ok_or(Failure::UnknownShape)?;
            out.copy_from_slice(source);
            return Ok(());
        }
        let blocks = Self::blocks_of(offset, out.len())?;
        if blocks.end > self.blocks() {
            return Err(Failure::BlockDamaged(blocks.start.max(self.blocks())));
        }
        if let Some(overlay) = &self.overlay {
            for (block, page) in blocks.zip(out.chunks_exact_mut(PAGE_LEN)) {
                if !overlay.read(block, page) {
                    self.read_sealed(block..block + 1, page)?;
                }
            }
            return Ok(());
        }
        self.read_sealed(blocks, out)
    }

    fn read_sealed(&self, blocks: std::ops::Range<u64>, out: &mut [u8]) -> Result<(), Failure> {
        let keys = self.keys()?;
        let record_len = self.geometry.record_len();
        let mut sealed = vec![0; out.len() / PAGE_LEN * record_len];
        self.read_medium(self.geometry.block_at(blocks.start), &mut sealed)?;
        let records = sealed.chunks_exact_mut(record_len);
        for ((block, sealed), page) in blocks.zip(records).zip(out.chunks_exact_mut(PAGE_LEN)) {
            let pin = record::pin_of(sealed);
            let aad = keys.aad(Area::Data, block, 0);
            let body =
                record::open(&keys.page, &aad, sealed).map_err(|_| Failure::BlockDamaged(block))?;
            match self.pins.check(block, pin) {
                Freshness::Fresh => page.copy_from_slice(&body[..PAGE_LEN]),
                Freshness::Replaced => return Err(Failure::BlockReplaced(block)),
                Freshness::NeverWritten => return Err(Failure::BlockDamaged(block)),
            }
        }
        Ok(())
    }

    pub(super) fn write_pages(&self, offset: u64, data: &[u8]) -> Result<(), Failure> {
        if offset < PAGE_LEN_U64 {
            if offset != 0 || data.len() != IMAGE_LEN {
                return Err(Failure::UnknownShape);
            }
            self.zero().image.copy_from_slice(data);
            return Ok(());
        }
        let blocks = Self::blocks_of(offset, data.len())?;
        if blocks.end > self.blocks() {
            return Err(Failure::UnknownShape);
        }
        if let Some(overlay) = &self.overlay {
            overlay.write(blocks, data);
            return Ok(());
        }
        self.leave_clean()?;
        let keys = self.keys()?;
        let record_len = self.geometry.record_len();
        let nonces = record::nonces(data.len() / PAGE_LEN).map_err(|_| Failure::NoRandomness)?;
        let mut sealed = vec![0; nonces.len() * record_len];
        let counter = self.counter.load(Ordering::Acquire);
        let pages = data.chunks_exact(PAGE_LEN);
        let records = sealed.chunks_exact_mut(record_len);
        for (((block, page), nonce), sealed) in blocks.clone().zip(pages).zip(&nonces).zip(records)
        {
            record::fill(sealed, page, counter);
            record::seal(&keys.page, &keys.aad(Area::Data, block, 0), nonce, sealed)
                .map_err(|_| Failure::Io(io::ErrorKind::Other))?;
        }
        let _changing = self.hold_changes();
        self.write_medium(self.geometry.block_at(blocks.start), &sealed)?;
        for (block, nonce) in blocks.zip(&nonces) {
            self.pins.set(block, record::pin_of(nonce));
        }
        Ok(())
    }

    pub(super) fn resize(&self, len: u64) -> Result<(), Failure> {
        let blocks = len / PAGE_LEN_U64;
        if !len.is_multiple_of(PAGE_LEN_U64) || blocks == 0 {
            return Err(Failure::UnknownShape);
        }
        if blocks > MAX_BLOCKS {
            return Err(Failure::TooLarge);
        }
        let _changing = self.hold_changes();
        if let Some(overlay) = &self.overlay {
            overlay.cut(blocks);
        } else {
            self.leave_clean()?;
            self.dirty.store(true, Ordering::Release);
            self.medium.set_len(self.geometry.blocks_end(blocks))?;
        }
        self.pins.resize(blocks);
        self.blocks.store(blocks, Ordering::Release);
        Ok(())
    }

    /// Before the first change of a session: the durable image is sealed again as not clean, and
    /// only when that is durable the nonce table and anything else behind the blocks is cut off.
    fn leave_clean(&self) -> Result<(), Failure> {
        if !self.has_tail.load(Ordering::Acquire) && !self.zero().clean {
            return Ok(());
        }
        let mut zero = self.zero();
        if zero.clean
            && let Some(durable) = zero.durable
        {
            self.publish(&mut zero, durable)?;
        }
        if self.has_tail.load(Ordering::Acquire) {
            self.medium.set_len(self.geometry.blocks_end(self.blocks()))?;
            self.dirty.store(true, Ordering::Release);
            self.has_tail.store(false, Ordering::Release);
        }
        Ok(())
    }

    /// Writes one slot and syncs it.
    fn publish(&self, zero: &mut PageZeroState, image: [u8; IMAGE_LEN]) -> Result<(), Failure> {
        let (index, slot) = zero.next_slot(image);
        self.write_slot(index, &slot)?;
        self.sync_medium()?;
        zero.published(index, &slot);
        self.counter.store(slot.counter, Ordering::Release);
        Ok(())
    }

    pub(super) fn write_slot(&self, index: usize, slot: &PageZero) -> Result<(), Failure> {
        let sealed = slot.seal(&*self.keys()?, index).map_err(|_| Failure::NoRandomness)?;
        self.write_medium(PAGE_ZERO_SLOTS[index], &sealed)
    }

    pub(super) fn sync(&self) -> Result<(), Failure> {
        if self.overlay.is_some() {
            return Ok(());
        }
        let mut zero = self.zero();
        if self.dirty.swap(false, Ordering::AcqRel) {
            self.sync_medium()?;
        }
        if zero.must_publish() {
            let image = zero.image;
            self.publish(&mut zero, image)?;
            self.dirty.store(false, Ordering::Release);
        }
        Ok(())
    }

    /// Nonce table and a clean slot, with one sync: torn, they cost a walk and nothing else.
    pub(super) fn close_clean(&self) -> Result<(), Failure> {
        let mut zero = self.zero();
        if self.overlay.is_some()
            || !self.running.load(Ordering::Acquire)
            || zero.holds_an_image()
            || needs_recovery(&zero.image)
        {
            return Ok(());
        }
        if self.dirty.swap(false, Ordering::AcqRel) {
            self.sync_medium()?;
        }
        let keys = self.keys()?;
        let (blocks, image) = (self.blocks(), zero.image);
        let (index, mut slot) = zero.next_slot(image);
        slot.clean = true;
        slot.blocks = blocks;
        slot.table_records = table_records(blocks);
        let end = self.geometry.blocks_end(blocks);
        self.medium.set_len(end)?;
        let mut first = 0;
        for pins in self.pins.snapshot().chunks(nonce_table::PINS_PER_WRITE) {
            let sealed = nonce_table::seal(&keys, self.geometry, slot.counter, first, pins)
                .map_err(|_| Failure::NoRandomness)?;
            self.write_medium(end + first * self.geometry.stride(), &sealed)?;
            first += nonce_table::RECORDS_PER_WRITE;
        }
        self.write_slot(index, &slot)?;
        self.sync_medium()?;
        zero.published(index, &slot);
        self.closed_clean.store(true, Ordering::Release);
        Ok(())
    }

    /// Ends the session: keys are wiped and the lock is released, whatever happened before.
    pub(super) fn end(&self) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = None;
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn guarded<T>(&self, action: impl FnOnce() -> Result<T, Failure>) -> io::Result<T> {
        if let Some(failure) = self.failure() {
            return Err(failure.into());
        }
        action().map_err(|failure| self.latch(failure).into())
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Backend")
    }
}
