// Dates by hand, from the specification's words and examples.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEGINNING, END, dateMatches, dayNumber, parseDate, periodInterval, timingInterval } from './dates.mjs';
import { civil, writeDate } from './literals.mjs';

const micros = (text) => BigInt(Date.parse(text)) * 1000n;
const matches = (prefix, stored, query) =>
  dateMatches(prefix, typeof stored === 'string' ? parseDate(stored) : stored, parseDate(query), micros('2026-11-24T00:00:00Z'));

test('a date covers all that its precision leaves open', () => {
  assert.deepEqual(parseDate('2013'), { lo: micros('2013-01-01T00:00:00Z'), hi: micros('2014-01-01T00:00:00Z') - 1n });
  assert.deepEqual(parseDate('2012-02'), { lo: micros('2012-02-01T00:00:00Z'), hi: micros('2012-03-01T00:00:00Z') - 1n });
  assert.deepEqual(parseDate('2013-01-14'), { lo: micros('2013-01-14T00:00:00Z'), hi: micros('2013-01-15T00:00:00Z') - 1n });
  assert.deepEqual(parseDate('2013-01-14T10:00'), { lo: micros('2013-01-14T10:00:00Z'), hi: micros('2013-01-14T10:01:00Z') - 1n });
  assert.deepEqual(parseDate('2013-01-14T10:00:07-05:00'), { lo: micros('2013-01-14T15:00:07Z'), hi: micros('2013-01-14T15:00:08Z') - 1n });
  assert.deepEqual(parseDate('2013-01-14T10:00:07.25Z'), { lo: micros('2013-01-14T10:00:07.250Z'), hi: micros('2013-01-14T10:00:07.260Z') - 1n });
  assert.equal(parseDate('2013-01-14T10:00:07.1234567Z').lo, micros('2013-01-14T10:00:07.123Z') + 456n);
  assert.deepEqual(parseDate('2013-01-14T24:00:00Z'), parseDate('2013-01-15T00:00:00Z'));
  assert.equal(parseDate('0003-05-01').lo, micros('0003-05-01T00:00:00Z'));
});

test('what is no date is none', () => {
  for (const text of ['', '13', '2013-13', '2013-02-29', '2013-00-01', '2013-1-1', '2013-01-14T25:00:00Z',
    '2013-01-14T24:00:01Z', '2013-01-14T10', 'IGNORED_FIELD', '2013-01-14 10:00', '2013-01-14T10:60:00Z']) {
    assert.equal(parseDate(text), undefined, text);
  }
});

test('days are counted as the calendar of the machine counts them', () => {
  for (const text of ['0001-01-01', '0999-12-31', '1600-02-29', '1900-03-01', '1969-12-31', '2000-02-29', '2024-12-31', '9999-12-31']) {
    const [year, month, day] = text.split('-').map(Number);
    assert.equal(dayNumber(year, month, day), BigInt(Date.parse(`${text}T00:00:00Z`)) / 86_400_000n, text);
    assert.deepEqual(civil(dayNumber(year, month, day)), [year, month, day], text);
  }
});

test("the specification's examples of prefixes", () => {
  assert.equal(matches('eq', '2013-01-14', '2013-01-14'), true);
  assert.equal(matches('eq', '2013-01-14T00:00:00Z', '2013-01-14'), true);
  assert.equal(matches('eq', '2013-01-14T10:00:00Z', '2013-01-14'), true);
  assert.equal(matches('eq', '2013-01-15T00:00:00Z', '2013-01-14'), false);
  assert.equal(matches('ne', '2013-01-15T00:00:00Z', '2013-01-14'), true);
  assert.equal(matches('ne', '2013-01-14T10:00:00Z', '2013-01-14'), false);
  assert.equal(matches('lt', '2013-01-14', '2013-01-14T10:00'), true);
  assert.equal(matches('gt', '2013-01-14', '2013-01-14T10:00'), true);
  assert.equal(matches('ge', periodInterval({ start: '2013-03-01' }), '2013-03-14'), true);
  assert.equal(matches('ge', '2013-03-14', '2013-03-14'), true);
  assert.equal(matches('le', '2013-03-14', '2013-03-14'), true);
  assert.equal(matches('le', periodInterval({ end: '2013-03-20' }), '2013-03-14'), true);
  assert.equal(matches('sa', '2013-03-15T00:00:00Z', '2013-03-14'), true);
  assert.equal(matches('sa', '2013-03-14T23:59:59Z', '2013-03-14'), false);
  assert.equal(matches('sa', periodInterval({ start: '2013-03-10', end: '2013-03-20' }), '2013-03-14'), false);
  assert.equal(matches('eb', '2013-03-13', '2013-03-14'), true);
  assert.equal(matches('eb', periodInterval({ end: '2013-03-13' }), '2013-03-14'), true);
  assert.equal(matches('eb', '2013-03-14T00:00:00Z', '2013-03-14'), false);
  assert.equal(matches('ap', '2013-03-14', '2013-03-20'), true);
  assert.equal(matches('ap', '1950-03-14', '2013-03-20'), false);
});

