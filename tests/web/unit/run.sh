#!/bin/sh
# usage: run.sh REPOSITORY OUT_FOLDER
# Unit tests of the web SDK in Node, on the core as WebAssembly.
set -eu
root=$1
out=$2
here=$root/tests/web/unit
web=$root/mobile-sdk/web
for tool in node clang wasm-ld; do
    command -v "$tool" >/dev/null || {
        echo "skipped: needs $tool"
        exit 77
    }
done
[ -x "$web/node_modules/.bin/esbuild" ] || {
    echo "skipped: needs npm packages; run tools/setup-page"
    exit 77
}
mkdir -p "$out"
sh "$root/mobile-sdk/core/build-targets.sh" "$out" "" wasm32
clang --target=wasm32 -std=c11 -ffreestanding -nostdlib -Wl,--no-entry -Wl,--export=layout_places \
    -Wl,--export=layout_sizes -I"$root/mobile-sdk/core/include" "$here/layout.c" \
    -o "$out/layout.wasm"
"$web/node_modules/.bin/esbuild" "$here/sdk.ts" --bundle --format=esm --target=es2020 \
    --log-level=warning --outfile="$out/sdk.mjs"
IMI_OUT=$out IMI_ROOT=$root exec node --test "$here"/*.test.mjs
