// Values for queries, made from values in the data: hits, near misses and misses.

import { monthLength } from './dates.mjs';
import { Decimal } from './decimal.mjs';
import { fold } from './fold.mjs';
import { escape } from './query.mjs';
import { UCUM } from './units.mjs';

export const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const NOWHERE = 'http://nowhere.example/system';
const OTHER_UNITS = new Map([
  ['kg', ['g', '[lb_av]']], ['g', ['mg', 'kg']], ['mg', ['g', 'ug']], ['ug', ['mg']], ['cm', ['m', '[in_i]', 'mm']],
  ['m', ['cm']], ['mm', ['cm']], ['mg/dL', ['g/L', 'mg/L']], ['g/dL', ['g/L']], ['mmol/L', ['umol/L', 'mol/L']],
  ['mm[Hg]', ['kPa', 'cm[H2O]']], ['a', ['mo', 'd']], ['d', ['h']], ['h', ['min']], ['min', ['s']], ['kg/m2', ['g/m2']],
  ['ng/mL', ['ug/L']], ['pg/mL', ['ng/L']], ['ug/L', ['ng/mL']], ['L', ['mL']], ['mL', ['L', 'dL']], ['fL', ['L']], ['pg', ['ng']],
]);
const ACCENTS = { a: 'á', e: 'é', i: 'ï', o: 'ö', u: 'ü', n: 'ñ', c: 'ç' };
const DAY = 86_400_000_000n;

/** The text with the case of its letters turned. */
export function otherCase(text) {
  return [...text].map((sign) => (sign === sign.toLowerCase() ? sign.toUpperCase() : sign.toLowerCase())).join('');
}

const ascii = (text) => /^[\x20-\x7e]*$/.test(text);

function token(value, random, code) {
  const literal = value.code === null ? null : escape(value.code);
  const turned = literal !== null && ascii(value.code) ? escape(otherCase(value.code)) : literal;
  const system = value.system === null ? null : escape(value.system);
  if (literal === null) return `${system}|`;
  if (code === '_id' || value.form === 'plain' || value.form === 'id') return random.pick([literal, literal, turned, `${literal}x`]);
  const choices = [literal, literal, turned, `${NOWHERE}|${literal}`];
  if (system === null) choices.push(`|${literal}`, `|${turned}`);
  else choices.push(`${system}|${literal}`, `${system}|${literal}`, `${system}|${turned}`, `|${literal}`, `${system}|${literal}x`);
  if (system !== null && value.form === 'coded') choices.push(`${system}|`);
  return random.pick(choices);
}

function string(value, random, modifier) {
  const signs = [...value];
  if (modifier === 'exact') return escape(random.pick([value, value, value, otherCase(value), signs.slice(0, -1).join('') || 'x']));
  if (modifier === 'contains') {
    const from = random.below(signs.length);
    const part = signs.slice(from, from + 1 + random.below(12)).join('');
    return escape(random.pick([part, part, otherCase(part)]));
  }
  const start = signs.slice(0, 1 + random.below(Math.min(signs.length, 20))).join('');
  const accented = [...start].map((sign) => ACCENTS[sign] ?? sign).join('');
  return escape(random.pick([start, start, value, otherCase(start), fold(start), accented, `${start}zq`]));
}

const two = (value, width = 2) => String(value).padStart(width, '0');

/** Year, month, day of a day number counted from 1970. */
export function civil(day) {
  const whole = Number(day);
  let year = 1970 + Math.floor(whole / 365.2425);
  const start = (of) => of * 365 + Math.floor((of - 1) / 4) - Math.floor((of - 1) / 100) + Math.floor((of - 1) / 400) - 719_527;
  while (start(year) > whole) year -= 1;
  while (start(year + 1) <= whole) year += 1;
  let rest = whole - start(year);
  let month = 1;
  while (rest >= monthLength(year, month)) {
    rest -= monthLength(year, month);
    month += 1;
  }
  return [year, month, rest + 1];
}

