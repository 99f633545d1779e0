#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Generates configure from configure.ac.
set -e
cd "$(dirname "$0")"
for tool in autoreconf automake autopoint pkg-config; do
  command -v $tool >/dev/null && continue
  echo "$tool is missing: on Debian, apt install autoconf automake autopoint gettext pkg-config" >&2
  exit 1
done
# The translatable texts of the presets, in a form that xgettext reads.
sed -n 's/^ *"\(title\|caption\)": \(".*"\),*$/N_ (\2)/p' core/recipe/presets.json \
  >core/recipe/presets-texts.h
exec autoreconf --install --force
