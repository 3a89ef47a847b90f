// The npm packages lie in the user's cache folder, never beside the sources.

import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `run.sh` installs the packages of the lock file. */
export function packageFolder(environment = process.env) {
  const cache = environment.XDG_CACHE_HOME || join(homedir(), '.cache');
  return environment.CHARTKEEP_NPM || join(cache, 'chartkeep', 'npm');
}

/** Loads a package from there. */
export function packageRequire(name) {
  const manifest = join(packageFolder(), 'package.json');
  if (!existsSync(manifest)) {
    throw new Error(`no packages at ${packageFolder()}: tests/oracle/run.sh installs them`);
  }
  return createRequire(manifest)(name);
}
