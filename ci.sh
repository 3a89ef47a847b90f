#!/usr/bin/env bash
# Every check of the project, the same here and in the CI.
#
#   ./ci.sh          every step, in order
#   ./ci.sh STEP...  the named steps: ./ci.sh clippy test
#   ./ci.sh quick    before a commit: format, lints, layers, tests with short loops
#   ./ci.sh soak     the long suites, hours
#   ./ci.sh bench    the published figures, with SQLCipher beside them (alone, on a quiet machine); --repeat
#                    measures twice and compares the ratios, --readme writes the figures into README.md
#   ./ci.sh steps    the names
#
# Needs cargo with clippy and rustfmt, node with npm, python3 with pip, and a C compiler. What else
# it needs it installs below the cache folder, where the build goes too unless CARGO_TARGET_DIR is set.
# How long the test loops run is set by the variables of `loops` below, the oracle by CHARTKEEP_SEED
# and CHARTKEEP_QUERIES.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cache="${XDG_CACHE_HOME:-$HOME/.cache}/chartkeep"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$cache/target}"
export CARGO_TERM_PROGRESS_WHEN=never
export PYTHONDONTWRITEBYTECODE=1
export npm_config_cache="$cache/npm-downloads" CHARTKEEP_NPM="$cache/npm" CHARTKEEP_MAVEN="$cache/maven"
export CHARTKEEP_PYTHON="$cache/venv/bin/python"
seed="${CHARTKEEP_SEED:-20261124}"

quick_steps=(fmt layers debug clippy test)
all_steps=(tools fmt layers debug licences params clippy test opening doc data member programs oracle oauth foreign second-reader python readme clean)

# loops IMAGES ROUNDS CASES STEP: crash images; rounds of damaged files of the pack; cases of each
# property; one bit in so many is flipped (1 = every one). A variable that is already set wins.
loops() {
    export CHARTKEEP_IMAGES="${CHARTKEEP_IMAGES:-$1}"
    export CHARTKEEP_FUZZ="${CHARTKEEP_FUZZ:-$2}"
    export PROPTEST_CASES="${PROPTEST_CASES:-$3}"
    export CHARTKEEP_FLIP_STEP="${CHARTKEEP_FLIP_STEP:-$4}"
}

fail() {
    printf 'ci.sh: %s\n' "$*" >&2
    exit 1
}

# A check whose input is missing has not passed.
need() {
    local path
    for path in "$@"; do
        [[ -e $path ]] || fail "$path is missing"
    done
}

# have PACKAGE COMMAND...: installs a Debian package where its command does not run.
have() {
    local package=$1
    shift
    if "$@" >/dev/null 2>&1; then return; fi
    [[ $(id -u) == 0 && -x /usr/bin/apt-get ]] || fail "'$*' does not run here; install $package first"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"
}

# The fixtures lie beside the repository; without them the suites that need them fail in the CI.
pack() {
    need ../shared/fhir/README.md
}

step_tools() {
    have gcc cc --version
    have nodejs node --version
    have npm npm --version
    have python3 python3 --version
    have python3-venv python3 -c 'import ensurepip'
    cargo --version
    cargo clippy --version
    cargo fmt --version
    mkdir -p "$cache"
    [[ -x $CHARTKEEP_PYTHON ]] || python3 -m venv "$cache/venv"
    need tests/requirements.txt
    "$CHARTKEEP_PYTHON" -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
    printf 'node %s, npm %s, %s\n' "$(node --version)" "$(npm --version)" "$("$CHARTKEEP_PYTHON" --version)"
}

step_fmt() {
    cargo fmt --all --check
}

step_layers() {
    python3 scripts/check-layers.py
}

step_debug() {
    python3 scripts/check-debug.py
}

step_licences() {
    python3 scripts/check-licences.py
}

step_params() {
    need scripts/make-params.py core/src/index/params.tsv
    pack
    python3 scripts/make-params.py --check
}

step_clippy() {
    cargo clippy --locked --all-targets -- -D warnings
}

step_test() {
    cargo test --locked
}

# What opening reads, and damage that only later reads meet: redb built with debug assertions walks
# all its trees at each opening.
step_opening() {
    CHARTKEEP_REDB=plain cargo test --locked --test it \
        --config 'profile.dev.package.redb.debug-assertions=false' -- opening:: damage:: --nocapture
}

step_doc() {
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
}

