# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the tests of the model chooser on a virtual screen, with temporary folders. Prints TAP. Needs SRCDIR
# and BUILDDIR.
if ! command -v xvfb-run >/dev/null; then
  echo "1..0 # SKIP xvfb-run is not installed"
  exit 0
fi

XDG_CONFIG_HOME=$(mktemp -d)
XDG_DATA_HOME=$XDG_CONFIG_HOME/data
trap 'rm -rf "$XDG_CONFIG_HOME"' EXIT
export XDG_CONFIG_HOME XDG_DATA_HOME no_proxy='*' NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory GDK_BACKEND=x11
xvfb-run -a -s '-screen 0 800x600x24' timeout "${TEST_TIMEOUT:-300}" \
  "$BUILDDIR/tests/ui/test-chooser" --tap "$@"
