#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# dialog.sh TEST.py: runs a Python test of the dialog on a virtual screen with its own window manager and
# session bus. Prints TAP. Needs SRCDIR and BUILDDIR; a screenshot of each step goes to
# BUILDDIR/tests/ui/dialog/shots.
set -u
test=$1
export PYTHON=${PYTHON:-/usr/bin/python3}

for program in xvfb-run dbus-run-session openbox xdotool; do
  command -v $program >/dev/null || { echo "1..0 # SKIP $program is not installed"; exit 0; }
done
modules='import gi; gi.require_version ("Gdk", "3.0"); from gi.repository import Gdk; import pyatspi'
if ! "$PYTHON" -c "$modules" 2>/dev/null; then
  echo "1..0 # SKIP pyatspi or Gdk for Python is not installed"
  exit 0
fi

own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
export SHOTS=$BUILDDIR/tests/ui/dialog/shots
mkdir -p "$SHOTS" "$own/runtime"
chmod 700 "$own/runtime"
export XDG_CONFIG_HOME=$own XDG_DATA_HOME=$own/data XDG_CACHE_HOME=$own/cache XDG_RUNTIME_DIR=$own/runtime
export GSETTINGS_BACKEND=memory GDK_BACKEND=x11 LC_ALL=C.UTF-8 GTK_MODULES=
unset DISPLAY WAYLAND_DISPLAY NO_AT_BRIDGE DBUS_SESSION_BUS_ADDRESS
# shellcheck disable=SC2016
xvfb-run -a -s '-screen 0 1280x1000x24 -nolisten tcp' dbus-run-session -- bash -c '
  openbox >/dev/null 2>&1 &
  timeout 2400 "$PYTHON" "$1"
' dialog "$SRCDIR/tests/ui/dialog/$test" 2>"$BUILDDIR/tests/ui/dialog/$test.stderr"
