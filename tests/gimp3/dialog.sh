#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The dialog in GIMP 3 with its windows, from an open image to Apply, by keys alone: dialog.sh FOLDER, on a screen of its own (xvfb-
# run). Pictures of the screen go to FOLDER. GIMP3_DIRECTORY is the profile.
set -eu

folder=$1
result=$folder/dialog-result
export GDK_BACKEND=x11 DIALOG_RESULT=$result
rm -f "$result"

gimp-3 --no-data --no-fonts --no-splash --batch-interpreter python-fu-eval \
  --batch "exec(compile(open('$SRCDIR/tests/gimp3/dialog.py').read(), 'dialog.py', 'exec'))" --quit &
gimp=$!
trap 'kill $gimp 2>/dev/null || true' EXIT

timeout 60 xdotool search --sync --onlyvisible --name '^Neural Style Transfer$' >/dev/null
window=$(xdotool search --onlyvisible --name '^Neural Style Transfer$' | head -n 1)
press() {
  xdotool windowfocus "$window" key "$1"
}
sleep 2
press alt+s     # Start
sleep 8
import -window root "$folder/dialog-painting.png" || true
for _ in $(seq 60); do
  # Greyed until there is a picture; the window goes once it is written.
  [ -f "$result" ] || press alt+a 2>/dev/null || true
  sleep 1
  [ ! -f "$result" ] || break
done
cat "$result"
grep -qx 'SUCCESS, 2 layers, the new one 240 x 180' "$result"
