// What the checks work with: both servers, started; the record; the client; how a check is counted. All of
// it ends with this process.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browse } from './browser.mjs';
import { Cli } from './cli.mjs';
import { startAuthorizationServer } from './op.mjs';
import { exported, pathOf, resourcesOf, truth } from './record.mjs';
import { startFhirServer } from './server.mjs';

const SET = join(process.env.CHARTKEEP_FHIR, 'patients', 'synthea-3x-uscore');
const PERSON = /^Edythe31_/;
/** What our client asks for. */
export const SCOPE = 'launch/patient openid fhirUser offline_access patient/*.rs';

let [passed, failed] = [0, 0];

/** Runs one check. What follows a failed one may fail too, for want of what it needs. */
export async function check(name, run) {
  const started = Date.now();
  try {
    await run();
    passed += 1;
    console.log(`ok      ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message.slice(0, 2000)}`);
  }
}

export const observation = (id, patient, status = 'final') => ({
  resourceType: 'Observation', id, status, code: { text: 'Body temperature' },
  subject: { reference: `Patient/${patient}` },
});

/** What nobody published: what only a reference leads to, and somebody else's data beside it. */
export function ownResources(patient) {
  const organization = (id, partOf) => ({
    resourceType: 'Organization', id, name: id,
    ...(partOf === undefined ? {} : { partOf: { reference: `Organization/${partOf}` } }),
  });
  // No search parameter covers this reference, so `$everything` does not follow it.
  const authority = { reference: 'Organization/ours-clinic' };
  return [
    organization('ours-group'), organization('ours-hospital', 'ours-group'),
    organization('ours-clinic', 'ours-hospital'),
    {
      resourceType: 'Immunization', id: 'ours', status: 'completed', vaccineCode: { text: 'Tetanus' },
      patient: { reference: `Patient/${patient}` }, occurrenceDateTime: '2021-05-01',
      protocolApplied: [{ doseNumberPositiveInt: 1, authority }],
    },
    observation('ours', patient),
    { resourceType: 'Patient', id: 'somebody-else', name: [{ family: 'Else' }] },
    observation('theirs', 'somebody-else'),
  ];
}

const folder = mkdtempSync(join(tmpdir(), 'chartkeep-foreign-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => process.exit(code));
}
const watchdog = setTimeout(() => {
  console.log('FAILED  everything takes less than five minutes');
  process.exit(1);
}, 300_000);

export const op = await startAuthorizationServer();
export const server = await startFhirServer(process.env.CHARTKEEP_CLASSPATH, op);
op.base = server.base;
export const published = resourcesOf(join(SET, readdirSync(SET).find((name) => PERSON.test(name))));
op.patient = published.find(({ resourceType }) => resourceType === 'Patient').id;
export const service = await op.serviceToken();

/** Writes at the server, as its service. */
export async function change(method, path, body) {
  const answer = await server.ask(path, service, { method, body });
  assert.ok(answer.ok, `${method} answered ${answer.status}: ${await answer.text()}`);
}

export const put = (resource) => change('PUT', pathOf(resource), JSON.stringify(resource));
export const statusOf = async (path, token) => (await server.ask(path, token)).status;

export const newCli = (name) => new Cli(process.env.CHARTKEEP_BIN, folder, name);
export const cli = newCli('person');
export const connect = (more = [], within = undefined) => cli.connect(server.base, op.publicClient, browse,
  ['--connection', 'clinic', ...more], within);

/** A sync that has to be complete; its counts, the gate's decisions and the exchanges of tokens. */
export async function synced(...more) {
  await server.journal();
  const before = op.exchanges.length;
  const { code, value, stderr } = await cli.json(['sync', ...more]);
  assert.deepEqual([code, value.state, value.quarantined, value.refused], [0, 'complete', 0, []],
    `${JSON.stringify(value)} ${stderr}`);
  return { ...value.resources, journal: await server.journal(), exchanges: op.exchanges.slice(before) };
}

/** What a vault holds, as the client exports it. */
export async function held(from = cli) {
  const { code, stdout } = await from.run(['export', '-']);
  assert.equal(code, 0);
  return exported(stdout);
}

/** What the server has of the person now. */
export const atServer = () => truth(server, op.patient, service);

/** A resource without what a server says of its own copy. */
export const withoutStamps = (text) => {
  const { meta, ...content } = JSON.parse(text);
  assert.ok(meta.versionId && meta.lastUpdated);
  return content;
};

/** The addresses that the gate decided so about, in order. */
export const addresses = (journal, decision) => journal.filter((entry) => entry.decision === decision)
  .map((entry) => entry.address);

/** Ends both servers and says how the checks went. */
export async function end() {
  await check('the FHIR server ends when its stdin closes', async () => assert.equal(await server.stop(), 0));
  await op.stop();
  clearTimeout(watchdog);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
