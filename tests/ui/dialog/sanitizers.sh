#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make check-dialog-sanitizers: the dialog cancelled and torn down TEARDOWNS (1000) times at random moments of a run, under
# AddressSanitizer with UndefinedBehaviorSanitizer, then under ThreadSanitizer; each in a build of its own below BUILDDIR. What happens
# inside of libraries that are not compiled for it is left out (*.supp). Wants SRCDIR and BUILDDIR. Takes a quarter of an hour.
set -eu
export TEARDOWNS=${TEARDOWNS:-1000}
status=0
for kind in ${KINDS:-address,undefined thread}; do
  build=$BUILDDIR/sanitizers-${kind%%,*}
  mkdir -p "$build"
  [ -f "$build/Makefile" ] || (cd "$build" && "$SRCDIR/configure" --quiet CC="${CC:-gcc}" CFLAGS='-O1 -g' --enable-sanitizers="$kind")
  make -C "$build" --silent -j"$(nproc)" tests/ui/test-ui
  # GTK+ and its friends keep what they once made until the end of the process.
  export ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=suppressions=$SRCDIR/tests/ui/dialog/leaks.supp:print_suppressions=0
  export TSAN_OPTIONS=suppressions=$SRCDIR/tests/ui/dialog/threads.supp:print_suppressions=0:exitcode=66
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 G_SLICE=always-malloc TEST_TIMEOUT=3000
  echo "== $kind: $TEARDOWNS teardowns"
  BUILDDIR=$build sh "$SRCDIR/tests/ui/test-ui.sh" -p /ui/dialog/teardown || status=1
done
exit $status
