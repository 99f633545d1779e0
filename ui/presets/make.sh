#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make.sh PROGRAM: paints the presets' pictures in this folder again. PROGRAM is the built pastiche. Needs
# ImageMagick. A preset that is not named in ui.gresource.xml has no picture in the dialog,
# only its name.
set -eu
program=$1
here=$(cd "$(dirname "$0")" && pwd)
demo=$here/../../demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for picture in "$here"/*.jpg; do
  preset=$(basename "$picture" .jpg)
  "$program" run --content "$demo/picos-de-europa.jpg" --style "$demo/starry-night.jpg" --preset "$preset" \
    --size 384 --output "$work/$preset.png"
  convert "$work/$preset.png" -crop 230x171+10+20 +repage -resize 78x58! -unsharp 0x0.6 -strip -quality 88 \
    "$here/$preset.jpg"
done
