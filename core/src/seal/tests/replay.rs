//! Validly sealed blocks in the wrong place or of the wrong time: at rest, after a crash, and
//! under an open vault.

use std::sync::Arc;

use super::support::*;
use crate::error::{Error, OpenError};
use crate::seal::medium::Medium;
use crate::seal::power_cut::Dice;
use crate::seal::{MemoryMedium, SealOptions, open_on, rewrite};

const STRIDE: usize = 4_608;
const BASE: usize = 49_152;

fn block(bytes: &[u8], number: usize) -> &[u8] {
    &bytes[BASE + (number - 1) * STRIDE..BASE + number * STRIDE]
}

/// A file, and the rows in it.
type Version = (Vec<u8>, Vec<(u64, Vec<u8>)>);

/// Versions of one vault, each after a few commits more; `closed` or as a crash leaves them.
fn versions(closed: bool) -> Vec<Version> {
    let (medium, sealed) = create_memory();
    drop(sealed);
    let mut dice = Dice::new(5);
    let mut versions = Vec::new();
    for _ in 0..6 {
        let sealed = open_on(Arc::clone(&medium) as _, &key(), &options(), &clock()).unwrap();
        for _ in 0..8 {
            let value = vec![dice.next().to_le_bytes()[0]; 1_500];
            put(&sealed.db, &[(dice.below(30), &value)]);
        }
        let state = rows(&sealed.db).unwrap();
        if closed {
            drop(sealed);
            versions.push((medium.bytes(), state));
        } else {
            versions.push((medium.bytes(), state));
            drop(sealed);
        }
    }
    versions
}

/// Puts one to four blocks back to an older version; the last version must tell or be whole.
fn replay(closed: bool, rounds: u64) -> (u32, u32) {
    let versions = versions(closed);
    let (newest, expected) = versions.last().unwrap();
    let (mut told, mut unused) = (0, 0);
    for round in 0..rounds {
        let mut dice = Dice::new(round);
        let mut edited = newest.clone();
        let mut changed = false;
        for _ in 0..1 + dice.below(4) {
            let old = &versions[dice.index(versions.len() - 1)].0;
            let number = 1 + dice.index((old.len().min(newest.len()) - BASE) / STRIDE);
            let at = BASE + (number - 1) * STRIDE;
            changed |= block(old, number) != block(&edited, number);
            edited[at..at + STRIDE].copy_from_slice(block(old, number));
        }
        match reopen(edited) {
            Err(
                OpenError::BlockReplaced(_) | OpenError::BlockDamaged(_) | OpenError::Inconsistent,
            ) => told += 1,
            Err(error) => panic!("round {round}: {error:?}"),
            Ok(sealed) => match rows(&sealed.db) {
                Err(error) => {
                    let error = sealed.handle.classify(error);
                    assert!(
                        matches!(error, Error::BlockReplaced(_) | Error::BlockDamaged(_)),
                        "round {round}: {error:?}"
                    );
                    told += 1;
                }
                Ok(found) => {
                    assert_eq!(&found, expected, "round {round}, changed {changed}");
                    unused += 1;
                }
            },
        }
    }
    (told, unused)
}

#[test]
fn replayed_blocks_at_rest_are_told_by_the_nonce_table() {
    let (told, unused) = replay(true, 600);
    assert!(told > 100, "{told} told, {unused} unused");
}

#[test]
fn replayed_blocks_after_a_crash_are_told_by_the_walk() {
    let (told, unused) = replay(false, 300);
    assert!(told > 50, "{told} told, {unused} unused");
}

