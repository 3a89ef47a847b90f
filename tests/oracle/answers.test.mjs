// Reading data, reading queries, answering and comparing, on records of our own.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { faults, page } from './compare.mjs';
import { Generator } from './generate.mjs';
import { JsonError, canonical, parse } from './json.mjs';
import { filesUnder, grouped, load, nameOf } from './load.mjs';
import { testOf } from './match.mjs';
import { Parameters } from './params.mjs';
import { parseQuery } from './query.mjs';
import { Store } from './store.mjs';

const definitions = process.env.CHARTKEEP_FHIR
  ? `${process.env.CHARTKEEP_FHIR}/definitions`
  : new URL('../../../shared/fhir/definitions', import.meta.url).pathname;
const parameters = new Parameters(definitions);

const observation = (id, code, date, value) => JSON.stringify({
  resourceType: 'Observation', id, status: 'final', effectiveDateTime: date,
  code: { coding: [{ system: 'http://loinc.org', code }] }, subject: { reference: 'Patient/p' },
  valueQuantity: { value, system: 'http://unitsofmeasure.org', code: 'kg' },
});
const RECORDS = [
  observation('a', '29463-7', '2020-01-01', 70), observation('b', '29463-7', '2021-06-01', 71),
  observation('c', '8302-2', '2021-06-01', 180), observation('d', '8302-2', '2022', 181),
  '{"resourceType":"Observation","id":"e","status":"final","code":{"text":"no code"}}',
  '{"resourceType":"Patient","id":"p","gender":"female","birthDate":"1970-05-01"}',
];

