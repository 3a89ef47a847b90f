// All typed values in memory, and queries answered by looking at every resource of a type.

import { any, every, testOf } from './match.mjs';
import { fold } from './fold.mjs';
import { valuesOf } from './values.mjs';
import { parseQuery } from './query.mjs';

/** Typed values by type and parameter: `types.get(type)` has `names` and `offers`. */
export class Store {
  constructor(records, parameters) {
    this.parameters = parameters;
    this.types = new Map();
    for (const record of records) {
      const type = record.resource.resourceType;
      if (!this.types.has(type)) this.types.set(type, { names: [], offers: [] });
      const rows = this.types.get(type);
      rows.names.push(record.name);
      rows.offers.push(valuesOf(record, parameters));
    }
  }

  parameter(type, code) {
    const parameter = this.parameters.of(type).get(code);
    if (!parameter) throw new Error(`no parameter ${code} on ${type}`);
    return parameter;
  }

  /**
   * The rows of a type that answer a query's clauses, as row numbers; undefined when
   * any row's answer is open.
   */
  rows(query, now) {
    const { offers, names } = this.types.get(query.type) ?? { offers: [], names: [] };
    const tests = query.clauses.map((clause) => this.clauseTest(query.type, clause, now));
    const found = [];
    for (let row = 0; row < names.length; row += 1) {
      const verdict = every(tests.map((test) => test(offers[row])));
      if (verdict === undefined) return undefined;
      if (verdict) found.push(row);
    }
    return found;
  }

  clauseTest(type, { code, modifier, values }, now) {
    const parameter = this.parameter(type, code);
    if (modifier === 'missing') return (offer) => offer.has(code) === (values[0] === 'false');
    const tests = values.map((text) => testOf(parameter, modifier, text, now));
    const matches = (offer) => {
      const offered = offer.get(code);
      return offered === undefined
        ? false
        : any(tests.flatMap((test) => offered.values.map((value) => test(value))));
    };
    if (modifier !== 'not') return matches;
    return (offer) => {
      const verdict = matches(offer);
      return verdict === undefined ? undefined : !verdict;
    };
  }

  /** `{ total, names, order }` of a query's text; undefined when its answer is open. */
  answer(text, now) {
    const query = parseQuery(text);
    const rows = this.rows(query, now);
    if (rows === undefined) return undefined;
    const { names } = this.types.get(query.type) ?? { names: [] };
    const answer = { total: rows.length, names: rows.map((row) => names[row]).sort() };
    if (query.sort === undefined) return answer;
    const order = this.order(query, rows);
    return order === undefined ? undefined : { ...answer, order };
  }

  /** Row names in groups: the order of the groups is the order of the answer. */
  order({ type, sort }, rows) {
    const { offers, names } = this.types.get(type);
    const parameter = this.parameter(type, sort.code);
    const keyed = [];
    const missing = [];
    for (const row of rows) {
      const offered = offers[row].get(sort.code);
      const keys = (offered?.values ?? []).map((value) => sortKey(parameter.kind, value, sort.descending));
      if (keys.includes(undefined)) return undefined;
      if (keys.length === 0) missing.push(names[row]);
      else keyed.push([keys.reduce((best, key) => (before(parameter.kind, key, best, sort.descending) ? key : best)), names[row]]);
    }
    keyed.sort(([a], [b]) => (before(parameter.kind, a, b, sort.descending) ? -1 : before(parameter.kind, b, a, sort.descending) ? 1 : 0));
    const groups = [];
    let last;
    for (const [key, name] of keyed) {
      if (last !== undefined && !before(parameter.kind, last, key, sort.descending)) groups.at(-1).push(name);
      else groups.push([name]);
      last = key;
    }
    if (missing.length > 0) groups.push(missing);
    return groups;
  }
}

/** What a value counts for in an order; undefined where nothing says. */
function sortKey(kind, value) {
  switch (kind) {
    case 'date': return value.lo;
    case 'string': return fold(value);
    case 'token': return value.code === null ? undefined : fold(value.code);
    case 'number': return value.low ?? undefined;
    case 'uri': return value;
    default: return undefined;
  }
}

function before(kind, a, b, descending) {
  const [first, second] = descending ? [b, a] : [a, b];
  return kind === 'number' ? first.compare(second) < 0 : first < second;
}
