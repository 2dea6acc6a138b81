#!/bin/bash
# test_setup_models.sh SOURCE_TREE MODELS: tools/setup-models on a folder of its own. The npm
# packages must be there already, so nothing is fetched.
set -euo pipefail

root=$1
models=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}
setup() { "$root/tools/setup-models" "$@" >"$work/log" 2>&1; }

# A mirror that holds the converted files under other names: taken by digest, not by name.
mkdir "$work/mirror"
for file in "$models"/*.onnx; do
    cp "$file" "$work/mirror/x_$(basename "$file").bin"
done
export IMI_MODEL_MIRROR=$work/mirror
setup "$work/out" || fail "set-up from a mirror: $(<"$work/log")"
cmp -s "$models/dlib_resnet.onnx" "$work/out/dlib_resnet.onnx" || fail "the mirror's file was not taken"
grep -q 'dlib_resnet.onnx: copied from' "$work/log" || fail "the copy was not announced"
cmp -s "$root/models/manifest.json" "$work/out/manifest.json" || fail "the manifest is not beside the models"

# A second run changes nothing and is quick.
before=$(stat -c '%Y %i' "$work/out"/*.onnx)
start=$(date +%s%N)
setup "$work/out" || fail "second run: $(<"$work/log")"
[[ $(($(date +%s%N) - start)) -lt 3000000000 ]] || fail "the second run took over 3 s"
[[ $(stat -c '%Y %i' "$work/out"/*.onnx) == "$before" ]] || fail "the second run wrote files again"

# A damaged or lost file is made again, here by conversion.
printf 'x' >>"$work/out/blazeface.onnx"
rm "$work/out/facemesh.onnx"
IMI_MODEL_MIRROR=$work/none setup "$work/out" || fail "repair: $(<"$work/log")"
cmp -s "$models/blazeface.onnx" "$work/out/blazeface.onnx" || fail "a damaged file was kept"
cmp -s "$models/facemesh.onnx" "$work/out/facemesh.onnx" || fail "a lost file was not made again"

# A file of the right size and name but other bytes is not taken from a mirror.
head -c "$(stat -c %s "$models/blazeface.onnx")" /dev/zero >"$work/mirror/x_blazeface.onnx.bin"
rm "$work/out/blazeface.onnx"
setup "$work/out" || fail "poisoned mirror: $(<"$work/log")"
cmp -s "$models/blazeface.onnx" "$work/out/blazeface.onnx" || fail "a forged mirror file was taken"

# Where neither mirror nor upstream file is there, optional models warn and the rest is made. The
# tree stands by itself, as files beside the real one would be found.
mkdir -p "$work/alone/tree/models"
cp -r "$root/tools" "$work/alone/tree/"
cp -r "$root/models/convert" "$root/models/manifest.json" "$root/models/package-lock.json" \
    "$work/alone/tree/models/"
ln -s "$root/models/node_modules" "$work/alone/tree/models/node_modules"
unset IMI_MODEL_MIRROR
"$work/alone/tree/tools/setup-models" "$work/few" >"$work/log" 2>&1 ||
    fail "set-up without optional models: $(<"$work/log")"
grep -q 'warning: optional model minifasnet27.onnx is absent' "$work/log" || fail "no warning"
[[ -f $work/few/dlib_resnet.onnx && ! -e $work/few/minifasnet27.onnx ]] || fail "wrong files"

# A source file that is not the one in the manifest is not converted.
rm "$work/alone/tree/models/node_modules"
mkdir -p "$work/alone/tree/models/node_modules/@vladmandic/human/models"
cp "$root/models/node_modules/.imi-lock" "$work/alone/tree/models/node_modules/"
printf '{}' >"$work/alone/tree/models/node_modules/@vladmandic/human/models/blazeface.json"
if "$work/alone/tree/tools/setup-models" "$work/forged" >"$work/log" 2>&1; then
    fail "a forged package file was converted"
fi
grep -q 'is not the file that models/manifest.json names' "$work/log" || fail "no reason given"

# What cannot be done is said.
if setup a b; then fail "two arguments were accepted"; fi
grep -q usage "$work/log" || fail "no usage message"
printf 'ok\n'
