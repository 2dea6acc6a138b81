#!/bin/sh
# usage: check_sources.sh ROOT
# Rules about what files may use, which the target graph does not show.
set -eu
cd "$1"
failed=0

# complain RULE LINES: lines that break it, if any.
complain() {
    if [ -n "$2" ]; then
        printf '%s:\n%s\n\n' "$1" "$2" >&2
        failed=1
    fi
}

# search PATTERN FILES...: lines of code (not of comments) that match.
search() {
    pattern=$1
    shift
    grep -nE "$pattern" "$@" /dev/null | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/\*|\*|//)' || true
}

# Files of ours below the folders; generated files lie in the build folder.
files() {
    find "$@" -type f \( -name '*.c' -o -name '*.h' -o -name '*.cpp' \) | sort
}

existing=
for folder in verifier models rpc mobile-sdk tools; do
    [ -d "$folder" ] && existing="$existing $folder"
done
# Word splitting is wanted below: these are lists of paths without spaces.
# shellcheck disable=SC2046,SC2086
set -- $(files $existing)
if [ $# -eq 0 ]; then
    echo "no sources below $PWD" >&2
    exit 2
fi

# but PATHS...: those that do not match $pattern_but.
but() {
    printf '%s\n' "$@" | { grep -vE "$pattern_but" || true; }
}

word='(^|[^A-Za-z0-9_>.])'
pattern_but='^(verifier/base|mobile-sdk)/|\.cpp$'
c_files=$(but "$@")
# shellcheck disable=SC2086
if [ -n "$c_files" ]; then
    complain "raw allocation outside verifier/base: use imi/memory.h" "$(search \
        "$word(malloc|calloc|realloc|reallocarray|strdup|strndup|alloca)[[:space:]]*\(" $c_files)"
    complain "raw copy outside verifier/base: use imi_copy, imi_copy_text or a buffer" "$(search \
        "$word(memcpy|memmove|strcpy|strncpy|strcat|strncat|sprintf|vsprintf|gets)[[:space:]]*\(" \
        $c_files)"
    # Memory that a foreign library allocated must be freed its way; the line says whose it is.
    complain "free outside verifier/base: use imi_free, or name the owner in a comment beside it" \
        "$(search "${word}free[[:space:]]*\(" $c_files | { grep -v '/\*' || true; })"
fi

pattern_but='^rpc/transport/'
# shellcheck disable=SC2046
complain "gRPC outside rpc/transport/" "$(search '#[[:space:]]*include[[:space:]]*<grpc' $(but "$@"))"
pattern_but='^models/shim/'
# shellcheck disable=SC2046
complain "OpenCV or dlib outside models/shim" \
    "$(search '#[[:space:]]*include[[:space:]]*[<"](opencv|dlib)' $(but "$@"))"

# C++ is for the shims, and for the benchmark's peer.
pattern_but='^models/shim/|^tools/imi-bench/faiss_peer\.cpp$|\.[ch]$'
complain "C++ outside models/shim" "$(but "$@")"

[ $failed -eq 0 ] && echo "$# files keep the rules"
exit $failed
