// Our client at servers that none of us wrote: it logs in at `oidc-provider` and syncs one published
// record from HAPI FHIR JPA, whose gate asks the first about every token. What came is compared with what
// the server itself answers, never with what was loaded. Each check has a control, which shows that it
// can fail: the same look at something that is wrong.
//
//   run.sh sets CHARTKEEP_BIN, CHARTKEEP_FHIR, CHARTKEEP_NPM and CHARTKEEP_CLASSPATH

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { browse } from './browser.mjs';
import { differences, transaction } from './record.mjs';
import {
  addresses, atServer, change, check, cli, connect, end, held, newCli, observation, op, ownResources,
  published, put, SCOPE, server, service, statusOf, synced, withoutStamps,
} from './world.mjs';

const HALF_DAY = 12 * 3600;
/** Seconds; our client renews a token of such a short life when half of it is over. */
const SHORT_LIFE = 4;
const LONG_LIFE = 3600;
/** Milliseconds that a request waits, where tokens are to end during a sync of some twenty pages. */
const PACE = 100;
const SAME = { missing: [], extra: [], other: [] };

async function gate() {
  const patient = `Patient/${op.patient}`;
  const everything = `${patient}/$everything?_count=1`;
  await check('the record is loaded by a service of the server', async () => {
    const body = transaction([...published, ...ownResources(op.patient)]);
    const none = await server.ask('', undefined, { method: 'POST', body });
    assert.equal(none.status, 401);
    const answer = await server.ask('', service, { method: 'POST', body });
    assert.equal(answer.status, 200, await answer.text());
    assert.equal(await statusOf(patient, service), 200);
  });
  await check('the gate lets a person\'s token read their record, and nothing else', async () => {
    assert.equal(await statusOf('metadata'), 200);
    assert.equal(await statusOf('.well-known/smart-configuration'), 200);
    const token = await op.mintedToken('openid launch/patient patient/*.rs');
    for (const path of [patient, everything, 'Observation/ours', `Observation?patient=${op.patient}`]) {
      assert.equal(await statusOf(path, token), 200, path);
    }
    const others = [
      'Patient/somebody-else', 'Patient/somebody-else/$everything', 'Observation/theirs',
      'Observation?patient=somebody-else',
    ];
    for (const path of others) {
      assert.equal(await statusOf(path, token), 403, path);
      assert.equal(await statusOf(path, service), 200, path);
    }
    const body = JSON.stringify(ownResources(op.patient)[0]);
    const write = await server.ask('Organization/ours-group', token, { method: 'PUT', body });
    assert.equal(write.status, 403);
    const poor = await op.mintedToken('openid launch/patient');
    for (const path of [patient, everything]) {
      assert.equal(await statusOf(path), 401);
      assert.equal(await statusOf(path, `${token}x`), 401);
      assert.equal(await statusOf(path, poor), 403);
    }
    await op.destroyAccess(token);
    assert.equal(await statusOf(patient, token), 401);
  });
}

async function login() {
  await check('a person who says no is told that access was denied', async () => {
    assert.equal((await cli.run(['init'])).code, 0);
    const denies = (address) => browse(address, { denies: true });
    const { code, lines, stderr, page } = await cli.connect(server.base, op.publicClient, denies,
      ['--connection', 'clinic']);
    assert.equal(page.url.searchParams.get('error'), 'access_denied');
    assert.deepEqual([code, lines.at(-1).error.code], [1, 'login.denied']);
    assert.match(stderr, /^error\[login\.denied\]: access was denied at the payer\nhelp: /m);
    assert.equal(op.exchanges.some(({ grant }) => grant === 'authorization_code'), false);
  });
  await check('the person logs in, agrees, and is whose record it is', async () => {
    const { code, lines, stderr, page } = await connect();
    assert.equal(code, 0, stderr);
    const asked = new URL(lines[0].authorize).searchParams;
    assert.deepEqual([asked.get('scope'), asked.get('aud'), asked.get('code_challenge_method')],
      [SCOPE, server.base, 'S256']);
    assert.equal(page.status, 200);
    assert.match(page.url.href, /^http:\/\/127\.0\.0\.1:\d+\/callback\?code=/);
    assert.equal(page.url.searchParams.get('iss'), op.issuer);
    const { connection, state, subjects, granted } = lines[1];
    assert.deepEqual([connection, state, subjects], ['clinic', 'connected', [op.patient]]);
    assert.deepEqual(granted.sort(), SCOPE.split(' ').sort());
  });
  await check('the grant lasts: the server gave a refresh token', async () => {
    const given = op.exchanges.at(-1);
    assert.deepEqual([given.grant, given.status], ['authorization_code', 200]);
    assert.ok(given.got, 'no refresh token: offline_access was left out');
    // The same request without `prompt=consent` gets none from this server.
    const silent = (address) => {
      const url = new URL(address);
      assert.equal(url.searchParams.get('prompt'), 'consent');
      url.searchParams.delete('prompt');
      return browse(url);
    };
    const other = newCli('silent');
    await other.run(['init']);
    const { code, lines } = await other.connect(server.base, op.publicClient, silent);
    assert.equal(code, 0);
    assert.equal(op.exchanges.at(-1).got, undefined);
    assert.equal(lines[1].granted.includes('offline_access'), false);
  });
}

