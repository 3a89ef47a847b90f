//! FHIR decimals: exact, of any exponent, precision kept as written; and their index keys,
//! byte strings that sort like the numbers.

use std::cmp::Ordering;

#[cfg(test)]
mod tests;

/// Most digits of a number that is read.
const MAX_DIGITS: usize = 64;
/// Room for half a unit behind the last digit and a carry.
const CAPACITY: usize = MAX_DIGITS + 2;
/// Powers of ten beyond this are refused.
const MAX_EXPONENT: i32 = 1 << 24;

/// `± digits × 10^exponent`, the digits without leading zeros but with the trailing zeros as
/// written. Compares by value: `1.0` equals `1.00`.
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Decimal {
    negative: bool,
    len: u8,
    exponent: i32,
    digits: [u8; CAPACITY],
}

/// A decimal or the end of the number line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Bound {
    /// Below every decimal.
    Lowest,
    At(Decimal),
    /// Above every decimal.
    Highest,
}

impl Decimal {
    /// Reads the form that JSON and FHIR give numbers.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, power) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], parse_power(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return None;
        }
        let exponent = power.saturating_sub(i32::try_from(fraction.len()).ok()?);
        let mut out = Decimal { negative, len: 0, exponent, digits: [0; CAPACITY] };
        for byte in whole.bytes().chain(fraction.bytes()) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 || usize::from(out.len) == MAX_DIGITS {
                return None;
            }
            if digit != 0 || out.len != 0 {
                out.digits[usize::from(out.len)] = digit;
                out.len += 1;
            }
        }
        out.negative &= out.len != 0;
        (exponent.abs() <= MAX_EXPONENT).then_some(out)
    }

    pub(crate) fn zero() -> Decimal {
        Decimal { negative: false, len: 0, exponent: 0, digits: [0; CAPACITY] }
    }

    fn digits(&self) -> &[u8] {
        &self.digits[..usize::from(self.len)]
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.len == 0
    }

    /// The nearest double, for peers that hold no decimals.
    #[cfg(feature = "testing")]
    pub(crate) fn approximate(&self) -> f64 {
        let digits: String = self.digits().iter().map(|d| char::from(b'0' + d)).collect();
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}0{digits}e{}", self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// Power of ten of the first digit.
    fn leading(&self) -> i32 {
        self.exponent + i32::from(self.len) - 1
    }

    /// From digits that may have leading zeros or be too many; rounds half away from zero.
    fn build(negative: bool, digits: &[u8], exponent: i32, keep: usize) -> Decimal {
        let zeros = digits.iter().take_while(|d| **d == 0).count();
        let mut digits = digits[zeros..].to_vec();
        let mut exponent = exponent;
        if digits.len() > keep {
            let dropped = digits.len() - keep;
            let up = digits[keep] >= 5;
            digits.truncate(keep);
            exponent += i32::try_from(dropped).unwrap_or(i32::MAX / 2);
            if up {
                match digits.iter().rposition(|d| *d != 9) {
                    Some(at) => {
                        digits[at] += 1;
                        digits[at + 1..].fill(0);
                    }
                    None => {
                        digits.fill(0);
                        if let Some(first) = digits.first_mut() {
                            *first = 1;
                        }
                        exponent += 1;
                    }
                }
            }
        }
        let mut out = Decimal { negative, len: 0, exponent, digits: [0; CAPACITY] };
        for (to, from) in out.digits.iter_mut().zip(&digits) {
            *to = *from;
            out.len += 1;
        }
        out.negative &= out.len != 0;
        out
    }

    pub(crate) fn negate(mut self) -> Decimal {
        self.negative = !self.negative && self.len != 0;
        self
    }

    /// The sum, exact up to 66 digits.
    pub(crate) fn add(&self, other: &Decimal) -> Decimal {
        if self.is_zero() {
            return *other;
        }
        if other.is_zero() {
            return *self;
        }
        let top = self.leading().max(other.leading());
        let bottom = self.exponent.min(other.exponent);
        let width = usize::try_from(top - bottom + 2).unwrap_or(usize::MAX);
        if width > 4 * CAPACITY {
            // The smaller one lies far below the last digit that could be kept.
            return if self.leading() > other.leading() { *self } else { *other };
        }
        let mut sum = vec![0_i8; width];
        for term in [self, other] {
            let sign = if term.negative { -1 } else { 1 };
            let skip = usize::try_from(top + 1 - term.leading()).unwrap_or(0);
            for (to, digit) in sum[skip..].iter_mut().zip(term.digits()) {
                *to += sign * i8::try_from(*digit).unwrap_or(0);
            }
        }
        let negative = sum.iter().find(|d| **d != 0).is_some_and(|d| *d < 0);
        let mut carry = 0;
        let mut digits = vec![0_u8; width];
        for (to, from) in digits.iter_mut().zip(&sum).rev() {
            let value = carry + if negative { -*from } else { *from };
            carry = value.div_euclid(10);
            *to = u8::try_from(value.rem_euclid(10)).unwrap_or(0);
        }
        Self::build(negative, &digits, bottom, CAPACITY)
    }

    /// The product, exact up to 66 digits.
    pub(crate) fn mul(&self, other: &Decimal) -> Decimal {
        let (a, b) = (self.digits(), other.digits());
        let mut product = vec![0_u32; a.len() + b.len()];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                product[i + j + 1] += u32::from(*x) * u32::from(*y);
            }
        }
        let mut carry = 0;
        let mut digits = vec![0_u8; product.len()];
        for (to, from) in digits.iter_mut().zip(&product).rev() {
            carry += from;
            *to = u8::try_from(carry % 10).unwrap_or(0);
            carry /= 10;
        }
        let exponent = self.exponent + other.exponent;
        Self::build(self.negative != other.negative, &digits, exponent, CAPACITY)
    }

    /// Rounded to `keep` significant digits, half away from zero.
    pub(crate) fn round(&self, keep: usize) -> Decimal {
        Self::build(self.negative, self.digits(), self.exponent, keep.max(1))
    }

    /// The range that the digits as written stand for: half a unit of the last digit to either
    /// side (the upper end does not belong to it).
    pub(crate) fn implicit_range(&self) -> (Decimal, Decimal) {
        let half = Self::build(false, &[5], self.exponent - 1, 1);
        if self.is_zero() {
            return (half.negate(), half);
        }
        (self.add(&half.negate()), self.add(&half))
    }

    /// Ten percent of the magnitude.
    pub(crate) fn tenth(&self) -> Decimal {
        let mut out = *self;
        out.negative = false;
        out.exponent -= 1;
        out
    }

    /// Appends the key: sign, power of the first digit, digits in pairs. Ends by itself, holds
    /// no zero byte unless the power is beyond ±100.
    pub(crate) fn order_key(&self, out: &mut Vec<u8>) {
        let digits = self.digits();
        let digits = &digits[..digits.iter().rposition(|d| *d != 0).map_or(0, |at| at + 1)];
        if digits.is_empty() {
            out.push(ZERO);
            return;
        }
        out.push(if self.negative { NEGATIVE } else { POSITIVE });
        let body = out.len();
        let power = self.leading();
        match u8::try_from(power + SHORT_POWER) {
            Ok(short) if power <= SHORT_POWER => out.push(SHORT_FIRST + short),
            _ => {
                out.push(if power < 0 { FAR_BELOW } else { FAR_ABOVE });
                out.extend(power.cast_unsigned().wrapping_add(1 << 31).to_be_bytes());
            }
        }
        // A pair is 2·pair + 1 when more follow, 2·pair when it is the last.
        let mut pairs = digits.chunks(2).peekable();
        while let Some(pair) = pairs.next() {
            let value = pair[0] * 10 + pair.get(1).copied().unwrap_or(0);
            out.push(value * 2 + u8::from(pairs.peek().is_some()));
        }
        if self.negative {
            out[body..].iter_mut().for_each(|byte| *byte = !*byte);
        }
    }
}

