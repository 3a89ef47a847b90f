#!/bin/sh
# Compares the generated Python surface with the committed one, so that a change of the bindings'
# API shows in review. With `update` it writes the committed one anew.
set -eu
cd "$(dirname "$0")/.."
kept=bindings/python/surface.txt
out="$(scripts/python-bindings.sh generate)"
if [ "${1:-}" = update ]; then
    python3 bindings/python/surface.py "$out/chartkeep_ffi.py" >"$kept"
    exit
fi
if ! python3 bindings/python/surface.py "$out/chartkeep_ffi.py" | diff -u "$kept" -; then
    echo "the bindings' surface has changed: scripts/ffi-surface.sh update, and a line in CHANGELOG.md" >&2
    exit 1
fi
