#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Tests the plug-in in GIMP 3 on a system that has none: builds the source in a Debian root (root.sh) and runs
# in-gimp.sh there. Prints TAP. SRCDIR and BUILDDIR must be set. GIMP3_ROOT is the root's folder
# (BUILDDIR/debian), SUITE the Debian suite (trixie).
set -eu

if [ -z "${GIMP3_IN_ROOT:-}" ]; then
  echo "1..0 # SKIP GIMP 3 is not installed: make check-gimp3 tests in a Debian root"
  exit 0
fi

root=${GIMP3_ROOT:-$BUILDDIR/debian}
log=$BUILDDIR/tests/plugin/gimp3/in-root.log
mkdir -p "$BUILDDIR/tests/plugin/gimp3"

skip() {
  echo "1..0 # SKIP $(tail -n 1 "$log" | sed 's/^root.sh: //')"
  exit 0
}

# Copies the source into the root, without generated files.
copy_source() {
  sed 's,^/,./,; s,/$,,' "$SRCDIR/.gitignore" >"$BUILDDIR/tests/plugin/gimp3/not-source"
  mkdir -p "$root/src"
  tar -C "$SRCDIR" --exclude-from="$BUILDDIR/tests/plugin/gimp3/not-source" --exclude=./.git -c . \
    | tar -C "$root/src" -x
}

in_root() {
  bash "$SRCDIR/tests/plugin/gimp3/root.sh" "$root" "$("$SRCDIR/quickstart" packages 3)" "$@"
}

status=0
in_root true >"$log" 2>&1 || status=$?
[ $status != 77 ] || skip
[ $status = 0 ] || { cat "$log" >&2; exit 1; }
copy_source
# shellcheck disable=SC2016
in_root bash -c '
  set -e
  cd /src
  [ -x configure ] || ./autogen.sh
  mkdir -p build
  cd build
  [ -f Makefile ] || ../configure --quiet --enable-werror --with-gimp=3
  make --silent -j"$(nproc)" all tests/plugin/gimp2/undo.so \
    tests/plugin/gimp3/pastiche-gone/pastiche-gone' >"$log" 2>&1 || { cat "$log" >&2; exit 1; }

# shellcheck source=tests/plugin/gimp3/small.sh
. "$SRCDIR/tests/plugin/gimp3/small.sh"

# Runs a Script-Fu text in GIMP 2.10.
evaluate_in_gimp2() {
  local profile=$BUILDDIR/tests/plugin/gimp3/profile-2
  mkdir -p "$profile/gradients"
  # shellcheck disable=SC2016
  printf '(plug-in-path "${gimp_plug_in_dir}/plug-ins:%s")\n' "$BUILDDIR/plug-ins" >"$profile/gimprc"
  GIMP2_DIRECTORY=$profile gimp-console-2.10 --no-interface --no-data --no-fonts \
    --batch-interpreter plug-in-script-fu-eval --batch "$1" --batch '(gimp-quit 0)' >"$log" 2>&1
}

# same NAME: whether the pictures of both GIMPs differ by less than 0.001 on the mean (1 from black to white).
# They are not equal: versions of babl, GEGL and LAPACK round differently, and each iteration enlarges that.
# Another seed differs by 0.2.
same() {
  local pictures=/src/build/tests/plugin/gimp3 difference
  difference=$(in_root compare -metric MAE "$pictures/$1.png" "$pictures/$1-2.png" null: 2>&1 || true)
  echo "# $1: mean difference $difference"
  difference=${difference#*(}
  awk -v d="${difference%%)*}" 'BEGIN { exit !(d ~ /^[0-9.e-]+$/ && d < 0.001) }'
}

in_root env SRCDIR=/src BUILDDIR=/src/build bash /src/tests/plugin/gimp3/in-gimp.sh \
  | tee "$log.tap" | grep -v '^1\.\.' || true
number=$(grep -c -E '^(not )?ok ' "$log.tap" || true)
grep -q '^1\.\.' "$log.tap" || { number=$((number + 1)) && echo "not ok $number /plugin/gimp3/to-the-end"; }
if command -v gimp-console-2.10 >/dev/null && [ -x "$BUILDDIR/plug-ins/pastiche/pastiche" ]; then
  painted=no
  ! paint_small evaluate_in_gimp2 "$SRCDIR/tests/plugin/gimp3/small-2.scm" \
    "$root/src/build/tests/plugin/gimp3" -2 || painted=yes
  [ $painted = yes ] || sed 's/^/# /' "$log"
  for name in noise look; do
    number=$((number + 1))
    verdict="not ok"
    if [ $painted = yes ] && same $name; then verdict=ok; fi
    echo "$verdict $number /plugin/gimp3/same-as-gimp2/$name"
  done
fi
echo "1..$number"
