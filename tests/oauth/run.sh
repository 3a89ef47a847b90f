#!/usr/bin/env bash
# The sandbox against a foreign OAuth client: CHARTKEEP_BIN=path/to/chartkeep tests/oauth/run.sh
#
# Starts the sandbox on a free port of loopback and ends it; seconds in all.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
: "${CHARTKEEP_BIN:?"CHARTKEEP_BIN must name the chartkeep binary"}"
export CHARTKEEP_NPM=${CHARTKEEP_NPM:-${XDG_CACHE_HOME:-$HOME/.cache}/chartkeep/npm}

# The package of the lock file, once; in a folder of its own, since npm removes what a lock file does not name.
packages=$CHARTKEEP_NPM/oauth
mkdir -p "$packages"
if ! cmp -s "$here/package-lock.json" "$packages/installed-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$packages/"
    npm ci --prefix "$packages" --ignore-scripts --no-audit --no-fund --silent
    cp "$here/package-lock.json" "$packages/installed-lock.json"
fi
exec node "$here/login.mjs"
