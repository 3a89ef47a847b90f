// Does a typed value answer a value of a query? Every answer is true, false, or
// undefined where the specification leaves the matter open: such a query proves nothing.

import { dateMatches, parseDate } from './dates.mjs';
import { Decimal, contains, interval, overlaps, reaches, wholly } from './decimal.mjs';
import { fold, foldCase } from './fold.mjs';
import { prefixOf, splitEscaped, unescape } from './query.mjs';
import { UCUM, ratio } from './units.mjs';

/** True if any is; else undefined if any is; else false. */
export function any(verdicts) {
  let open = false;
  for (const verdict of verdicts) {
    if (verdict === true) return true;
    if (verdict === undefined) open = true;
  }
  return open ? undefined : false;
}

/** False if any is; else undefined if any is; else true. */
export function every(verdicts) {
  const opposite = any(verdicts.map((verdict) => (verdict === undefined ? undefined : !verdict)));
  return opposite === undefined ? undefined : !opposite;
}

function sameCode(value, wanted, system) {
  if (value === null) return false;
  if (system === UCUM) return value === wanted;
  return foldCase(value) === foldCase(wanted);
}

function tokenTest(text, code) {
  const parts = splitEscaped(text, '|').map(unescape);
  if (code === '_id') return (value) => value.code === parts[0];
  if (parts.length === 1) {
    return (value) => (value.form === 'id' ? value.code === parts[0] : sameCode(value.code, parts[0], value.system));
  }
  const [system, wanted] = parts;
  return (value) => {
    const named = wanted === '' ? value.code !== null || undefined : sameCode(value.code, wanted, value.system);
    if (named === false) return false;
    if (value.form === 'plain' || value.form === 'id') return undefined;
    if (value.form === 'code') {
      if (value.system === null) return undefined;
      return every([named, system !== '' && value.system === system]);
    }
    return every([wanted === '' ? true : named, system === '' ? value.system === null : value.system === system]);
  };
}

function stringTest(text, modifier) {
  const wanted = unescape(text);
  if (modifier === 'exact') return (value) => value === wanted;
  const folded = fold(wanted);
  if (modifier === 'contains') return (value) => fold(value).includes(folded);
  return (value) => fold(value).startsWith(folded);
}

function dateTest(text, now) {
  const [prefix, literal] = prefixOf('date', text);
  const wanted = parseDate(literal);
  if (!wanted) throw new Error('no date in the query');
  return (value) => dateMatches(prefix, value, wanted, now);
}

/** How a set of numbers stands to a number of the query, as a function of that set. */
function numberTest(text) {
  const [prefix, literal] = prefixOf('number', text);
  const wanted = Decimal.parse(literal);
  if (!wanted) throw new Error('no number in the query');
  const half = wanted.halfUnit();
  const around = (reach, open) => interval(wanted.minus(reach), wanted.plus(reach), false, open);
  const equal = (set) => contains(around(half, true), set);
  // The specification's own example takes 1e2 for 100 ± 5, its words for 100 ± 50.
  const finer = new Decimal(5n, wanted.exponent - 2);
  const equals = (set) => {
    if (!/[eE]/.test(literal)) return equal(set);
    const narrow = contains(around(finer, true), set);
    return narrow === equal(set) ? narrow : undefined;
  };
  const sign = prefix === 'gt' || prefix === 'ge' || prefix === 'sa' ? 1 : -1;
  switch (prefix) {
    case 'eq': return equals;
    case 'ne': return (set) => {
      const same = equals(set);
      return same === undefined ? undefined : !same;
    };
    case 'gt': case 'lt': return (set) => reaches(set, wanted, sign);
    case 'ge': case 'le': return (set) => {
      if (reaches(set, wanted, sign)) return true;
      const end = sign > 0 ? set.high : set.low;
      if (end === null || end.compare(wanted) !== 0) return false;
      return set.low !== null && set.high !== null && set.low.compare(set.high) === 0 ? true : undefined;
    };
    case 'sa': case 'eb': return (set) => wholly(set, wanted, sign);
    default: {
      const reach = wanted.magnitude().times(new Decimal(1n, -1));
      return (set) => {
        const closed = overlaps(around(reach, false), set);
        const inner = overlaps(interval(wanted.minus(reach), wanted.plus(reach), true, true), set);
        return closed === inner ? closed : undefined;
      };
    }
  }
}

const scaled = (set, factor) => ({
  ...set,
  low: set.low === null ? null : set.low.times(factor),
  high: set.high === null ? null : set.high.times(factor),
});

function quantityTest(text) {
  const [number, system, code] = splitEscaped(text, '|').map(unescape);
  const bare = numberTest(number);
  // Whether a value of "less than 5" holds 5 itself must not matter.
  const test = (set) => {
    if (!set.lowOpen && !set.highOpen) return bare(set);
    const [open, closed] = [bare(set), bare({ ...set, lowOpen: false, highOpen: false })];
    return open === closed ? open : undefined;
  };
  if (system === undefined) return (value) => test(value.set);
  return (value) => {
    if (system === '') return value.code === code || value.unit === code ? test(value.set) : false;
    if (value.system !== system) return false;
    if (value.code === code) return test(value.set);
    if (system !== UCUM || value.code === null) return false;
    const factors = ratio(value.code, code);
    if (factors === null) return false;
    const verdicts = factors === undefined
      ? [false, undefined]
      : factors.map((factor) => test(scaled(value.set, factor)));
    return verdicts[0] === verdicts[1] ? verdicts[0] : undefined;
  };
}

function referenceTest(text) {
  const wanted = unescape(text);
  const named = /^[A-Z][A-Za-z]+\/[^/]+$/.test(wanted);
  const bare = /^[A-Za-z0-9.-]+$/.test(wanted);
  return (value) => {
    if (value.local !== undefined) {
      if (named) return value.local === wanted;
      return bare && value.local.slice(value.local.indexOf('/') + 1) === wanted;
    }
    if (value.other === wanted) return true;
    if (!value.canonical) return false;
    if (bare) return value.other.endsWith(`/${wanted}`) ? undefined : false;
    return !wanted.includes('|') && value.other.replace(/\|.*$/, '') === wanted;
  };
}

function compositeTest(parameter, text, now) {
  const parts = splitEscaped(text, '$');
  const tests = parameter.components.map(({ kind }, index) => testOf({ kind, code: '' }, undefined, parts[index], now));
  return (contexts) => every(tests.map((test, index) => any(contexts[index].map(test))));
}

/** The test that a parameter's values must pass for one (still escaped) value of a query. */
export function testOf(parameter, modifier, text, now) {
  switch (parameter.kind) {
    case 'token': return tokenTest(text, parameter.code);
    case 'string': return stringTest(text, modifier);
    case 'date': return dateTest(text, now);
    case 'number': {
      const test = numberTest(text);
      return (set) => test(set);
    }
    case 'quantity': return quantityTest(text);
    case 'reference': return referenceTest(text);
    case 'uri': return (value) => value === unescape(text);
    case 'composite': return compositeTest(parameter, text, now);
    default: throw new Error(`no search of kind ${parameter.kind}`);
  }
}
