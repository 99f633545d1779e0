#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the test plug-in (test-gimp.c) in GIMP 2.10 without a screen, with a temporary profile that holds
# only the plug-ins needed. Prints TAP. SRCDIR and BUILDDIR must be set.
set -eu

gimp=$(command -v gimp-console-2.10 || true)
if [ -z "$gimp" ]; then
  echo "1..0 # SKIP gimp-console-2.10 is not installed"
  exit 0
fi

stock=$(pkg-config --variable=gimplibdir gimp-2.0)/plug-ins
profile=$BUILDDIR/tests/plugin/gimp2/profile
rm -rf "$profile"
mkdir -p "$profile/plug-ins" "$profile/gradients"
for name in script-fu file-jpeg file-png; do
  ln -s "$stock/$name" "$profile/plug-ins/$name"
done
ln -s "$BUILDDIR/plug-ins/pastiche" "$profile/plug-ins/pastiche"
ln -s "$BUILDDIR/tests/plugin/gimp2/pastiche-test" "$profile/plug-ins/pastiche-test"
cat >"$profile/gimprc" <<EOF
(plug-in-path "$profile/plug-ins")
(script-fu-path "$profile/scripts")
EOF

export GIMP2_DIRECTORY=$profile XDG_DATA_HOME=$profile/data
exec timeout 2400 env -u DISPLAY -u WAYLAND_DISPLAY LD_PRELOAD="$BUILDDIR/tests/plugin/gimp2/undo.so" \
  "$gimp" --no-interface --no-data --no-fonts --batch-interpreter plug-in-script-fu-eval \
  --batch '(plug-in-pastiche-test RUN-NONINTERACTIVE)' --batch '(gimp-quit 0)'
