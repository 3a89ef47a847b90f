// The FHIR server as a child process. Its stdin is ours: when we end, however we end, it does too.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

const READY_WITHIN = 180_000;

/**
 * Starts it and resolves when it answers. `classpath` is that of the compiled project; `op` is the
 * authorization server that its gate asks.
 */
export async function startFhirServer(classpath, op) {
  const options = [
    // Its lifetime is a minute: what pays back later is not bought.
    '-Xmx900m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', classpath, 'chartkeep.foreign.Main',
  ];
  const child = spawn('java', options, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      INTROSPECTION: op.introspection,
      CLIENT_ID: op.serviceClient,
      CLIENT_SECRET: op.serviceSecret,
      SMART_CONFIGURATION: JSON.stringify(await op.smartConfiguration()),
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr = (stderr + text).slice(-20_000); });
  const origin = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the FHIR server is not ready\n${stderr}`)), READY_WITHIN);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      const ready = /^READY (http:\S+)\n/m.exec(stdout);
      if (ready === null) return;
      clearTimeout(late);
      resolve(ready[1]);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the FHIR server ended with ${code}\n${stderr}`)));
  });
  const server = { base: `${origin}/fhir`, pid: child.pid };

  /** A request with a token, or without one. */
  server.ask = (path, token, more = {}) => fetch(/^http:/.test(path) ? path : `${server.base}/${path}`, {
    ...more,
    headers: {
      accept: 'application/fhir+json',
      ...(more.body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(120_000),
  });

  /** What the gate decided since the last time: `decision` (admitted, 401, 403) and `address`. */
  server.journal = async () => (await fetch(`${origin}/journal`)).json();

  const set = async (what) => {
    const answer = await fetch(`${origin}/journal?${what}`, { method: 'PUT' });
    if (!answer.ok) throw new Error(`${what} is not set: ${answer.status}`);
  };
  /** Sets the server's clock so many seconds from the true one. */
  server.setClock = (seconds) => set(`clock=${seconds}`);
  /** Has each request wait so many milliseconds. */
  server.setPace = (milliseconds) => set(`pace=${milliseconds}`);

  /** Closes its stdin; resolves to its exit code, or to `null` when it had to be killed. */
  server.stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.stdin.end();
    const [code] = await once(child, 'exit');
    clearTimeout(late);
    return code;
  };
  return server;
}