#[test]
fn blocks_replaced_under_an_open_vault_are_told() {
    let versions = versions(true);
    let options = SealOptions { cache_bytes: 0, ..options() };
    let (newest, expected) = versions.last().unwrap();
    let mut told = 0;
    for round in 0..200 {
        let mut dice = Dice::new(round);
        let medium = Arc::new(MemoryMedium::new(newest.clone()));
        let sealed = open_on(Arc::clone(&medium) as _, &key(), &options, &clock()).unwrap();
        let old = &versions[dice.index(versions.len() - 1)].0;
        let number = 1 + dice.index((old.len().min(newest.len()) - BASE) / STRIDE);
        medium.write((BASE + (number - 1) * STRIDE) as u64, block(old, number)).unwrap();
        match rows(&sealed.db) {
            Ok(found) => assert_eq!(&found, expected),
            Err(error) => {
                let error = sealed.handle.classify(error);
                let number = number as u64;
                assert!(
                    error == Error::BlockReplaced(number) || error == Error::BlockDamaged(number),
                    "{error:?}"
                );
                // Told again until the vault is opened anew.
                assert_eq!(sealed.handle.classify(redb::Error::PreviousIo), error);
                told += 1;
            }
        }
    }
    assert!(told > 20, "{told}");
}

#[test]
fn blocks_of_the_epoch_before_a_rewrite_are_told() {
    let (medium, sealed) = create_memory();
    put(&sealed.db, &[(1, &[1; 40_000]), (2, b"two")]);
    let expected = rows(&sealed.db).unwrap();
    let old = medium.bytes();
    let new = rewrite(&sealed.handle, &sealed.db, &clock(), |_, new| {
        put(new, &[(1, &[1; 40_000]), (2, b"two")]);
        Ok(())
    })
    .unwrap();
    drop(sealed);
    let medium = Arc::clone(&new.handle.backend.medium);
    drop(new);
    let mut bytes = vec![0; usize::try_from(medium.len().unwrap()).unwrap()];
    medium.read(0, &mut bytes).unwrap();
    assert_eq!(rows(&reopen(bytes.clone()).unwrap().db).unwrap(), expected);
    let mut told = 0;
    for at in (BASE..bytes.len().min(old.len())).step_by(STRIDE) {
        let mut edited = bytes.clone();
        edited[at..at + STRIDE].copy_from_slice(&old[at..at + STRIDE]);
        let number = ((at - BASE) / STRIDE + 1) as u64;
        match reopen(edited) {
            Err(error) => assert_eq!(error, OpenError::BlockDamaged(number)),
            Ok(sealed) => match rows(&sealed.db) {
                Ok(found) => {
                    assert_eq!(found, expected);
                    continue;
                }
                Err(error) => {
                    assert_eq!(sealed.handle.classify(error), Error::BlockDamaged(number));
                }
            },
        }
        told += 1;
    }
    assert!(told > 5, "{told}");
}

#[test]
fn swapped_zeroed_and_foreign_blocks_are_told() {
    let versions = versions(true);
    let (bytes, expected) = versions.last().unwrap();
    let (foreign_medium, foreign) = create_memory();
    put(&foreign.db, &[(1, &[1; 40_000])]);
    drop(foreign);
    let foreign = foreign_medium.bytes();
    let blocks = {
        let sealed = reopen(bytes.clone()).unwrap();
        usize::try_from(sealed.handle.backend.blocks()).unwrap()
    };
    let mut told = 0;
    for number in 1..blocks {
        let at = BASE + (number - 1) * STRIDE;
        let other = number % (blocks - 1) + 1;
        let mut swapped = bytes.clone();
        swapped[at..at + STRIDE].copy_from_slice(block(bytes, other));
        let mut zeroed = bytes.clone();
        zeroed[at..at + STRIDE].fill(0);
        let mut mixed = bytes.clone();
        let theirs = number % ((foreign.len() - BASE) / STRIDE) + 1;
        mixed[at..at + STRIDE].copy_from_slice(block(&foreign, theirs));
        for edited in [swapped, zeroed, mixed] {
            let damaged = OpenError::BlockDamaged(number as u64);
            match reopen(edited) {
                Err(error) => assert_eq!(error, damaged),
                Ok(sealed) => match rows(&sealed.db) {
                    Ok(found) => {
                        assert_eq!(&found, expected);
                        continue;
                    }
                    Err(error) => {
                        let error = sealed.handle.classify(error);
                        assert_eq!(error, Error::BlockDamaged(number as u64));
                    }
                },
            }
            told += 1;
        }
    }
    assert!(told > 30, "{told}");
}
