//! Published vectors, and equality of the two implementations of XAES-256-GCM.

use super::*;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::array::Array;
use xaes_256_gcm::aead::{AeadInOut, KeyInit as _};

thread_local! {
    /// Lets the system's generator fail, for this thread.
    pub(crate) static RANDOM_FAILS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn seal_both(key: &[u8; 32], nonce: &[u8; 24], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut ours = plain.to_vec();
    let ours_key = AeadKey::new(Suite::Xaes, key).unwrap();
    let tag = ours_key.seal(nonce, aad, &mut ours).unwrap();
    let mut opened = ours.clone();
    ours_key.open(nonce, aad, &mut opened, &tag).unwrap();
    assert_eq!(opened, plain);

    let mut theirs = plain.to_vec();
    let cipher = Xaes256Gcm::new(&Array(*key));
    let their_tag =
        cipher.encrypt_inout_detached(&Array(*nonce), aad, theirs.as_mut_slice().into()).unwrap();
    assert_eq!(ours, theirs);
    assert_eq!(tag[..], their_tag[..]);
    ours.extend_from_slice(&tag);
    ours
}

#[test]
fn c2sp_vectors() {
    let nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX";
    assert_eq!(
        seal_both(&[1; 32], nonce, b"", b"XAES-256-GCM"),
        hex("ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271")
    );
    assert_eq!(
        seal_both(&[3; 32], nonce, b"c2sp.org/XAES-256-GCM", b"XAES-256-GCM"),
        hex("986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d")
    );
}

/// SHAKE-128, only to draw the inputs and to sum up the outputs of the accumulated vector.
struct Shake128 {
    state: [u64; 25],
    at: usize,
    squeezing: bool,
}

impl Shake128 {
    const RATE: usize = 168;

    fn new() -> Self {
        Self { state: [0; 25], at: 0, squeezing: false }
    }

    fn xor(&mut self, at: usize, byte: u8) {
        self.state[at / 8] ^= u64::from(byte) << (8 * (at % 8));
    }

    fn write(&mut self, data: &[u8]) {
        for &byte in data {
            if self.at == Self::RATE {
                self.permute();
                self.at = 0;
            }
            self.xor(self.at, byte);
            self.at += 1;
        }
    }

    fn read<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    fn fill(&mut self, out: &mut [u8]) {
        if !self.squeezing {
            if self.at == Self::RATE {
                self.permute();
                self.at = 0;
            }
            self.xor(self.at, 0x1F);
            self.xor(Self::RATE - 1, 0x80);
            self.at = Self::RATE;
            self.squeezing = true;
        }
        for byte in out {
            if self.at == Self::RATE {
                self.permute();
                self.at = 0;
            }
            *byte = self.state[self.at / 8].to_le_bytes()[self.at % 8];
            self.at += 1;
        }
    }

    fn permute(&mut self) {
        let a = &mut self.state;
        let mut constant = 1u8;
        for _ in 0..24 {
            let c: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ a[x + 5 * y]));
            for (i, lane) in a.iter_mut().enumerate() {
                *lane ^= c[(i + 4) % 5] ^ c[(i + 1) % 5].rotate_left(1);
            }
            let (mut x, mut y, mut last) = (1, 0, a[1]);
            for t in 0..24u32 {
                (x, y) = (y, (2 * x + 3 * y) % 5);
                last =
                    std::mem::replace(&mut a[x + 5 * y], last.rotate_left((t + 1) * (t + 2) / 2));
            }
            for row in a.chunks_exact_mut(5) {
                let old: [u64; 5] = std::array::from_fn(|x| row[x]);
                for (x, lane) in row.iter_mut().enumerate() {
                    *lane = old[x] ^ (!old[(x + 1) % 5] & old[(x + 2) % 5]);
                }
            }
            for j in 0..7 {
                a[0] ^= u64::from(constant & 1) << ((1 << j) - 1);
                constant = (constant << 1) ^ (if constant & 0x80 != 0 { 0x71 } else { 0 });
            }
        }
    }
}

