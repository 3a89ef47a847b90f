//! Every bit of a small vault, one at a time: refused, healed with an event, or proven unused.
//! `CHARTKEEP_FLIP_STEP` sets how many bits lie between two tries.

use super::support::*;
use crate::error::OpenError;
use crate::seal::power_cut::Dice;
use crate::seal::{Event, Healed, sha256};

/// What one flipped bit led to.
#[derive(Debug, Default)]
struct Tally {
    refused: u32,
    healed: u32,
    read_refused: u32,
    unused: u32,
}

/// A closed vault with a few hundred rows, some of them deleted again.
fn vault() -> (Vec<u8>, Vec<(u64, Vec<u8>)>) {
    let (medium, sealed) = create_memory();
    for key in 0..30u64 {
        put(&sealed.db, &[(key, &[0x41; 2_500])]);
    }
    let transaction = sealed.db.begin_write().unwrap();
    {
        let mut table = transaction.open_table(TABLE).unwrap();
        for key in 10..15u64 {
            table.remove(key).unwrap();
        }
    }
    transaction.commit().unwrap();
    let rows = rows(&sealed.db).unwrap();
    drop(sealed);
    (medium.bytes(), rows)
}

fn step() -> usize {
    match std::env::var("CHARTKEEP_FLIP_STEP") {
        Ok(step) => step.parse().expect("CHARTKEEP_FLIP_STEP is a number"),
        Err(_) => 64,
    }
}

#[test]
fn no_flipped_bit_passes_in_silence() {
    let (bytes, expected) = vault();
    let blocks_end = {
        let sealed = reopen(bytes.clone()).unwrap();
        sealed.handle.backend.geometry.blocks_end(sealed.handle.backend.blocks())
    };
    let mut tally = Tally::default();
    // An odd distance, so that every bit of a byte has its turn.
    let step = step();
    let mut bit = step / 2;
    while bit < bytes.len() * 8 {
        let (at, mask) = (bit / 8, 1 << (bit / step % 8));
        let mut edited = bytes.clone();
        edited[at] ^= mask;
        judge(at as u64, edited, &expected, blocks_end, &mut tally);
        bit += step;
    }
    assert!(tally.healed > 0 && tally.read_refused + tally.refused > 0, "{tally:?}");
}

fn judge(
    at: u64,
    edited: Vec<u8>,
    expected: &[(u64, Vec<u8>)],
    blocks_end: u64,
    tally: &mut Tally,
) {
    let sealed = match reopen(edited) {
        Ok(sealed) => sealed,
        Err(OpenError::BlockDamaged(_)) if at >= 49_152 => {
            tally.refused += 1;
            return;
        }
        Err(error) => panic!("byte {at}: {error:?}"),
    };
    let part = match at {
        0..20_480 => Some(Healed::HeaderCopy(0)),
        20_480..40_960 => Some(Healed::HeaderCopy(1)),
        40_960..45_056 => Some(Healed::PageZeroSlot(0)),
        45_056..49_152 => Some(Healed::PageZeroSlot(1)),
        _ if at >= blocks_end => Some(Healed::NonceTable),
        _ => None,
    };
    let block = (at.saturating_sub(49_152)) / 4_608 + 1;
    match part {
        Some(part) => {
            assert!(sealed.handle.events().contains(&Event::Healed(part)), "byte {at}");
            assert_eq!(rows(&sealed.db).unwrap(), expected, "byte {at}");
            tally.healed += 1;
        }
        None => match rows(&sealed.db) {
            Err(error) => {
                let told = sealed.handle.classify(error);
                assert_eq!(told, crate::Error::BlockDamaged(block), "byte {at}");
                tally.read_refused += 1;
            }
            // No tree has read the block: its tag is wrong, or redb has overwritten it since, or
            // nothing was ever kept in it.
            Ok(found) => {
                assert_eq!(found, expected, "byte {at}");
                let report = sealed.handle.verify_blocks(|_, _| true).unwrap();
                assert!(
                    report.damaged == [block] || report.damaged.is_empty(),
                    "byte {at}: {report:?}"
                );
                if report.damaged.is_empty() {
                    let pin = sealed.handle.backend.pins.get(block);
                    let fresh = sealed.handle.bytes_written() > 0 || pin == 0;
                    assert!(fresh, "byte {at} of block {block} passed in silence");
                }
                tally.unused += 1;
            }
        },
    }
}

