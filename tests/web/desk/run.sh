#!/bin/sh
# usage: run.sh REPOSITORY OUT_FOLDER
# Parts of the computer's page in Node; 77, which CTest takes as skipped, without what they need.
set -eu
web=$1/mobile-sdk/web
for needed in node "$web/node_modules/.bin/esbuild" "$web/node_modules/uqr/LICENSE"; do
    command -v "$needed" >/dev/null || [ -f "$needed" ] || {
        echo "skipped: needs $needed; run tools/setup-page"
        exit 77
    }
done
mkdir -p "$2"
for part in follow wire; do
    "$web/node_modules/.bin/esbuild" "$web/src/desk/$part.ts" --bundle --format=esm \
        --target=es2020 --log-level=warning --outfile="$2/$part.mjs"
done
IMI_OUT=$2 exec node --test "$1/tests/web/desk/parts.test.mjs"
