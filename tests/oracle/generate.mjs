// Writes queries with the answers they must get, one JSON object per line.
//
//   node generate.mjs --seed N --count N --plan FILE --definitions DIR --out FILE
//   node generate.mjs --groups FILE --data PATH... (writes the plan: which file goes into which connection)

import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { filesUnder, grouped, load } from './load.mjs';
import { encode, literal, plainLiteral } from './literals.mjs';
import { SORTABLE } from './order.mjs';
import { Parameters } from './params.mjs';
import { Random } from './random.mjs';
import { Store } from './store.mjs';

const MEASURED = ['date', 'number', 'quantity', 'composite'];
const WHOLE_ANSWER = 100;
const LISTED = 1000;

/** Makes queries over a store, of which each is answered and none is open. */
export class Generator {
  constructor(store, seed) {
    this.store = store;
    this.random = new Random(seed);
    this.seen = new Set();
    this.open = 0;
    this.pairs = [];
    for (const type of [...store.types.keys()].sort()) {
      const rowsOf = new Map();
      store.types.get(type).offers.forEach((offer, row) => {
        for (const [code, { values }] of offer) {
          if (values.length === 0) continue;
          if (!rowsOf.has(code)) rowsOf.set(code, []);
          rowsOf.get(code).push(row);
        }
      });
      for (const code of [...rowsOf.keys()].sort()) {
        this.pairs.push({ type, code, rows: rowsOf.get(code) });
      }
    }
    this.measured = MEASURED.map((kind) => this.pairs.filter(({ type, code }) => store.parameter(type, code).kind === kind))
      .filter((pairs) => pairs.length > 0);
    this.weights = [];
    this.pairs.reduce((sum, { rows }) => {
      this.weights.push(sum + Math.sqrt(rows.length));
      return this.weights.at(-1);
    }, 0);
  }

