//! One writer, several readers, and a check of all blocks at the same time: nothing is told that
//! is not so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{ReadableDatabase, ReadableTable};

use super::support::*;
use crate::seal::{MemoryMedium, SealOptions, create_on};

/// Rows of a commit all hold its number: a reader that sees two numbers saw half a commit.
#[test]
fn readers_see_whole_commits_and_checks_find_nothing() {
    let options = SealOptions { cache_bytes: 0, ..options() };
    let medium = Arc::new(MemoryMedium::default());
    let sealed = create_on(medium, &key(), &options, &clock(), init).unwrap();
    let write = |number: u64| {
        let value = vec![number.to_le_bytes()[0]; 3_000];
        let rows: Vec<(u64, &[u8])> = (0..8).map(|key| (key, value.as_slice())).collect();
        put(&sealed.db, &rows);
    };
    write(0);
    let done = AtomicBool::new(false);
    let commits = if std::env::var_os("CI").is_some() { 2_000 } else { 300 };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let transaction = sealed.db.begin_read().unwrap();
                    let table = transaction.open_table(TABLE).unwrap();
                    let firsts: Vec<u8> =
                        table.iter().unwrap().map(|row| row.unwrap().1.value()[0]).collect();
                    assert_eq!(firsts.len(), 8);
                    assert!(firsts.iter().all(|first| *first == firsts[0]));
                }
            });
        }
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let report = sealed.handle.verify_blocks(|_, _| true).unwrap();
                assert_eq!((report.damaged, report.replaced), (vec![], vec![]));
            }
        });
        for number in 1..commits {
            write(number);
        }
        done.store(true, Ordering::Relaxed);
    });
    let stop = sealed.handle.verify_blocks(|_, _| false);
    assert!(stop.is_err() || sealed.handle.backend.blocks() < 64);
}
