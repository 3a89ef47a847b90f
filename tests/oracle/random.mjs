// A small seeded generator of numbers (xorshift128), the same on every machine.

/** Random choices that depend on the seed alone. */
export class Random {
  constructor(seed) {
    let mix = BigInt.asUintN(64, BigInt(seed) * 0x9e3779b97f4a7c15n + 0x1234567n);
    const next32 = () => {
      mix = BigInt.asUintN(64, mix + 0x9e3779b97f4a7c15n);
      let word = mix;
      word = BigInt.asUintN(64, (word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n);
      word = BigInt.asUintN(64, (word ^ (word >> 27n)) * 0x94d049bb133111ebn);
      return Number(BigInt.asUintN(32, word ^ (word >> 31n)));
    };
    this.state = [next32(), next32(), next32(), next32() | 1];
  }

  /** A whole number from 0 up to, without, the limit. */
  below(limit) {
    const [a, b, c, d] = this.state;
    let mixed = a ^ (a << 11);
    mixed ^= mixed >>> 8;
    const fresh = (d ^ (d >>> 19) ^ mixed) >>> 0;
    this.state = [b, c, d, fresh];
    return Math.floor((fresh / 2 ** 32) * limit);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  chance(share) {
    return this.below(1_000_000) < share * 1_000_000;
  }
}