# Searches against an oracle that shares no line with the index, in five states of the vault; it fetches
# its own packages.
step_oracle() {
    need tests/oracle/run.sh
    pack
    cargo build --locked
    CHARTKEEP_BIN="$CARGO_TARGET_DIR/debug/chartkeep" \
        tests/oracle/run.sh "$seed" "${CHARTKEEP_QUERIES:-3000}" ${CHARTKEEP_ORACLE_FULL:+--full}
    node --test tests/oracle/*.test.mjs
}

# What core/data holds is what the generator makes of the invented member; what the shipped dictionary
# does for published records is printed.
step_data() {
    pack
    cargo run --locked -q -p chartkeep-tests --bin make_data -- --check
    cargo run --locked -q -p chartkeep-tests --bin make_data -- --effect
}

# The invented member: what guides' examples and seeded faults make of the checkers, what the checkers
# make of members of several seeds, sizes and days; and the same bytes from another build.
step_member() {
    pack
    cargo build --locked
    cargo build --locked --release -p chartkeep-member
    local made work first=1 seed size day
    work="$(mktemp -d)"
    made="$CARGO_TARGET_DIR/debug/chartkeep-member"
    python3 tests/member/conformance.py --explained
    while read -r seed size day; do
        printf 'member of seed %s, %s resources, day %s\n' "$seed" "$size" "$day"
        "$made" --seed "$seed" --resources "$size" --day "$day" >"$work/member.ndjson"
        "$CARGO_TARGET_DIR/release/chartkeep-member" --seed "$seed" --resources "$size" --day "$day" |
            cmp - "$work/member.ndjson" || fail "another build makes another member"
        python3 tests/member/conformance.py --profiled --allow-dangling tests/member/dangling.txt "$work/member.ndjson"
        python3 tests/member/coherence.py "$work/member.ndjson"
        if ((first)); then
            python3 tests/member/faults.py "$work/member.ndjson"
            python3 tests/member/coherence.py --self-test "$work/member.ndjson"
            first=0
        fi
    done <<<"${CHARTKEEP_MEMBERS:-1 2000 0
1 2000 45
7 2000 0
12 22782 3}"
    rm -rf "$work"
}

# The short programs of examples/programs run to their end.
step_programs() {
    local name count=0
    cargo build --locked
    for name in examples/programs/src/bin/*.rs; do
        name="$(basename "$name" .rs)"
        "$CARGO_TARGET_DIR/debug/$name" >/dev/null
        count=$((count + 1))
    done
    ((count >= 3)) || fail "examples/programs has $count programs"
    printf 'programs: %d passed, 0 failed\n' "$count"
}

# An OAuth client library that none of us wrote, at the sandbox; it fetches its own package.
step_oauth() {
    need tests/oauth/run.sh
    cargo build --locked
    CHARTKEEP_BIN="$CARGO_TARGET_DIR/debug/chartkeep" tests/oauth/run.sh
}

# Our client at an OAuth server and a FHIR server that none of us wrote; it fetches both.
step_foreign() {
    need tests/foreign/run.sh
    pack
    have openjdk-17-jdk-headless javac --version
    have maven mvn --version
    cargo build --locked
    CHARTKEEP_BIN="$CARGO_TARGET_DIR/debug/chartkeep" tests/foreign/run.sh
}

# A reader written from the format's description alone opens the golden vaults. (The tests give it
# new ones too, and have redb open what it writes.)
step_second_reader() {
    need tests/second_reader.py tests/data/vaults
    local work vault secret count=0
    work="$(mktemp -d)"
    printf '07%.0s' {1..32} >"$work/key"
    printf 'bees over Hafnaro\u0301s 24' >"$work/passphrase"
    for vault in tests/data/vaults/*.vault; do
        secret=(--key-file "$work/key")
        if [[ $vault == */passphrase.vault ]]; then secret=(--passphrase-file "$work/passphrase"); fi
        printf '%s: ' "$vault"
        "$CHARTKEEP_PYTHON" tests/second_reader.py "$vault" "${secret[@]}" --image "$work/image"
        count=$((count + 1))
    done
    rm -rf "$work"
    printf 'second-reader: %d passed, 0 failed\n' "$count"
}

# The library crosses the border: its surface in Python as committed, and used from there.
step_python() {
    need scripts/ffi-surface.sh scripts/python-bindings.sh
    scripts/ffi-surface.sh
    scripts/python-bindings.sh
}

# The commands of README.md (its blocks marked `sh`) as a newcomer types them, in a copy of the tree
# in place of its clone. RECORD.json is a record of our own; `chartkeep` stands for the built program
# with the key file in place of a terminal.
step_readme() {
    need README.md tests/data/records
    local copy="$cache/readme/chartkeep" commands="$cache/readme/commands.sh"
    rm -rf "$copy"
    mkdir -p "$copy"
    git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --preserve=timestamps -t "$copy"
    ln -sfn "$(cd .. && pwd)/shared" "$cache/readme/shared"
    awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' README.md >"$commands"
    (($(grep -c . "$commands") > 1)) || fail "README.md has no block marked sh"
    (cd "$copy" && bash -euxo pipefail "$commands" </dev/null)
    printf 'readme: %d lines run\n' "$(grep -c . "$commands")"
}

# The checks left nothing behind, and what was checked is what is committed.
step_clean() {
    local left
    left="$(git status --porcelain)"
    [[ -z $left ]] || fail $'the tree is not clean\n'"$left"
}

step_bench() {
    pack
    cargo run --locked --profile dist -p chartkeep-bench -- ${bench_options[@]+"${bench_options[@]}"}
}

report() {
    local code=$?
    ((${#timed[@]})) && printf '\n%-14s %6s\n' step seconds && printf '%-14s %6d\n' "${timed[@]}"
    if ((code == 0)); then
        printf 'all done: %d s\n' "$SECONDS"
    else
        printf 'ci.sh: step %s failed after %d s (exit %d)\n' "${current:-none}" "$SECONDS" "$code" >&2
    fi
    exit "$code"
}

run() {
    local started
    timed=()
    trap report EXIT
    for current in "$@"; do
        declare -F "step_${current//-/_}" >/dev/null || fail "no step $current; ./ci.sh steps lists them"
        printf '\n== %s\n' "$current"
        started=$SECONDS
        "step_${current//-/_}"
        timed+=("$current" $((SECONDS - started)))
    done
}

case "${1:-all}" in
all)
    export CI=true
    loops 30000 2 256 64
    run "${all_steps[@]}"
    ;;
quick)
    loops 300 1 16 4096
    run "${quick_steps[@]}"
    ;;
soak)
    export CI=true CHARTKEEP_ORACLE_FULL=1 CHARTKEEP_QUERIES="${CHARTKEEP_QUERIES:-30000}"
    loops 3000000 200 20000 1
    run tools test oracle
    ;;
bench)
    bench_options=("${@:2}")
    run bench
    ;;
steps) printf '%s\n' "${all_steps[@]}" bench ;;
*)
    loops 30000 2 256 64
    run "$@"
    ;;
esac
