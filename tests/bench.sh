#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make bench: whole iterations, slim and full, several sizes, in turn with PyTorch on the same work where it is installed.
# ROUNDS (default 3) pairs of runs for each size; every line is one process, so that its peak memory is its own.
set -u
here=$(dirname "$0")
bench=${BUILDDIR:-.}/tests/bench-iteration
python=${PYTHON:-/usr/bin/python3}
grep -m 1 'model name' /proc/cpuinfo | sed 's/.*: /processor: /'
echo "processors: $(nproc); $(uname -sm); memory $(awk '/MemTotal/ {printf "%.0f GB", $2 / 1e6}' /proc/meminfo)"
"$python" -c 'import torch; print("PyTorch", torch.__version__)' 2>/dev/null || { python=; echo "PyTorch is not installed: no comparison"; }
for case in ${CASES:-slim:256:192 slim:512:384 slim:1024:768 full:256:192 full:512:384}; do
  kind=${case%%:*}
  size=${case#*:}
  width=${size%:*}
  height=${size#*:}
  round=0
  while [ $round -lt "${ROUNDS:-3}" ]; do
    "$bench" "$kind" "$width" "$height" 5
    [ -n "$python" ] && "$python" "$here/bench-iteration.py" "$kind" "$width" "$height" 5
    round=$((round + 1))
  done
done
