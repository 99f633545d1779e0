#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make check-aarch64: compiles the engine's kernels for 64-bit ARM and runs their tests in qemu.
#
# Needs Debian's gcc-aarch64-linux-gnu, qemu-user, pkg-config and apt, and the network the first time: GLib,
# OpenBLAS and cJSON for arm64 (about 40 MB) are downloaded from Debian's mirror into AARCH64_ROOT. This needs
# no root, and the system is not changed. TESTS: names of tests (default: those of the kernels). Exit status
# 77: something is missing.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
root=${AARCH64_ROOT:-$PWD/aarch64}
objects=$root/objects
lib=$root/usr/lib/aarch64-linux-gnu

for tool in aarch64-linux-gnu-gcc qemu-aarch64 pkg-config apt-get dpkg-deb; do
  command -v $tool >/dev/null && continue
  echo "check-aarch64: $tool is missing: apt install gcc-aarch64-linux-gnu qemu-user pkg-config"
  exit 77
done

fetch() {
  apt=$root/apt
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  : >"$apt/status"
  set -- -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 \
    -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt"
  apt-get "$@" update
  apt-get "$@" --download-only --no-install-recommends --yes install \
    libglib2.0-dev libopenblas-pthread-dev libcjson-dev
  rm "$apt"/archives/libc6-dev_*      # the cross compiler has its own
  for package in "$apt"/archives/*.deb; do
    dpkg-deb --extract "$package" "$root"
  done
  rm -r "$apt"
}

if [ ! -f "$root/ready" ]; then
  fetch >/dev/null || { echo "check-aarch64: Debian's packages for arm64 could not be fetched"; exit 77; }
  touch "$root/ready"
fi

mkdir -p "$objects"
PKG_CONFIG_LIBDIR=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
flags="-std=gnu11 -O2 -Wall -Wextra -Werror -Wno-missing-field-initializers
  -I$source -DG_LOG_DOMAIN=\"pastiche\" -DGETTEXT_PACKAGE=\"pastiche\"
  -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_66 $(pkg-config --cflags gio-2.0 libcjson)
  -I$lib/openblas-pthread -I$root/usr/include/aarch64-linux-gnu/openblas-pthread"
libraries="-L$lib -L$lib/openblas-pthread -Wl,-rpath-link,$lib:$root/lib/aarch64-linux-gnu
  -lopenblas -lcjson -lgio-2.0 -lgobject-2.0 -lglib-2.0 -lpthread -lm"

for file in "$source"/core/*/*.c core/recipe/presets-json.c; do
  aarch64-linux-gnu-gcc $flags -c "$file" -o "$objects/$(basename "$file" .c).o"
done

failed=0
losses="test-moments test-metric test-gram test-content test-style test-variation test-term"
for test in ${TESTS:-test-winograd test-conv test-pool $losses test-network}; do
  aarch64-linux-gnu-gcc $flags "$source/tests/core/$test.c" "$source/tests/support/support.c" "$objects"/*.o \
    $libraries -o "$root/$test"
  echo "# $test, $(file -b "$root/$test" | cut -d , -f 2)"
  # /core/conv/environment starts its own program again, which qemu's user mode cannot do.
  qemu-aarch64 -L "$root" -E LD_LIBRARY_PATH="$lib:$lib/openblas-pthread" \
    "$root/$test" --tap -s /core/conv/environment || failed=1
done
exit $failed