function withFiles(files, use) {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const storeOf = (lines) => withFiles({ 'data.ndjson': lines.join('\n') },
  (folder) => new Store(load([{ connection: 'c', files: filesUnder([folder]) }]), parameters));

test('JSON keeps numbers and refuses keys that stand twice', () => {
  assert.equal(canonical(parse('{"b": 1.00, "a": [1e2, "\\u0041", true, null]}')), '{"a":[1e2,"A",true,null],"b":1.00}');
  assert.equal(canonical(parse('["\\n\\u001F\\\\n\\/\\"é"]')), '["\\u000a\\u001f\\\\n/\\"é"]');
  for (const text of ['{"a":1,"a":2}', '[1,]', '{"a":01}', '"\n"', '', '1 2', '"\\x"', `${'['.repeat(101)}1${']'.repeat(101)}`]) {
    assert.throws(() => parse(text), JsonError, text);
  }
});

test('the last content of a name in a connection is current; restamped content is the same', () => {
  const first = '{"resourceType":"Patient","id":"p","meta":{"lastUpdated":"2020-01-01T00:00:00Z","tag":[{"code":"one"}]},"gender":"male"}';
  const again = first.replace('2020', '2021').replace('one', 'two');
  const changed = first.replace('male', 'other');
  const document = '{"resourceType":"Bundle","id":"d","type":"document","entry":[{"resource":{"resourceType":"Patient","id":"inner"}}]}';
  const bundle = `{"resourceType":"Bundle","type":"searchset","entry":[{"fullUrl":"urn:uuid:1","resource":${first}},{"resource":${document}},
    {"resource":{"resourceType":"OperationOutcome"},"search":{"mode":"outcome"}},{"response":{"status":"201"}}]}`;
  withFiles({ '1.json': bundle, '2.json': again, '3.ndjson': `${changed}\n{"resourceType":"Basic"}\n{"resourceType":"Basic"}` }, (folder) => {
    const [one, two, three] = filesUnder([folder]);
    const current = (files) => load([{ connection: 'c', files }]);
    assert.deepEqual(current([one, two]).map(({ name }) => name), ['Patient/p', 'Bundle/d']);
    assert.equal(current([one, two])[0].resource.meta.tag[0].code, 'one');
    assert.equal(current([one, two])[0].links.get('urn:uuid:1'), 'Patient/p');
    assert.equal(current([one, three])[0].resource.gender, 'other');
    assert.equal(current([three]).length, 2);
    assert.match(current([three])[1].name, /^Basic\/x-[0-9a-f]{32}$/);
    assert.deepEqual(grouped([one, two, three]).map(({ files }) => files.length), [3]);
  });
  assert.equal(nameOf(parse('{"resourceType":"Basic"}')), nameOf(parse('{ "resourceType" : "Basic" }')));
});

test('queries are taken apart by the rules of escapes', () => {
  assert.deepEqual(parseQuery('Observation/?code=a%5C,b,c&date=ge2020&_sort=-date&_count=5&name:exact=%2B+'), {
    type: 'Observation',
    clauses: [
      { code: 'code', modifier: undefined, values: ['a\\,b', 'c'] },
      { code: 'date', modifier: undefined, values: ['ge2020'] },
      { code: 'name', modifier: 'exact', values: ['++'] },
    ],
    sort: { code: 'date', descending: true },
    count: 5,
  });
});

test('answers over a small record', () => {
  const store = storeOf(RECORDS);
  const ids = (query) => store.answer(query, 0n).names().map((name) => name.replace(/.*\//, '')).join('');
  assert.equal(ids('Observation?code=29463-7'), 'ab');
  assert.equal(ids('Observation?code=29463-7,8302-2'), 'abcd');
  assert.equal(ids('Observation?code:not=29463-7'), 'cde');
  assert.equal(ids('Observation?code:missing=false'), 'abcde');
  assert.equal(ids('Observation?date:missing=true'), 'e');
  assert.equal(ids('Observation?code=29463-7&date=ge2021'), 'b');
  assert.equal(ids('Observation?value-quantity=gt70500|http://unitsofmeasure.org|g'), 'bcd');
  assert.equal(ids('Observation?code-value-quantity=8302-2$gt180'), 'd');
  assert.equal(ids('Observation?code-value-quantity=29463-7$gt100'), '');
  assert.equal(ids('Observation?patient=p'), 'abcd');
  assert.equal(ids('Observation?subject=Patient/p&_id=a,c,x'), 'ac');
  assert.equal(ids('Patient?gender=FEMALE&birthdate=1970'), 'p');
  assert.equal(ids('Encounter?status=x'), '');
  assert.deepEqual(store.answer('Observation?_sort=-date', 0n).order.map((group) => group.map((name) => name.slice(-1)).join('')), ['d', 'bc', 'a', 'e']);
});

test('orders by kind', () => {
  const basic = (id, rest) => JSON.stringify({ resourceType: 'Observation', id, status: 'final', ...rest });
  const amount = (value, comparator) => ({ valueQuantity: { value, comparator } });
  const store = storeOf([
    basic('a', { ...amount(70), identifier: [{ value: 'É' }], effectivePeriod: { start: '2020' }, focus: [{ reference: 'Patient/b' }] }),
    basic('b', { ...amount(8), identifier: [{ value: 'Z' }, { value: 'f' }], effectivePeriod: { end: '2019-06' }, focus: [{ reference: 'Device/z' }] }),
    basic('c', { ...amount(100, '<'), identifier: [{ system: 's', value: 'Z' }], effectiveDateTime: '2019', focus: [{ reference: 'http://a.example/Patient/b' }] }),
    basic('d', { ...amount(8), identifier: [{ system: 's' }], effectivePeriod: {}, instantiatesCanonical: ['x'] }),
  ]);
  const order = (sort) => store.answer(`Observation?_sort=${sort}`, 0n).order.map((group) => group.map((name) => name.slice(-1)).join('')).join(' ');
  assert.equal(order('date'), 'b c a d');
  assert.equal(order('-date'), 'a c b d');
  assert.equal(order('identifier'), 'd b c a');
  assert.equal(order('-identifier'), 'a c b d');
  assert.equal(order('value-quantity'), 'c bd a');
  assert.equal(order('-value-quantity'), 'a bd c');
  assert.equal(order('focus'), 'b a c d');
});

test('a Bundle links its urns, and entries without id by their content', () => {
  const bundle = `{"resourceType":"Bundle","type":"collection","entry":[
    {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Basic"}},{"fullUrl":"http://a.example/Basic/2","resource":{"resourceType":"Basic","id":"3"}}]}`;
  withFiles({ '1.json': bundle }, (folder) => {
    const [{ name, links }] = load([{ connection: 'c', files: filesUnder([folder]) }]);
    assert.deepEqual([...links], [['urn:uuid:1', name]]);
  });
});

test('generated queries hang on the seed alone and answer to a plain look at every value', () => {
  const store = storeOf(RECORDS);
  const made = (seed) => [...new Generator(store, seed).lines(300)].map(({ now, ...line }) => line);
  const lines = made(7);
  assert.deepEqual(made(7), lines);
  assert.notDeepEqual(made(8), lines);
  assert.ok(lines.filter(({ total }) => total > 0).length >= lines.length * 0.6);
  // Once more without the store: one clause of one value, row by row.
  for (const { query, total } of lines) {
    const { type, clauses } = parseQuery(query);
    if (clauses.length !== 1 || clauses[0].modifier === 'missing' || clauses[0].modifier === 'not') continue;
    const [{ code, modifier, values }] = clauses;
    const parameter = parameters.of(type).get(code);
    const rows = store.types.get(type).offers.filter((offer) => offer.get(code)?.values
      .some((value) => values.some((text) => testOf(parameter, modifier, text, BigInt(Date.now()) * 1000n)(value))));
    assert.equal(rows.length, total, query);
  }
});

test('a comparison sees every kind of fault', () => {
  const line = { query: 'Observation?code=x&_count=2', total: 3, ids: ['Observation/a', 'Observation/b', 'Observation/c'] };
  const next = [{ relation: 'next', url: 'Observation?page=2' }];
  const bundle = { resourceType: 'Bundle', type: 'searchset', total: 3, link: next };
  assert.deepEqual(faults(line, bundle, ['Observation/a', 'Observation/b']), []);
  assert.deepEqual(faults(line, { error: {} }, []), ['refused']);
  assert.equal(faults(line, { ...bundle, total: 2 }, ['Observation/a', 'Observation/b']).length, 1);
  assert.equal(faults(line, bundle, ['Observation/a']).length, 1);
  assert.equal(faults(line, bundle, ['Observation/a', 'Observation/a']).length, 1);
  assert.equal(faults(line, bundle, ['Observation/a', 'Observation/z']).length, 1);
  assert.equal(faults(line, { ...bundle, link: [] }, ['Observation/a', 'Observation/b']).length, 1);
  const sorted = { ...line, order: [['Observation/c'], ['Observation/a', 'Observation/b']] };
  assert.deepEqual(faults(sorted, bundle, ['Observation/c', 'Observation/b']), []);
  assert.deepEqual(faults(sorted, bundle, ['Observation/b', 'Observation/c']), ['another order']);
  const second = page(line, bundle, ['Observation/a', 'Observation/b']);
  assert.deepEqual(second, { query: 'Observation?page=2', total: 3, count: 2, left: 1, ids: ['Observation/c'] });
  assert.deepEqual(faults(second, { ...bundle, link: [] }, ['Observation/c']), []);
});