async function sync() {
  let [first, truthNow] = [];
  await check('the first sync brings every resource that the server has of the person', async () => {
    truthNow = await atServer();
    assert.ok(truthNow.resources.size >= published.length);
    assert.ok(truthNow.crawled.length > 0, 'nothing is left to be read one by one');
    assert.ok(truthNow.resources.has('Observation/ours') && !truthNow.resources.has('Observation/theirs'));
    first = await synced();
    assert.deepEqual([first.new, first.changed, first.same], [truthNow.resources.size, 0, 0]);
    const found = await held();
    assert.deepEqual([...found.keys()].sort(), [...truthNow.resources.keys()].sort());
  });
  await check('each is what the server answers to a read of it, numbers digit by digit', async () => {
    const found = await held();
    assert.deepEqual(differences(found, truthNow.resources), SAME);
    // The comparison sees a resource that lacks, one too many, and a zero less in a number.
    const [path, text] = [...found].find(([, value]) => /\d\.\d*[1-9]0?[,}\]]/.test(value));
    const spoilt = new Map(found);
    spoilt.set(path, text.replace(/(\d\.\d*[1-9]0?)([,}\]])/, '$10$2'));
    assert.deepEqual(differences(spoilt, truthNow.resources), { ...SAME, other: [path] });
    spoilt.set(path, text);
    spoilt.delete('Observation/ours');
    spoilt.set('Observation/theirs', '{}');
    assert.deepEqual(differences(spoilt, truthNow.resources),
      { missing: ['Observation/ours'], extra: ['Observation/theirs'], other: [] });
  });
  await check('pages were followed on the server root, and references read one by one', async () => {
    const admitted = addresses(first.journal, 'admitted');
    const pages = admitted.filter((address) => address.startsWith('?_getpages='));
    const entire = `/Patient/${op.patient}/$everything`;
    assert.deepEqual(admitted.slice(0, 2), [`/Patient/${op.patient}`, entire]);
    assert.ok(pages.length >= Math.floor(published.length / 20), `${pages.length} pages`);
    assert.equal(new Set(pages).size, pages.length);
    const singles = admitted.slice(1).filter((address) => !pages.includes(address) && address !== entire);
    assert.deepEqual(singles.sort(), truthNow.crawled.map((path) => `/${path}`).sort());
    assert.equal(first.journal.length, admitted.length);
  });
  await check('the second sync changes nothing, though the server minds no _since', async () => {
    const future = await server.ask(`Patient/${op.patient}/$everything?_since=2999-01-01T00:00:00Z`, service);
    assert.ok((await future.json()).entry.length > 0, 'this server minds _since');
    const before = await cli.run(['export', '-', '--all-versions']);
    const second = await synced();
    assert.deepEqual([second.new, second.changed], [0, 0]);
    assert.ok(second.same >= truthNow.resources.size - truthNow.crawled.length);
    const probes = addresses(second.journal, 'admitted').filter((address) => address.includes('_since='));
    assert.equal(probes.length, 1);
    assert.equal((await cli.run(['export', '-', '--all-versions'])).stdout, before.stdout);
  });
  await check('the third brings what changed and what is new, and only that', async () => {
    await put(observation('ours', op.patient, 'amended'));
    await put(observation('ours-later', op.patient));
    const third = await synced();
    assert.deepEqual([third.new, third.changed], [1, 1]);
    const now = await atServer();
    assert.deepEqual(differences(await held(), now.resources), SAME);
    assert.deepEqual(differences(await held(), truthNow.resources),
      { missing: [], extra: ['Observation/ours-later'], other: ['Observation/ours'] });
  });
}

/** Every refresh sent the token that the exchange before it gave, and none was sent twice. */
function followed(exchanges, last) {
  for (const { grant, status, sent, got } of exchanges) {
    assert.deepEqual([grant, status], ['refresh_token', 200]);
    assert.equal(sent, last, 'another token than the last one that was given');
    assert.ok(got && got !== sent, 'the token was not rotated');
    last = got;
  }
}

