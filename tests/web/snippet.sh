#!/bin/sh
# usage: snippet.sh REPOSITORY OUT_FOLDER
# Runs the integrator's example as the documentation says: beside the SDK's files.
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
IMI_PAGE=$out exec /usr/bin/python3 -B "$root/tests/web/run_journeys.py" snippet.test.mjs
