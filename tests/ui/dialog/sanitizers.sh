#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make check-dialog-sanitizers: frees the dialog TEARDOWNS (1000) times at random moments of a run, under
# AddressSanitizer with UndefinedBehaviorSanitizer, then under ThreadSanitizer, each in its own build below
# BUILDDIR. Reports from libraries that are not compiled for a sanitizer are suppressed (*.supp). Needs SRCDIR
# and BUILDDIR. Takes a quarter of an hour.
set -eu
export TEARDOWNS=${TEARDOWNS:-1000}
status=0
for kind in ${KINDS:-address,undefined thread}; do
  build=$BUILDDIR/sanitizers-${kind%%,*}
  mkdir -p "$build"
  [ -f "$build/Makefile" ] \
    || (cd "$build" \
        && "$SRCDIR/configure" --quiet CC="${CC:-gcc}" CFLAGS='-O1 -g' --enable-sanitizers="$kind")
  make -C "$build" --silent -j"$(nproc)" tests/ui/test-ui
  # GTK and its libraries keep some memory until the process ends.
  export ASAN_OPTIONS=detect_leaks=1
  export LSAN_OPTIONS=suppressions=$SRCDIR/tests/ui/dialog/leaks.supp:print_suppressions=0
  export TSAN_OPTIONS=suppressions=$SRCDIR/tests/ui/dialog/threads.supp:print_suppressions=0:exitcode=66
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 G_SLICE=always-malloc TEST_TIMEOUT=3000
  echo "== $kind: $TEARDOWNS teardowns"
  BUILDDIR=$build sh "$SRCDIR/tests/ui/test-ui.sh" -p /ui/dialog/teardown || status=1
done
exit $status
