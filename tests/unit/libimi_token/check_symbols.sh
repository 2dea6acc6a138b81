#!/bin/sh
# usage: check_symbols.sh NM LIST SHARED STATIC
# The libraries export exactly the listed names, the shared one under the version IMI_TOKEN_1.
set -eu
nm=$1
list=$2
shared=$3
static=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed 's/$/@@IMI_TOKEN_1/' "$list" >"$work/wanted"
"$nm" -D --defined-only "$shared" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort >"$work/shared"
diff -u "$work/wanted" "$work/shared"
"$nm" -g --defined-only "$static" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort >"$work/static"
diff -u "$list" "$work/static"
# A change of a name or of the number is a new library for everybody who links it.
"${READELF:-readelf}" -d "$shared" | grep -q 'SONAME.*\[libimi-token\.so\.1\]'
# The backend's jansson is left alone.
! "${READELF:-readelf}" -d "$shared" | grep -q 'NEEDED.*jansson'
