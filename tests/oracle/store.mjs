// All typed values in memory, and queries answered by testing every different value of a parameter.

import { any, testOf } from './match.mjs';
import { ruleOf } from './order.mjs';
import { parseQuery } from './query.mjs';
import { valuesOf } from './values.mjs';

const OPEN = 2;

/** One text for equal values of a parameter, so that each different value is tested once. */
function keyOf(value) {
  return JSON.stringify(value, (name, part) => (typeof part === 'bigint' ? `${part}n` : part));
}

/** A parameter's values in all rows of a type: every different value with the rows that hold it. */
class Column {
  constructor(size) {
    this.present = new Uint8Array(size);
    this.different = new Map();
  }

  add(row, values) {
    this.present[row] = 1;
    for (const value of values) {
      const key = keyOf(value);
      const known = this.different.get(key);
      if (known === undefined) this.different.set(key, { value, rows: [row] });
      else if (known.rows.at(-1) !== row) known.rows.push(row);
    }
  }
}

/** The rows of one resource type: their names, what each offers, and the columns. */
class Rows {
  constructor(names, offers) {
    this.names = names;
    this.offers = offers;
    this.columns = new Map();
    offers.forEach((offer, row) => {
      for (const [code, { values }] of offer) {
        if (!this.columns.has(code)) this.columns.set(code, new Column(names.length));
        this.columns.get(code).add(row, values);
      }
    });
  }
}

/** Typed values by type and parameter: `types.get(type)` has `names` and `offers`. */
export class Store {
  constructor(records, parameters) {
    this.parameters = parameters;
    this.types = new Map();
    const byType = new Map();
    for (const record of records) {
      const type = record.resource.resourceType;
      if (!byType.has(type)) byType.set(type, { names: [], offers: [] });
      byType.get(type).names.push(record.name);
      byType.get(type).offers.push(valuesOf(record, parameters));
    }
    for (const [type, { names, offers }] of byType) this.types.set(type, new Rows(names, offers));
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
    const of = this.types.get(query.type) ?? new Rows([], []);
    const verdicts = query.clauses.map((clause) => this.verdicts(query.type, of, clause, now));
    const found = [];
    for (let row = 0; row < of.names.length; row += 1) {
      let verdict = 1;
      for (const each of verdicts) {
        if (each[row] === 0) {
          verdict = 0;
          break;
        }
        verdict = Math.max(verdict, each[row]);
      }
      if (verdict === OPEN) return undefined;
      if (verdict === 1) found.push(row);
    }
    return found;
  }

  /** One verdict for every row: 0 no, 1 yes, or open. */
  verdicts(type, of, { code, modifier, values }, now) {
    const parameter = this.parameter(type, code);
    const column = of.columns.get(code) ?? new Column(of.names.length);
    if (modifier === 'missing') {
      return values[0] === 'false' ? column.present : column.present.map((present) => 1 - present);
    }
    const tests = values.map((text) => testOf(parameter, modifier, text, now));
    const verdicts = new Uint8Array(of.names.length);
    for (const { value, rows } of column.different.values()) {
      const verdict = any(tests.map((test) => test(value)));
      if (verdict === false) continue;
      for (const row of rows) {
        if (verdict === true) verdicts[row] = 1;
        else if (verdicts[row] === 0) verdicts[row] = OPEN;
      }
    }
    return modifier === 'not' ? verdicts.map((verdict) => (verdict === OPEN ? OPEN : 1 - verdict)) : verdicts;
  }

  /** `{ total, names(), order }` of a query's text; undefined when its answer is open. */
  answer(text, now) {
    const query = parseQuery(text);
    const rows = this.rows(query, now);
    if (rows === undefined) return undefined;
    const { names } = this.types.get(query.type) ?? { names: [] };
    const answer = { total: rows.length, names: () => rows.map((row) => names[row]).sort() };
    if (query.sort === undefined) return answer;
    const order = this.order(query, rows);
    return order === undefined ? undefined : { ...answer, order };
  }

  /** Row names in groups: the order of the groups is the order of the answer. */
  order({ type, sort }, rows) {
    const { offers, names } = this.types.get(type) ?? new Rows([], []);
    const { key, compare } = ruleOf(this.parameter(type, sort.code).kind, sort.descending);
    const keyed = [];
    const missing = [];
    for (const row of rows) {
      const keys = (offers[row].get(sort.code)?.values ?? []).map(key);
      if (keys.includes(undefined)) return undefined;
      if (keys.length === 0) missing.push(names[row]);
      else keyed.push([keys.reduce((best, other) => (compare(other, best) < 0 ? other : best)), names[row]]);
    }
    keyed.sort(([a], [b]) => compare(a, b));
    const groups = [];
    let last;
    for (const [own, name] of keyed) {
      if (groups.length > 0 && compare(last, own) === 0) groups.at(-1).push(name);
      else groups.push([name]);
      last = own;
    }
    if (missing.length > 0) groups.push(missing);
    return groups;
  }
}
