#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Run test-gimp3.py in GIMP 3 without a screen, with a profile of its own that holds little else; then the demonstration's Script-Fu.
# Prints TAP. Wants SRCDIR and BUILDDIR.
set -eu

gimp=$(command -v gimp-console-3 || command -v gimp-console-3.0 || true)
if [ -z "$gimp" ] || [ ! -x "$BUILDDIR/plug-ins-3/pastiche/pastiche" ]; then
  echo "1..0 # SKIP GIMP 3 is not here, or nothing was built for it"
  exit 0
fi

stock=$(pkg-config --variable=gimplibdir gimp-3.0)/plug-ins
profile=$BUILDDIR/tests/gimp3/profile
rm -rf "$profile"
mkdir -p "$profile/plug-ins"
for name in script-fu python-eval file-jpeg file-png; do
  ln -s "$stock/$name" "$profile/plug-ins/$name"
done
ln -s "$BUILDDIR/plug-ins-3/pastiche" "$profile/plug-ins/pastiche"
echo "(plug-in-path \"$profile/plug-ins\")" >"$profile/gimprc"

export GIMP3_DIRECTORY=$profile SRCDIR BUILDDIR
exec timeout 300 env -u DISPLAY -u WAYLAND_DISPLAY LD_PRELOAD="$BUILDDIR/tests/gimp/undo.so" "$gimp" --no-interface --no-data --no-fonts \
  --batch-interpreter python-fu-eval --batch "exec(compile(open('$SRCDIR/tests/gimp3/test-gimp3.py').read(), 'test-gimp3.py', 'exec'))" \
  --quit
