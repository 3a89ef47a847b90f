#!/usr/bin/env bash
# Queries against the oracle: CHARTKEEP_BIN=path/to/chartkeep tests/oracle/run.sh SEED COUNT [--full] [--verbose]
#
# Without --full the data are the published examples, payer and US Core records and three
# whole patients; with it, all of the data pack. ORACLE_KEEP=folder keeps the files of the run.
# The questions are asked in five states: imported by commands, compacted, imported anew with flushes
# and merges at random moments (before the file is closed, and after), and with the index built again.
# `run.sh self-test` runs the oracle's own tests and needs no binary.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
pack=${CHARTKEEP_FHIR:-$here/../../../shared/fhir}
if [[ ! -d $pack/definitions ]]; then
    echo "run.sh: no data pack at $pack" >&2
    exit 1
fi
pack=$(cd "$pack" && pwd)
packages=${CHARTKEEP_NPM:-${XDG_CACHE_HOME:-$HOME/.cache}/chartkeep/npm}
export CHARTKEEP_NPM=$packages CHARTKEEP_FHIR=$pack

# The packages of the lock file, once.
mkdir -p "$packages"
if ! cmp -s "$here/package-lock.json" "$packages/installed-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$packages/"
    npm ci --prefix "$packages" --ignore-scripts --no-audit --no-fund --silent
    cp "$here/package-lock.json" "$packages/installed-lock.json"
fi
if [[ ${1:-} == self-test ]]; then
    cd "$here"
    exec node --test
fi

seed=${1:?"usage: run.sh SEED COUNT [--full] [--verbose]"}
count=${2:?"usage: run.sh SEED COUNT [--full] [--verbose]"}
shift 2
full=no
verbose=()
for word in "$@"; do
    case $word in
    --full) full=yes ;;
    --verbose) verbose=(--verbose) ;;
    *) echo "run.sh: no such option: $word" >&2; exit 2 ;;
    esac
done

binary=${CHARTKEEP_BIN:?"CHARTKEEP_BIN must name the chartkeep binary"}
states=$(dirname "$binary")/oracle_states
if [[ ! -x $states ]]; then
    echo "run.sh: no oracle_states beside $binary; a build of the workspace makes both" >&2
    exit 1
fi
work=${ORACLE_KEEP:-$(mktemp -d)}
mkdir -p "$work"
if [[ -z ${ORACLE_KEEP:-} ]]; then
    trap 'rm -rf "$work"' EXIT
fi

data=("$here/data" "$pack/examples" "$pack/patients/payer" "$pack/patients/us-core")
if [[ $full == yes ]]; then
    data=("$here/data" "$pack/examples" "$pack/patients" "$pack/formulary")
else
    for set in synthea-2.4 synthea-3.0 synthea-3x-uscore; do
        data+=("$pack/patients/$set/$(ls -S "$pack/patients/$set" | grep '\.json\.gz$' | tail -n 1)")
    done
fi

node "$here/generate.mjs" --groups "$work/plan.json" --data "${data[@]}"
node --max-old-space-size=6144 "$here/generate.mjs" --seed "$seed" --count "$count" \
    --plan "$work/plan.json" --definitions "$pack/definitions" --out "$work/expected.ndjson"

vault=$work/oracle.vault
key=$work/oracle.key
rm -f "$vault" "$key"
head -c 32 /dev/urandom > "$key"
chartkeep() { "$binary" --vault "$vault" --key-file "$key" --quiet "$@"; }

chartkeep init
# A connection's files go in by commands of one to seven files, so that flushes and
# merges happen at moments that depend on the seed.
node -e '
    const [plan, seed] = process.argv.slice(1);
    let dice = Number(seed) >>> 0;
    for (const { connection, files } of JSON.parse(require("fs").readFileSync(plan, "utf8"))) {
        for (let at = 0; at < files.length;) {
            dice = (Math.imul(dice, 1664525) + 1013904223) >>> 0;
            const size = 1 + (dice >>> 16) % 7;
            console.log([connection, ...files.slice(at, at + size)].join("\t"));
            at += size;
        }
    }' "$work/plan.json" "$seed" > "$work/imports.tsv"
while IFS=$'\t' read -r -a words; do
    chartkeep import "${words[@]:1}" --connection "${words[0]}" > "$work/import.log" < /dev/null
done < "$work/imports.tsv"

# Compares the answers to an expected file that lie in answers-NAME.ndjson; further words go to the
# comparison.
compare() {
    local name=$1 expected=$2 status=0
    shift 2
    echo "== $name"
    node "$here/compare.mjs" --answers "$work/answers-$name.ndjson" --expected "$expected" "$@" "${verbose[@]}" || status=1
    [[ -n ${ORACLE_KEEP:-} ]] || rm -f "$work/answers-$name.ndjson"
    return $status
}

# Asks the vault the queries of an expected file. Each command opens the file anew: what it answers
# is what a reopen finds.
round() {
    local name=$1 expected=$2
    shift 2
    queries < "$expected" > "$work/queries-$name.txt"
    chartkeep search --batch < "$work/queries-$name.txt" > "$work/answers-$name.ndjson" || true
    compare "$name" "$expected" "$@"
}

queries() {
    node -e '
        require("readline").createInterface({ input: process.stdin })
            .on("line", (line) => console.log(JSON.parse(line).query));'
}

# All questions, then the second pages of the answers.
both() {
    local status=0
    rm -f "$work/second-$1.ndjson"
    round "$1" "$work/expected.ndjson" --pages "$work/second-$1.ndjson" --limit 400 || status=1
    if [[ -s $work/second-$1.ndjson ]]; then
        round "$1-second-pages" "$work/second-$1.ndjson" || status=1
    fi
    return $status
}

failed=0
both imported || failed=1
chartkeep compact > "$work/compact.log"
round compacted "$work/expected.ndjson" || failed=1

# The same data in another vault, by small transactions with flushes and merges at random moments.
# The first answers are those of the process that wrote.
vault=$work/restless.vault
rm -f "$vault"
queries < "$work/expected.ndjson" > "$work/queries.txt"
"$states" restless "$vault" "$key" "$seed" "$work/plan.json" "$work/queries.txt" "$work/answers-restless.ndjson"
compare restless "$work/expected.ndjson" || failed=1
both reopened || failed=1
"$states" rebuild "$vault" "$key"
both rebuilt || failed=1
exit $failed
