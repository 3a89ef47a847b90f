// A published record on its way to the server, and the server's own word on what it has of a person.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { canonical, parse } from '../oracle/json.mjs';

/** How many references away from the person's own resources a client still reads. */
const DEPTH = 3;
/** Reads at once. */
const READERS = 4;
/** A reference to a resource of the same server. */
const LITERAL = /^[A-Z][A-Za-z]*\/[A-Za-z0-9.-]+$/;

export const pathOf = (resource) => `${resource.resourceType}/${resource.id}`;

/** A copy of a JSON value with every string changed. */
function mapped(value, change) {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapped(item, change)]));
}

/** The resources of a record's file, referring to one another as `Type/id`. */
export function resourcesOf(file) {
  const { entry } = parse(gunzipSync(readFileSync(file)).toString('utf8'));
  const paths = new Map(entry.map(({ fullUrl, resource }) => [fullUrl, pathOf(resource)]));
  return entry.map(({ resource }) => mapped(resource, (text) => paths.get(text) ?? text));
}

/** Resources as one transaction, each under its own id. Numbers stay as they are written. */
export const transaction = (resources) => canonical({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map((resource) => ({
    fullUrl: pathOf(resource), resource, request: { method: 'PUT', url: pathOf(resource) },
  })),
});

function* references(value) {
  if (value === null || typeof value !== 'object') return;
  for (const [name, item] of Object.entries(value)) {
    if (name === 'reference' && typeof item === 'string') yield item;
    else yield* references(item);
  }
}

async function read(server, path, token) {
  const answer = await server.ask(path, token);
  const text = await answer.text();
  return { status: answer.status, resource: answer.status === 200 ? parse(text) : undefined };
}

/**
 * What the server has of a person, asked of it here and now, as `Type/id` to the resource's canonical
 * text: every page of `$everything`, what those resources refer to and so on; each by a read of its own.
 * `crawled` are the paths that `$everything` does not name.
 */
export async function truth(server, patient, token) {
  const resources = new Map();
  const asked = new Set();
  const readAll = async (paths) => {
    const open = [...paths].filter((path) => !asked.has(path));
    open.forEach((path) => asked.add(path));
    const reader = async () => {
      for (let path = open.pop(); path !== undefined; path = open.pop()) {
        const { status, resource } = await read(server, path, token);
        if (status === 200) resources.set(path, resource);
        else if (status !== 404 && status !== 410) throw new Error(`${path.split('/')[0]} answered ${status}`);
      }
    };
    await Promise.all(Array.from({ length: READERS }, reader));
  };
  const named = new Set();
  for (let next = `Patient/${patient}/$everything?_count=200`; next !== undefined;) {
    const answer = await server.ask(next, token);
    if (answer.status !== 200) throw new Error(`$everything answered ${answer.status}`);
    const page = parse(await answer.text());
    for (const { resource } of page.entry ?? []) named.add(pathOf(resource));
    next = page.link.find(({ relation }) => relation === 'next')?.url;
  }
  await readAll(named);
  for (let step = 0; step < DEPTH; step += 1) {
    const wanted = new Set([...resources.values()].flatMap((resource) => [...references(resource)]));
    await readAll([...wanted].filter((path) => LITERAL.test(path) && !path.startsWith('Patient/')));
  }
  return {
    crawled: [...resources.keys()].filter((path) => !named.has(path)),
    resources: new Map([...resources].map(([path, resource]) => [path, canonical(resource)])),
  };
}

/** Exported NDJSON as `Type/id` to canonical text. */
export function exported(ndjson) {
  const resources = ndjson.split('\n').filter((line) => line !== '').map(parse);
  const all = new Map(resources.map((resource) => [pathOf(resource), canonical(resource)]));
  if (all.size !== resources.length) throw new Error('a resource was exported twice');
  return all;
}

/** How an export differs from the truth: paths that lack, are too many, or hold something else. */
export function differences(found, expected) {
  return {
    missing: [...expected.keys()].filter((path) => !found.has(path)),
    extra: [...found.keys()].filter((path) => !expected.has(path)),
    other: [...expected].filter(([path, text]) => found.has(path) && found.get(path) !== text).map(([path]) => path),
  };
}
