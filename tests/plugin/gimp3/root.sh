#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a command in a Debian root, for programs that this system does not have:
#
#   root.sh FOLDER PACKAGES [COMMAND ARGUMENT...]
#
# Makes the root in FOLDER if it does not exist, installs those PACKAGES (one argument, separated by spaces)
# that are missing, and runs COMMAND inside. SUITE is the Debian suite (trixie), MIRROR its mirror (the one of
# this system's packages). Packages are cached in FOLDER.cache, so making another root is quick. Requires the
# root user, debootstrap and the network; exit status 77: one of them is missing. Mounts and leftover
# processes end with this process.
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

folder=$1 packages=$2
shift 2
suite=${SUITE:-trixie}

cannot() {
  echo "root.sh: $*" >&2
  exit 77
}

if [ -z "${ROOT_SH_INSIDE:-}" ]; then
  [ "$(id -u)" = 0 ] || cannot "not run as root"
  command -v debootstrap >/dev/null || cannot "debootstrap is not installed"
  unshare --mount --pid --fork true 2>/dev/null || cannot "this system allows no mounts"
  ROOT_SH_INSIDE=1 exec unshare --mount --pid --fork --kill-child -- bash "$0" "$folder" "$packages" "$@"
fi

mkdir -p "$folder" "$folder.cache"
folder=$(realpath "$folder")

make_root() {
  local mirror=${MIRROR:-} site
  [ -n "$mirror" ] \
    || mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null \
      | head -n 1)
  [ -n "$mirror" ] || cannot "no Debian mirror is known: set MIRROR"
  site=$folder.part
  rm -rf "$site"
  debootstrap --variant=minbase --cache-dir="$folder.cache" "$suite" "$site" "$mirror" >"$folder.log" 2>&1 \
    || cannot "debootstrap could not fetch $suite: $(grep '^E:' "$folder.log" | tail -n 1)"
  # Files named 99* hold settings of this machine, for example a proxy.
  cp /etc/apt/apt.conf.d/99* "$site/etc/apt/apt.conf.d/" 2>/dev/null || true
  rmdir "$folder"
  mv "$site" "$folder"
}

in_root() {
  env -i PATH="$PATH" HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive TERM=dumb \
    /usr/sbin/chroot "$folder" "$@"
}

install_packages() {
  local package missing=()
  for package in $packages; do
    in_root dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed \
      || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  { in_root apt-get update && in_root apt-get install --yes --no-install-recommends "${missing[@]}"; } \
    >>"$folder.log" 2>&1 \
    || cannot "apt-get could not install ${missing[*]}: $(grep '^E:' "$folder.log" | tail -n 1)"
}

[ -x "$folder/usr/bin/apt-get" ] || make_root
mkdir -p "$folder/src"
mount --bind "$folder" "$folder"      # so that / is a mount point inside, and such roots can be nested
mount --rbind /dev "$folder/dev"
mount -t proc proc "$folder/proc"
mount --bind "$folder.cache" "$folder/var/cache/apt/archives"
cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
install_packages

[ $# = 0 ] || in_root "$@"
