#!/bin/sh
# run.sh PEER: both directions; 77 (skipped) when tools/setup-tests has not installed the packages.
folder=$(dirname "$0")
[ -e "$folder/node_modules/@sd-jwt/core/package.json" ] ||
    { echo "skipped: run tools/setup-tests first"; exit 77; }
command -v node >/dev/null || { echo "skipped: node is not installed"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
node "$folder/interop.mjs" "$1" "$work"
