#!/bin/sh
# usage: run.sh CORE_FOLDER OUT_FOLDER SECONDS
# Fuzzes the core under ASan and UBSan, from seeds that it makes and the corpus it has grown.
set -eu
core=$1
out=$2
seconds=$3
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out/seeds" "$out/corpus"
printf 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n);\n' >"$out/probe.c"
printf 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && !n; }\n' \
    >>"$out/probe.c"
if ! clang -fsanitize=fuzzer "$out/probe.c" -o "$out/probe" 2>/dev/null; then
    echo "skipped: needs clang with libFuzzer"
    exit 77
fi
# Word splitting is wanted: the core's sources.
# shellcheck disable=SC2046
set -- $(sed -n "s|^ *\([a-z_0-9]*\.c\))*\$|$core/\1|p" "$core/sources.cmake")
build="clang -std=gnu11 -g -O1 -Wall -Wextra -I$core/include"
$build "$@" "$here/make_seeds.c" -o "$out/make_seeds"
"$out/make_seeds" "$out/seeds"
$build -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all "$@" "$here/fuzz_core.c" \
    -o "$out/fuzz_core"
exec "$out/fuzz_core" -max_total_time="$seconds" -max_len=4096 -timeout=5 -rss_limit_mb=1024 \
    -print_final_stats=1 -artifact_prefix="$out/" "$out/corpus" "$out/seeds"
