#!/bin/sh
# usage: snippet.sh REPOSITORY OUT_FOLDER
# Runs the example for integrators, and the SDK by itself, as the documentation says: the files of
# the SDK beside it.
set -eu
root=$1
out=$2/snippet
rm -rf "$out"
mkdir -p "$out"
[ -e "$IMI_PAGE/imi-sdk.js" ] || {
    echo "error: the page is not built: run tools/setup-page"
    exit 1
}
cp "$IMI_PAGE/imi-sdk.js" "$IMI_PAGE"/imi_core*.wasm "$root/docs/examples/page"/* "$out"
IMI_PAGE=$out exec /usr/bin/python3 -B "$root/tests/web/run_journeys.py" snippet.test.mjs sdk.test.mjs
