// The command line under test, one vault under one key file.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seconds that a login waits for the browser, so that none outlives a driver that was killed by much. */
const LOGIN_WITHIN = 30;
const COMMAND_WITHIN = 120_000;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Runs a program to its end; `onOutput` sees stdout as it grows. */
async function ran(binary, words, onOutput = () => {}) {
  const child = spawn(binary, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const late = setTimeout(() => child.kill('SIGKILL'), COMMAND_WITHIN);
  const result = { code: undefined, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => { result.stdout += text; onOutput(result.stdout); });
  child.stderr.setEncoding('utf8').on('data', (text) => { result.stderr += text; });
  [result.code] = await once(child, 'close');
  clearTimeout(late);
  running.delete(child);
  return result;
}

export class Cli {
  constructor(binary, folder, name) {
    this.binary = binary;
    this.folder = folder;
    this.key = join(folder, `${name}.key`);
    this.vault = join(folder, `${name}.vault`);
    writeFileSync(this.key, randomBytes(32), { mode: 0o600 });
  }

  run(words, onOutput) {
    return ran(this.binary, [...words, '--vault', this.vault, '--key-file', this.key], onOutput);
  }

  /** Runs with `--json`: exit code, the value, what stderr says. */
  async json(words) {
    const { code, stdout, stderr } = await this.run([...words, '--json']);
    return { code, value: JSON.parse(stdout), stderr };
  }

  /** `connect`, with `browser` in place of the person's: it gets the address, its last page comes back. */
  async connect(base, clientId, browser, more = [], within = LOGIN_WITHIN) {
    let opened;
    const words = ['connect', base, '--client-id', clientId, '--no-browser', '--json',
      '--timeout-seconds', String(within), ...more];
    const { code, stdout, stderr } = await this.run(words, (text) => {
      const end = text.indexOf('\n');
      if (opened === undefined && end >= 0) {
        const { authorize } = JSON.parse(text.slice(0, end));
        if (authorize !== undefined) opened = browser(authorize).catch((error) => ({ error }));
      }
    });
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line));
    const page = await opened;
    if (page?.error) throw page.error;
    return { code, lines, stderr, page };
  }

  /** A file of its own, for a secret. */
  file(name, text) {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
}