const LOWEST: u8 = 1;
const NEGATIVE: u8 = 2;
const ZERO: u8 = 3;
const POSITIVE: u8 = 4;
const HIGHEST: u8 = 5;
/// Powers from -100 to 100 take one byte.
const SHORT_POWER: i32 = 100;
const SHORT_FIRST: u8 = 16;
const FAR_BELOW: u8 = 8;
const FAR_ABOVE: u8 = 240;

fn parse_power(text: &str) -> Option<i32> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let power: i32 = digits.parse().ok()?;
    Some(if negative { -power } else { power })
}

impl Bound {
    pub(crate) fn order_key(&self, out: &mut Vec<u8>) {
        match self {
            Bound::Lowest => out.push(LOWEST),
            Bound::At(decimal) => decimal.order_key(out),
            Bound::Highest => out.push(HIGHEST),
        }
    }

    /// Reads one key and moves `bytes` behind it; `None` when it is none.
    pub(crate) fn from_key(bytes: &mut &[u8]) -> Option<Bound> {
        let (sign, mut rest) = bytes.split_first()?;
        let negative = match *sign {
            LOWEST | ZERO | HIGHEST => {
                *bytes = rest;
                return Some(match *sign {
                    LOWEST => Bound::Lowest,
                    HIGHEST => Bound::Highest,
                    _ => Bound::At(Decimal::zero()),
                });
            }
            NEGATIVE => true,
            POSITIVE => false,
            _ => return None,
        };
        let flip = if negative { 0xff } else { 0 };
        let mut next = || {
            let (byte, after) = rest.split_first()?;
            rest = after;
            Some(*byte ^ flip)
        };
        let power = match next()? {
            FAR_BELOW | FAR_ABOVE => {
                let far = [next()?, next()?, next()?, next()?];
                u32::from_be_bytes(far).wrapping_sub(1 << 31).cast_signed()
            }
            short => i32::from(short.checked_sub(SHORT_FIRST)?) - SHORT_POWER,
        };
        if power.unsigned_abs() > 2 * MAX_EXPONENT.unsigned_abs() {
            return None;
        }
        let mut digits = Vec::with_capacity(CAPACITY);
        loop {
            let byte = next()?;
            if byte / 2 > 99 || digits.len() + 2 > CAPACITY {
                return None;
            }
            digits.extend([byte / 2 / 10, byte / 2 % 10]);
            if byte % 2 == 0 {
                break;
            }
        }
        *bytes = rest;
        let exponent = power.checked_sub(i32::try_from(digits.len()).ok()? - 1)?;
        Some(Bound::At(Decimal::build(negative, &digits, exponent, CAPACITY)))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |d: &Decimal| if d.is_zero() { 0 } else { 1 - 2 * i32::from(d.negative) };
        let by_sign = sign(self).cmp(&sign(other));
        if by_sign != Ordering::Equal || self.is_zero() {
            return by_sign;
        }
        let magnitude = self.leading().cmp(&other.leading()).then_with(|| {
            // The unused rest of the arrays is zero.
            self.digits.cmp(&other.digits)
        });
        if self.negative { magnitude.reverse() } else { magnitude }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}
