#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Tests the plug-in in GIMP 3 with a temporary profile: test-gimp3.py and Script-Fu without a screen, then the
# dialog on a virtual screen. Prints TAP. Pictures are kept in BUILDDIR/tests/plugin/gimp3. SRCDIR and
# BUILDDIR must be set.
set -eu

here=$BUILDDIR/tests/plugin/gimp3
profile=$here/profile
if ! command -v gimp-console-3 >/dev/null; then
  echo "1..0 # SKIP gimp-console-3 is not installed"
  exit 0
fi

rm -rf "$profile" "$here"/*.png "$here"/*.log.txt
mkdir -p "$profile/plug-ins"
for name in script-fu python-eval file-jpeg file-png; do
  ln -s "$(pkg-config --variable=gimplibdir gimp-3.0)/plug-ins/$name" "$profile/plug-ins/$name"
done
ln -s "$BUILDDIR/plug-ins-3/pastiche" "$profile/plug-ins/pastiche"
ln -s "$BUILDDIR/tests/plugin/gimp3/pastiche-gone" "$profile/plug-ins/pastiche-gone"
printf '(plug-in-path "%s")\n(check-updates no)\n(show-welcome-dialog no)\n(config-version "%s")\n' \
  "$profile/plug-ins" "$(pkg-config --modversion gimp-3.0)" >"$profile/gimprc"
export GIMP3_DIRECTORY=$profile XDG_DATA_HOME=$profile/data NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory
export SRCDIR BUILDDIR

# shellcheck source=tests/plugin/gimp3/small.sh
. "$SRCDIR/tests/plugin/gimp3/small.sh"

number=0
# run_case NAME COMMAND...: runs the command as one test case and prints its TAP line. If it fails, its log
# comes first.
run_case() {
  local name=$1 log=$here/${1//\//-}.log.txt verdict=ok
  shift
  "$@" >"$log" 2>&1 || verdict="not ok"
  [ "$verdict" = ok ] || sed 's/^/# /' "$log"
  number=$((number + 1))
  echo "$verdict $number /plugin/gimp3/$name"
}

without_screen() {
  timeout 2400 env -u DISPLAY -u WAYLAND_DISPLAY LD_PRELOAD="$BUILDDIR/tests/plugin/gimp2/undo.so" \
    gimp-console-3 --no-interface --no-data --no-fonts --batch-interpreter "$@" --quit
}

evaluate() {
  without_screen plug-in-script-fu-eval --batch "$1"
}

script_fu() {
  paint_small evaluate "$SRCDIR/tests/plugin/gimp3/small.scm" "$here" ""
}

# The cases of gone.c, which is a plug-in, too. The dialog's GIMP does not need it.
gone() {
  local cases=$here/gone.txt
  without_screen plug-in-script-fu-eval --batch '(plug-in-pastiche-gone)' >"$cases" 2>&1
  cat "$cases"
  rm "$profile/plug-ins/pastiche-gone"
  grep -q '^1\.\.' "$cases" && grep -q '^ok' "$cases" && ! grep -q '^not ok\|Bail out' "$cases"
}

# The script numbers its cases itself. Its last line is "cases" and their number.
script=$SRCDIR/tests/plugin/gimp3/test-gimp3.py
python="exec(compile(open('$script').read(), 'test-gimp3.py', 'exec'))"
while IFS= read -r line; do
  case $line in
    "cases "*) number=${line#cases } ;;
    *) echo "$line" ;;
  esac
done < <(without_screen python-fu-eval --batch "$python" 2>&1)
run_case all-cases [ $number -gt 0 ]
run_case script-fu script_fu
run_case gone gone
rm -rf "$profile/plug-in-settings"     # the last values of the dialog
ended=
while IFS= read -r line; do
  case $line in
    *"ok "[0-9]*)
      number=$((number + 1))
      echo "${line%%ok *}ok $number /plugin/gimp3/dialog: ${line#*ok * }"
      ;;
    "1..0 # SKIP"*)
      ended=yes number=$((number + 1))
      echo "ok $number /plugin/gimp3/dialog ${line#1..0 }"
      ;;
    "1.."*) ended=yes ;;
    *) echo "$line" ;;
  esac
done < <(bash "$SRCDIR/tests/ui/dialog/dialog.sh" gimp3.py)
run_case dialog-to-the-end [ -n "$ended" ]
echo "1..$number"