/** A date in a query: an instant, written with a precision and a zone in minutes (`null`: none written). */
export function writeDate(instant, precision, zone) {
  const local = precision === 'day' || precision === 'month' || precision === 'year'
    ? instant : instant + BigInt(zone ?? 0) * 60_000_000n;
  const day = local >= 0n || local % DAY === 0n ? local / DAY : local / DAY - 1n;
  const [year, month, date] = civil(day);
  if (precision === 'year') return two(year, 4);
  if (precision === 'month') return `${two(year, 4)}-${two(month)}`;
  const text = `${two(year, 4)}-${two(month)}-${two(date)}`;
  if (precision === 'day') return text;
  const micros = local - day * DAY;
  const minutes = Number(micros / 60_000_000n);
  const seconds = Number((micros / 1_000_000n) % 60n);
  const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  const sign = zone < 0 ? '-' : '+';
  const size = Math.abs(zone ?? 0);
  const suffix = zone === null ? '' : zone === 0 ? 'Z' : `${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  if (precision === 'minute') return `${text}T${time}${suffix}`;
  if (precision === 'second') return `${text}T${time}:${two(seconds)}${suffix}`;
  return `${text}T${time}:${two(seconds)}.${two(Number((micros / 1000n) % 1000n), 3)}${suffix}`;
}

const UNITS = {
  year: 366n * DAY, month: 31n * DAY, day: DAY, minute: 60_000_000n, second: 1_000_000n, millisecond: 1000n,
};
const EARLIEST = -62_000_000_000_000_000n;
const LATEST = 250_000_000_000_000_000n;

function date(value, random) {
  const ends = [value.lo, value.hi].filter((end) => end > EARLIEST && end < LATEST);
  const at = ends.length === 0 ? 0n : random.pick(ends);
  const precision = random.pick(['year', 'month', 'day', 'day', 'minute', 'second', 'second', 'millisecond']);
  const shift = random.pick([0n, 0n, 0n, 1n, -1n]) * UNITS[precision];
  const zone = random.pick([0, 0, null, -300, 330, 60]);
  const prefix = random.pick(['', '', ...PREFIXES]);
  return `${prefix}${writeDate(at + shift, precision, zone)}`;
}

function number(set, random, prefix = random.pick(['', ...PREFIXES])) {
  const value = set.low ?? set.high;
  const unit = new Decimal(1n, value.exponent);
  const half = value.halfUnit();
  const shorter = () => {
    const exponent = Math.min(value.exponent + 1, 6);
    const step = 10n ** BigInt(Math.max(exponent - value.exponent, 0));
    return new Decimal(value.digits / step, Math.max(exponent, value.exponent));
  };
  const longer = () => new Decimal(value.digits * 10n, value.exponent - 1);
  const next = () => {
    const cut = shorter();
    return cut.plus(new Decimal(1n, cut.exponent));
  };
  const choice = random.pick([
    () => value, () => value, () => value, () => value.plus(unit), () => value.minus(unit), () => value.plus(half),
    () => value.minus(half), shorter, shorter, next, next, longer, () => value.times(new Decimal(105n, -2)),
  ])();
  const text = choice.toString();
  const written = random.chance(0.05) && text.length < 20 ? `${choice.digits}e${choice.exponent}` : text;
  return written.length > 60 ? `${prefix}1` : `${prefix}${written}`;
}

function quantity(value, random) {
  const { system, code, unit, set } = value;
  const units = ['', ''];
  if (code !== null) units.push(`||${escape(code)}`, `|${NOWHERE}|${escape(code)}`);
  if (unit !== null) units.push(`||${escape(unit)}`);
  if (code !== null && system !== null) units.push(...Array(3).fill(`|${escape(system)}|${escape(code)}`));
  const others = system === UCUM ? OTHER_UNITS.get(code) : undefined;
  if (others && random.chance(0.3)) {
    const prefix = random.pick(['gt', 'lt', 'ge', 'le', '', 'ap']);
    const scale = new Decimal(1n, random.pick([-6, -3, -2, -1, 0, 1, 2, 3, 6]));
    const from = (set.low ?? set.high).times(scale);
    return `${prefix}${from.toString()}|${UCUM}|${random.pick(others)}`;
  }
  return `${number(set, random)}${random.pick(units)}`;
}

/** A uri or reference in a query: its `|`, if any, may stand with or without a backslash. */
const written = (text, random) => (random.chance(0.25) ? escape(text) : text.replace(/[\\,$]/g, '\\$&'));

function reference(value, random) {
  if (value.local !== undefined) {
    const [type, id] = value.local.split('/');
    const other = type === 'Patient' ? 'Practitioner' : 'Patient';
    return written(random.pick([value.local, value.local, value.local, id, `${other}/${id}`, `${value.local}x`]), random);
  }
  const bare = value.other.replace(/\|.*$/, '');
  return written(random.pick(value.canonical ? [value.other, bare, `${bare}|0.0.0`] : [value.other, value.other, `${value.other}x`]), random);
}

function uri(value, random) {
  return written(random.pick([value, value, value, otherCase(value), `${value}/`]), random);
}

/** A (still unencoded) value of a query for a parameter, made from one of its values. */
export function literal(parameter, value, random, modifier = undefined) {
  switch (parameter.kind) {
    case 'token': return token(value, random, parameter.code);
    case 'string': return string(value, random, modifier);
    case 'date': return date(value, random);
    case 'number': return number(value, random);
    case 'quantity': return quantity(value, random);
    case 'reference': return reference(value, random);
    case 'uri': return uri(value, random);
    default: return parameter.components
      .map((component, index) => literal({ ...component, code: '' }, random.pick(value[index]), random)).join('$');
  }
}

/** The plainest value of a query that the value itself must answer. */
export function plainLiteral(parameter, value, random) {
  switch (parameter.kind) {
    case 'token': return value.code === null ? `${escape(value.system)}|` : escape(value.code);
    case 'string': return escape(value);
    case 'date': return `le${writeDate(value.hi < LATEST ? value.hi : 0n, 'day', 0)}`;
    case 'number': return (value.low ?? value.high).toString();
    case 'quantity': {
      const { low, high } = value.set;
      return high === null ? `ge${low}` : `le${high}`;
    }
    case 'reference': return escape(value.local ?? value.other);
    case 'uri': return escape(value);
    default: return parameter.components
      .map((component, index) => plainLiteral({ ...component, code: '' }, random.pick(value[index]), random)).join('$');
  }
}

/** A value percent-encoded; the signs that may stand raw do, now and then. */
export function encode(text, random) {
  const encoded = encodeURIComponent(text);
  if (!random.chance(0.7)) return encoded;
  return encoded.replace(/%7C|%2C|%24|%3A|%2F/g, (code) => decodeURIComponent(code));
}
