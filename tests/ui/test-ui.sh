# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the tests of the dialog on a virtual screen, with a temporary configuration. Prints TAP. Needs SRCDIR
# and BUILDDIR.
if ! command -v xvfb-run >/dev/null; then
  echo "1..0 # SKIP xvfb-run is not installed"
  exit 0
fi

XDG_CONFIG_HOME=$(mktemp -d)
XDG_DATA_HOME=$XDG_CONFIG_HOME/data
trap 'rm -rf "$XDG_CONFIG_HOME"' EXIT
mkdir -p "$XDG_DATA_HOME/pastiche/models"
cp "$SRCDIR/tests/data/plain.safetensors" "$XDG_DATA_HOME/pastiche/models/other.safetensors"
echo damaged >"$XDG_DATA_HOME/pastiche/models/damaged.safetensors"
export XDG_CONFIG_HOME XDG_DATA_HOME NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory GDK_BACKEND=x11
xvfb-run -a -s '-screen 0 1280x1000x24' timeout "${TEST_TIMEOUT:-2400}" \
  "$BUILDDIR/tests/ui/test-ui" --tap "$@"
