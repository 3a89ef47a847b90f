#!/usr/bin/env bash
# Our client at servers that none of us wrote: CHARTKEEP_BIN=path/to/chartkeep tests/foreign/run.sh
#
# Starts an OAuth server and a FHIR server on free ports of loopback; both end with this script, however
# it ends. A minute in all. Needs node with npm, Java 17 and Maven.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
: "${CHARTKEEP_BIN:?"CHARTKEEP_BIN must name the chartkeep binary"}"
export CHARTKEEP_FHIR=${CHARTKEEP_FHIR:-$here/../../../shared/fhir}
if [[ ! -d $CHARTKEEP_FHIR/patients ]]; then
    echo "run.sh: no data pack at $CHARTKEEP_FHIR" >&2
    exit 1
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/chartkeep
export CHARTKEEP_NPM=${CHARTKEEP_NPM:-$cache/npm}
maven=${CHARTKEEP_MAVEN:-$cache/maven}

# The OAuth server: the packages of the lock file, once, in a folder of their own.
packages=$CHARTKEEP_NPM/foreign
mkdir -p "$packages"
if ! cmp -s "$here/package-lock.json" "$packages/installed-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$packages/"
    npm ci --prefix "$packages" --ignore-scripts --no-audit --no-fund --silent
    cp "$here/package-lock.json" "$packages/installed-lock.json"
fi

# The FHIR server: compiled once for each state of its sources, in the cache too.
project=$maven/foreign
state=$(cd "$here/hapi" && find . -type f -print0 | sort -z | xargs -0 sha256sum)
if [[ ! -f $project/state || $(<"$project/state") != "$state" ]]; then
    rm -rf "$project"
    mkdir -p "$project"
    cp -r "$here/hapi/." "$project"
    mvn --batch-mode --quiet --file "$project/pom.xml" -Dstyle.color=never \
        -Dmaven.repo.local="$maven/repository" \
        dependency:build-classpath -Dmdep.outputFile="$project/classpath" compile
    printf '%s\n' "$state" >"$project/state"
fi
CHARTKEEP_CLASSPATH=$project/target/classes:$(<"$project/classpath")
export CHARTKEEP_CLASSPATH
exec node "$here/run.mjs"
