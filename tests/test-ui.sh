# SPDX-License-Identifier: GPL-3.0-or-later
# Run the tests of the dialog on a screen of their own. Prints TAP. Wants BUILDDIR.
if ! command -v xvfb-run >/dev/null; then
  echo "1..0 # SKIP xvfb-run is not here"
  exit 0
fi

export NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory GDK_BACKEND=x11
exec xvfb-run -a -s '-screen 0 1280x900x24' timeout 300 "$BUILDDIR/tests/test-ui" --tap
