#!/bin/sh
# usage: run.sh FILE.mjs [ARGUMENTS]: runs it with node; 77, which CTest takes as skipped, without
# Chromium, node or npm's packages. Where IMI_INSIST is set, that is a failure.
set -eu
cd "$(dirname "$0")"
missing=
command -v node >/dev/null || missing="$missing node;"
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing="$missing chromium;"
[ -f ../node_modules/axe-core/package.json ] || missing="$missing packages: run tools/setup-tests;"
[ -f ../../../mobile-sdk/web/node_modules/esbuild/package.json ] \
    || missing="$missing esbuild: run tools/setup-page;"
if [ -n "$missing" ]; then
    echo "skipped: needs$missing"
    [ -n "${IMI_INSIST:-}" ] && exit 1
    exit 77
fi
exec node "$@"
