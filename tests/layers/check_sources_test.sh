#!/bin/sh
# usage: check_sources_test.sh CHECK
# The source check accepts a clean tree and refuses one for each rule.
set -eu
check=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# expect RESULT FILE LINE: the check of a tree with that one extra line.
expect() {
    rm -rf "$tree"/*
    mkdir -p "$tree/verifier/base" "$tree/verifier/image" "$tree/rpc/transport" "$tree/models/shim" \
        "$tree/tools"
    echo 'int imi_clean;' >"$tree/verifier/image/clean.c"
    printf '%s\n' "$3" >"$tree/$2"
    result=refused
    sh "$check" "$tree" >/dev/null 2>&1 && result=accepted
    if [ "$result" != "$1" ]; then
        echo "$result, not $1: $2: $3" >&2
        exit 1
    fi
}

expect accepted verifier/image/a.c 'int imi_a;'
expect refused verifier/image/a.c '    void *p = malloc(3);'
expect refused tools/a.c 'p = (char *)realloc (p, 4);'
expect refused rpc/a.c '    memcpy(to, from, 3);'
expect refused rpc/a.c 'strcpy(a, b);'
expect refused tools/a.h 'static inline void f(void *p) { free(p); }'
expect accepted tools/a.c "    free(entries); /* scandir's own */"
expect accepted verifier/base/a.c '    memcpy(to, from, 3);'
expect accepted verifier/image/a.c ' * memcpy(to, from, 3) is not used.'
expect accepted verifier/image/a.c '    imi_free(block); self->free(self); table.malloc(3);'
expect refused rpc/a.c '#include <grpc/grpc.h>'
expect accepted rpc/transport/call.c '#include <grpc/grpc.h>'
expect refused models/a.c '#include <opencv2/core.hpp>'
expect refused verifier/image/a.h '#  include "dlib/image_io.h"'
expect accepted models/shim/a.h '#include <opencv2/core.hpp>'
expect refused verifier/image/a.cpp 'int imi_a;'
expect accepted models/shim/a.cpp 'int imi_a;'
