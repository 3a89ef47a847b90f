// Values against queries by hand, from the specification's words and examples.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal, interval, point } from './decimal.mjs';
import { any, every, testOf } from './match.mjs';
import { ratio } from './units.mjs';

const decimal = (text) => Decimal.parse(text);
const answers = (kind, value, text, { modifier, code = 'code', now = 0n } = {}) =>
  testOf({ kind, code }, modifier, text, now)(value);

test('three-valued any and every', () => {
  assert.equal(any([false, undefined, true]), true);
  assert.equal(any([false, undefined]), undefined);
  assert.equal(any([]), false);
  assert.equal(every([true, undefined, false]), false);
  assert.equal(every([true, undefined]), undefined);
  assert.equal(every([]), true);
});

test('decimals are exact at any size', () => {
  assert.equal(decimal('1.00').compare(decimal('1')), 0);
  assert.equal(decimal('0.1').plus(decimal('0.2')).compare(decimal('0.3')), 0);
  assert.equal(decimal('1.000000000000000000E-245').compare(decimal('0')), 1);
  assert.equal(decimal('-5').compare(decimal('-5.0000000000000000000000001')), 1);
  assert.equal(decimal('1e3').toString(), '1000');
  assert.equal(decimal('-0.050').toString(), '-0.050');
  assert.equal(decimal('1.'), undefined);
  assert.equal(decimal('abc'), undefined);
});

test("the specification's examples of numbers", () => {
  const number = (value, text) => answers('number', point(decimal(value)), text);
  assert.equal(number('99.5', '100'), true);
  assert.equal(number('100.4999', '100'), true);
  assert.equal(number('100.5', '100'), false);
  assert.equal(number('99.4999', '100'), false);
  assert.equal(number('99.995', '100.00'), true);
  assert.equal(number('100.005', '100.00'), false);
  assert.equal(number('99.99', 'lt100'), true);
  assert.equal(number('100', 'lt100'), false);
  assert.equal(number('100', 'le100'), true);
  assert.equal(number('100.1', 'le100'), false);
  assert.equal(number('100.1', 'gt100'), true);
  assert.equal(number('100.0', 'gt100'), false);
  assert.equal(number('100', 'ge100'), true);
  assert.equal(number('99.9', 'ge100'), false);
  assert.equal(number('100.2', 'ne100'), false);
  assert.equal(number('101', 'ne100'), true);
  assert.equal(number('109', 'ap100'), true);
  assert.equal(number('111', 'ap100'), false);
  assert.equal(number('110', 'ap100'), undefined);
  assert.equal(number('-100.2', '-100'), true);
  // 1e2: the example says 95 to 105, "to 1 significant figure" 50 to 150.
  assert.equal(number('101', '1e2'), true);
  assert.equal(number('120', '1e2'), undefined);
  assert.equal(number('151', '1e2'), false);
});

test('ranges and comparators are sets of numbers', () => {
  const between = interval(decimal('4'), decimal('6'));
  assert.equal(answers('number', between, 'gt5'), true);
  assert.equal(answers('number', between, 'lt5'), true);
  assert.equal(answers('number', between, 'sa5'), false);
  assert.equal(answers('number', between, 'sa3'), true);
  assert.equal(answers('number', between, 'eb7'), true);
  assert.equal(answers('number', between, '5'), false);
  assert.equal(answers('number', between, '5e0'), false);
  const under = interval(null, decimal('5'), false, true);
  assert.equal(answers('number', under, 'lt3'), true);
  assert.equal(answers('number', under, 'gt4.9'), true);
  assert.equal(answers('number', under, 'gt5'), false);
  assert.equal(answers('number', under, 'eb5'), true);
  assert.equal(answers('number', under, '4'), false);
});

test('numbers equal their definition over a fine grid', () => {
  // Every prefix against every pair of tenths, compared as whole numbers of hundredths.
  for (let stored = -20; stored <= 20; stored += 1) {
    for (let wanted = -20; wanted <= 20; wanted += 1) {
      const write = (tenths) => `${tenths < 0 ? '-' : ''}${Math.floor(Math.abs(tenths) / 10)}.${Math.abs(tenths) % 10}`;
      const value = point(decimal(write(stored)));
      const [a, b] = [stored * 10, wanted * 10];
      const wants = { eq: a >= b - 5 && a < b + 5, gt: a > b, lt: a < b, ge: a >= b, le: a <= b, sa: a > b, eb: a < b };
      wants.ne = !wants.eq;
      for (const [prefix, verdict] of Object.entries(wants)) {
        assert.equal(answers('number', value, prefix + write(wanted)), verdict, `${prefix}${write(wanted)} on ${write(stored)}`);
      }
    }
  }
});

