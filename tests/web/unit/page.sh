#!/bin/sh
# usage: page.sh REPOSITORY OUT_FOLDER
# Builds the page and checks what comes out: its size, what a policy without inline code allows,
# and that it asks for nothing that Chrome 90 or Safari 15 lack.
set -eu
root=$1
out=$2
for tool in node clang wasm-ld; do
    command -v "$tool" >/dev/null || {
        echo "skipped: needs $tool"
        exit 77
    }
done
[ -x "$root/mobile-sdk/web/node_modules/.bin/esbuild" ] || {
    echo "skipped: needs npm packages; run tools/setup-page"
    exit 77
}
rm -rf "$out/page"
mkdir -p "$out/page"
sh "$root/mobile-sdk/core/build-targets.sh" "$out" "" wasm32
node "$root/mobile-sdk/web/build.mjs" "$out/page" "$out/wasm32"
exec node "$root/tests/web/unit/check_page.mjs" "$out/page"