async function tokens() {
  const spent = [];
  await check('a token that ended between two syncs is renewed, before a request is refused', async () => {
    op.accessLife = SHORT_LIFE;
    assert.equal((await connect()).code, 0);
    const { access, got } = op.exchanges.at(-1);
    op.accessLife = LONG_LIFE;
    assert.equal(await statusOf(`Patient/${op.patient}`, access), 200);
    await sleep((SHORT_LIFE + 1) * 1000);
    assert.equal(await statusOf(`Patient/${op.patient}`, access), 401);
    const { exchanges, journal } = await synced();
    assert.equal(exchanges.length, 1);
    followed(exchanges, got);
    assert.deepEqual(addresses(journal, '401'), []);
    assert.throws(() => followed(exchanges, 'another'));
    spent.push(got);
  });
  await check('tokens that end during a sync are renewed in it, each by the one before', async () => {
    op.accessLife = 1;
    const last = op.exchanges.at(-1).got;
    // What the vault holds is good for an hour yet: the server ends it.
    await op.destroyAccess(op.exchanges.at(-1).access);
    await server.setPace(PACE);
    const { exchanges, journal } = await synced('--full');
    await server.setPace(0);
    op.accessLife = LONG_LIFE;
    assert.ok(exchanges.length >= 2, `${exchanges.length} refreshes`);
    followed(exchanges, last);
    const refused = addresses(journal, '401');
    assert.ok(refused.length >= 1);
    for (const address of refused) assert.ok(addresses(journal, 'admitted').includes(address), address);
    spent.push(...exchanges.map(({ sent }) => sent));
  });
  await check('a token that the server ends at a page is renewed, and that page asked for again', async () => {
    // A token for an hour, after those for a second.
    await sleep(1200);
    await synced();
    await server.journal();
    await server.setPace(PACE);
    const before = op.exchanges.length;
    const [last, access] = [op.exchanges.at(-1).got, op.exchanges.at(-1).access];
    let runs = true;
    const running = cli.json(['sync', '--full']).finally(() => { runs = false; });
    const seen = [];
    while (runs && seen.filter(({ address }) => address.startsWith('?_getpages=')).length < 3) {
      seen.push(...await server.journal());
      await sleep(10);
    }
    assert.ok(runs, 'the sync ended before its token did');
    await op.destroyAccess(access);
    const { code, value } = await running;
    await server.setPace(0);
    seen.push(...await server.journal());
    assert.deepEqual([code, value.state, value.resources.new, value.resources.changed], [0, 'complete', 0, 0]);
    const [refused, ...more] = seen.filter(({ decision }) => decision === '401');
    assert.ok(refused && more.length === 0);
    const at = seen.indexOf(refused);
    assert.deepEqual(seen[at + 1], { decision: 'admitted', address: refused.address });
    const exchanges = op.exchanges.slice(before);
    assert.equal(exchanges.length, 1);
    followed(exchanges, last);
    assert.deepEqual(differences(await held(), (await atServer()).resources), SAME);
    spent.push(last);
  });
  await check('no spent refresh token was ever sent again', () => {
    const sent = op.exchanges.filter(({ grant }) => grant === 'refresh_token').map((exchange) => exchange.sent);
    assert.ok(sent.length >= 4);
    assert.equal(new Set(sent).size, sent.length);
    assert.ok(spent.every((token) => sent.includes(token)));
  });
}

async function gone() {
  const path = 'Observation/ours-later';
  let [before, asked] = [];
  const single = (journal) => addresses(journal, 'admitted').filter((address) => address === `/${path}`);
  await check('a resource that was deleted is not given up at once', async () => {
    before = await held();
    assert.ok(before.has(path));
    await change('DELETE', path);
    assert.equal(await statusOf(path, service), 410);
    await server.setClock(-HALF_DAY);
    asked = await synced('--full');
    assert.deepEqual([asked.gone, single(asked.journal)], [0, []]);
    asked = await synced('--full');
    assert.deepEqual([asked.gone, single(asked.journal)], [0, []]);
  });
  await check('a day later it is asked for by itself, marked as gone, and kept', async () => {
    await server.setClock(HALF_DAY);
    asked = await synced('--full');
    assert.deepEqual([asked.gone, asked.new, asked.changed], [1, 0, 0]);
    assert.deepEqual(single(asked.journal), [`/${path}`]);
    assert.deepEqual(await held(), before);
    assert.deepEqual(differences(await held(), (await atServer()).resources), { ...SAME, extra: [path] });
    asked = await synced('--full');
    assert.deepEqual([asked.gone, single(asked.journal)], [0, []]);
    await server.setClock(0);
  });
  await check('when it comes again, its first bytes stand for the same content, new ones for other', async () => {
    await put(observation('ours-later', op.patient));
    asked = await synced('--full');
    assert.deepEqual([asked.new, asked.changed], [0, 0]);
    assert.deepEqual(await held(), before);
    const now = await atServer();
    assert.deepEqual(differences(before, now.resources), { ...SAME, other: [path] });
    const [then, later] = [before, now.resources].map((all) => withoutStamps(all.get(path)));
    assert.deepEqual(then, later);
    await put(observation('ours-later', op.patient, 'amended'));
    asked = await synced('--full');
    assert.deepEqual([asked.new, asked.changed], [0, 1]);
    assert.deepEqual(differences(await held(), (await atServer()).resources), SAME);
    assert.notDeepEqual(withoutStamps((await held()).get(path)), then);
  });
}

