// Exact decimals: a BigInt and a power of ten. No floating point anywhere.

const SHAPE = /^([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** `digits` × 10^`exponent`; the exponent is the place of the last written digit. */
export class Decimal {
  constructor(digits, exponent) {
    this.digits = digits;
    this.exponent = exponent;
  }

  /** Reads a decimal as FHIR and JSON write it; undefined for anything else. */
  static parse(text) {
    const match = SHAPE.exec(text);
    if (!match) return undefined;
    const [, sign, whole, fraction = '', power = '0'] = match;
    const digits = BigInt(whole + fraction);
    return new Decimal(sign === '-' ? -digits : digits, Number(power) - fraction.length);
  }

  /** Both numbers' digits at a common exponent. */
  static align(a, b) {
    const exponent = Math.min(a.exponent, b.exponent);
    return [
      a.digits * 10n ** BigInt(a.exponent - exponent),
      b.digits * 10n ** BigInt(b.exponent - exponent),
      exponent,
    ];
  }

  /** -1, 0 or 1. */
  compare(other) {
    if (this.exponent === other.exponent) {
      return this.digits < other.digits ? -1 : this.digits > other.digits ? 1 : 0;
    }
    const [a, b] = Decimal.align(this, other);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  plus(other) {
    const [a, b, exponent] = Decimal.align(this, other);
    return new Decimal(a + b, exponent);
  }

  minus(other) {
    return this.plus(other.negated());
  }

  times(other) {
    return new Decimal(this.digits * other.digits, this.exponent + other.exponent);
  }

  negated() {
    return new Decimal(-this.digits, this.exponent);
  }

  magnitude() {
    return this.digits < 0n ? this.negated() : this;
  }

  /** Half a unit of the last written digit: the reach of the implicit precision. */
  halfUnit() {
    return new Decimal(5n, this.exponent - 1);
  }

  /** The text with as many digits as it was made of. */
  toString() {
    const negative = this.digits < 0n;
    let text = (negative ? -this.digits : this.digits).toString();
    if (this.exponent > 0 && text !== '0') text += '0'.repeat(this.exponent);
    if (this.exponent < 0) {
      text = text.padStart(1 - this.exponent, '0');
      text = `${text.slice(0, this.exponent)}.${text.slice(this.exponent)}`;
    }
    return negative ? `-${text}` : text;
  }
}

/**
 * A set of numbers between two ends. An end of `null` is infinite; an open end
 * (`lowOpen`, `highOpen`) does not belong to the set itself.
 */
export function interval(low, high, lowOpen = false, highOpen = false) {
  return { low, high, lowOpen, highOpen };
}

/** The set that holds one number. */
export function point(value) {
  return interval(value, value);
}

/** Does `outer` hold every number of `inner`? */
export function contains(outer, inner) {
  if (outer.low !== null) {
    if (inner.low === null) return false;
    const order = inner.low.compare(outer.low);
    if (order < 0 || (order === 0 && outer.lowOpen && !inner.lowOpen)) return false;
  }
  if (outer.high !== null) {
    if (inner.high === null) return false;
    const order = inner.high.compare(outer.high);
    if (order > 0 || (order === 0 && outer.highOpen && !inner.highOpen)) return false;
  }
  return true;
}

/** Is there a number in the set above (sign 1) or below (sign -1) the limit? */
export function reaches(set, limit, sign) {
  const end = sign > 0 ? set.high : set.low;
  return end === null || end.compare(limit) === sign;
}

/** Does every number of the set lie above (sign 1) or below (sign -1) the limit? */
export function wholly(set, limit, sign) {
  const end = sign > 0 ? set.low : set.high;
  if (end === null) return false;
  const order = end.compare(limit);
  return order === sign || (order === 0 && (sign > 0 ? set.lowOpen : set.highOpen));
}

/** Do two sets share a number? */
export function overlaps(a, b) {
  const before = (x, y) => {
    if (x.high === null || y.low === null) return false;
    const order = x.high.compare(y.low);
    return order < 0 || (order === 0 && (x.highOpen || y.lowOpen));
  };
  return !before(a, b) && !before(b, a);
}
