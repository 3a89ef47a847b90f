// fhirpath.js, set up so that it reads the search parameters as an indexer must:
// every branch alone (no removal of duplicates), references decided by their text.

import { packageRequire } from './packages.mjs';

const fhirpath = packageRequire('fhirpath');
const model = packageRequire('fhirpath/fhir-context/r4');

const LOCAL = /^([A-Z][A-Za-z]+)\/([^/?#|]+)(?:\/_history\/[^/]+)?$/;
const compiled = new Map();

// The resource under evaluation; the functions of fhirpath.js get no other context.
let subject = null;

const options = {
  resolveInternalTypes: false,
  userInvocationTable: {
    refersTo: {
      fn: (nodes, type) => [nodes.length === 1 && referredType(nodes[0].data) === type],
      arity: { 1: ['String'] },
      internalStructures: true,
    },
  },
};

/** `Type/id` of a reference text that names a resource of the same source, else undefined. */
export function localName(text, links) {
  const linked = links.get(text);
  if (linked !== undefined) return linked;
  const match = LOCAL.exec(text);
  return match ? `${match[1]}/${match[2]}` : undefined;
}

/** The type a reference refers to, by its text, else by its `type`. */
function referredType(reference) {
  if (reference === null || typeof reference !== 'object') return undefined;
  const text = reference.reference;
  if (typeof text === 'string') {
    const local = localName(text, subject.links);
    if (local !== undefined) return local.slice(0, local.indexOf('/'));
    if (text.startsWith('#')) {
      const contained = (subject.resource.contained ?? []).find((inner) => inner?.id === text.slice(1));
      if (contained) return contained.resourceType;
    }
    const remote = /^https?:\/\/.*\/([A-Z][A-Za-z]+)\/[^/?#]+(?:\/_history\/[^/]+)?$/.exec(text);
    const conditional = /^([A-Z][A-Za-z]+)\?/.exec(text);
    if (remote ?? conditional) return (remote ?? conditional)[1];
  }
  return typeof reference.type === 'string' ? reference.type.replace(/^.*\//, '') : undefined;
}

function evaluator(branch) {
  if (!compiled.has(branch)) compiled.set(branch, fhirpath.compile(branch, model, options));
  return compiled.get(branch);
}

/**
 * The nodes that a branch finds, below a resource or below a node of it:
 * `{ data, type, path, node }`, without those that carry no value.
 */
export function find(branch, record, from = undefined) {
  subject = record;
  const found = evaluator(branch)(from === undefined ? record.resource : from.node, { resource: record.resource });
  return found.map((node) => {
    if (node === null || typeof node !== 'object' || !('data' in node)) {
      return { data: node, type: typeof node, path: undefined, node };
    }
    const type = node.fhirNodeDataType ?? undefined;
    const path = node.parentResNode ? `${node.parentResNode.path}.${node.propName}` : node.path;
    return { data: node.data, type, path, node };
  }).filter(({ data }) => data !== null && data !== undefined);
}

/**
 * Could a branch find anything? Only a look at the names of the resource's members; a
 * branch that computes finds a value in their absence too.
 */
export function mayFind(branch, names) {
  if (/exists\(|!=| and /.test(branch)) return true;
  const match = /^(?:[A-Z][A-Za-z]+\.)?([a-z][A-Za-z]*)/.exec(branch);
  if (!match) return true;
  return names.some((name) => name.startsWith(match[1]) || name.startsWith(`_${match[1]}`));
}
