#!/bin/sh
# usage: check_freestanding.sh NM ARCHIVE
# Fails if the archive needs any symbol that it does not define itself. Compiler helpers for
# stack protection are given by every platform, and so are copying and filling, which compilers may
# call whatever they are told (core/freestanding_memory.c, where there is no libc).
set -eu
needed=$("$1" --undefined-only --format=posix "$2" | awk 'NF > 1 { print $1 }' | sort -u)
defined=$("$1" --defined-only --format=posix "$2" | awk 'NF > 1 { print $1 }' | sort -u)
for symbol in $needed; do
    case $symbol in
    __stack_chk_fail | __stack_chk_guard | memcpy | memset) continue ;;
    esac
    if ! printf '%s\n' "$defined" | grep -qxF "$symbol"; then
        echo "the core needs $symbol from outside" >&2
        exit 1
    fi
done
