// Dates as FHIR search sees them: every value is a closed interval of microseconds
// since 1970 in UTC, as long as its written precision says.

const SHAPE = new RegExp(
  '^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})' +
  '(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]+))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?$',
);
const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;
const DAY = 86_400n * SECOND;

/** Ends of time: an open Period has one of these. */
export const BEGINNING = -(2n ** 63n);
export const END = 2n ** 63n - 1n;

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Length of a month in the proleptic Gregorian calendar. */
export function monthLength(year, month) {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : LENGTHS[month - 1];
}

/** Days from 1970-01-01 to a day of the proleptic Gregorian calendar, counted by year, month, day. */
export function dayNumber(year, month, day) {
  const before = year - 1;
  let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  for (let earlier = 1; earlier < month; earlier += 1) days += monthLength(year, earlier);
  return BigInt(days + day - 1 - 719_162);
}

/** Microseconds of a zone text such as `Z` or `-05:00` ahead of UTC. */
function offsetOf(zone) {
  if (zone === undefined || zone === 'Z') return 0n;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return BigInt(zone[0] === '-' ? -minutes : minutes) * MINUTE;
}

/**
 * The interval of a date, dateTime or instant, or of a date in a query; undefined
 * when the text is none. A time without zone is one of UTC.
 */
export function parseDate(text) {
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => part && Number(part));
  const fraction = match[7];
  const zone = match[8];
  if (year === 0 || month < 1 || month > 12 || day < 1) return undefined;
  if (month === undefined) return closed(dayNumber(year, 1, 1) * DAY, dayNumber(year + 1, 1, 1) * DAY);
  if (day === undefined) {
    const start = dayNumber(year, month, 1);
    return closed(start * DAY, (start + BigInt(monthLength(year, month))) * DAY);
  }
  if (day > monthLength(year, month)) return undefined;
  const start = dayNumber(year, month, day) * DAY;
  if (hour === undefined) return closed(start, start + DAY);
  const midnight = hour === 24 && minute === 0 && !second && !/[1-9]/.test(fraction ?? '');
  if ((hour > 23 && !midnight) || minute > 59 || second > 60) return undefined;
  const at = start + BigInt(hour * 60 + minute) * MINUTE - offsetOf(zone);
  if (second === undefined) return closed(at, at + MINUTE);
  const from = at + BigInt(second) * SECOND;
  if (fraction === undefined) return closed(from, from + SECOND);
  const digits = fraction.slice(0, 6);
  const unit = 10n ** BigInt(6 - digits.length);
  const instant = from + BigInt(digits) * unit;
  return closed(instant, instant + unit);
}

function closed(from, until) {
  return { lo: from, hi: until - 1n };
}

/** The interval of a Period; an end that is missing is open. Undefined when neither end is a date. */
export function periodInterval(period) {
  const start = typeof period.start === 'string' ? parseDate(period.start) : undefined;
  const end = typeof period.end === 'string' ? parseDate(period.end) : undefined;
  if (start === undefined && end === undefined) return undefined;
  return { lo: start ? start.lo : BEGINNING, hi: end ? end.hi : END };
}

/** The outer limits of a Timing: its events and its bounds. */
export function timingInterval(timing) {
  const parts = (Array.isArray(timing.event) ? timing.event : [])
    .map((event) => (typeof event === 'string' ? parseDate(event) : undefined))
    .filter(Boolean);
  const bounds = timing.repeat?.boundsPeriod && periodInterval(timing.repeat.boundsPeriod);
  if (bounds) parts.push(bounds);
  if (parts.length === 0) return undefined;
  return {
    lo: parts.reduce((low, part) => (part.lo < low ? part.lo : low), parts[0].lo),
    hi: parts.reduce((high, part) => (part.hi > high ? part.hi : high), parts[0].hi),
  };
}

/** Does a stored interval answer a prefix and the interval of the query? `now` is for `ap`. */
export function dateMatches(prefix, value, query, now) {
  const contained = query.lo <= value.lo && value.hi <= query.hi;
  switch (prefix) {
    case 'eq': return contained;
    case 'ne': return !contained;
    case 'gt': return value.hi > query.hi;
    case 'lt': return value.lo < query.lo;
    case 'ge': return value.hi > query.hi || contained;
    case 'le': return value.lo < query.lo || contained;
    case 'sa': return value.lo > query.hi;
    case 'eb': return value.hi < query.lo;
    case 'ap': return approximately(value, query, now);
    default: throw new Error('no such prefix');
  }
}

/**
 * `ap`: overlap with the query widened by a tenth of its distance to now, at least by
 * its own length. Where that distance is measured from, and what the clock says, must
 * not matter: undefined when a day more or less, or the other end, would decide.
 */
function approximately(value, query, now) {
  const length = query.hi - query.lo + 1n;
  const verdicts = new Set();
  for (const clock of [now - DAY, now, now + DAY]) {
    for (const from of [query.lo, query.hi]) {
      const distance = clock > from ? clock - from : from - clock;
      for (const reach of [distance / 10n, distance / 10n + length]) {
        const widened = reach > length ? reach : length;
        verdicts.add(value.lo <= query.hi + widened && value.hi >= query.lo - widened);
      }
    }
  }
  return verdicts.size === 1 ? [...verdicts][0] : undefined;
}
