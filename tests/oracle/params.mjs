// The search parameters of R4 and of the implementation guides, from their published
// definitions: for every (type, code) the FHIRPath branches that can yield something.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';

const GUIDES = [
  'us-core-6.1.0', 'carin-bb-2.0.0', 'davinci-pdex-2.0.0', 'davinci-pdex-2.1.1-ci',
  'davinci-drug-formulary-2.0.1',
];
const NOT_DOMAIN = new Set(['Bundle', 'Binary', 'Parameters']);

// A geographic distance and paths into a Bundle's entries are no searches of a person's record.
const LEFT_OUT = new Set(['Location:near', 'Bundle:composition', 'Bundle:message']);

// Published with the expressions of its two components crossed.
const CROSSED = new Set(['DocumentReference:relationship']);

// Value sets whose codes come from a system of another name (decisions of docs/search.md).
const SYSTEMS = new Map([
  ['care-plan-intent', 'http://hl7.org/fhir/request-intent'],
  ['clinicalimpression-status', 'http://hl7.org/fhir/event-status'],
  ['immunization-status', 'http://hl7.org/fhir/event-status'],
  ['mimetypes', 'urn:ietf:bcp:13'],
  ['immunization-evaluation-status', 'http://terminology.hl7.org/CodeSystem/medication-admin-status'],
  ['medication-admin-status', 'http://terminology.hl7.org/CodeSystem/medication-admin-status'],
  ...['medication-statement-status', 'medication-status', 'medicationrequest-intent', 'medicationrequest-status']
    .map((name) => [name, `http://hl7.org/fhir/CodeSystem/${name}`]),
  ...['medicationdispense-status', 'medicationknowledge-status']
    .map((name) => [name, `http://terminology.hl7.org/CodeSystem/${name}`]),
]);

// Value sets of codes from several systems.
const UNSURE = /^(languages|currencies|all-types|defined-types|.*-resource-types|units-of-time|event-timing|task-intent)$/;

/** Splits at a mark outside of parentheses and strings. */
export function splitOutside(text, mark) {
  const parts = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (depth === 0 && sign === mark) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.trim());
}

/**
 * One branch as fhirpath.js must see it: `as` filters as `ofType` does, since the
 * specification uses it on lists, and `resolve() is T` is decided by the reference's
 * text, by a function of our own.
 */
export function rewrite(branch) {
  return branch
    .replace(/^\((.+?)\s+as\s+([A-Za-z]+)\)/, '$1.ofType($2)')
    .replace(/\.as\(([A-Za-z]+)\)/g, '.ofType($1)')
    .replace(/^(.+?)\s+as\s+([A-Za-z]+)$/, '$1.ofType($2)')
    .replace(/ofType\(DateTime\)/g, 'ofType(dateTime)')
    .replace(/where\(resolve\(\) is ([A-Za-z]+)\)/g, "where(refersTo('$1'))");
}

/** The branches of an expression that belong to a type, rewritten. */
export function branchesFor(expression, type) {
  return splitOutside(expression, '|')
    .filter((branch) => {
      const [, root] = /^\(?\s*([A-Za-z]+)/.exec(branch);
      if (/^[a-z]/.test(root) || root === type || root === 'Resource') return true;
      return root === 'DomainResource' && !NOT_DOMAIN.has(type);
    })
    .map(rewrite);
}

function published(folder) {
  const bundle = JSON.parse(readFileSync(join(folder, 'r4', 'search-parameters.json'), 'utf8'));
  const all = bundle.entry.map((entry) => entry.resource);
  for (const guide of GUIDES) {
    const lines = readFileSync(join(folder, guide, 'search-parameters.ndjson'), 'utf8').split('\n');
    all.push(...lines.filter(Boolean).map((line) => JSON.parse(line)));
  }
  return all;
}

/** Every element of the specification whose codes are of one system: path → system, or `null` when unsure. */
function codeSystems(folder) {
  const systems = new Map();
  const rows = gunzipSync(readFileSync(join(folder, 'r4', 'elements.tsv.gz'))).toString('utf8').split('\n');
  for (const row of rows.slice(1)) {
    const [, path, , , types, , , , , binding, valueSet] = row.split('\t');
    if (types !== 'code' || binding !== 'required') continue;
    const name = /^http:\/\/hl7\.org\/fhir\/ValueSet\/([^|]+)/.exec(valueSet ?? '')?.[1];
    systems.set(path, name && !UNSURE.test(name) ? SYSTEMS.get(name) ?? `http://hl7.org/fhir/${name}` : null);
  }
  return systems;
}

/** The table of parameters. `of(type)` gives the parameters of a resource type. */
export class Parameters {
  constructor(folder) {
    this.all = published(folder);
    this.byUrl = new Map(this.all.map((parameter) => [parameter.url, parameter]));
    this.systems = codeSystems(folder);
    this.types = new Map();
  }

  /** Every parameter with an expression for a type: `{ code, kind, branches, components }`. */
  of(type) {
    if (!this.types.has(type)) this.types.set(type, this.collect(type));
    return this.types.get(type);
  }

  collect(type) {
    const found = new Map();
    for (const definition of this.all) {
      const applies = definition.base.some((base) => base === type || base === 'Resource' ||
        (base === 'DomainResource' && !NOT_DOMAIN.has(type)));
      const key = `${type}:${definition.code}`;
      if (!applies || !definition.expression || LEFT_OUT.has(key)) continue;
      const branches = branchesFor(definition.expression, type);
      if (branches.length === 0) continue;
      const known = found.get(definition.code);
      if (known === undefined) {
        found.set(definition.code, {
          code: definition.code,
          kind: definition.type,
          branches,
          components: this.components(definition, CROSSED.has(key)),
        });
        continue;
      }
      if (known.kind !== definition.type) throw new Error(`${key} has two kinds`);
      for (const branch of branches) {
        if (!known.branches.includes(branch)) known.branches.push(branch);
      }
    }
    return found;
  }

  components(definition, crossed) {
    if (definition.type !== 'composite') return undefined;
    const expressions = definition.component.map(({ expression }) => expression);
    if (crossed) expressions.reverse();
    return definition.component.map(({ definition: url }, index) => ({
      kind: this.byUrl.get(url).type,
      branches: splitOutside(expressions[index], '|').map(rewrite),
    }));
  }
}