test('quantities with units', () => {
  const quantity = (value, text) => answers('quantity', value, text);
  const mg = { set: point(decimal('5.4')), system: 'http://unitsofmeasure.org', code: 'mg', unit: 'milligram' };
  assert.equal(quantity(mg, '5.4|http://unitsofmeasure.org|mg'), true);
  assert.equal(quantity(mg, '5.4||mg'), true);
  assert.equal(quantity(mg, '5.4||milligram'), true);
  assert.equal(quantity(mg, '5.4||MG'), false);
  assert.equal(quantity(mg, '5.4'), true);
  assert.equal(quantity(mg, '5.5'), false);
  assert.equal(quantity(mg, '5.4|http://nowhere.example|mg'), false);
  assert.equal(quantity(mg, '5.4e-3|http://unitsofmeasure.org|g'), true);
  assert.equal(quantity(mg, '0.0054|http://unitsofmeasure.org|g'), true);
  assert.equal(quantity(mg, 'gt5|http://unitsofmeasure.org|ug'), true);
  assert.equal(quantity(mg, 'gt5|http://unitsofmeasure.org|kg'), false);
  assert.equal(quantity(mg, 'ge0.0054|http://unitsofmeasure.org|g'), true);
  assert.equal(quantity(mg, '5.4|http://unitsofmeasure.org|mL'), false);
  assert.equal(quantity({ ...mg, system: null }, '5.4|http://unitsofmeasure.org|mg'), false);
});

test('units', () => {
  assert.equal(ratio('mg', 'g')[0].compare(decimal('0.001')), 0);
  assert.equal(ratio('mg', 'mL'), null);
  assert.equal(ratio('ea', 'mg'), null);
  assert.equal(ratio('mmol/L', '10*3/uL'), null);
  assert.equal(ratio('Cel', '[degF]'), undefined);
  assert.equal(ratio('{score}', '1'), undefined);
  const [low, high] = ratio('[lb_av]', 'kg');
  assert.ok(low.compare(decimal('0.45359237')) < 0 && high.compare(decimal('0.45359237')) > 0);
});

test('tokens', () => {
  const coded = { system: 'http://acme.example', code: 'A1b', form: 'coded' };
  const bare = { system: null, code: 'A1b', form: 'coded' };
  const status = { system: 'http://hl7.org/fhir/observation-status', code: 'final', form: 'code' };
  const token = (value, text, code) => answers('token', value, text, { code });
  assert.equal(token(coded, 'A1b'), true);
  assert.equal(token(coded, 'a1B'), true);
  assert.equal(token(coded, 'A1'), false);
  assert.equal(token(coded, 'http://acme.example|a1b'), true);
  assert.equal(token(coded, 'http://ACME.example|A1b'), false);
  assert.equal(token(coded, '|A1b'), false);
  assert.equal(token(coded, 'http://acme.example|'), true);
  assert.equal(token(bare, '|a1b'), true);
  assert.equal(token(bare, 'http://acme.example|A1b'), false);
  assert.equal(token(bare, 'http://acme.example|'), false);
  assert.equal(token(status, 'FINAL'), true);
  assert.equal(token(status, 'http://hl7.org/fhir/observation-status|final'), true);
  assert.equal(token(status, 'http://hl7.org/fhir/other|final'), false);
  assert.equal(token(status, '|final'), false);
  assert.equal(token({ ...status, system: null }, 'x|final'), undefined);
  assert.equal(token({ system: 'http://unitsofmeasure.org', code: 'mG', form: 'coded' }, 'mg'), false);
  assert.equal(token({ system: null, code: 'Abc', form: 'plain' }, 'abc', '_id'), false);
  assert.equal(token({ system: null, code: 'a|b,c$d\\e', form: 'coded' }, 'a\\|b\\,c\\$d\\\\e'), true);
});

test('strings', () => {
  const string = (value, text, modifier) => answers('string', value, text, { modifier });
  assert.equal(string('Eve', 'eve'), true);
  assert.equal(string('Evelyn', 'eve'), true);
  assert.equal(string('Severine', 'eve'), false);
  assert.equal(string('Severine', 'eve', 'contains'), true);
  assert.equal(string('Eve', 'Eve', 'exact'), true);
  assert.equal(string('eve', 'Eve', 'exact'), false);
  assert.equal(string('Evelyn', 'Eve', 'exact'), false);
  assert.equal(string('Ève', 'eve'), true);
  assert.equal(string('Eve', 'ÉVE'), true);
  assert.equal(string('Straße', 'STRASSE'), true);
  assert.equal(string('ΟΔΟΣ', 'οδος'), true);
  assert.equal(string('Søren', 'soren'), true);
});

test('references and uris', () => {
  const reference = (value, text) => answers('reference', value, text);
  assert.equal(reference({ local: 'Patient/1' }, 'Patient/1'), true);
  assert.equal(reference({ local: 'Patient/1' }, '1'), true);
  assert.equal(reference({ local: 'Patient/1' }, 'Group/1'), false);
  assert.equal(reference({ local: 'Patient/1' }, 'http://a.example/Patient/1'), false);
  assert.equal(reference({ other: 'http://a.example/Patient/1' }, 'http://a.example/Patient/1'), true);
  assert.equal(reference({ other: 'http://a.example/Patient/1' }, 'Patient/1'), false);
  const canonical = { other: 'http://a.example/Questionnaire/q|2.0', canonical: true };
  assert.equal(reference(canonical, 'http://a.example/Questionnaire/q'), true);
  assert.equal(reference(canonical, 'http://a.example/Questionnaire/q\\|2.0'), true);
  assert.equal(reference(canonical, 'http://a.example/Questionnaire/q\\|1.0'), false);
  assert.equal(answers('uri', 'http://a.example/x', 'http://a.example/x'), true);
  assert.equal(answers('uri', 'http://a.example/x', 'http://a.example/X'), false);
  assert.equal(answers('uri', 'http://a.example/x', 'http://a.example'), false);
});
