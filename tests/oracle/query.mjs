// The text of a query, read by the rules of the specification's search page.

const MODIFIERS = new Set(['missing', 'not', 'exact', 'contains']);
const PREFIXED = new Set(['date', 'number', 'quantity']);
const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[0-9.+-])/;

/** Splits at a sign that no backslash takes away; the backslashes stay. */
export function splitEscaped(text, sign) {
  const parts = [''];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\' && at + 1 < text.length) {
      parts[parts.length - 1] += text[at] + text[at + 1];
      at += 1;
    } else if (text[at] === sign) {
      parts.push('');
    } else {
      parts[parts.length - 1] += text[at];
    }
  }
  return parts;
}

/** A literal without its backslashes. */
export function unescape(text) {
  return text.replace(/\\([\\,|$])/g, '$1');
}

/** A literal as it must be written inside a query's value, before percent encoding. */
export function escape(text) {
  return text.replace(/[\\,|$]/g, '\\$&');
}

/**
 * A query as `{ type, clauses, sort, count }`. A clause is `{ code, modifier, values }`
 * with its OR values still escaped; a sort is `{ code, descending }`.
 */
export function parseQuery(text) {
  const [path, search = ''] = [text.replace(/\?.*$/s, ''), text.includes('?') ? text.slice(text.indexOf('?') + 1) : ''];
  const query = { type: path.replace(/\/$/, ''), clauses: [], sort: undefined, count: undefined };
  for (const pair of search.split('&').filter(Boolean)) {
    const equals = pair.indexOf('=');
    const name = decodeURIComponent(pair.slice(0, equals));
    const value = decodeURIComponent(pair.slice(equals + 1));
    if (name === '_count') query.count = Number(value);
    else if (name === '_sort') query.sort = { code: value.replace(/^-/, ''), descending: value.startsWith('-') };
    else query.clauses.push(clause(name, value));
  }
  return query;
}

function clause(name, value) {
  const [code, modifier] = name.split(':');
  if (modifier !== undefined && !MODIFIERS.has(modifier)) throw new Error(`no such modifier in ${name}`);
  return { code, modifier, values: splitEscaped(value, ',') };
}

/** Prefix and rest of a value; `eq` where none is written or where the kind knows none. */
export function prefixOf(kind, value) {
  const match = PREFIXED.has(kind) ? PREFIX.exec(value) : null;
  return match ? [match[1], value.slice(2)] : ['eq', value];
}
