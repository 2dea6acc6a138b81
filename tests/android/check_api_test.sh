#!/bin/sh
# usage: check_api_test.sh MADE_FOLDER
# check_api.py must notice a member that Android has not, one of another shape, a constant of
# another value, and a use that is newer than minSdk.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
made=$1
[ -d "$here/node_modules" ] || { echo "skipped: run tools/setup-tests first"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/src" "$folder/stubs" "$folder/classes/org/imi/sdk"
cat >"$folder/src/Size.java" <<'END'
package android.util;
public final class Size {
    public native int getWidths();
    public native String getHeight();
}
END
cat >"$folder/src/ImageFormat.java" <<'END'
package android.graphics;
public class ImageFormat {
    public static final int NV21 = 18;
}
END
cat >"$folder/src/User.java" <<'END'
package org.imi.sdk;
final class User {
    static Object use(java.util.Map<String, String> map) {
        return map.getOrDefault("", "");
    }
}
END
javac --release 8 -Xlint:-options -d "$folder/stubs" "$folder"/src/*.java
mv "$folder/stubs/org/imi/sdk/User.class" "$folder/classes/org/imi/sdk"
found=$(/usr/bin/python3 -B "$here/check_api.py" "$folder") && { echo "passed: $found"; exit 1; }
for what in 'Size.getWidths' 'Size.getHeight' 'ImageFormat.NV21 is 17, not 18' \
    'getOrDefault, which came with API 24' 'createOneShot is said to be guarded'; do
    echo "$found" | grep -q "$what" || { echo "not noticed: $what in: $found"; exit 1; }
done
