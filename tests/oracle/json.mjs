// JSON read without loss: a number stays the text it was written as, a key that
// stands twice in an object is an error, and several values may follow one another.

/** A JSON number as its source text, so that `1.00` keeps its two zeros. */
export class Num {
  constructor(text) {
    this.text = text;
  }
}

/** What is wrong with a text, and at which UTF-16 offset. */
export class JsonError extends Error {
  constructor(reason, offset) {
    super(`${reason} at ${offset}`);
    this.offset = offset;
  }
}

const MAX_DEPTH = 100;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\r\n]*/y;
const ESCAPES = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

class Reader {
  constructor(text) {
    this.text = text;
    this.at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  space() {
    SPACE.lastIndex = this.at;
    SPACE.test(this.text);
    this.at = SPACE.lastIndex;
  }

  fail(reason) {
    throw new JsonError(reason, this.at);
  }

  value(depth) {
    if (depth > MAX_DEPTH) this.fail('too deep');
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return this.string();
    for (const [word, meaning] of [['true', true], ['false', false], ['null', null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meaning;
      }
    }
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.text);
    if (!number) this.fail('not a value');
    this.at = NUMBER.lastIndex;
    return new Num(number[0]);
  }

  object(depth) {
    const object = {};
    this.at += 1;
    this.space();
    if (this.text[this.at] === '}') {
      this.at += 1;
      return object;
    }
    for (;;) {
      if (this.text[this.at] !== '"') this.fail('not a key');
      const key = this.string();
      if (Object.hasOwn(object, key)) this.fail('key twice');
      this.space();
      if (this.text[this.at] !== ':') this.fail('no colon');
      this.at += 1;
      this.space();
      const value = this.value(depth + 1);
      if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true });
      else object[key] = value;
      this.space();
      const end = this.text[this.at];
      this.at += 1;
      if (end === '}') return object;
      if (end !== ',') this.fail('no comma');
      this.space();
    }
  }

  array(depth) {
    const array = [];
    this.at += 1;
    this.space();
    if (this.text[this.at] === ']') {
      this.at += 1;
      return array;
    }
    for (;;) {
      array.push(this.value(depth + 1));
      this.space();
      const end = this.text[this.at];
      this.at += 1;
      if (end === ']') return array;
      if (end !== ',') this.fail('no comma');
      this.space();
    }
  }

  string() {
    let out = '';
    this.at += 1;
    for (;;) {
      PLAIN.lastIndex = this.at;
      PLAIN.test(this.text);
      out += this.text.slice(this.at, PLAIN.lastIndex);
      this.at = PLAIN.lastIndex;
      const stop = this.text[this.at];
      this.at += 1;
      if (stop === '"') return out;
      if (stop !== '\\') this.fail('bad string');
      const escape = this.text[this.at];
      this.at += 1;
      if (escape === 'u') {
        const hex = this.text.slice(this.at, this.at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.fail('bad escape');
        out += String.fromCharCode(parseInt(hex, 16));
        this.at += 4;
      } else if (escape in ESCAPES) {
        out += ESCAPES[escape];
      } else {
        this.fail('bad escape');
      }
    }
  }
}

/** Every JSON value of a text, one after another (a single file, NDJSON, or both). */
export function* values(text) {
  const reader = new Reader(text);
  reader.space();
  while (reader.at < text.length) {
    yield reader.value(1);
    reader.space();
  }
}

/** The one JSON value of a text. */
export function parse(text) {
  const all = [...values(text)];
  if (all.length !== 1) throw new JsonError('not one value', 0);
  return all[0];
}

const SHORT = { b: '\\u0008', t: '\\u0009', n: '\\u000a', f: '\\u000c', r: '\\u000d' };

/** A string with its control characters in one form, `\u` and four digits. */
const quoted = (text) => JSON.stringify(text).replace(/\\(.)/g, (pair, sign) => SHORT[sign] ?? pair);

/** One text for equal content: keys sorted, no white space, numbers as they were written. */
export function canonical(value) {
  if (value instanceof Num) return value.text;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.keys(value).sort().map((key) => `${quoted(key)}:${canonical(value[key])}`);
    return `{${members.join(',')}}`;
  }
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}
