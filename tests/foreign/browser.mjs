// A browser as far as a login needs one: it follows redirects, keeps cookies and sends the forms it is
// shown, until a page has none.

const MOST_STEPS = 20;

const unescaped = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");

const attribute = (tag, name) => {
  const found = new RegExp(`\\b${name}="([^"]*)"`).exec(tag);
  return found === null ? undefined : unescaped(found[1]);
};

/** The page's form: where it goes and its fields, those without a value filled in by the person. */
function form(page, url, person) {
  const found = /<form\b[^>]*>([\s\S]*?)<\/form>/.exec(page);
  if (found === null) return undefined;
  const fields = new URLSearchParams();
  for (const [tag] of found[1].matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(tag, 'name');
    if (name !== undefined) fields.set(name, attribute(tag, 'value') ?? person[name]);
  }
  return { action: new URL(attribute(found[0], 'action'), url), fields };
}

/**
 * Opens an address and does what a person does on the pages: logs in and agrees, or with `denies` cancels
 * where the second form asks to agree. Resolves to the last page: its address, status and text.
 */
export async function browse(start, { denies = false } = {}) {
  const cookies = new Map();
  const person = { login: 'robin', password: 'not a secret' };
  let [url, body, forms] = [new URL(start), undefined, 0];
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const answer = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      body,
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
      signal: AbortSignal.timeout(15_000),
    });
    body = undefined;
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const to = answer.headers.get('location');
    const page = await answer.text();
    if (to !== null) {
      url = new URL(to, url);
      continue;
    }
    const shown = form(page, url, person);
    if (shown === undefined) return { url, status: answer.status, page };
    forms += 1;
    if (denies && forms === 2) {
      const [, cancel] = /<a href="([^"]*abort[^"]*)"/.exec(page);
      url = new URL(unescaped(cancel), url);
      continue;
    }
    url = shown.action;
    body = shown.fields;
  }
  throw new Error(`no last page after ${MOST_STEPS} steps`);
}
