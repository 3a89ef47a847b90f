//! Seeded chance. A stream is named, so that more draws in one topic do not shuffle another; integers
//! only, so that every machine and build draws the same. Owns no facts.

/// A stream of pseudo-random numbers (SplitMix64). Not for secrets.
#[derive(Clone, Debug)]
pub struct Rng(u64);

/// Mixes one word (the finalizer of SplitMix64).
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// The stream `name` of `seed`. The same two always give the same stream.
    #[must_use]
    pub fn named(seed: u64, name: &str) -> Self {
        // FNV-1a over the name, mixed with the seed.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(mix(mix(seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_add(hash)))
    }

    /// A stream of its own for the `n`th thing of this stream; draws nothing.
    #[must_use]
    pub fn nth(&self, n: u64) -> Self {
        Self(mix(self.0 ^ mix(n.wrapping_add(0x632b_e59b_d9b4_e019))))
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number from 0 up to and without `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        // The bias of the multiplication is under n / 2^64.
        u64::try_from((u128::from(self.draw()) * u128::from(n)) >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high.saturating_sub(low).max(0).unsigned_abs() + 1).cast_signed()
    }

    /// Whether a chance of `percent` in a hundred comes true.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// About the normal distribution: the mean of four even draws within `spread` around `middle`.
    pub fn around(&mut self, middle: i64, spread: i64) -> i64 {
        let sum: i64 = (0..4).map(|_| self.between(-spread, spread)).sum();
        middle + sum / 2
    }

    /// One of `things`, which is not empty.
    pub fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(things.len() as u64)).unwrap_or(0);
        &things[index]
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn a_stream_is_its_seed_and_name() {
        let draw = |seed, name| Rng::named(seed, name).draw();
        assert_eq!(draw(1, "visits"), draw(1, "visits"));
        assert_ne!(draw(1, "visits"), draw(1, "labs"));
        assert_ne!(draw(1, "visits"), draw(2, "visits"));
    }

    #[test]
    fn draws_stay_in_their_range() {
        let mut rng = Rng::named(7, "range");
        let drawn: Vec<i64> = (0..2_000).map(|_| rng.between(-3, 3)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-3), Some(&3)));
        assert!((0..2_000).all(|_| (-20..=20).contains(&rng.around(0, 10))));
    }
}