async function endings() {
  await check('a login that was revoked ends with 3 and says to log in again', async () => {
    const [before, { access, got }] = [await held(), op.exchanges.at(-1)];
    assert.equal(await statusOf(`Patient/${op.patient}`, access), 200);
    await op.revoke(got);
    assert.equal(await statusOf(`Patient/${op.patient}`, access), 401);
    const { code, value, stderr } = await cli.json(['sync']);
    assert.deepEqual([code, value.state, value.reason], [3, 'blocked', 'login.needed']);
    assert.equal(value.needs, 'NeedsAuthorization: log in again with `chartkeep connect`');
    assert.match(stderr, /^error\[login\.needed\]: .+\nhelp: log in again/m);
    assert.deepEqual([op.exchanges.at(-1).sent, op.exchanges.at(-1).error], [got, 'invalid_grant']);
    assert.deepEqual(await held(), before);
    // The next one knows, and asks nobody.
    const exchanges = op.exchanges.length;
    await server.journal();
    assert.equal((await cli.json(['sync'])).code, 3);
    assert.deepEqual([op.exchanges.length, await server.journal()], [exchanges, []]);
  });
  await check('logging in again goes on with the same connection', async () => {
    assert.equal((await connect()).code, 0);
    const { new: added, changed } = await synced();
    assert.deepEqual([added, changed], [0, 0]);
    assert.equal((await cli.json(['info'])).value.connections, 1);
  });
  await check('a grant without the record\'s scope brings nothing, and says so', async () => {
    const other = newCli('poor');
    await other.run(['init']);
    const scope = ['--scope', 'launch/patient openid fhirUser offline_access'];
    assert.equal((await other.connect(server.base, op.publicClient, browse, scope)).code, 0);
    await server.journal();
    const { code, value } = await other.json(['sync']);
    assert.deepEqual([code, value.state, value.reason], [3, 'blocked', 'sync.consent_ended']);
    assert.match(value.needs, /log in again/);
    assert.deepEqual(addresses(await server.journal(), '403'), [`/Patient/${op.patient}`]);
    assert.equal((await held(other)).size, 0);
  });
  await check('a client id that the server does not know gets no login', async () => {
    const other = newCli('unknown');
    await other.run(['init']);
    const exchanges = op.exchanges.length;
    const { code, lines, stderr, page } = await other.connect(server.base, 'nobody', browse, [], 3);
    assert.ok(page.status === 400 && page.page.includes('invalid_client'), `${page.status}`);
    assert.deepEqual([code, lines.at(-1).error.code], [1, 'login.expired']);
    assert.match(stderr, /^error\[login\.expired\]: .*start it again\nhelp: /m);
    assert.equal(op.exchanges.length, exchanges);
    assert.equal((await other.json(['sync'])).code, 3);
  });
  await check('a confidential client needs its secret', async () => {
    const other = newCli('confidential');
    await other.run(['init']);
    const attempt = (secret) => other.connect(server.base, op.confidentialClient, browse,
      ['--client-secret-file', other.file('secret', `${secret}\n`)]);
    const wrong = await attempt(`${op.confidentialSecret}x`);
    assert.deepEqual([wrong.code, wrong.lines.at(-1).error.code], [1, 'login.bad_client']);
    assert.equal(op.exchanges.at(-1).error, 'invalid_client');
    assert.equal((await attempt(op.confidentialSecret)).code, 0);
    const { code, value } = await other.json(['sync']);
    assert.deepEqual([code, value.state], [0, 'complete']);
    assert.deepEqual(differences(await held(other), (await atServer()).resources), SAME);
  });
}

try {
  for (const part of [gate, login, sync, tokens, gone, endings]) await part();
} finally {
  await end();
}