  /** A pair: any, any of the kinds with the most rules, or the more likely the more values it has. */
  pair() {
    const dice = this.random.below(10);
    if (dice < 3) return this.random.pick(this.pairs);
    if (dice < 6) return this.random.pick(this.random.pick(this.measured));
    const at = this.random.below(1_000_000) / 1_000_000 * this.weights.at(-1);
    let [low, high] = [0, this.weights.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.weights[middle] > at) high = middle;
      else low = middle + 1;
    }
    return this.pairs[low];
  }

  valueAt({ type, code }, row) {
    return this.random.pick(this.store.types.get(type).offers[row].get(code).values);
  }

  term(name, text) {
    return `${name}=${encode(text, this.random)}`;
  }

  /** A clause for a pair, made from the values of a row. */
  clause(pair, row) {
    const { random } = this;
    const parameter = this.store.parameter(pair.type, pair.code);
    const dice = random.below(100);
    if (dice < 4 && parameter.kind !== 'composite') {
      return this.term(`${pair.code}:missing`, random.pick(['true', 'false']));
    }
    let modifier;
    if (parameter.kind === 'token' && dice < 12) modifier = 'not';
    if (parameter.kind === 'string' && dice < 40) modifier = random.pick(['exact', 'contains']);
    const name = modifier ? `${pair.code}:${modifier}` : pair.code;
    const values = [literal(parameter, this.valueAt(pair, row), random, modifier)];
    while (modifier !== 'not' && random.chance(0.15)) {
      const other = random.chance(0.3) ? undefined : this.valueAt(pair, random.pick(pair.rows));
      values.push(other === undefined && parameter.kind === 'token'
        ? 'no-such-code' : literal(parameter, other ?? this.valueAt(pair, row), random, modifier));
    }
    return this.term(name, values.join(','));
  }

  /** The text of a query, without `_count`. */
  text() {
    const { random } = this;
    const pair = this.pair();
    const row = random.pick(pair.rows);
    const clauses = [this.clause(pair, row)];
    while (random.chance(0.22)) {
      const codes = [...this.store.types.get(pair.type).offers[row]]
        .filter(([code, { values }]) => values.length > 0)
        .map(([code]) => code);
      const code = random.pick(codes);
      clauses.push(this.clause({ type: pair.type, code, rows: [row] }, row));
    }
    if (random.chance(0.12)) {
      const codes = this.pairs.filter(({ type, code }) => type === pair.type &&
        SORTABLE.has(this.store.parameter(type, code).kind)).map(({ code }) => code);
      if (codes.length > 0) clauses.push(`_sort=${random.pick(['', '-'])}${random.pick(codes)}`);
    }
    return `${pair.type}${random.chance(0.02) ? '/' : ''}?${clauses.join('&')}`;
  }

  /** Answers a text; undefined where the answer is open or the text was there before. */
  answered(text) {
    if (this.seen.has(text)) return undefined;
    this.seen.add(text);
    const now = Date.now();
    const answer = this.store.answer(text, BigInt(now) * 1000n);
    if (answer === undefined) {
      this.open += 1;
      return undefined;
    }
    return this.line(text, answer, now);
  }

  line(text, { total, names, order }, now) {
    const { random } = this;
    let count = random.chance(0.02) ? 0 : 1 + random.below(20);
    if (total <= WHOLE_ANSWER) count = random.chance(0.9) ? 1000 : count;
    else if (total <= LISTED && random.chance(0.1)) count = 100_000;
    const line = { query: `${text}&_count=${count}`, total };
    if (total <= LISTED || random.chance(0.02)) line.ids = names();
    if (order) line.order = leading(order, count);
    if (/=(ap|.*,ap|.*\$ap|.*%2Cap|.*%24ap)/.test(text)) line.now = new Date(now).toISOString();
    return line;
  }

  /** At least one query with an answer for every pair, then others until the count is reached. */
  * lines(count) {
    let made = 0;
    for (const pair of this.pairs) {
      const parameter = this.store.parameter(pair.type, pair.code);
      for (let attempt = 0; attempt < 12; attempt += 1) {
        const row = this.random.pick(pair.rows);
        const value = this.valueAt(pair, row);
        const text = attempt < 2 ? literal(parameter, value, this.random) : plainLiteral(parameter, value, this.random);
        const line = this.answered(`${pair.type}?${this.term(pair.code, text)}`);
        if (line === undefined || line.total === 0) continue;
        yield line;
        made += 1;
        break;
      }
    }
    for (let attempt = 0; made < count && attempt < count * 20; attempt += 1) {
      const line = this.answered(this.text());
      if (line === undefined || (line.total === 0 && this.random.chance(0.35))) continue;
      yield line;
      made += 1;
    }
  }
}

/** The first groups of an order, as many as an answer of `count` entries shows. */
function leading(order, count) {
  const groups = [];
  for (let shown = 0, at = 0; shown < count && at < order.length; at += 1) {
    groups.push(order[at]);
    shown += order[at].length;
  }
  return groups;
}

/** `--name value...` as lists. */
export function options(words) {
  const found = {};
  let name;
  for (const word of words) {
    if (word.startsWith('--')) {
      name = word.slice(2);
      found[name] = [];
    } else {
      found[name].push(word);
    }
  }
  return found;
}

async function main() {
  const given = options(process.argv.slice(2));
  if (given.groups) {
    writeFileSync(given.groups[0], JSON.stringify(grouped(filesUnder(given.data)), null, 1));
    return;
  }
  const groups = JSON.parse(readFileSync(given.plan[0], 'utf8'));
  const store = new Store(load(groups, console.error), new Parameters(given.definitions[0]));
  const generator = new Generator(store, Number(given.seed[0]));
  const out = createWriteStream(given.out[0]);
  let [made, full] = [0, 0];
  for (const line of generator.lines(Number(given.count[0]))) {
    made += 1;
    full += line.total > 0 ? 1 : 0;
    if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  console.log(`seed ${given.seed[0]}: ${made} queries over ${generator.pairs.length} (type, parameter) pairs, ` +
    `${(100 * full / made).toFixed(1)} % with an answer; ${generator.open} open questions left out`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
