#!/usr/bin/env bash
# Prove that nothing undeclared is needed: run both commands in a bare Debian 12.
#
#   tests/fresh_root.sh FOLDER     as root; FOLDER is made with debootstrap and kept;
#                                  DEBIAN_MIRROR names another mirror than the default
#
# Prints how long set-up, the first demo, a second start and the tests took.
set -euo pipefail

folder=${1:?"usage: tests/fresh_root.sh FOLDER (an empty or earlier folder)"}
source=$(cd "$(dirname "$0")/.." && pwd)
command -v debootstrap >/dev/null || {
    echo "error: install debootstrap first: apt-get install debootstrap" >&2
    exit 2
}

if [ ! -x "$folder/usr/bin/apt-get" ]; then
    debootstrap --variant=minbase bookworm "$folder" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
fi
for name in proc sys dev; do
    mountpoint -q "$folder/$name" || mount --rbind --make-rslave "/$name" "$folder/$name"
done
trap 'umount -lR "$folder/proc" "$folder/sys" "$folder/dev"' EXIT
cp /etc/resolv.conf /etc/hosts "$folder/etc/"
# A network that signs its own certificates says so with this variable.
extra_ca=
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    extra_ca=NODE_EXTRA_CA_CERTS=/etc/extra-ca.pem
    cp "$NODE_EXTRA_CA_CERTS" "$folder/etc/extra-ca.pem"
fi
rm -rf "$folder/src"
git clone --quiet "$source" "$folder/src"

inside() {
    local started=$SECONDS
    echo "== $1"
    chroot "$folder" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        ${CI:+CI=$CI} $extra_ca bash -c "cd /src && $2"
    echo "== $1: $((SECONDS - started)) s"
}

inside "first ./tools/run --demo, set-up included" "./tools/run --demo"
inside "second ./tools/run --demo" "./tools/run --demo"
inside "./tools/test ${IMI_TEST_OPTIONS:-}" "./tools/test ${IMI_TEST_OPTIONS:-}"
