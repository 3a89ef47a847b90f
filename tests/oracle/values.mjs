// What a resource offers to a search: the nodes that fhirpath.js finds for every search
// parameter, turned into the typed values of the specification's search page.

import { parseDate, periodInterval, timingInterval } from './dates.mjs';
import { Decimal, interval, point } from './decimal.mjs';
import { Num } from './json.mjs';
import { find, localName, mayFind } from './paths.mjs';

const CURRENCIES = 'urn:iso:std:iso:4217';
const NAME_PARTS = ['text', 'family', 'given', 'prefix', 'suffix'];
const ADDRESS_PARTS = ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'];
const QUANTITIES = new Set(['Quantity', 'SimpleQuantity', 'Age', 'Duration', 'Count', 'Distance', 'MoneyQuantity']);

const text = (value) => (typeof value === 'string' && value !== '' ? value : null);
const list = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const isObject = (value) => value !== null && typeof value === 'object' && !(value instanceof Num);

/**
 * Tokens are `{ system, code, form }`. The form says what a system means: `coded` has
 * one of its own or none, `code` takes the one of its value set (`null`: none is sure),
 * `plain` knows no systems, `id` none either and is compared with case.
 */
function tokens({ data, type, path }, parameters) {
  if (type === 'CodeableConcept') {
    return list(data.coding).flatMap((coding) => tokens({ data: coding, type: 'Coding' }, parameters));
  }
  if (type === 'Coding' || type === 'Identifier') {
    if (!isObject(data)) return [];
    const code = text(type === 'Coding' ? data.code : data.value);
    const system = text(data.system);
    return code === null && system === null ? [] : [{ system, code, form: 'coded' }];
  }
  if (type === 'ContactPoint') {
    const code = text(data.value);
    return code === null ? [] : [{ system: null, code, form: 'plain' }];
  }
  if (typeof data === 'boolean') return [{ system: null, code: String(data), form: 'plain' }];
  if (typeof data !== 'string' || data === '') return [];
  if (type === 'id') return [{ system: null, code: data, form: 'id' }];
  if (type !== 'code') return [{ system: null, code: data, form: 'plain' }];
  const bound = parameters.systems.has(path);
  return [{ system: bound ? parameters.systems.get(path) : null, code: data, form: bound ? 'code' : 'coded' }];
}

function strings({ data, type }) {
  if (typeof data === 'string') return data === '' ? [] : [data];
  const parts = type === 'HumanName' ? NAME_PARTS : type === 'Address' ? ADDRESS_PARTS : [];
  return parts.flatMap((part) => list(data[part])).filter((part) => text(part) !== null);
}

function dates({ data, type }) {
  let found;
  if (type === 'Period') found = periodInterval(data);
  else if (type === 'Timing') found = timingInterval(data);
  else if (typeof data === 'string' && type !== 'string') found = parseDate(data);
  return found ? [found] : [];
}

const decimal = (value) => (value instanceof Num ? Decimal.parse(value.text) : undefined);

function numbers({ data, type }) {
  if (type === 'Range') {
    const [low, high] = [decimal(data.low?.value), decimal(data.high?.value)];
    return low || high ? [interval(low ?? null, high ?? null)] : [];
  }
  const value = decimal(data);
  return value ? [point(value)] : [];
}

/** The numbers that a Quantity with a comparator may stand for. */
function compared(value, comparator) {
  switch (comparator) {
    case '<': return interval(null, value, false, true);
    case '<=': return interval(null, value);
    case '>': return interval(value, null, true, false);
    case '>=': return interval(value, null);
    default: return point(value);
  }
}

/** Quantities are `{ set, system, code, unit }`. */
function quantities({ data, type }) {
  if (!isObject(data)) return [];
  const named = (of) => ({ system: text(of.system), code: text(of.code), unit: text(of.unit) });
  if (type === 'Range') {
    const [low, high] = [decimal(data.low?.value), decimal(data.high?.value)];
    if (!low && !high) return [];
    const units = named((low ? data.low : data.high) ?? {});
    const other = named((high ? data.high : data.low) ?? {});
    if (JSON.stringify(units) !== JSON.stringify(other)) return [];
    return [{ set: interval(low ?? null, high ?? null), ...units }];
  }
  if (type === 'Money') {
    const value = decimal(data.value);
    return value ? [{ set: point(value), system: CURRENCIES, code: text(data.currency), unit: null }] : [];
  }
  if (type === 'SampledData') return quantities({ data: data.origin, type: 'Quantity' });
  if (!QUANTITIES.has(type)) return [];
  const value = decimal(data.value);
  return value ? [{ set: compared(value, data.comparator), ...named(data) }] : [];
}

/** References are `{ local }`, a resource of the same source, or `{ other }`, any other text. */
function references({ data, type }, parameters, links) {
  const reference = type === 'Reference' ? text(data.reference) : text(data);
  if (reference === null || reference.startsWith('#')) return [];
  if (type !== 'Reference') return [{ other: reference, canonical: true }];
  const local = localName(reference, links);
  return local === undefined ? [{ other: reference }] : [{ local }];
}

/** Uris as they are; a canonical one with a version is found without it too. */
function uris({ data, type }) {
  if (text(data) === null) return [];
  return type === 'canonical' && data.includes('|') ? [data, data.replace(/\|.*$/, '')] : [data];
}

const CONVERT = {
  token: tokens, string: strings, date: dates, number: numbers, quantity: quantities,
  reference: references, uri: uris,
};

/** A composite's values: for every context the values of each component. */
function composites(parameter, context, record, parameters) {
  return parameter.components.map(({ kind, branches }) => branches
    .flatMap((branch) => find(branch, record, context))
    .flatMap((node) => CONVERT[kind](node, parameters, record.links)));
}

/**
 * All that a resource offers: a map from a parameter's code to `{ values, present }`,
 * without the codes that find nothing.
 */
export function valuesOf(record, parameters) {
  const offered = new Map();
  const names = Object.keys(record.resource);
  for (const parameter of parameters.of(record.resource.resourceType).values()) {
    const nodes = parameter.branches
      .filter((branch) => mayFind(branch, names))
      .flatMap((branch) => find(branch, record));
    if (nodes.length === 0) continue;
    const values = parameter.kind === 'composite'
      ? nodes.map((node) => composites(parameter, node, record, parameters))
        .filter((components) => components.every((component) => component.length > 0))
      : nodes.flatMap((node) => CONVERT[parameter.kind](node, parameters, record.links));
    if (parameter.kind === 'composite' && values.length === 0) continue;
    offered.set(parameter.code, { values, present: true });
  }
  return offered;
}
