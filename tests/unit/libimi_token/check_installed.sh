#!/bin/sh
# usage: check_installed.sh CMAKE CC BUILD OUTSIDE
# A program outside of the project builds and runs with what is installed, found by pkg-config and
# by CMake, shared and static, also after the prefix was moved.
set -eu
cmake=$1
cc=$2
build=$3
outside=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --component imi-token --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix"
libraries=$(dirname "$(find "$work/prefix" -name libimi-token.so.1)")
export PKG_CONFIG_PATH="$libraries/pkgconfig"

# run PROGRAM: it must refuse a token by its form.
run() {
    LD_LIBRARY_PATH=$libraries "$1" | grep -qx '1\.0\.0 format' || { echo "$1 failed" >&2; exit 1; }
}

# Word splitting is wanted: pkg-config prints options.
# shellcheck disable=SC2046
"$cc" -std=c99 -Wall -Wextra -Werror -o "$work/shared" "$outside/main.c" \
    $(pkg-config --cflags --libs imi-token)
run "$work/shared"
"$cc" -o "$work/static" "$outside/main.c" $(pkg-config --cflags imi-token) \
    "$libraries/libimi-token.a" $(pkg-config --static --libs-only-l imi-token | sed 's/-limi-token//') -pthread
run "$work/static"

"$cmake" -S "$outside" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_C_COMPILER="$cc" >/dev/null
"$cmake" --build "$work/build" >/dev/null
run "$work/build/outside"
run "$work/build/outside-static"