#[test]
fn c2sp_accumulated_vector() {
    let (mut inputs, mut outputs) = (Shake128::new(), Shake128::new());
    for _ in 0..10_000 {
        let (key, nonce) = (inputs.read::<32>(), inputs.read::<24>());
        let mut plain = vec![0; usize::from(inputs.read::<1>()[0])];
        inputs.fill(&mut plain);
        let mut aad = vec![0; usize::from(inputs.read::<1>()[0])];
        inputs.fill(&mut aad);
        outputs.write(&seal_both(&key, &nonce, &aad, &plain));
    }
    assert_eq!(
        outputs.read::<32>()[..],
        hex("e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939")[..]
    );
}

#[test]
fn both_implementations_agree_on_random_inputs() {
    let rounds = if std::env::var_os("CI").is_some() { 10_000 } else { 1_000 };
    for _ in 0..rounds {
        let (mut key, mut nonce, mut sizes) = ([0; 32], [0; 24], [0; 2]);
        random(&mut key).unwrap();
        random(&mut nonce).unwrap();
        random(&mut sizes).unwrap();
        let mut plain = vec![0; usize::from(sizes[0])];
        let mut aad = vec![0; usize::from(sizes[1])];
        random(&mut plain).unwrap();
        random(&mut aad).unwrap();
        seal_both(&key, &nonce, &aad, &plain);
    }
}

#[test]
fn every_suite_refuses_an_edited_byte() {
    for suite in [Suite::Xaes, Suite::XChaCha, Suite::PassThrough] {
        let key = AeadKey::new(suite, &[7; 32]).unwrap();
        let nonce = [9; 24];
        let mut data = *b"sixteen byte msg";
        let tag = key.seal(&nonce, b"aad", &mut data).unwrap();
        let opens = |nonce: &[u8; 24], aad: &[u8], data: &[u8; 16], tag: &[u8; 16]| {
            let mut copy = *data;
            key.open(nonce, aad, &mut copy, tag).is_ok()
        };
        assert!(opens(&nonce, b"aad", &data, &tag));
        for i in 0..16 {
            let (mut bad_data, mut bad_tag) = (data, tag);
            bad_data[i] ^= 1;
            bad_tag[i] ^= 1;
            assert!(!opens(&nonce, b"aad", &bad_data, &tag));
            assert!(!opens(&nonce, b"aad", &data, &bad_tag));
        }
        for i in 0..24 {
            let mut bad = nonce;
            bad[i] ^= 1;
            assert!(!opens(&bad, b"aad", &data, &tag));
        }
        assert!(!opens(&nonce, b"aae", &data, &tag));
    }
}

#[test]
fn xchacha_matches_the_published_draft_vector() {
    // draft-irtf-cfrg-xchacha, appendix A.3.1.
    let key: [u8; 32] = std::array::from_fn(|i| 0x80 + u8::try_from(i).unwrap());
    let nonce: [u8; 24] = std::array::from_fn(|i| 0x40 + u8::try_from(i).unwrap());
    let aad = hex("50515253c0c1c2c3c4c5c6c7");
    let mut data = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.".to_vec();
    let tag = AeadKey::new(Suite::XChaCha, &key).unwrap().seal(&nonce, &aad, &mut data).unwrap();
    assert_eq!(data[..16], hex("bd6d179d3e83d43b9576579493c0e939")[..]);
    assert_eq!(tag[..], hex("c0875924c1c7987947deafd8780acf49")[..]);
}

#[test]
fn hkdf_and_hmac_match_published_vectors() {
    // RFC 5869, test case 1.
    let prk = Hkdf::extract(&hex("000102030405060708090a0b0c"), &[0x0b; 22]);
    let mut okm = [0; 42];
    prk.expand(&[&hex("f0f1f2f3f4"), &hex("f5f6f7f8f9")], &mut okm).unwrap();
    assert_eq!(
        okm[..],
        hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
            [..]
    );
    assert_eq!(
        sha256(b"abc")[..],
        hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")[..]
    );
}

#[test]
fn random_bytes_differ() {
    let (mut a, mut b) = ([0; 24], [0; 24]);
    random(&mut a).unwrap();
    random(&mut b).unwrap();
    assert_ne!(a, b);
}
