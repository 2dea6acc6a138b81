#!/bin/sh
# usage: build.sh ROOT OUT_FOLDER JUNIT_CLASSPATH
# What the other tests of this folder look at: the AAR, and the tests in Java.
set -eu
root=$1
out=$2
junit=$3
mkdir -p "$out/tests"
"$root/mobile-sdk/android/build-aar" "$out"
# The part that is not of Android, compiled without anything of Android's in sight.
javac --release 8 -Xlint:all,-options -Werror -d "$out/tests" -classpath "$junit" \
    "$root"/mobile-sdk/android/java/org/imi/sdk/*.java "$root"/tests/android/java/org/imi/sdk/*.java
