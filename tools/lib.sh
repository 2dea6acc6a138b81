# Shared by the scripts in this folder: where things are, and how a step reports itself.
# shellcheck shell=bash

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${IMI_BUILD:-$root/build}
log=$build/setup.log
mkdir -p "$build"

say() { printf '%s\n' "$*"; }

# fail MESSAGE ADVICE: stop, and say what to do.
fail() {
    printf '\nerror: %s\n       %s\n' "$1" "$2" >&2
    exit 1
}

# usage MESSAGE ADVICE: the command line is wrong.
usage() {
    printf 'error: %s\n       %s\n' "$1" "$2" >&2
    exit 2
}

# step TITLE ADVICE COMMAND...: run a long command quietly with a running clock; on failure
# show the end of its output and the advice.
step() {
    local title=$1 advice=$2 started=$SECONDS pid
    shift 2
    printf '== %s\n' "$title" >>"$log"
    "$@" >>"$log" 2>&1 &
    pid=$!
    if [ -t 1 ]; then
        while kill -0 "$pid" 2>/dev/null; do
            printf '\r  %s ... %ds ' "$title" $((SECONDS - started))
            sleep 1
        done
        printf '\r'
    else
        printf '  %s ...\n' "$title"
    fi
    if wait "$pid"; then
        printf '  %s: done in %ds\n' "$title" $((SECONDS - started))
    else
        tail -n 30 "$log" >&2
        fail "$title failed; the end of its output is above, all of it in $log" "$advice"
    fi
}

# as_root COMMAND...: directly, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "installing packages needs root" "run this as root, or install sudo first"
    fi
}
