// The sandbox as a child process. Its stdin is ours: when we end, however we end, it does too.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

const SAYS = {
  publicClient: /^public client: +(\S+)$/m,
  confidentialClient: /^confidential client: +(\S+)$/m,
  secret: /^client secret: +(\S+)$/m,
  patient: /^patient: +(\S+) /m,
};

/** Starts it, and resolves when it has said where it is and who may come. */
export async function startPayer(binary) {
  const child = spawn(binary, ['sandbox', '--until-stdin-closes'], { stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  const payer = {};
  await new Promise((resolve, reject) => {
    const look = () => {
      const base = /^(http:\S+)\n/.exec(stdout);
      const said = Object.entries(SAYS).map(([name, pattern]) => [name, pattern.exec(stderr)]);
      if (base === null || said.some(([, found]) => found === null)) return;
      Object.assign(payer, { base: base[1] }, Object.fromEntries(said.map(([name, found]) => [name, found[1]])));
      resolve();
    };
    child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text; look(); });
    child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text; look(); });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the sandbox ended with ${code} before it was ready`)));
  });
  /** Closes its stdin; resolves to its exit code, or to `null` when it had to be killed. */
  payer.stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.stdin.end();
    const [code] = await once(child, 'exit');
    clearTimeout(late);
    return code;
  };
  return payer;
}
