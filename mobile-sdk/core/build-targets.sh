#!/bin/sh
# usage: build-targets.sh OUT_FOLDER [CLANG_SUFFIX [TARGET]]
# Builds the core for every platform with clang and lld alone: no libc, NDK, Xcode or Emscripten.
# Fails if a build needs a symbol from outside, exports others than symbols.txt, or is over budget.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
suffix=${2:-}
only=${3:-}
budget=$((32 * 1024))
sources=$(sed -n 's/^ *\([a-z_0-9]*\.c\))*$/\1/p' "$here/sources.cmake")
flags="-std=c11 -Os -ffreestanding -fvisibility=hidden -fno-stack-protector -nostdlibinc
    -fno-unwind-tables -fno-asynchronous-unwind-tables -ffp-contract=off -ffunction-sections
    -Wall -Wextra -Werror -I$here/include"
failed=0

complain() {
    echo "$1: $2" >&2
    failed=1
}

# compile TARGET SOURCES FLAGS...: objects into $out/TARGET.
compile() {
    triple=$1
    files=$2
    shift 2
    mkdir -p "$out/$triple"
    rm -f "$out/$triple"/*.o
    for file in $files; do
        # Word splitting is wanted: $flags holds several.
        # shellcheck disable=SC2086
        "clang$suffix" --target="$triple" $flags "$@" -c "$here/$file" \
            -o "$out/$triple/${file%.c}.o"
    done
}

# report TARGET KIND BYTES
report() {
    printf '%-28s %-8s %6d\n' "$1" "$2" "$3"
    [ "$3" -lt "$budget" ] || complain "$1" "$3 bytes are over the budget of $budget"
}

# same_symbols TARGET: standard input must be symbols.txt.
same_symbols() {
    LC_ALL=C sort | diff "$here/symbols.txt" - >&2 || complain "$1" "exports are not symbols.txt"
}

# shared TARGET FLAGS...
shared() {
    target=$1
    shift
    compile "$target" "$sources freestanding_memory.c" -fPIC "$@"
    library=$out/$target/libimi_core.so
    "ld.lld$suffix" -shared --gc-sections --no-undefined --strip-all --hash-style=gnu \
        -soname libimi_core.so -o "$library" "$out/$target"/*.o
    "llvm-nm$suffix" -D --defined-only --format=just-symbols "$library" | same_symbols "$target"
    report "$target" .so "$(wc -c <"$library")"
}

# wasm NAME FLAGS...: one of the two that a browser takes.
wasm() {
    name=$1
    shift
    compile wasm32 "$sources freestanding_memory.c" "$@"
    # shellcheck disable=SC2046
    "wasm-ld$suffix" --no-entry --gc-sections --strip-all --stack-first -z stack-size=32768 \
        --export=__heap_base --export-table --growable-table \
        $(sed 's/^/--export=/' "$here/symbols.txt") -o "$out/wasm32/$name" "$out/wasm32"/*.o
    report "wasm32 $*" .wasm "$(wc -c <"$out/wasm32/$name")"
}

# With and without vectors: Chrome before 91 and Safari before 16.4 have none.
browsers() {
    wasm imi_core_scalar.wasm
    wasm imi_core.wasm -msimd128
}

# Objects only: linking is Xcode's. Every iOS process has memcpy and memset.
objects() {
    compile "$1" "$sources"
    "llvm-ar$suffix" rcs "$out/$1/libimi_core.a" "$out/$1"/*.o
    "llvm-nm$suffix" --undefined-only --format=just-symbols "$out/$1"/*.o |
        sed 's/^_//' | grep -v ':$' | grep . | sort -u >"$out/$1/needed"
    "llvm-nm$suffix" --defined-only --extern-only --format=just-symbols "$out/$1"/*.o |
        sed 's/^_//' | grep -v ':$' | grep . | sort -u >"$out/$1/defined"
    printf 'memcpy\nmemset\nbzero\n' >>"$out/$1/defined"
    sort -u -o "$out/$1/defined" "$out/$1/defined"
    missing=$(comm -23 "$out/$1/needed" "$out/$1/defined")
    [ -z "$missing" ] || complain "$1" "needs from outside: $missing"
    report "$1" objects "$("llvm-size$suffix" "$out/$1"/*.o |
        awk '$1 ~ /^[0-9]/ { sum += $1 + $2 } END { print sum }')"
}

# wants TARGET: unless another target alone is wanted.
wants() {
    [ -z "$only" ] || [ "$only" = "$1" ] || return 1
    built=$((built + 1))
}

built=0
! wants x86_64-linux-gnu || shared x86_64-linux-gnu
! wants aarch64-linux-gnu || shared aarch64-linux-gnu
! wants aarch64-linux-android23 || shared aarch64-linux-android23
! wants armv7a-linux-androideabi23 ||
    shared armv7a-linux-androideabi23 -mfpu=neon -mfloat-abi=softfp
! wants x86_64-linux-android23 || shared x86_64-linux-android23
! wants wasm32 || browsers
! wants arm64-apple-ios15 || objects arm64-apple-ios15
[ "$built" != 0 ] || complain "$only" "no such target"
exit $failed
