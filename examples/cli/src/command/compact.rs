//! `chartkeep compact`

use serde::Serialize;

use crate::args::{Compact, Globals};
use crate::failure::Stop;
use crate::interrupt::Cancellable;
use crate::progress::{Progress, Unit};
use crate::style::bytes;
use crate::ui::Ui;
use crate::unlock;

#[derive(Serialize)]
struct Compacted {
    bytes_before: u64,
    bytes_after: u64,
}

pub(crate) fn run(args: &Compact, globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let vault = unlock::open(globals, ui, false)?;
    let report = {
        let cancel = Cancellable::begin();
        let progress = Progress::new(ui, Unit::Steps, Some(0));
        let step = |now: chartkeep::Progress| {
            progress.set_total(now.total);
            progress.set(now.done, String::new);
        };
        if args.deep {
            vault.compact_deep(cancel.token(), step)?
        } else {
            vault.compact(cancel.token(), step)?
        }
    };
    let json = Compacted { bytes_before: report.bytes_before, bytes_after: report.bytes_after };
    ui.answer(&json, || {
        format!("{} before, {} now\n", bytes(json.bytes_before), bytes(json.bytes_after))
    })
}
