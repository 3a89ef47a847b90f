// What the values of a parameter count for in an order, by the rules of docs/search.md.

import { fold, foldCase } from './fold.mjs';

/** The kinds that an answer can be sorted by. */
export const SORTABLE = new Set(['date', 'string', 'token', 'number', 'quantity', 'reference', 'uri']);

// By code point, which is the order of UTF-8; `<` would compare halves of surrogate pairs.
const texts = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const whole = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Low ends of sets of numbers; an open one is `null` and comes before all others. */
function low(a, b) {
  if (a === null || b === null) return whole(a !== null, b !== null);
  return a.compare(b);
}

// A system whose code list leaves it open is `undefined`: it could come anywhere.
function token({ code, system, form }) {
  if (form === 'code' && system === null) return undefined;
  return `${foldCase(code ?? '')}\0${system ?? ''}`;
}

const RULES = {
  // The earliest start, or the latest end; an open end lies beyond all dates.
  date: { key: (value, descending) => (descending ? value.hi : value.lo), compare: whole },
  string: { key: fold, compare: texts },
  token: { key: token, compare: texts },
  number: { key: (value) => value.low, compare: low },
  quantity: { key: ({ set }) => set.low, compare: low },
  reference: { key: ({ local, other }) => local ?? other, compare: texts },
  uri: { key: (value) => value, compare: texts },
};

/** How a kind is sorted: `key(value)` is undefined where the place is open, `compare(key, key)` a number. */
export function ruleOf(kind, descending) {
  const { key, compare } = RULES[kind];
  return {
    key: (value) => key(value, descending),
    compare: descending ? (a, b) => compare(b, a) : compare,
  };
}
