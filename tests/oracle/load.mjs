// The data as the vault should hold it: files in reading order, Bundles taken apart,
// the last content of a (type, id) in a connection is the current one.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { JsonError, canonical, values } from './json.mjs';

/** Every data file under the given paths, sorted by name within a folder. */
export function filesUnder(paths) {
  const found = [];
  for (const path of paths) {
    if (!statSync(path).isDirectory()) {
      found.push(path);
      continue;
    }
    const names = readdirSync(path).sort();
    found.push(...filesUnder(names.map((name) => join(path, name)))
      .filter((file) => /\.(json|ndjson)(\.gz)?$/.test(file)));
  }
  return found;
}

function textOf(file) {
  const bytes = readFileSync(file);
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  return plain.toString('utf8');
}

const isResource = (value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value) &&
  typeof value.resourceType === 'string';

const isEnvelope = (value) =>
  isResource(value) && value.resourceType === 'Bundle' &&
  value.type !== 'document' && value.type !== 'message';

/** What "the same content" means: all of a resource but what servers restamp. */
export function contentText(resource) {
  if (resource.meta === undefined) return canonical(resource);
  const { lastUpdated, versionId, source, tag, ...meta } = resource.meta;
  const rest = { ...resource, meta };
  if (Object.keys(meta).length === 0) delete rest.meta;
  return canonical(rest);
}

/**
 * The name by which a resource is told from others, `Type/id`. One without id is
 * known by its content: its id is `x-` and a hash that holds for the answer's bytes too.
 */
export function nameOf(resource) {
  if (typeof resource.id === 'string') return `${resource.resourceType}/${resource.id}`;
  const hash = createHash('sha256').update(contentText(resource)).digest('hex');
  return `${resource.resourceType}/x-${hash.slice(0, 32)}`;
}

/**
 * The resources of one file: `{ resource, links }`, where links maps a `urn:` fullUrl of the
 * Bundle to a name. Web addresses that are a fullUrl link nothing: servers write wrong ones.
 */
export function* resourcesOf(file) {
  for (const value of values(textOf(file))) {
    if (!isEnvelope(value)) {
      if (isResource(value)) yield { resource: value, links: new Map() };
      continue;
    }
    const entries = (Array.isArray(value.entry) ? value.entry : []).filter((entry) => isResource(entry?.resource));
    const links = new Map();
    for (const { fullUrl, resource } of entries) {
      if (typeof fullUrl === 'string' && fullUrl.startsWith('urn:')) links.set(fullUrl, nameOf(resource));
    }
    for (const entry of entries) {
      const outcome = entry.resource.resourceType === 'OperationOutcome' &&
        (entry.search?.mode === 'outcome' || value.type === 'searchset');
      if (!outcome) yield { resource: entry.resource, links };
    }
  }
}

/**
 * Loads files into connections. `groups` is a list of `{ connection, files }`; the
 * answer is the list of current resources: `{ name, connection, resource, links }`.
 */
export function load(groups, warn = () => {}) {
  const all = [];
  for (const { connection, files } of groups) {
    const current = new Map();
    for (const file of files) {
      try {
        for (const { resource, links } of resourcesOf(file)) {
          const name = nameOf(resource);
          const content = createHash('sha256').update(contentText(resource)).digest('base64');
          if (current.get(name)?.content === content) continue;
          current.set(name, { name, connection, resource, links, content });
        }
      } catch (error) {
        if (!(error instanceof JsonError)) throw error;
        warn(`${file}: ${error.message}; what came before it is kept`);
      }
    }
    all.push(...current.values());
  }
  return all;
}

/**
 * Sorts files into connections, so that a (type, id) is at home in one connection
 * only: files of one folder belong together, and so do folders that share a name.
 */
export function grouped(files) {
  const parent = new Map();
  const root = (folder) => {
    let at = folder;
    while (parent.get(at) !== at) at = parent.get(at);
    return at;
  };
  const folderOf = (file) => file.slice(0, file.lastIndexOf('/'));
  const home = new Map();
  for (const file of files) {
    const folder = folderOf(file);
    if (!parent.has(folder)) parent.set(folder, folder);
    try {
      for (const { resource } of resourcesOf(file)) {
        const name = nameOf(resource);
        if (home.has(name)) parent.set(root(home.get(name)), root(folder));
        home.set(name, folder);
      }
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
    }
  }
  const groups = new Map();
  for (const file of files) {
    const key = root(folderOf(file));
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(file);
  }
  return [...groups.values()].map((members, index) => ({ connection: `source-${index + 1}`, files: members }));
}
