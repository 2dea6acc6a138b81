#!/bin/sh
# run.sh PROTO_ROOT: the tests of this folder; 77 (skipped) without node or the packages.
folder=$(dirname "$0")
[ -e "$folder/node_modules/@grpc/grpc-js/package.json" ] || {
    echo "skipped: run tools/setup-tests first"
    exit 77
}
command -v node >/dev/null || { echo "skipped: node is not installed"; exit 77; }
PROTO_ROOT=$1 exec node --test "$folder/whole_session.test.mjs"
