#!/bin/sh
# lint.sh FOLDER: buf lint; 77 (skipped) when tools/setup-tests has not installed buf.
buf=$(dirname "$0")/node_modules/.bin/buf
[ -x "$buf" ] || { echo "skipped: run tools/setup-tests first"; exit 77; }
case $buf in /*) ;; *) buf=$PWD/$buf ;; esac
cd "$1" && exec "$buf" lint
