#!/bin/sh
# Builds the bindings' library, generates the Python module beside it, and runs the Python tests.
# With `generate` it stops before the tests and prints the folder of the module.
set -eu
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}"
out="$target/python"
case "$(uname -s)" in Darwin) library=libchartkeep_ffi.dylib ;; *) library=libchartkeep_ffi.so ;; esac

# All default members, so that no step builds a crate with other features than the rest.
cargo build --quiet --locked
mkdir -p "$out"
"$target/debug/chartkeep-bindgen" generate "$target/debug/$library" \
    --language python --no-format --out-dir "$out" >&2
cp "$target/debug/$library" "$out/"
if [ "${1:-}" = generate ]; then
    echo "$out"
    exit
fi
PYTHONPATH="$out" PYTHONDONTWRITEBYTECODE=1 python3 -W error -m unittest discover -s bindings/python/tests -v
