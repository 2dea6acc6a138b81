#!/bin/sh
# usage: check_headers.sh STANDARD COMPILER ROOT...
# Compiles every header below the roots alone, included twice, with nothing before it.
set -eu
standard=$1
compiler=$2
shift 2
case $standard in
c++*) language=c++ ;;
*) language=c ;;
esac
includes=
for root in "$@"; do
    includes="$includes -I$root"
done
checked=0
failed=0
for root in "$@"; do
    for header in $(cd "$root" && find . -name '*.h' | sort); do
        header=${header#./}
        checked=$((checked + 1))
        # Word splitting is wanted: $includes holds several options.
        # shellcheck disable=SC2086
        if ! printf '#include "%s"\n#include "%s"\nextern int imi_not_empty;\n' "$header" "$header" |
            "$compiler" -x $language -std="$standard" -Wall -Wextra -Werror -fsyntax-only $includes -; then
            echo "does not compile alone as $standard: $root/$header" >&2
            failed=$((failed + 1))
        fi
    done
done
echo "$checked headers as $standard, $failed failed"
[ "$checked" -gt 0 ] && [ "$failed" -eq 0 ]
