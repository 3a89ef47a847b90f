// Compares the answers of `search --batch` with the expected ones.
//
//   node compare.mjs --answers FILE --expected FILE [--pages FILE --limit N] [--verbose]
//
// With --pages, the next links of answers that hold only a part are written as further
// expected lines, so that a second round checks what follows.

import { createReadStream, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { options } from './generate.mjs';
import { parse } from './json.mjs';
import { nameOf } from './load.mjs';

/** The names of a searchset's matches, in its order. */
export function matches(bundle, text) {
  const entries = (bundle.entry ?? []).filter((entry) => (entry.search?.mode ?? 'match') === 'match');
  if (entries.every(({ resource }) => typeof resource?.id === 'string')) {
    return entries.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
  }
  return parse(text).entry.filter((entry) => (entry.search?.mode ?? 'match') === 'match')
    .map(({ resource }) => nameOf(resource));
}

/** How many entries an answer must have. */
export function size(line) {
  const count = line.count ?? Number(/[?&]_count=([0-9]+)/.exec(line.query)[1]);
  return Math.min(count, line.left ?? line.total);
}

/** What is wrong with an answer: a list of words, empty when it is right. */
export function faults(line, bundle, names) {
  if (bundle.resourceType !== 'Bundle' || bundle.type !== 'searchset') return ['refused'];
  const found = [];
  if (bundle.total !== line.total) found.push(`total ${bundle.total}, not ${line.total}`);
  if (names.length !== size(line)) found.push(`${names.length} entries, not ${size(line)}`);
  if (new Set(names).size !== names.length) found.push('an entry twice');
  const type = line.query.replace(/[/?].*$/s, '');
  if (line.left === undefined && names.some((name) => !name.startsWith(`${type}/`))) found.push('an entry of another type');
  if (line.ids) {
    const expected = new Set(line.ids);
    const alien = names.filter((name) => !expected.has(name)).length;
    if (alien > 0) found.push(`${alien} entries that do not belong`);
  }
  const more = (bundle.link ?? []).some(({ relation }) => relation === 'next');
  const partial = size(line) < (line.left ?? line.total);
  if (size(line) > 0 && more !== partial) found.push(more ? 'a next link without need' : 'no next link');
  if (found.length === 0 && line.order && !ordered(line.order, names)) found.push('another order');
  return found;
}

function ordered(order, names) {
  let at = 0;
  for (const group of order) {
    if (at === names.length) return true;
    const members = new Set(group);
    const reach = Math.min(at + group.length, names.length);
    for (; at < reach; at += 1) {
      if (!members.has(names[at])) return false;
    }
  }
  return at === names.length;
}

/** The expected answer behind a next link, when everything is known about it. */
export function page(line, bundle, names) {
  const next = (bundle.link ?? []).find(({ relation }) => relation === 'next')?.url;
  if (!next || !line.ids || names.length === 0) return undefined;
  const shown = new Set(names);
  return {
    query: next,
    total: line.total,
    count: line.count ?? Number(/[?&]_count=([0-9]+)/.exec(line.query)[1]),
    left: (line.left ?? line.total) - names.length,
    ids: line.ids.filter((name) => !shown.has(name)),
  };
}

async function* lines(file) {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}

async function main() {
  const given = options(process.argv.slice(2));
  const verbose = given.verbose !== undefined;
  const answers = lines(given.answers[0])[Symbol.asyncIterator]();
  const pages = [];
  const limit = Number(given.limit?.[0] ?? 0);
  let [passed, failed, full] = [0, 0, 0];
  const kinds = new Map();
  for await (const expected of lines(given.expected[0])) {
    const line = JSON.parse(expected);
    full += line.total > 0 ? 1 : 0;
    const { value: text, done } = await answers.next();
    let wrong = ['no answer'];
    if (!done) {
      const bundle = JSON.parse(text);
      const names = bundle.resourceType === 'Bundle' ? matches(bundle, text) : [];
      wrong = faults(line, bundle, names);
      if (wrong.length === 0 && pages.length < limit) {
        const following = page(line, bundle, names);
        if (following) pages.push(following);
      }
    }
    if (wrong.length === 0) {
      passed += 1;
      continue;
    }
    failed += 1;
    const kind = wrong.map((word) => word.replace(/[0-9]+/g, 'N')).join('; ');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (verbose) console.log(`${line.query}\n  ${wrong.join('; ')}`);
  }
  if (!(await answers.next()).done) failed += 1;
  if (given.pages) writeFileSync(given.pages[0], pages.map((line) => `${JSON.stringify(line)}\n`).join(''));
  for (const [kind, count] of [...kinds].sort((a, b) => b[1] - a[1])) console.log(`${count} times: ${kind}`);
  const all = passed + failed;
  console.log(`${all} queries, ${all === 0 ? 0 : (100 * full / all).toFixed(1)} % with an answer`);
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
