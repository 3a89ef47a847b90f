//! Cuts an input into pieces on a thread of its own, a little ahead of whoever takes them: reading,
//! decompression and cutting overlap with the rest of an import.

use std::io::Read;
use std::sync::mpsc::{SyncSender, sync_channel};

use crate::Error;
use crate::fhir::{Item, Splitter};

/// Pieces are handed over in lots of about this many bytes, so memory stays a few lots or the largest
/// pieces.
const LOT_BYTES: usize = 256 << 10;

/// Some pieces, and how far in the input they reach.
struct Lot {
    items: Vec<Item>,
    position: u64,
    /// Why there is no further lot, unless the input simply ended.
    error: Option<Error>,
}

/// Calls `take` with each item of the input and the position that is cut already, until either fails.
pub(super) fn each_item(
    input: impl Read + Send,
    mut take: impl FnMut(Item, u64) -> Result<(), Error>,
) -> Result<(), Error> {
    std::thread::scope(|scope| {
        let (sender, lots) = sync_channel(1);
        scope.spawn(move || cut(input, &sender));
        for lot in lots {
            for item in lot.items {
                take(item, lot.position)?;
            }
            if let Some(error) = lot.error {
                return Err(error);
            }
        }
        Ok(())
    })
}

fn cut(input: impl Read, lots: &SyncSender<Lot>) {
    let mut splitter = Splitter::new(input);
    loop {
        let (mut items, mut bytes, mut is_last, mut error) = (Vec::new(), 0, false, None);
        while bytes < LOT_BYTES && !is_last {
            match splitter.next() {
                Ok(Some(item)) => {
                    if let Item::Piece(piece) = &item {
                        bytes += piece.bytes.len();
                    }
                    items.push(item);
                }
                Ok(None) => is_last = true,
                Err(fault) => {
                    error = Some(fault.into());
                    is_last = true;
                }
            }
        }
        let lot = Lot { items, position: splitter.position(), error };
        // Nobody takes any more after a fault or a cancel.
        if lots.send(lot).is_err() || is_last {
            return;
        }
    }
}
