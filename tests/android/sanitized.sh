#!/bin/sh
# usage: sanitized.sh ROOT OUT_FOLDER TEST_CLASSPATH
# The natives' tests on a core built with ASan and UBSan; 77 (skipped) without their run-time.
set -eu
root=$1
out=$2
classes=$3
runtime=$(clang -print-file-name=libclang_rt.asan-x86_64.so)
[ -f "$runtime" ] || { echo "skipped: needs clang's sanitizers"; exit 77; }
jdk=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
mkdir -p "$out"
clang -g -O1 -std=gnu11 -shared -fPIC -fsanitize=address,undefined \
    -fno-sanitize-recover=undefined -shared-libsan -I"$root/mobile-sdk/core/include" \
    -I"$jdk/include" -I"$jdk/include/linux" "$root"/mobile-sdk/core/*.c \
    "$root"/mobile-sdk/android/jni/*.c -o "$out/libimi_core.so"
# Java uses signals of its own, and frees nothing at its end.
LD_PRELOAD=$runtime ASAN_OPTIONS=handle_segv=0:allow_user_segv_handler=1:detect_leaks=0 \
    exec java -Xint "-Djava.library.path=$out" -cp "$classes" \
    org.junit.runner.JUnitCore org.imi.sdk.CoreTest
