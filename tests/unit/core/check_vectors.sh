#!/bin/sh
# usage: check_vectors.sh TARGET CORE_FOLDER OUT_FOLDER
# Builds the comparison of vectors with scalar code for a target and runs it there.
set -eu
target=$1
core=$2
out=$3
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
files="$here/vectors_check.c $core/luma_rows_scalar.c $core/luma_rows_vectors.c"
flags="-std=c11 -Os -Wall -Wextra -Werror -I$core -I$core/include"
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || {
            echo "skipped: needs $tool"
            exit 77
        }
    done
}
# Word splitting is wanted below: lists of flags and files.
# shellcheck disable=SC2086
case $target in
aarch64)
    need aarch64-linux-gnu-gcc qemu-aarch64-static
    aarch64-linux-gnu-gcc $flags -static $files "$here/vectors_main.c" -o "$out/vectors"
    exec qemu-aarch64-static "$out/vectors"
    ;;
wasm32)
    need clang wasm-ld node
    clang --target=wasm32 $flags -msimd128 -ffreestanding -nostdlib -Wl,--no-entry \
        -Wl,--export=vectors_differences -Wl,--export=vectors_pixels $files \
        "$core/freestanding_memory.c" -o "$out/vectors.wasm"
    exec node "$here/vectors_wasm.mjs" "$out/vectors.wasm"
    ;;
*)
    echo "unknown target $target" >&2
    exit 2
    ;;
esac
