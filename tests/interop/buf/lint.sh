#!/bin/sh
# lint.sh FOLDER: buf lint; 77 (skipped) when tools/setup-tests has not installed buf.
here=$(cd "$(dirname "$0")" && pwd)
for buf in "$here"/node_modules/@bufbuild/buf-linux-*/bin/buf; do
    [ -x "$buf" ] && cd "$1" && exec "$buf" lint
done
echo "skipped: run tools/setup-tests first"
exit 77
