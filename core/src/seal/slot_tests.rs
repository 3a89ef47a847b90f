//! Slots: round trips, every edited byte refused, bounds of the key derivation.

use super::*;
use crate::seal::options::CHEAPEST_KDF;

const VAULT: [u8; 16] = [5; 16];

fn slot_for(unlock: &Unlock, vmk: &Vmk) -> Vec<u8> {
    let mut slot = vec![0; SLOT_LEN];
    let clock = Clock::fixed(0);
    write_slot(&mut slot, unlock, vmk, Suite::Xaes, &VAULT, CHEAPEST_KDF, &clock).unwrap();
    slot
}

fn open(slot: &[u8], unlock: &Unlock) -> Option<Vmk> {
    Slot::new(slot).open(unlock, Suite::Xaes, &VAULT, 1 << 20).unwrap()
}

#[test]
fn a_slot_opens_with_its_secret_only() {
    let vmk = Vmk::random().unwrap();
    for (right, wrong) in [
        (Unlock::key([1; 32]), Unlock::key([2; 32])),
        (Unlock::passphrase(b"right"), Unlock::passphrase(b"Right")),
    ] {
        let slot = slot_for(&right, &vmk);
        assert_eq!(Slot::new(&slot).check(), Ok(()));
        assert_eq!(open(&slot, &right).unwrap().0, vmk.0);
        assert!(open(&slot, &wrong).is_none());
        let other_vault = Slot::new(&slot).open(&right, Suite::Xaes, &[6; 16], 1 << 20).unwrap();
        assert!(other_vault.is_none());
    }
}

#[test]
fn every_write_draws_new_salt_and_nonce() {
    let (vmk, unlock) = (Vmk::random().unwrap(), Unlock::key([1; 32]));
    let (a, b) = (slot_for(&unlock, &vmk), slot_for(&unlock, &vmk));
    for range in [16..32, 32..64, 64..96, 96..120, 120..152] {
        assert_ne!(a[range.clone()], b[range]);
    }
}

#[test]
fn every_edited_byte_before_the_body_is_refused() {
    let unlock = Unlock::key([1; 32]);
    let slot = slot_for(&unlock, &Vmk::random().unwrap());
    for i in 0..BODY_AT {
        let mut edited = slot.clone();
        edited[i] ^= 0x10;
        let view = Slot::new(&edited);
        assert!(view.check().is_err() || !view.fits(&unlock) || open(&edited, &unlock).is_none());
    }
}

#[test]
fn a_recovery_slot_is_not_tried_unasked() {
    let unlock = Unlock::key([1; 32]);
    let mut slot = slot_for(&unlock, &Vmk::random().unwrap());
    assert!(Slot::new(&slot).fits(&unlock));
    slot[1] |= RECOVERY_ONLY;
    assert!(!Slot::new(&slot).fits(&unlock));
}

#[test]
fn costs_outside_the_bounds_are_refused_before_any_work() {
    let cases = [
        (19 * 1_024, 2, true),
        (19 * 1_024 - 1, 2, false),
        (64 * 1_024, 3, true),
        (1 << 20, 2, true),
        ((1 << 20) + 1, 2, false),
        (1 << 20, 3, false),
        (64 * 1_024, 1, false),
        (64 * 1_024, 10, true),
        (64 * 1_024, 11, false),
        (u32::MAX, u32::MAX, false),
    ];
    for (memory, passes, good) in cases {
        let mut slot = vec![0; SLOT_LEN];
        slot[0] = PASSPHRASE;
        slot[4..8].copy_from_slice(&u32::to_le_bytes(memory));
        slot[8..12].copy_from_slice(&u32::to_le_bytes(passes));
        slot[12] = 1;
        let expected = if good { Ok(()) } else { Err(SlotFault::KdfOutOfBounds) };
        assert_eq!(Slot::new(&slot).check(), expected, "m {memory} t {passes}");
    }
}

#[test]
fn the_callers_top_refuses_an_expensive_slot() {
    let mut slot = vec![0; SLOT_LEN];
    slot[0] = PASSPHRASE;
    slot[4..8].copy_from_slice(&(512u32 * 1_024).to_le_bytes());
    slot[8] = 2;
    slot[12] = 1;
    let refused =
        Slot::new(&slot).open(&Unlock::passphrase(b"x"), Suite::Xaes, &VAULT, 256 * 1_024);
    assert_eq!(refused.err(), Some(OpenError::KdfOutOfBounds));
}

#[test]
fn calibration_raises_passes_only() {
    assert_eq!(passes_for(0), 3);
    assert_eq!(passes_for(-5), 3);
    assert_eq!(passes_for(110), 10);
    assert_eq!(passes_for(300), 5);
    assert_eq!(passes_for(2_000), 3);
}

#[test]
fn shapes_that_no_writer_makes_are_refused() {
    let mut slot = vec![0; SLOT_LEN];
    assert_eq!(Slot::new(&slot).check(), Ok(()));
    slot[SLOT_LEN - 1] = 1;
    assert_eq!(Slot::new(&slot).check(), Err(SlotFault::Shape));
    let mut slot = vec![0; SLOT_LEN];
    slot[0] = 5;
    assert_eq!(Slot::new(&slot).check(), Err(SlotFault::Shape));
    slot[0] = AGE;
    slot[2..4].copy_from_slice(&BODY_LEN.to_le_bytes());
    assert_eq!(Slot::new(&slot).check(), Ok(()));
    slot[2..4].copy_from_slice(&(BODY_LEN + 1).to_le_bytes());
    assert_eq!(Slot::new(&slot).check(), Err(SlotFault::Shape));
}
