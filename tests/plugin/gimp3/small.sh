# SPDX-License-Identifier: GPL-3.0-or-later
# Paints the demo's photograph small with Script-Fu: noise.png from noise, look.png with the default recipe.

# paint_small PROGRAM SCRIPT FOLDER SUFFIX: PROGRAM runs a Script-Fu text.
paint_small() {
  local pair="\"$SRCDIR/demo/picos-de-europa.jpg\" \"$SRCDIR/demo/starry-night.jpg\""

  "$1" "$(cat "$2")
    (pastiche-small $pair \"{\\\"seed\\\": 7, \\\"init\\\": \\\"noise\\\"}\" \"$3/noise$4.png\")
    (pastiche-small $pair \"{\\\"seed\\\": 7}\" \"$3/look$4.png\")"
  [ -s "$3/noise$4.png" ] && [ -s "$3/look$4.png" ]
}