#[test]
fn a_header_put_back_or_mixed_is_refused() {
    let (medium, sealed) = create_memory();
    drop(sealed);
    let bytes = medium.bytes();
    let (other_medium, other) = create_memory();
    drop(other);
    let foreign = other_medium.bytes();

    // Both header copies of another vault with the same raw key: its master key is another.
    let mut mixed = bytes.clone();
    mixed[..40_960].copy_from_slice(&foreign[..40_960]);
    assert_eq!(reopen(mixed).unwrap_err(), OpenError::PageZeroDamaged);
    // One copy of another vault: the genuine one opens and mends it.
    for copy in [0, 20_480] {
        let mut mixed = bytes.clone();
        mixed[copy..copy + 20_480].copy_from_slice(&foreign[copy..copy + 20_480]);
        let outcome = reopen(mixed);
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    // Page-0 slots exchanged, or both of another vault.
    let mut swapped = bytes.clone();
    swapped[40_960..45_056].copy_from_slice(&bytes[45_056..49_152]);
    swapped[45_056..49_152].copy_from_slice(&bytes[40_960..45_056]);
    assert_eq!(reopen(swapped).unwrap_err(), OpenError::PageZeroDamaged);
    let mut mixed = bytes.clone();
    mixed[40_960..49_152].copy_from_slice(&foreign[40_960..49_152]);
    assert_eq!(reopen(mixed).unwrap_err(), OpenError::PageZeroDamaged);
    let mut damaged = bytes.clone();
    damaged[100] ^= 1;
    damaged[20_580] ^= 1;
    assert_eq!(reopen(damaged).unwrap_err(), OpenError::HeaderDamaged);
    assert!(reopen(bytes).is_ok());
}

#[test]
fn a_vault_cut_at_any_block_is_refused_or_whole() {
    let (bytes, expected) = vault();
    for boundary in (49_152..=bytes.len()).step_by(4_608) {
        for len in [boundary - 1, boundary, boundary + 1] {
            if len >= bytes.len() {
                continue;
            }
            match reopen(bytes[..len].to_vec()) {
                Ok(sealed) => {
                    assert_eq!(rows(&sealed.db).unwrap(), expected);
                    assert!(!sealed.handle.events().is_empty());
                }
                Err(error) => assert_eq!(error, OpenError::Truncated, "{len}"),
            }
        }
    }
}

/// Header bytes changed at random, with the checksum made good again: an answer, never a panic.
#[test]
fn mutated_headers_are_answered() {
    let (medium, sealed) = create_memory();
    drop(sealed);
    let bytes = medium.bytes();
    let mut opened = 0;
    for seed in 0..3_000 {
        let mut dice = Dice::new(seed);
        let mut edited = bytes.clone();
        for _ in 0..1 + dice.below(6) {
            // Most of a header is empty: aim at the fields and the first slot as well.
            let end = [80, 300, 500, 3_000, 20_448][dice.index(5)];
            let at = dice.index(end);
            edited[at] = dice.next().to_le_bytes()[0];
        }
        let sum = sha256(&edited[..20_448]);
        edited[20_448..20_480].copy_from_slice(&sum);
        if dice.chance(80) {
            edited.copy_within(0..20_480, 20_480);
        }
        if let Ok(sealed) = reopen(edited.clone()) {
            let healed = sealed.handle.events().contains(&Event::Healed(Healed::HeaderCopy(0)));
            assert!(healed || edited[..20_480] == bytes[..20_480], "seed {seed}");
            opened += 1;
        }
    }
    assert!(opened < 1_000, "{opened}");
}