test('an answer that hangs on the clock is open', () => {
  // A tenth of the 1,788 days from 2022-01-01 to the clock reaches to 2021-07-06.
  assert.equal(matches('ap', '2021-08-01', '2022-01-01'), true);
  assert.equal(matches('ap', '2021-06-01', '2022-01-01'), false);
  assert.equal(matches('ap', '2021-07-05', '2022-01-01'), undefined);
});

test('open periods and timings', () => {
  assert.deepEqual(periodInterval({ start: '2013' }), { lo: micros('2013-01-01T00:00:00Z'), hi: END });
  assert.deepEqual(periodInterval({ end: '2013' }), { lo: BEGINNING, hi: micros('2014-01-01T00:00:00Z') - 1n });
  assert.equal(periodInterval({}), undefined);
  const timing = { event: ['2013-01-02', '2013-01-05'], repeat: { boundsPeriod: { start: '2013-01-03', end: '2013-01-10' } } };
  assert.deepEqual(timingInterval(timing), { lo: parseDate('2013-01-02').lo, hi: parseDate('2013-01-10').hi });
  assert.equal(timingInterval({ repeat: { frequency: 1 } }), undefined);
});

test('every prefix equals its definition over sets of moments', () => {
  // A line of ten moments: sets of moments are written out, and the words of the
  // specification ("contains", "intersects with the range above") are taken literally.
  const moments = [...Array(10).keys()];
  const set = ({ lo, hi }) => moments.filter((moment) => BigInt(moment) >= lo && BigInt(moment) <= hi);
  const ranges = moments.flatMap((lo) => moments.filter((hi) => hi >= lo).map((hi) => ({ lo: BigInt(lo), hi: BigInt(hi) })));
  for (const value of ranges) {
    for (const query of ranges) {
      const [v, q] = [set(value), set(query)];
      const contained = v.every((moment) => q.includes(moment));
      const above = v.some((moment) => q.every((other) => moment > other));
      const below = v.some((moment) => q.every((other) => moment < other));
      const wanted = {
        eq: contained,
        ne: !contained,
        gt: above,
        lt: below,
        ge: above || contained,
        le: below || contained,
        sa: v.every((moment) => q.every((other) => moment > other)),
        eb: v.every((moment) => q.every((other) => moment < other)),
      };
      for (const [prefix, verdict] of Object.entries(wanted)) {
        assert.equal(dateMatches(prefix, value, query, 0n), verdict, `${prefix} ${value.lo}-${value.hi} ${query.lo}-${query.hi}`);
      }
    }
  }
});

test('a date that is written is read again as the interval it was meant for', () => {
  const instant = micros('1969-07-20T20:17:40.123Z');
  for (const zone of [0, -300, 330]) {
    for (const precision of ['minute', 'second', 'millisecond']) {
      const { lo, hi } = parseDate(writeDate(instant, precision, zone));
      assert.ok(lo <= instant && instant <= hi, `${precision} ${zone}`);
    }
  }
  assert.equal(writeDate(instant, 'day', 0), '1969-07-20');
  assert.equal(writeDate(instant, 'second', -300), '1969-07-20T15:17:40-05:00');
});
