// UCUM by the Lister Hill Center's library: how much of one unit another unit is.

import { Decimal } from './decimal.mjs';
import { packageRequire } from './packages.mjs';

/** The code system of units. */
export const UCUM = 'http://unitsofmeasure.org';

const { UcumLhcUtils } = packageRequire('@lhncbc/ucum-lhc');
const library = UcumLhcUtils.getInstance();
const units = new Map();
const ratios = new Map();

function unit(code) {
  if (!units.has(code)) {
    const answer = code === '' ? undefined : library.getSpecifiedUnit(code, 'validate');
    units.set(code, answer && answer.status === 'valid' ? answer.unit : undefined);
  }
  return units.get(code);
}

/**
 * What a value in `from` must be multiplied by to be one in `to`: a pair of decimals
 * that the true factor lies between (equal when it is known exactly); `null` when the
 * units measure different things; `undefined` when it is a matter of opinion
 * (annotations, counts, logarithms, units that are not linear).
 */
export function ratio(from, to) {
  const key = `${from}\n${to}`;
  if (!ratios.has(key)) ratios.set(key, findRatio(from, to));
  return ratios.get(key);
}

function findRatio(from, to) {
  const one = new Decimal(1n, 0);
  if (from === to) return [one, one];
  const [a, b] = [unit(from), unit(to)];
  if (!a || !b) return null;
  const dimensions = (of) => (of.dim_?.dimVec_ ?? []).join(',');
  if (dimensions(a) !== dimensions(b)) return null;
  const family = (of) => [of.moleExp_ ?? 0, of.isArbitrary_, of.equivalentExp_ ?? 0].join();
  if (family(a) !== family(b)) return null;
  const opinion = (code, of) => of.cnv_ !== null || of.isArbitrary_ || /[{%]|10[*^]/.test(code);
  const counts = /^[0,-]*$/.test(dimensions(a).replace(/^-?[0-9]+/, '0'));
  if (opinion(from, a) || opinion(to, b) || counts) return undefined;
  const factor = a.magnitude_ / b.magnitude_;
  const power = Math.round(Math.log10(factor));
  if (Math.abs(factor / 10 ** power - 1) < 1e-12) {
    const exact = new Decimal(1n, power);
    return [exact, exact];
  }
  const text = (value) => Decimal.parse(value.toPrecision(15));
  return [text(factor * (1 - 1e-9)), text(factor * (1 + 1e-9))];
}
